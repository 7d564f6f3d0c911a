r"""Evidence that comes first in no order that all transforms of a flow share: importance sampling.

With proposals ``u ~ q`` and weights ``w = p(u, e) / q(u)`` (1), ``p(e) ≈ mean w``, and rows chosen by weight are draws
from ``p(u | e)`` about, as far as the effective sample size ``(Σ w)² / Σ w²`` (2) goes. The proposal is a
:class:`~tailormade.flows.evidence.cloud.Cloud` around joint samples near the evidence, and is moved twice to where
weights are (population Monte Carlo). Where something else must hold, too, weights are 0 where it does not.

Olivier Cappé, Arnaud Guillin, Jean-Michel Marin, Christian P. Robert, "Population Monte Carlo", 2004.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tailormade.flows.evidence.cloud import Cloud, cloud_around, first_cloud
from tailormade.queries.evidence import choose
from tailormade.queries.weighted import Pool
from tailormade.random import generator as stream

if TYPE_CHECKING:
    from tailormade.flows.distribution import FlowDistribution

_JOINT = 4000  # samples that the first proposal is made of
_ROUNDS = 2  # in which the proposal is moved
_LEAST = (30, 10)  # effective draws a proposal is moved by, and for each variable: weights are flattened until then
_FARTHEST = 1e6  # deviations from the mean, where no draw can say anything of the rest
_PARTICLES_PER_DRAW = 10  # a pool of weighted draws serves a tenth as many rows


@dataclass(frozen=True)
class WeightedRow:
    """Answer one row of evidence (1).

    Args:
        density: The flow's, at one context.
        values: Of all variables, shape ``(D,)``; those not observed are never read.
        observed: Boolean, shape ``(D,)``.
        particles: Weighted draws in a pool.
        seed: Fixes the proposal and the draws behind estimates.
        index: Which row it is of those with this seed.
        where: From complete rows ``(n, D)`` to whether what else is given holds, boolean ``(n,)``; ``None`` if nothing.
    """

    density: "FlowDistribution"
    values: Tensor
    observed: Tensor
    particles: int
    seed: int
    index: int = 0
    where: Callable[[Tensor], Tensor] | None = None

    @cached_property
    def cloud(self) -> Cloud:
        """The proposal.

        Raises:
            ValueError: If the evidence is too far from all samples.
        """
        joint = self.density.sample((_JOINT,), generator=stream(self.seed, "evidence")).double().cpu()
        source = stream(self.seed, "proposal", self.index)
        evidence, spread = self.values[self.observed].double(), joint.std(0)
        distance = (evidence - joint.mean(0)[self.observed]) / spread[self.observed]
        if not bool((distance.abs() < _FARTHEST).all()):
            raise unlikely()
        cloud, spread = first_cloud(joint, evidence, self.observed, source), spread[~self.observed]
        for _ in range(_ROUNDS):
            u = cloud.sample(_JOINT, source)
            cloud = cloud_around(u, _flattened(self._weights(cloud, u), u.shape[1]), spread, source)
        return cloud

    def _fill(self, u: Tensor) -> Tensor:
        full = self.values.double().expand(len(u), -1).clone()
        full[:, ~self.observed] = u
        return full

    @torch.no_grad()
    def _weights(self, cloud: Cloud, u: Tensor) -> Tensor:
        """Logarithms of (1).

        Raises:
            ValueError: If all weights are 0.
        """
        full = self._fill(u)
        where = self.density.flow.context_shift.device
        logs = self.density.flow.log_prob(full.to(where), self.density.context).double().cpu() - cloud.log_prob(u)
        logs = logs.nan_to_num(nan=-torch.inf, posinf=-torch.inf)
        if not bool(logs.isfinite().any()):
            raise unlikely()
        if self.where is None:
            return logs
        logs = logs.masked_fill(~self.where(full), -torch.inf)
        if not bool(logs.isfinite().any()):
            raise ValueError(
                f"given: expected conditions that can hold beside the values, got some that hold for none of {len(u)} "
                "draws; give likelier ones."
            )
        return logs

    def pool(self, generator: torch.Generator) -> Pool:
        """Draw complete rows, and weigh them: values ``(1, 1, particles, D)``."""
        u = self.cloud.sample(self.particles, generator)
        return Pool(self._fill(u)[None, None], self._weights(self.cloud, u)[None, None])

    @cached_property
    def estimates(self) -> Pool:
        """The pool behind estimates, the same at every call."""
        return self.pool(stream(self.seed, "estimates", self.index))

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw n complete rows, shape ``(n, D)``, each chosen by weight from a pool that serves a few."""
        size = max(1, self.particles // _PARTICLES_PER_DRAW)
        parts = [self.values.double().new_empty(0, len(self.values))]
        for start in range(0, n, size):
            pool = self.pool(generator)
            parts.append(pool.values[0, 0][choose(pool.shares(), size, generator)[0]][: n - start])
        return torch.cat(parts)


def unlikely() -> ValueError:
    """Return the error of evidence that cannot be."""
    return ValueError(
        "given: expected values that can occur, got some whose density under the model is 0 as far as can be computed; "
        "give values nearer to the data."
    )


def _flattened(logs: Tensor, width: int) -> Tensor:
    """Weights that add up to 1, raised to a power of at most 1 with which enough of them count."""
    shares, power = torch.softmax(logs, 0), 1.0
    least = min(max(_LEAST[0], _LEAST[1] * width), int(logs.isfinite().sum()) // 2)
    while float(1 / shares.square().sum()) < least and power > 1e-6:
        power /= 2
        shares = torch.softmax(power * logs, 0)
    return shares


@dataclass(frozen=True)
class WeightedAnswer:
    """Answer rows of evidence, each on its own.

    Args:
        density: The flow's, at one context or as many as there are rows.
        rows: One for each row of the batch.
        values: The evidence, shape ``(*, D)``.
    """

    density: "FlowDistribution"
    rows: list[WeightedRow]
    values: Tensor

    def _each(self, numbers: list[Tensor]) -> Tensor:
        found = torch.cat([*numbers, torch.empty(0, dtype=torch.float64)])
        return found.reshape(self.values.shape[:-1]).to(self.values)

    @torch.no_grad()
    def log_prob(self, x: Tensor) -> Tensor:
        """Return ``log p(x) - log p(e)`` of complete rows ``(*, D)``, shape ``(*)``."""
        logs = self.density.flow.log_prob(x, self.density.context) - self.log_evidence()
        where = self.rows[0].where if self.rows else None
        if where is None:
            return logs
        return logs.masked_fill(~where(x.reshape(-1, x.shape[-1])).reshape(logs.shape), -torch.inf)

    def log_evidence(self) -> Tensor:
        """Return the estimate of ``log p(e)``, batch shape."""
        return self._each([row.estimates.log_evidence() for row in self.rows])

    def log_evidence_error(self) -> Tensor:
        """Return its standard error, batch shape."""
        return self._each([row.estimates.log_evidence_error() for row in self.rows])

    def effective_sample_size(self) -> Tensor:
        """Return (2), batch shape."""
        return self._each([row.estimates.effective_sample_size() for row in self.rows])

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw complete rows, shape ``(n, *, D)``."""
        drawn = [row.sample(n, generator) for row in self.rows]
        if not drawn:
            return self.values.expand(n, *self.values.shape)
        return torch.stack(drawn, 1).reshape(n, *self.values.shape).to(self.values)

    def pool(self) -> Pool:
        """Return the draws behind estimates, values ``(rows, 1, particles, D)``."""
        pools = [row.estimates for row in self.rows]
        return Pool(torch.cat([p.values for p in pools]), torch.cat([p.logs for p in pools]))
