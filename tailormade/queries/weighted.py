r"""Answers by importance sampling, where the evidence does not come first.

Particles ``u_s ~ Π_{i unobserved} p_k(x_i | x_<i)``, the evidence held fixed, have weights
``w_s = Π_{i observed} p_k(e_i | x_<i)`` (1), whose mean is ``p_k(e)``. Pooled over the components of a mixture, each
with as many particles, ``p(e) ≈ mean w`` (2) and ``E[f(u) | e] ≈ Σ w f / Σ w`` (3). The variance of (3) is, by the
delta method, ``n Σ_k var_s(W_s (f_s - E))`` with ``W = w / Σ w`` and n particles of each component (4); ``1 / Σ W²`` is
the effective sample size (5).

Art B. Owen, "Monte Carlo theory, methods and examples", 2013, chapter 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.queries.evidence import Query, choose, log_mean
from tailormade.random import generator as stream

_PARTICLES_PER_DRAW = 10  # a pool is drawn anew after so many draws from it


class Pool(NamedTuple):
    """Particles of each component, for each row of evidence.

    Attributes:
        values: Complete rows, shape ``(rows, K, particles, D)``.
        logs: Their log weights ``log w``, shape ``(rows, K, particles)``.
    """

    values: Tensor
    logs: Tensor

    def log_evidence(self) -> Tensor:
        """Return the logarithm of (2), shape ``(rows,)``."""
        return log_mean(self.logs.flatten(1), -1)

    def log_evidence_error(self) -> Tensor:
        """Return its standard error by the delta method, shape ``(rows,)``."""
        relative = (self.logs - self.log_evidence()[:, None, None]).exp()
        _, components, particles = relative.shape
        return (_variance(relative).sum(-1) / particles).sqrt() / components

    def shares(self) -> Tensor:
        """Return the normalised weights W of all particles, shape ``(rows, K * particles)``."""
        return torch.softmax(self.logs.flatten(1), -1)

    def expectation(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return (3) and the root of (4), ``(rows,)`` each, for numbers of all particles ``(rows, K * particles)``."""
        shares, (components, particles) = self.shares(), self.logs.shape[1:]
        mean = (shares * numbers).sum(-1)
        offsets = (shares * (numbers - mean.unsqueeze(-1))).unflatten(-1, (components, particles))
        return mean, (particles * _variance(offsets).sum(-1)).sqrt()

    def effective_sample_size(self) -> Tensor:
        """Return (5), shape ``(rows,)``."""
        return 1 / self.shares().square().sum(-1)


def _variance(numbers: Tensor) -> Tensor:
    """Over the last dimension; unlike torch's, it does not warn where there are no rows."""
    offsets = numbers - numbers.mean(-1, keepdim=True)
    return offsets.square().sum(-1) / (numbers.shape[-1] - 1)


@torch.no_grad()
def draw_pool(rows: Query, particles: int, generator: torch.Generator | None) -> Pool:
    """Draw particles for every row under every component, and weigh them.

    Args:
        rows: The query, in flat rows.
        particles: How many for each row and component.
        generator: Source of the noise.
    """
    many = rows.repeat(particles)
    shape = (len(rows.values), particles)
    values, logs = [], []
    for degrees in rows.components:
        x = many.propose(degrees, generator)
        values.append(x.reshape(*shape, x.shape[-1]))
        logs.append(many._replace(components=[degrees]).terms(x, drop=False)[0].reshape(shape))
    return Pool(torch.stack(values, 1), torch.stack(logs, 1))


@dataclass(frozen=True)
class WeightedAnswer:
    """Answer a query from weighted particles.

    Args:
        query: The evidence.
        particles: Number of particles for each row and component.
        seed: Fixes the particles behind all estimates, so that they agree with each other; draws have their own.
    """

    query: Query
    particles: int
    seed: int

    def from_pools(self, function: Callable[[Pool], Tensor]) -> Tensor:
        """Apply a function of pools, which are the same at every call, and put its rows into the batch shape."""
        pools = (draw_pool(p, self.particles, stream(self.seed, "evidence", i)) for i, p in enumerate(self._pieces()))
        out = torch.cat([function(pool) for pool in pools])
        return out.reshape(self.query.values.shape[:-1] + out.shape[1:])

    @property
    def draws_per_pool(self) -> int:
        """How many draws a pool of particles serves."""
        return max(1, self.particles * len(self.query.components) // _PARTICLES_PER_DRAW)

    def _pieces(self) -> list[Query]:
        return list(self.query.flat().pieces(self.particles * len(self.query.components)))

    @torch.no_grad()
    def log_prob(self, x: Tensor) -> Tensor:
        """Return ``log p(u, e) - log p(e)`` of complete rows ``(*, D)``, shape ``(*)``."""
        seen, rest = self.query.terms(x)
        return log_mean(seen + rest) - self.log_evidence()

    def log_evidence(self) -> Tensor:
        """Return the estimate of ``log p(e)``, batch shape."""
        return self.from_pools(Pool.log_evidence)

    def log_evidence_error(self) -> Tensor:
        """Return its standard error, batch shape."""
        return self.from_pools(Pool.log_evidence_error)

    def effective_sample_size(self) -> Tensor:
        """Return (5), batch shape."""
        return self.from_pools(Pool.effective_sample_size)

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None) -> Tensor:
        """Draw complete rows by weight, shape ``(n, rows, D)``."""
        return torch.cat([self._sample(piece, n, generator) for piece in self._pieces()], 1)

    def _sample(self, rows: Query, n: int, generator: torch.Generator | None) -> Tensor:
        size = self.draws_per_pool
        parts = [rows.values.new_empty(0, *rows.values.shape)]
        for start in range(0, n, size):
            pool = draw_pool(rows, self.particles, generator)
            which = choose(pool.shares(), min(size, n - start), generator)
            index = which.unsqueeze(-1).expand(-1, -1, rows.values.shape[-1])
            parts.append(pool.values.flatten(1, 2).gather(1, index).transpose(0, 1))
        return torch.cat(parts)
