"""The distinct values of a column of numbers, and how often each occurs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_SIDE = 5  # neighbours on either side


@dataclass(frozen=True)
class Counts:
    """Distinct values, sorted, and how often each occurs."""

    values: Array
    counts: Array

    @classmethod
    def of(cls, values: Array) -> "Counts":
        """Count values, the missing ones left out."""
        return cls(*np.unique(values[~np.isnan(values)], return_counts=True))

    @property
    def rows(self) -> int:
        """How many cells are not missing."""
        return int(self.counts.sum())

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers that a float64 can tell apart."""
        return bool(np.all(self.values == np.rint(self.values)) and np.all(np.abs(self.values) < 2.0**53))

    def rounded(self, step: float) -> "Counts":
        """Count the nearest multiples of a step instead."""
        places, inverse = np.unique(np.rint(self.values / step), return_inverse=True)
        return Counts(places * step, np.bincount(inverse, self.counts).astype(int))

    @property
    def ratios(self) -> Array:
        """How often each value occurs, relative to the mean of its neighbours."""
        total = np.concatenate([[0], np.cumsum(self.counts)])
        where = np.arange(len(self.counts))
        low, high = np.maximum(where - _SIDE, 0), np.minimum(where + _SIDE + 1, len(where))
        others = np.maximum(high - low - 1, 1)
        return self.counts * others / np.maximum(total[high] - total[low] - self.counts, 1)

    def without(self, values: tuple[float, ...]) -> "Counts":
        """Leave out some values."""
        rest = ~np.isin(self.values, values)
        return Counts(self.values[rest], self.counts[rest])

    @property
    def cells(self) -> Array:
        """All cells that are not missing, sorted."""
        return np.repeat(self.values, self.counts)
