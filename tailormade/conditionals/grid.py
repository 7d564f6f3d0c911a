"""Evenly spaced values: ``offset + k step`` for whole numbers k between two ends, either of which may be open."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

_SLACK = 1e-3  # of a step: nearer to a point than this is at the point


class Grid(NamedTuple):
    """A grid; its numbers may be float64 tensors that broadcast with the values.

    Attributes:
        offset: A point of the grid.
        step: Distance of neighbours.
        low: The lowest point, or minus infinity.
        high: The highest point, or infinity.
    """

    offset: float | Tensor
    step: float | Tensor
    low: float | Tensor
    high: float | Tensor

    def at(self, like: Tensor, *, inner: bool = False) -> "Grid":
        """Return the grid where a tensor is; with one more dimension at the end if ``inner``."""
        moved = (v.to(like.device) if isinstance(v, Tensor) else v for v in self)
        return Grid(*(v.unsqueeze(-1) if inner and isinstance(v, Tensor) else v for v in moved))

    def place(self, x: Tensor) -> Tensor:
        """Return where values lie, in steps from the offset: whole numbers at points; float64."""
        return (x.double() - self.offset) / self.step

    def nearest(self, x: Tensor) -> Tensor:
        """Return the k of the nearest point."""
        return self.place(x).round()

    def point_below(self, x: Tensor) -> Tensor:
        """Return the k of the highest point that is not above x, but for rounding."""
        place = self.place(x)
        return torch.floor(place + slack(place, x.dtype))

    def point_before(self, x: Tensor) -> Tensor:
        """Return the k of the highest point that is below x, and more than rounding away."""
        place = self.place(x)
        return torch.ceil(place - slack(place, x.dtype)) - 1

    def value(self, k: Tensor) -> Tensor:
        """Return points by their k; float64."""
        return self.offset + k * self.step

    def close(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which of some points each x is equal to, but for rounding, boolean, shape ``(*, k)``."""
        place = self.at(x).place(x)
        away = place.unsqueeze(-1) - self.at(x, inner=True).nearest(points)
        return away.abs() <= slack(place, x.dtype).unsqueeze(-1)

    def matches(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which of some points each x is rounded to, boolean, shape ``(*, k)``."""
        return self.at(x).nearest(x).unsqueeze(-1) == self.at(x, inner=True).nearest(points)

    @property
    def ends(self) -> tuple[float | Tensor, float | Tensor]:
        """The k of the lowest and of the highest point."""
        low, high = ((end - self.offset) / self.step for end in (self.low, self.high))
        return _round(low), _round(high)


class OnGrid(Constraint):
    """The points of a grid, but for what the rounding of the values' type takes off; or all reals between its ends."""

    event_dim = 0

    def __init__(self, grid: Grid, recorded: bool) -> None:
        self.grid, self.is_discrete = grid, not recorded

    def check(self, value: Tensor) -> Tensor:
        """Return whether each value is a point, or is rounded to one that is between the ends."""
        grid = self.grid.at(value)
        place, (low, high) = grid.place(value), grid.ends
        near = (place - place.round()).abs() <= slack(place, value.dtype)
        within = value.isfinite() & (place.round() >= low) & (place.round() <= high)
        return within & near if self.is_discrete else within


def slack(place: Tensor, dtype: torch.dtype) -> Tensor:
    """Return how far from a point rounding may have moved values of a type, in steps, shape ``(*)``."""
    rounding = torch.finfo(dtype).eps if dtype.is_floating_point else torch.finfo(torch.float64).eps
    return (_SLACK + 2 * rounding * place.abs()).clamp(max=0.5)


def _round(end: float | Tensor) -> float | Tensor:
    if isinstance(end, Tensor):
        return end.round()
    return end if math.isinf(end) else round(end)
