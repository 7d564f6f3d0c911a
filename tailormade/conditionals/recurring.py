r"""Values that come again and again though they are on no grid of their own: doses, prices, readings of one device.

The cells of :mod:`tailormade.conditionals.celled` are here the points nearest to each value known to recur (1); what
lies beyond the outermost is as the base has it (2). The probability w that a value is one of the known ones is a
number, not a parameter (3): the rows a model is fitted to are all of known values, and would teach it w = 1. An
estimate that holds for new rows is ``w = 1 - n_1 / n`` (4), with n_1 the number of values seen once among n rows.

Irving J. Good, "The Population Frequencies of Species and the Estimation of Population Parameters", 1953, has (4).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tailormade.conditionals.celled import Cell, Celled, log1m
from tailormade.conditionals.discretised import DiscretisedLogistics


@dataclass(frozen=True)
class Recurring(Celled):
    """Values that are mostly some known ones, and a distribution over the grid around them; the base's parameters.

    Args:
        base: Distribution over the grid.
        values: The known values, on the base's grid, sorted.
        share: The probability w of a known value, where there are others.

    Raises:
        ValueError: If values are not sorted and on the grid, or the share is no probability.

    Example:
        >>> doses = Recurring(DiscretisedLogistics(1, low=0, loc=50.0, scale=20.0), (10.0, 50.0, 100.0), share=0.9)
        >>> doses.log_prob(torch.zeros(3, 3), torch.tensor([50.0, 51.0, 101.0])).exp()
        tensor([0.4569, 0.0012, 0.0034])
    """

    base: DiscretisedLogistics
    values: tuple[float, ...]
    share: float

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        values = torch.tensor(self.values, dtype=torch.float64)
        if len(values) == 0 or bool((values.diff() <= 0).any()) or not bool(self.base.support.check(values).all()):
            raise ValueError(
                f"values: expected different values of the base ({self.base.describe()}), sorted, at least one, got "
                f"{self.values!r}."
            )
        if not 0 < self.share <= 1:
            raise ValueError(f"share: expected a probability above 0, got {self.share!r}.")

    def _logs(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        return raw.new_tensor(math.log(self.share)), raw.new_tensor(log1m(self.share))

    def _cell(self, k: Tensor) -> Cell:
        known = self.base.grid.nearest(torch.tensor(self.values, dtype=torch.float64, device=k.device))
        ends = torch.floor((known[:-1] + known[1:]) / 2)  # the last point of each cell but the last
        which = torch.searchsorted(ends, k.contiguous())
        first = torch.cat([known[:1], ends + 1])[which]
        last = torch.cat([ends, known[-1:]])[which]
        beyond = (k < known[0]) | (k > known[-1])
        return Cell(*(torch.where(beyond, k, inside) for inside in (first, known[which], last)))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return the base's start."""
        return self.base.marginal_params(x)
