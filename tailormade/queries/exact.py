r"""Answers where the evidence comes first in every order: nothing is estimated.

``log p(u | e) = log Σ_k π_k p_k(u | e)`` with ``π_k = p_k(e) / Σ_l p_l(e)`` (1), all from one pass of each component.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tailormade.queries.evidence import Query, choose, log_mean


@dataclass(frozen=True)
class ExactAnswer:
    """Answer a query.

    Args:
        query: Evidence that comes first in the orders of all its components.
    """

    query: Query

    def log_prob(self, x: Tensor) -> Tensor:
        """Return ``log p(u | e)`` of complete rows ``(*, D)``, shape ``(*)``."""
        seen, rest = self.query.terms(x)
        return torch.logsumexp(torch.log_softmax(seen, 0) + rest, 0)

    def log_evidence(self) -> Tensor:
        """Return ``log p(e)``, batch shape."""
        return log_mean(self.query.terms(self.query.values)[0])

    def log_evidence_error(self) -> Tensor:
        """Return zeros."""
        return torch.zeros_like(self.query.values[..., 0])

    def effective_sample_size(self) -> Tensor:
        """Return infinity."""
        return torch.full_like(self.query.values[..., 0], torch.inf)

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None) -> Tensor:
        """Draw complete rows, shape ``(n, rows, D)``: a component by its π, then the rest from it."""
        parts = [self._sample(piece, n, generator) for piece in self.query.flat().pieces(n)]
        return torch.cat(parts, 1)

    def _sample(self, rows: Query, n: int, generator: torch.Generator | None) -> Tensor:
        shares = torch.softmax(rows.terms(rows.values, drop=False)[0].T, -1)
        which, many = choose(shares, n, generator).flatten(), rows.repeat(n)
        out = torch.empty_like(many.values)
        for k, degrees in enumerate(rows.components):
            mine = torch.nonzero(which == k).flatten()
            if len(mine):
                out[mine] = many.pick(mine).propose(degrees, generator)
        return out.reshape(len(rows.values), n, out.shape[-1]).transpose(0, 1)
