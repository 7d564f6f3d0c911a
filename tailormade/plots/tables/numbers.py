"""Histograms of a column of numbers: bins that real and sampled rows share, and where point masses get their own.

Bins are cut from the real rows. Where numbers have a resolution, the edges lie halfway between its points, so that each
bin holds equally many, and a short range has one bin for each value. Bins are of equal width, or of equal ratio where

    q_99.5 - q_50 > 5 (q_50 - q_0.5)    and    q_99.5 > 20 q_0.5                                  (1)

for quantiles of the positive numbers, if there are no negative ones. A frequent value that the schema knows as a point
mass has a narrow bin of its own; zero, which is no ratio of anything, stands to the left of bins of equal ratio.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.column import Column

Numbers = NDArray[np.float64]

BINS, MOST_SINGLE = 30, 45  # of a histogram; so many values at most have a bin each
_DAY = 86400.0
_HEAVY = 0.02  # share of the rows from which a point mass has a bin of its own
_TAIL, _FAR = 0.005, 2.0  # share of the rows that is cut off at an end, where all are so many times as far apart


class Histogram(NamedTuple):
    """Bins, and the share of the rows in each.

    Attributes:
        edges: Shape ``(bins + 1,)``; days since 1970 for dates.
        real: Share of the real rows, shape ``(bins,)``.
        sampled: The same of sampled rows.
        log: Whether bins are of equal ratio.
        zero: Shares of zero among real and sampled rows, if it stands apart.
        outside: Shares of real and sampled rows outside all bins.
    """

    edges: Numbers
    real: Numbers
    sampled: Numbers
    log: bool
    zero: tuple[float, float] | None
    outside: tuple[float, float]

    @property
    def zero_edges(self) -> Numbers:
        """Ends of the bar of zero on a scale of ratios: a little left of all others, shape ``(2,)``."""
        ratio = (self.edges[-1] / self.edges[0]) ** (1 / BINS)
        return np.asarray(self.edges[0] * ratio ** np.array([-4.0, -2.0]))


def histogram(column: Column, real: Numbers, sampled: Numbers) -> Histogram:
    """Count real and sampled numbers in bins cut from the real ones.

    Args:
        column: A numeric column.
        real: Its numbers, NaN where missing, shape ``(n,)``.
        sampled: The same of sampled rows, shape ``(m,)``.

    Example:
        >>> rolls = Column("rolls", "integer", step=1.0)
        >>> found = histogram(rolls, np.array([1.0, 2.0, 2.0, 4.0]), np.array([1.0, 9.0]))
        >>> found.edges.tolist(), found.real.tolist(), found.outside
        ([0.5, 1.5, 2.5, 3.5, 4.5], [0.25, 0.5, 0.0, 0.25], (0.0, 0.5))
    """
    unit = _DAY if column.dated else 1.0
    real, sampled = (values[~np.isnan(values)] / unit for values in (real, sampled))
    step = None if column.step is None else column.step / unit
    cut_from = real if len(real) else sampled
    log = _skewed(cut_from)
    edges = _ratios(cut_from[cut_from > 0], step) if log else _widths(*_ends(cut_from), step)
    if not _single(edges, step):
        edges = _with_own_bins(edges, _heavy(cut_from, [a / unit for a in column.atoms]), step, log=log)
    counts = [np.histogram(values, edges)[0] for values in (real, sampled)]
    zeros = [int((values == 0).sum()) if log else 0 for values in (real, sampled)]
    sizes = [max(len(values), 1) for values in (real, sampled)]
    rest = [len(v) - int(c.sum()) - z for v, c, z in zip((real, sampled), counts, zeros, strict=True)]
    return Histogram(
        edges, counts[0] / sizes[0], counts[1] / sizes[1], log,
        (zeros[0] / sizes[0], zeros[1] / sizes[1]) if any(zeros) else None,
        (rest[0] / sizes[0], rest[1] / sizes[1]),
    )  # fmt: skip


def _skewed(values: Numbers) -> bool:
    """Whether (1) holds."""
    positive = values[values > 0]
    if len(positive) < 20 or (values < 0).any():
        return False
    low, median, high = np.quantile(positive, [_TAIL, 0.5, 1 - _TAIL])
    return bool(high - median > 5 * (median - low) and high > 20 * low)


def _ends(values: Numbers) -> tuple[float, float]:
    """The range of the values, without a few that lie so far out that all others would be one bin."""
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    if values.max() - values.min() <= _FAR * (high - low) or low == high:
        return float(values.min()), float(values.max())
    return float(low), float(high)


def _widths(low: float, high: float, step: float | None) -> Numbers:
    """Edges of bins of equal width."""
    if step is None:
        spare = 0.0 if high > low else 0.05 * max(abs(low), 1.0)
        return np.linspace(low - spare, high + spare, BINS + 1, dtype=np.float64)
    steps = round((high - low) / step) + 1
    width = 1 if steps <= MOST_SINGLE else -(-steps // BINS)
    return np.asarray(low - step / 2 + width * step * np.arange(-(-steps // width) + 1))


def _ratios(values: Numbers, step: float | None) -> Numbers:
    """Edges of bins of equal ratio, as far as the resolution allows."""
    edges: Numbers = np.geomspace(values.min(), values.max(), BINS + 1)
    if step is None:
        return edges
    edges = np.unique((np.rint(edges / step - 0.5) + 0.5) * step)
    edges = edges[edges > 0]
    last = [] if edges[-1] > values.max() else [values.max() + step / 2]
    return np.array([*edges, *last])


def _single(edges: Numbers, step: float | None) -> bool:
    return step is not None and bool(np.all(np.diff(edges) < 1.5 * step))


def _heavy(values: Numbers, atoms: list[float]) -> list[float]:
    """Those that many rows hold, the most frequent first."""
    shares = {atom: float(np.mean(np.isclose(values, atom, rtol=1e-9, atol=0.0))) for atom in atoms}
    return sorted((atom for atom, share in shares.items() if share >= _HEAVY), key=lambda atom: -shares[atom])


def _with_own_bins(edges: Numbers, atoms: list[float], step: float | None, *, log: bool) -> Numbers:
    """Give atoms narrow bins, half as wide as others but no narrower than the resolution, where they lie apart."""
    taken: list[float] = []
    for atom in atoms:
        half = max((step or 0.0) / 2, _width_at(edges, atom, log=log) / 4)
        inside = edges[0] <= atom <= edges[-1]
        if inside and all(abs(atom - other) > 3 * half for other in taken):
            kept = edges[(np.abs(edges - atom) > 2.5 * half) | np.isin(edges, [edges[0], edges[-1]])]
            kept = kept[np.abs(kept - atom) > half]
            edges = np.sort(np.concatenate([kept, [atom - half, atom + half]]))
            taken.append(atom)
    return edges


def _width_at(edges: Numbers, atom: float, *, log: bool) -> float:
    """How wide a bin is that has no bins of atoms beside it."""
    return float(atom * np.log(edges[-1] / edges[0]) if log else edges[-1] - edges[0]) / BINS
