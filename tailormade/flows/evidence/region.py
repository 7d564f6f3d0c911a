r"""What else is given of a flow's rows, a question: rows are drawn until it holds.

Draws of a density for which a question B holds are draws of ``p(x | B) = p(x) [x in B] / P(B)`` (1), exactly, and the
share of them estimates P(B), with a standard error of ``(P (1 - P) / N)^½`` (2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tailormade.flows.evidence.exact import DRAWS, ExactAnswer
from tailormade.queries.estimates import Probability
from tailormade.queries.predicates import Expression
from tailormade.queries.weighted import Pool
from tailormade.random import generator as stream

if TYPE_CHECKING:
    from tailormade.flows.distribution import FlowDistribution

_BLOCK = 1000  # rows drawn at once, always, so that what comes first does not depend on how many are asked for


@dataclass(frozen=True)
class Joint:
    """All rows of a flow at one context, where no value is given.

    Args:
        density: The flow's.
    """

    density: "FlowDistribution"

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw rows, shape ``(n, D)``."""
        return self.density.sample((n,), generator=generator)

    def log_prob(self, x: Tensor) -> Tensor:
        """Return ``log p(x)``, shape ``(*)``."""
        return self.density.flow.log_prob(x, self.density.context)

    def log_evidence(self) -> Tensor:
        """Return 0: nothing is given."""
        return torch.zeros((), device=self.density.flow.context_shift.device)


@dataclass(frozen=True)
class RegionAnswer:
    """Answer by draws for which a question holds (1).

    Args:
        source: Where rows come from, values that are given among them.
        where: From rows ``(n, D)`` to whether it holds, boolean ``(n,)``.
        text: The question, for messages.
        seed: Fixes the draws behind estimates.
    """

    source: Joint | ExactAnswer
    where: Callable[[Tensor], Tensor]
    text: str
    seed: int

    @cached_property
    def found(self) -> Tensor:
        """Rows for which it holds, of ``DRAWS`` that were tried, shape ``(n, D)``.

        Raises:
            ValueError: If there is none.
        """
        source = stream(self.seed, "evidence")
        found = torch.cat([self._block(source) for _ in range(DRAWS // _BLOCK)])
        if len(found) == 0:
            raise ValueError(
                f"given: expected something likelier, got {self.text!r}, which holds for none of {DRAWS} rows drawn; "
                "single values are given as COL=VALUE,... ."
            )
        return found

    def _block(self, generator: torch.Generator) -> Tensor:
        rows = self.source.sample(_BLOCK, generator)
        return rows[self.where(rows)]

    @property
    def share(self) -> Probability:
        """Probability of the question, given the values, with its standard error (2)."""
        return share_of(len(self.found), DRAWS)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw rows, shape ``(n, D)``."""
        parts, left = [self.found[:0]], n
        while left > 0:
            parts.append(self._block(generator)[:left])
            left -= len(parts[-1])
        return torch.cat(parts)

    @torch.no_grad()
    def log_prob(self, x: Tensor) -> Tensor:
        """Return the logarithm of (1), shape ``(*)``, with the share for P(B)."""
        logs = self.source.log_prob(x) - torch.tensor(float(self.share)).log()
        return logs.masked_fill(~self.where(x.reshape(-1, x.shape[-1])).reshape(logs.shape), -torch.inf)

    @torch.no_grad()
    def log_evidence(self) -> Tensor:
        """Return the estimate of the logarithm of P(B), and of the density of the values, shape ``()``."""
        return self.source.log_evidence() + torch.tensor(float(self.share)).log()

    def log_evidence_error(self) -> Tensor:
        """Return its standard error."""
        return torch.tensor(self.share.standard_error / float(self.share))

    def effective_sample_size(self) -> Tensor:
        """Return infinity: draws are independent."""
        return torch.tensor(torch.inf)

    def pool(self) -> Pool:
        """Return the rows that were found, with weights of 1."""
        return Pool(self.found[None, None], torch.zeros(1, 1, len(self.found), dtype=torch.float64))


def holding(question: Expression, names: Sequence[str]) -> Callable[[Tensor], Tensor]:
    """Return a function from rows ``(n, D)`` to whether a question holds for each, boolean ``(n,)``."""

    def holds(rows: Tensor) -> Tensor:
        columns: dict[str, Any] = dict(zip(names, rows.detach().cpu().double().numpy().T, strict=True))
        return torch.from_numpy(question.holds(columns)).to(rows.device)

    return holds


def share_of(found: int, tried: int) -> Probability:
    """Return a probability, estimated by a share, with a standard error that is not 0 where none or all are found.

    Example:
        >>> p = share_of(25, 100)
        >>> float(p), round(p.standard_error, 4), share_of(0, 100).standard_error > 0
        (0.25, 0.0434, True)
    """
    near = (found + 0.5) / (tried + 1)
    return Probability(found / tried, (near * (1 - near) / tried) ** 0.5)
