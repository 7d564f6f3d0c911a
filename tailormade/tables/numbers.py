"""What a column of numbers is like: its resolution, its spread and its bounds.

The resolution is the largest of ``10^-k`` and ``2^-k`` of which all values are multiples within rounding (1). Since any
float is a multiple of something small, a step is believed only if the range holds at most ``2^23`` of it (2). Where
numbers repeat and nine in ten are such multiples, the others are taken as rounded (3). Bounds are claimed only where
the data shows one: zero below non-negative numbers, and an end at which values pile up (4). Amounts, which are positive
and far more spread above their median than below it, are centred at zero with a small scale: almost on a log scale, and
never negative (5). At which values numbers gather: see :mod:`tailormade.tables.gathering`.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.counts import Counts
from tailormade.tables.gathering import find_atoms, gather

Array = NDArray[Any]

STEPS = sorted({10.0**-k for k in range(16)} | {2.0**-k for k in range(1, 20)}, reverse=True)
TIMES = (86400.0, 3600.0, 60.0, 1.0, 1e-3, 1e-6)  # day to microsecond
MOST_STEPS = 2.0**23  # a float32 still tells them apart

_SKEWED = 2.0  # ratio of what lies between the median and the ends of nine tenths, above to below, for amounts
_PILED = (20, 10.0)  # rows and ratio at which an end is one
_MOST = 0.9  # of the cells, at least, are multiples of what is taken for the resolution of numbers that repeat


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
    values = _others(counts, atoms).cells
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread = (high - low) / 1.35 or float(values.std()) or 1.0  # 1.35: the same, of a normal distribution
    return float(median), 2.0 ** round(math.log2(spread))


def spread_of_amounts(counts: Counts, atoms: tuple[float, ...]) -> tuple[float, float]:
    """Return zero and a power of two near the 5 % quantile, atoms aside."""
    return 0.0, 2.0 ** round(math.log2(np.quantile(_others(counts, atoms).cells, 0.05)))


def is_amount(counts: Counts, atoms: tuple[float, ...]) -> bool:
    """Return whether values are amounts: none is negative, and they are skewed to the right, atoms aside.

    Example:
        >>> is_amount(Counts.of(2.0 ** np.arange(9)), ()), is_amount(Counts.of(np.arange(1.0, 9)), ())
        (True, False)
    """
    low, median, high = np.quantile(_others(counts, atoms).cells, [0.05, 0.5, 0.95])
    return bool(counts.values[0] >= 0 and low > 0 and high - median > _SKEWED * (median - low))


def _others(counts: Counts, atoms: tuple[float, ...]) -> Counts:
    rest = counts.without(atoms)
    return rest if rest.rows else counts


def usual_step(counts: Counts) -> float | None:
    """Return the largest step of which most values are multiples, ``None`` if values hardly repeat or there is none.

    Example:
        >>> usual_step(Counts.of(np.array([0.5, 0.2, 0.5, 0.7, 0.2] * 9 + [1 / 3])))
        0.1
    """
    if 2 * len(counts.values) > counts.rows:
        return None
    span = float(np.ptp(counts.values))
    return next((s for s in STEPS if span <= MOST_STEPS * s and _share_on(counts, s) >= _MOST), None)


def _share_on(counts: Counts, step: float) -> float:
    away = np.abs(counts.values - np.rint(counts.values / step) * step)
    return float(counts.counts[away <= 1e-4 * step].sum() / counts.rows)


def profile(counts: Counts, digits: float = 2.0**-52) -> dict[str, Any]:
    """Return step, heap, atoms, low, high, loc and scale, as a :class:`Column` names them."""
    step = 1.0 if counts.whole else find_step(counts.values, STEPS, digits)
    if step is None and (step := usual_step(counts)) is not None:
        counts = counts.rounded(step)
    atoms = find_atoms(counts)
    low, high = find_bounds(counts, atoms)
    amount = is_amount(counts, atoms)
    loc, scale = (spread_of_amounts if amount else find_spread)(counts, atoms)
    if amount and low is None:
        low = 0.0
    if step is None:  # without an interval around it there is no mass that an end could take
        low = high = None
    found = {"step": step, "low": low, "high": high, "loc": loc, "scale": scale}
    return found | gather(counts, step, atoms, (low, high))
