r"""At which values numbers gather: single ones, a coarser grid, or some that recur.

A value is an atom if it occurs far more often than the recorded values beside it, five on either side (1): zeros among
amounts, 40 among working hours, a code such as 99999. Comparing with recorded neighbours, not with the grid, keeps a
column that is rounded for the most part from turning into atoms altogether. A coarser resolution that most values have,
but not all, is that of heaps (2): ages in years, a few in months. Values recur if hardly any was seen only once (3),
though they are on no grid: doses, prices, settings of a device. With a share w of the rows at the points, and n points
of the grid in the cell of each, a model that knows of them gains, in nats a row, about

    w (mean log n + log w) + (1 - w) log (1 - w)                                             (4)

over one that is smooth. Heaps are preferred to values that recur unless these gain much more.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.checks import MOST_ATOMS
from tailormade.tables.counts import Counts

Array = NDArray[Any]

HEAPS = sorted({float(f"{m}e{k}") for m in (1, 2, 2.5, 5) for k in range(-15, 7)}, reverse=True)
NOTHING: dict[str, Any] = {"atoms": (), "heap": None, "recurring": (), "share": 0.0}

_HEAPED, _HALVED = 0.8, 0.95  # least share of a heap's rows on its grid, one in five of the finer, or every other one
_FEW = 3  # distinct values there at least, and one more
_RECURRING = 0.8  # least share of the rows with a value that recurs
_MOST_RECURRING = 4096
_WORTH, _SIMPLER = 0.5, 0.7  # nats: least gain of values that recur, and over heaps
_TIERS = (
    (0.02, 5, 5.0),
    (0.004, 20, 10.0),
)  # share of the rows, rows, ratio to the neighbours: an atom meets one of them


class Recurrence(NamedTuple):
    """Values that recur, the share of rows that new ones would have there, and what it gains to know of them."""

    values: tuple[float, ...]
    share: float
    gain: float


def gather(
    counts: Counts, step: float | None, atoms: tuple[float, ...], ends: tuple[float | None, float | None]
) -> dict[str, Any]:
    """Return the fields of a column that say where its values gather: ``NOTHING``'s.

    Args:
        counts: What there is.
        step: The resolution, ``None`` if there is none.
        atoms: As found on the grid of the resolution.
        ends: Bounds.
    """
    if step is None:
        return {**NOTHING, "atoms": atoms}
    heap, recurring = find_heap(counts, step, (*ends, *atoms)), find_recurring(counts.without(atoms), step)
    if heap is not None and _gain_of_heap(counts, step, heap) > recurring.gain - _SIMPLER:
        return {**NOTHING, "atoms": find_atoms(counts.rounded(heap)), "heap": heap}  # what stands out on its grid
    if recurring.gain < _WORTH:
        return {**NOTHING, "atoms": atoms}
    return {**NOTHING, "atoms": atoms, "recurring": recurring.values, "share": recurring.share}


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


def find_heap(counts: Counts, step: float | None, points: Sequence[float | None] = ()) -> float | None:
    """Return the largest step that most values, not all, are multiples of, if the resolution is a fraction of it.

    Args:
        counts: What there is; a value that most rows have is left out.
        step: The resolution, ``None`` if there is none.
        points: Bounds and atoms, all of which are to be multiples.

    Example:
        >>> find_heap(Counts.of(np.array([*range(90), 0.1])), 0.1), find_heap(Counts.of(np.arange(0, 5, 0.5)), 0.5)
        (1.0, None)
    """
    if step is None:
        return None
    usual = 2 * counts.counts <= counts.rows
    places, often = np.rint(counts.values[usual] / step), counts.counts[usual]
    fixed = np.rint(np.array([point for point in points if point is not None]) / step)
    for coarse in HEAPS:
        ratio = coarse / step
        if ratio < 1.5:
            return None
        there = places % np.rint(ratio) == 0
        fits = abs(ratio - np.rint(ratio)) < 1e-6 * ratio and not (fixed % np.rint(ratio)).any()
        enough = often[there].sum() >= (_HEAPED if ratio > 4 else _HALVED) * often.sum()
        if fits and enough and there.sum() > _FEW:
            return coarse
    return None


def find_recurring(counts: Counts, step: float) -> Recurrence:
    """Return the values that recur; none of them if a tenth of the rows or more have a value of their own.

    The share is Good's estimate, that of rows whose value was seen more than once, with one row more seen once.

    Example:
        >>> find_recurring(Counts.of(np.array([7.0, 31.0, 32.0, 98.0] * 20)), 1.0).values
        (7.0, 31.0, 32.0, 98.0)
        >>> find_recurring(Counts.of(np.arange(99.0)), 1.0).values
        ()
    """
    share = 1 - (int((counts.counts == 1).sum()) + 1) / (counts.rows + 2)
    if not _FEW < len(counts.values) <= _MOST_RECURRING or share < _RECURRING:
        return Recurrence((), 0.0, 0.0)
    places = np.rint(counts.values / step)
    ends = np.floor((places[:-1] + places[1:]) / 2)
    sizes = np.diff(np.concatenate([[places[0] - 1], ends, [places[-1]]]))
    gain = _gain(share, float(np.average(np.log(sizes), weights=counts.counts)))
    return Recurrence(tuple(counts.values.tolist()), round(share, 6), gain)


def _gain_of_heap(counts: Counts, step: float, heap: float) -> float:
    there = np.rint(counts.values / step) % np.rint(heap / step) == 0
    return _gain(float(counts.counts[there].sum() / counts.rows), float(np.log(heap / step)))


def _gain(share: float, size: float) -> float:
    """The gain (4)."""
    rest = 1 - share
    return share * (size + float(np.log(share))) + (rest * float(np.log(rest)) if rest > 0 else 0.0)
