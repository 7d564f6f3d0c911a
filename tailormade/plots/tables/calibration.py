r"""Whether the model's conditionals are as wide, and lie where, they should: histograms of their integral transforms.

If the model is right, ``u = F(x_i | x_<i)`` is uniform. Of n values, each of B bars then holds a binomial number, so
that its height relative to the mean lies within

    1 ± z sqrt((B - 1) / n),    z = 1.96                                                        (1)

for about 95 bars of 100. Bars outside are coloured; whether a column's bars as a whole are too uneven for chance says
the p-value of ``χ² = Σ_b (n_b - n/B)² / (n/B)`` with B - 1 degrees of freedom (2). With many rows, a small departure
shows, too: judge by the heights as well.
"""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from tailormade.plots.style import INK, MUTED, VERMILION
from tailormade.plots.tables.panels import MOST, TINT, Panel, of_all, panels
from tailormade.plots.tables.values import as_values
from tailormade.tables.column import Column

Numbers = NDArray[np.float64]

_BARS, _FEW, _ROWS = 20, 10, 1000  # bars of a histogram, and how many below so many rows
_TOP = 2.0  # the panels' height, unless a bar is higher
_DOUBTFUL = 0.01  # p-value
_CAPTION = (
    "u = F(value | columns before it), in the model's first order. Calibrated: flat, 95 of 100 bars in the grey band.",
    "High at both ends: the model is too sure. High in the middle: not sure enough. A slope: it aims too high or low.",
)


def draw_calibration(transforms: Numbers, columns: Sequence[Column]) -> Figure:
    """Draw a histogram of every column's integral transforms, with the band in which it lies if calibrated.

    Args:
        transforms: From :func:`integral_transforms`, NaN where a cell is missing, shape ``(n, D)``.
        columns: What they are of, ``schema.variables``; the first 60 are drawn.

    Raises:
        ValueError: If shapes do not fit, or values are not in [0, 1].

    Example:
        >>> u = np.random.default_rng(0).random((500, 1))
        >>> [text.get_text() for text in draw_calibration(u, [Column("a", "continuous")]).texts][-2:]
        ['a', '500 values, p = 0.24']
    """
    u = as_values("transforms", transforms, columns)
    if not ((u >= 0) & (u <= 1) | np.isnan(u)).all():
        raise ValueError(
            "transforms: expected values in [0, 1], or NaN, got others; take those of integral_transforms."
        )
    shown = columns[:MOST]
    heading = f"Calibration on {len(u):,} rows{of_all(len(shown), len(columns))}"
    figure, found = panels(len(shown), heading, _CAPTION)
    for i, (column, panel) in enumerate(zip(shown, found, strict=True)):
        _panel(panel, column.name, u[~np.isnan(u[:, i]), i])
        panel.place()
    return figure


def _panel(panel: Panel, name: str, u: Numbers) -> None:
    _ticks(panel.axes)
    if not len(u):
        panel.name(name, ["no values"])
        return
    counts = np.histogram(u, _BARS if len(u) >= _ROWS else _FEW, (0, 1))[0]
    _bars(panel.axes, counts)
    p = p_value(counts)
    panel.name(name, [f"{len(u):,} values, {_written(p)}"], VERMILION if p < _DOUBTFUL else MUTED)


def _ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set(xlim=(0, 1), ylim=(0, _TOP))


def _bars(axes: Axes, counts: NDArray[np.int64]) -> None:
    bars, n = len(counts), int(counts.sum())
    heights, reach = counts * bars / n, band(n, bars)
    colours = np.where(np.abs(heights - 1) > reach, VERMILION, TINT).tolist()
    axes.bar(np.arange(bars) / bars, heights, 0.9 / bars, align="edge", color=colours)
    axes.axhspan(max(1 - reach, 0), 1 + reach, color=INK, alpha=0.16, linewidth=0, zorder=3)
    axes.axhline(1.0, color=INK, linewidth=0.9, zorder=4)
    axes.set_ylim(0, max(_TOP, 1.05 * heights.max()))


def band(n: int, bars: int) -> float:
    """Return how far (1) a bar may be from 1.

    Example:
        >>> round(band(1000, 10), 3)
        0.186
    """
    return 1.96 * ((bars - 1) / n) ** 0.5


def p_value(counts: NDArray[np.int64]) -> float:
    """Return the probability of counts at least as uneven (2).

    Example:
        >>> round(p_value(np.array([60, 40])), 4)  # chi-square of 4 with one degree of freedom
        0.0455
    """
    expected = counts.sum() / len(counts)
    statistic = float(((counts - expected) ** 2).sum() / expected)
    half = torch.tensor([(len(counts) - 1) / 2, statistic / 2], dtype=torch.float64)
    return float(torch.special.gammaincc(half[0], half[1]))


def _written(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
