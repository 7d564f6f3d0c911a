r"""Values that gather at some points of a grid: the mass of a cell from a smooth base, and how it is shared inside.

Let q be a mixture on a fine grid, and let the grid be cut into cells, each with one point where values gather. With
probability w a value is that point, else it is any of the n - 1 other points of the cell:

    P(x) = q(cell of x) w                    at the point                                    (1)
    P(x) = q(cell of x) (1 - w) / (n - 1)    beside it;    a cell of one point has w = 1     (2)

which adds up to ``Σ q(cell) = 1`` (3). A smooth q alone would spread what is at the point over all of its cell, and be
wrong by a factor n for most values. ``F(x)`` is q's cdf before the cell plus (1) and (2) inside it (4). Where values
stand for the intervals they were rounded to, (1) and (2) are divided by the step.
"""

import math
from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.arithmetic import inside_unit
from tailormade.conditionals.discretised import DiscretisedLogistics
from tailormade.conditionals.inversion import integer_quantile
from tailormade.conditionals.over_base import OverBase


class Cell(NamedTuple):
    """First and last point of a cell, and the one where values gather, by their numbers k on the grid."""

    first: Tensor
    point: Tensor
    last: Tensor

    @property
    def others(self) -> Tensor:
        """How many points there are beside the one."""
        return self.last - self.first


class Celled(OverBase):
    """Share the mass of cells between one point and the others; what the cells and the shares are is the subclass's."""

    base: DiscretisedLogistics

    def __post_init__(self) -> None:
        """Check the base."""
        if not isinstance(self.base, DiscretisedLogistics):
            raise TypeError(f"base: expected DiscretisedLogistics, got {self.base!r}.")

    @abstractmethod
    def _cell(self, k: Tensor) -> Cell:
        """The cell of each point, by its number k."""

    @abstractmethod
    def _logs(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Log of w and of 1 - w."""

    def _inner(self, raw: Tensor) -> Tensor:
        """The base's parameters."""
        return raw[..., : self.base.params]

    @property
    def params(self) -> int:
        """The base's parameters."""
        return self.base.params

    @property
    def width(self) -> int:
        """As the base."""
        return self.base.width

    @property
    def support(self) -> Constraint:
        """That of the base."""
        return self.base.support

    def encode(self, x: Tensor) -> Tensor:
        """Return the base's code, ``(*, width)``."""
        return self.base.encode(x)

    def _shares(self, raw: Tensor, cell: Cell) -> tuple[Tensor, Tensor]:
        """Log of the share of a cell that its point has (1), and of that which each other has (2)."""
        at, beside = self._logs(raw)
        others = cell.others.clamp(min=1).log().to(raw.dtype)
        return torch.where(cell.others == 0, 0.0, at), beside - others

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (1, 2)."""
        k = self.base.grid.at(x).nearest(x)
        cell = self._cell(k)
        at, beside = self._shares(raw, cell)
        mass = self.base.log_between(self._inner(raw), cell.first, cell.last)
        return mass + torch.where(k == cell.point, at, beside) - self._log_cell(raw)

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)`` (4)."""
        return self._up_to(raw, self.base.grid.at(x).point_below(x))

    def mass_below(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(*)``."""
        return self._up_to(raw, self.base.grid.at(x).point_before(x))

    def _up_to(self, raw: Tensor, k: Tensor) -> Tensor:
        """The cdf at points by their k."""
        inner, (low, high) = self._inner(raw), self.base.grid.at(k).ends
        finite = k.nan_to_num(0.0, 0.0, 0.0)  # what is infinite is settled at the end
        cell = self._cell(finite)
        at, beside = (share.exp() for share in self._shares(raw, cell))
        reached = finite >= cell.point
        inside = (finite - cell.first + 1 - reached.to(k.dtype)).to(raw.dtype) * beside + torch.where(reached, at, 0.0)
        before, upto = self.base.up_to(inner, cell.first - 1), self.base.up_to(inner, cell.last)
        total = before + (upto - before) * inside.clamp(0, 1)
        total = torch.where((k < low) | (k == -torch.inf), 0.0, total)
        return torch.where((k >= high) | (k == torch.inf), 1.0, total)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest point x with ``P(X <= x) >= u``, shape ``(*)``."""
        dtype, raw, u = raw.dtype, raw.double(), inside_unit(u.double()).clamp(max=1 - 1e-15)  # the cdf reaches it
        grid = self.base.grid.at(raw)
        guess = self._cell(grid.nearest(self.base.icdf(self._inner(raw), u))).point
        return grid.value(integer_quantile(lambda k: self._up_to(raw, k), u, guess)).to(dtype)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Let the base draw a cell, and by the last uniform number take its point or one of the others."""
        grid, v = self.base.grid.at(raw), noise[..., -1]
        cell = self._cell(grid.nearest(self.base.sample(self._inner(raw), noise[..., :-1])))
        at = self._shares(raw, cell)[0].exp().expand(v.shape)
        rest = ((v - at) / (1 - at).clamp(min=1e-30)).double().clamp(0, 1)
        other = cell.first + torch.minimum(torch.floor(rest * cell.others), (cell.others - 1).clamp(min=0))
        other = other + (other >= cell.point).to(other.dtype)
        return grid.value(torch.where((v < at) | (cell.others == 0), cell.point, other)).to(raw.dtype)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return self.base.describe()


def log1m(share: float) -> float:
    """Return ``log(1 - share)``, minus infinity for 1."""
    return math.log1p(-share) if share < 1 else -math.inf
