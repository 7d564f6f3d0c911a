r"""Heaps: numbers of a fine resolution most of which are recorded on a coarser one, such as ages in whole years.

The cells of :mod:`tailormade.conditionals.celled` are here the ``m = heap / step`` points nearest to each multiple of
the coarser step (1); the probability w of being recorded there is a parameter, ``w = σ(θ)`` (2), so that it may depend
on all that came before: months are told of the young.

Daniel F. Heitjan, Donald B. Rubin, "Inference From Coarse Data Via Multiple Imputation With Application to Age
Heaping", 1990, is on where such records come from.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals.arithmetic import check_number
from tailormade.conditionals.celled import Cell, Celled
from tailormade.conditionals.discretised import DiscretisedLogistics


@dataclass(frozen=True)
class Heaped(Celled):
    """Values most of which are on a coarser grid: the parameters of the base, then the logit of w.

    Args:
        base: Distribution of the nearest multiples.
        heap: The coarser step, a multiple of the base's.

    Raises:
        ValueError: If ``heap`` is no such multiple, or the base's ends are no multiples of it.

    Example:
        >>> ages = Heaped(DiscretisedLogistics(1, step=0.5, low=0, loc=30.0, scale=8.0), heap=1.0)
        >>> ages.log_prob(torch.zeros(2, 4), torch.tensor([30.0, 30.5])).exp()
        tensor([0.0156, 0.0156])
        >>> ages.log_prob(torch.tensor([0.0, 0.0, 0.0, 4.0]), torch.tensor([30.0, 30.5])).exp()
        tensor([0.0307, 0.0006])
    """

    base: DiscretisedLogistics
    heap: float

    constants: ClassVar[tuple[str, ...]] = ("heap",)

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        check_number("heap", self.heap, above=0)
        ratio = self.heap / self.base.step
        if round(ratio) < 2 or abs(ratio - round(ratio)) > 1e-6 * ratio:
            raise ValueError(f"heap: expected a multiple of the base's step {self.base.step:g}, got {self.heap:g}.")
        ends = [float(end) for end in self.base.grid.ends if math.isfinite(float(end))]
        if any(end % round(ratio) for end in ends):
            raise ValueError(
                f"heap: expected ends that are on the coarser grid, got {self.base.low:g} and {self.base.high:g} with "
                f"{self.heap:g}; move them."
            )

    @property
    def params(self) -> int:
        """The base's parameters, then the logit of w."""
        return self.base.params + 1

    def _logs(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        return functional.logsigmoid(raw[..., -1]), functional.logsigmoid(-raw[..., -1])

    def _cell(self, k: Tensor) -> Cell:
        grid = self.base.grid.at(k)
        m = torch.round(torch.as_tensor(self.heap / grid.step, dtype=torch.float64, device=k.device))
        half, (low, high) = torch.floor(m / 2), grid.ends
        point = torch.floor((k + half) / m) * m
        first = torch.maximum(point - half, torch.as_tensor(low, dtype=torch.float64, device=k.device))
        last = torch.minimum(point - half + m - 1, torch.as_tensor(high, dtype=torch.float64, device=k.device))
        return Cell(first, point, last)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return the base's start, and the logit of the share of coarse points, with half a count added."""
        k = self.base.grid.at(x).nearest(x)
        heaped = (self._cell(k).point == k).sum(0).double()
        there = (~x.isnan()).sum(0).double()
        logit = ((heaped + 0.5) / (there - heaped + 0.5)).log()
        return torch.cat([self.base.marginal_params(x), logit.unsqueeze(-1)], -1)
