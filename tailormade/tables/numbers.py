"""What a column of numbers is like: its resolution, its spread, its bounds, and the values it holds too often.

The resolution is the largest of ``10^-k`` and ``2^-k`` of which all values are multiples within rounding (1). Since any
float is a multiple of something small, a step is believed only if the range holds at most ``2^22`` of it (2). A value
is an atom if it occurs far more often than the recorded values beside it, five on either side (3): zeros among amounts,
40 among working hours, a code such as 99999. Comparing with recorded neighbours, not with the grid, keeps a column that
is rounded for the most part from turning into atoms altogether. Bounds are claimed only where the data shows one: zero
below non-negative numbers, and an end at which values pile up (4).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.checks import MOST_ATOMS

Array = NDArray[Any]

STEPS = sorted({10.0**-k for k in range(16)} | {2.0**-k for k in range(1, 20)}, reverse=True)
TIMES = (86400.0, 3600.0, 60.0, 1.0, 1e-3, 1e-6)  # day to microsecond
MOST_STEPS = 2.0**22

_SIDE = 5  # neighbours on either side
_TIERS = (
    (0.02, 5, 5.0),
    (0.004, 20, 10.0),
)  # share of the rows, rows, ratio to the neighbours: an atom meets one of them
_PILED = (20, 10.0)  # rows and ratio at which an end is one


@dataclass(frozen=True)
class Counts:
    """The distinct values of a column, and how often each occurs."""

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

    @property
    def ratios(self) -> Array:
        """How often each value occurs, relative to the mean of its neighbours."""
        total = np.concatenate([[0], np.cumsum(self.counts)])
        where = np.arange(len(self.counts))
        low, high = np.maximum(where - _SIDE, 0), np.minimum(where + _SIDE + 1, len(where))
        others = np.maximum(high - low - 1, 1)
        return self.counts * others / np.maximum(total[high] - total[low] - self.counts, 1)


def find_step(values: Array, steps: tuple[float, ...] | list[float] = STEPS, digits: float = 2.0**-52) -> float | None:
    """Return the largest step of which all values are multiples within rounding, or ``None``.

    Args:
        values: Finite numbers.
        steps: Candidates, the largest first.
        digits: Relative accuracy of the numbers, 2^-52 for float64.

    Example:
        >>> find_step(np.array([0.25, 3.0, 1.5])), find_step(np.array([0.3, 3.0])), find_step(np.array([math.pi, 1.0]))
        (0.25, 0.1, None)
    """
    if not len(values):
        return None
    span = float(values.max() - values.min())
    return next((s for s in steps if span / s <= MOST_STEPS and _multiples(values, s, digits)), None)


def _multiples(values: Array, step: float, digits: float) -> bool:
    multiples = np.where(np.abs(values) <= 2.0**-50 * np.abs(values).max(), 0, values / step)  # what is left of a zero
    tolerance = 1e-6 * np.minimum(np.abs(multiples), 1) + 4 * digits * np.abs(multiples)
    return bool(np.all(np.abs(multiples - np.rint(multiples)) <= tolerance) and tolerance.max() < 0.05)


def find_atoms(counts: Counts) -> tuple[float, ...]:
    """Return the values that occur far more often than their neighbours, at most 16 of them, sorted.

    Example:
        >>> find_atoms(Counts.of(np.concatenate([np.zeros(30), np.arange(1.0, 71.0)])))
        (0.0,)
    """
    shares, ratios = counts.counts / max(counts.rows, 1), counts.ratios
    tiers = [(shares >= share) & (counts.counts >= rows) & (ratios >= ratio) for share, rows, ratio in _TIERS]
    found = np.flatnonzero(np.logical_or.reduce(tiers))
    most = found[np.argsort(-counts.counts[found], kind="stable")][:MOST_ATOMS]
    return tuple(sorted(counts.values[most].tolist()))


def find_bounds(counts: Counts, atoms: tuple[float, ...]) -> tuple[float | None, float | None]:
    """Return the lowest and the highest value there can be, ``None`` where the data shows no bound.

    Whole numbers that begin at 0 or 1 are taken for counts, which are not negative; at 1 the bound is 1 if 1 is common.
    Other numbers that begin at 0 are not negative if they do not thin out towards it.
    """
    rows, ratio = _PILED
    piled = (counts.counts >= rows) & (counts.ratios >= ratio)
    low, high = float(counts.values[0]), float(counts.values[-1])
    lowest = low if piled[0] or low in atoms else None
    if lowest is None and low == 0 and (counts.whole or (counts.counts[0] >= 5 and counts.ratios[0] >= 0.5)):
        lowest = 0.0
    if lowest is None and low == 1 and counts.whole:
        lowest = 1.0 if 2 * counts.counts[0] >= counts.counts[1:2].sum() else 0.0
    return lowest, high if piled[-1] or high in atoms else None


def find_spread(counts: Counts, atoms: tuple[float, ...]) -> tuple[float, float]:
    """Return the median and a power of two near the robust spread, of what is no atom if anything is left.

    Example:
        >>> find_spread(Counts.of(np.arange(101.0)), ())
        (50.0, 32.0)
    """
    rest = ~np.isin(counts.values, atoms)
    values = np.repeat(counts.values[rest], counts.counts[rest]) if rest.any() else counts.values
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread = (high - low) / 1.35 or float(values.std()) or 1.0  # 1.35: the same, of a normal distribution
    return float(median), 2.0 ** round(math.log2(spread))


def profile(counts: Counts, digits: float = 2.0**-52) -> dict[str, Any]:
    """Return step, atoms, low, high, loc and scale, as a :class:`Column` names them."""
    step = 1.0 if counts.whole else find_step(counts.values, STEPS, digits)
    atoms = find_atoms(counts)
    low, high = find_bounds(counts, atoms)
    loc, scale = find_spread(counts, atoms)
    if step is None:  # without an interval around it there is no mass that an end could take
        low = high = None
    return {"step": step, "atoms": atoms, "low": low, "high": high, "loc": loc, "scale": scale}
