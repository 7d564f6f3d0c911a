"""The distribution of each column by itself: real rows against as many, or any number of, sampled ones.

Both are shares of the rows that have a value (1), so that missing cells move no bar and the numbers of rows need not be
equal. Filled bars are real, outlined ones sampled: where the outline follows the filling, a column is learnt.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tailormade.plots.style import VERMILION
from tailormade.plots.tables.categories import group
from tailormade.plots.tables.numbers import Histogram, histogram
from tailormade.plots.tables.panels import MOST, TINT, TINY, of_all, panels
from tailormade.plots.tables.ticks import number_ticks, share_ticks
from tailormade.plots.tables.values import as_values, gaps
from tailormade.tables.column import Column

Numbers = NDArray[np.float64]

_NOTABLE, _INCOMPLETE = 0.0005, 0.05  # shares of the rows that are worth a note, and a line in the caption
_LINES = 76.0  # points of a panel's height, divided among the names of categories
_ROOM = 1.08  # of the highest bar, up to the top of the panel
_TOWER = 4.0  # times the second highest bar: a bar higher than that is cut, and its height is written


def draw_marginals(real: Numbers, sampled: Numbers, columns: Sequence[Column]) -> Figure:
    """Draw every column's real values against its sampled ones: bars of categories, histograms of numbers.

    Numbers that are heavily skewed are drawn on a scale of ratios; a value that occurs far more often than those beside
    it has a bar of its own. Of many categories, the twelve most frequent have names.

    Args:
        real: Rows as a schema encodes them, shape ``(n, D)``.
        sampled: Rows that a model drew, shape ``(m, D)``.
        columns: What they are, ``schema.variables``; at most 60 are drawn.

    Raises:
        ValueError: If shapes do not fit, or there is nothing to draw.

    Example:
        >>> columns = [Column("height", "continuous"), Column("sex", "binary", categories=("f", "m"))]
        >>> rows = np.array([[1.71, 0.0], [1.83, 1.0], [np.nan, 1.0]])
        >>> [axes.get_label() for axes in draw_marginals(rows, rows, columns).axes]
        ['height', 'sex']
    """
    real, sampled = as_values("real", real, columns), as_values("sampled", sampled, columns)
    shown = columns[:MOST]
    pairs = [(gaps(c, real[:, i]), gaps(c, sampled[:, i])) for i, c in enumerate(shown)]
    heading = f"Columns: {len(real):,} real and {len(sampled):,} sampled rows{of_all(len(shown), len(columns))}"
    figure, found = panels(len(shown), heading, _caption(shown, pairs), legend=True)
    for panel, column, pair in zip(found, shown, pairs, strict=True):
        notes = _categories(panel.axes, column, *pair) if column.coded else _numbers(panel.axes, column, *pair)
        panel.name(column.name, notes)
        panel.place()
    return figure


def _caption(columns: Sequence[Column], pairs: Sequence[tuple[Numbers, Numbers]]) -> list[str]:
    text = "Shares of rows with a value; outside: beyond the panel. A column is learnt where outline and filling agree."
    incomplete = [
        c.gaps != "model" and np.isnan(real).mean() >= _INCOMPLETE for c, (real, _) in zip(columns, pairs, strict=True)
    ]
    if not any(incomplete):
        return [text]
    return [
        text,
        "Sampled rows have no missing cells: where real ones lack values for a reason, the two may rightly differ.",
    ]


def _categories(axes: Axes, column: Column, real: Numbers, sampled: Numbers) -> list[str]:
    groups = group(column, real)
    places = np.arange(len(groups.labels))
    first, second = groups.shares(real), groups.shares(sampled)
    axes.barh(places, first, height=0.8, color=TINT)
    axes.barh(places, second, height=0.8, fill=False, edgecolor=VERMILION, linewidth=1.2)
    axes.set_yticks(places, groups.labels, fontsize=min(TINY, _LINES / len(places)))
    axes.set_ylim(max(len(places), 3) - 0.4, -0.6)
    axes.set_xlim(0.0, max(first.max(), second.max()) * _ROOM or 1.0)
    axes.tick_params(axis="y", length=0)
    share_ticks(axes.xaxis)
    return _missing(column, real, sampled)


def _numbers(axes: Axes, column: Column, real: Numbers, sampled: Numbers) -> list[str]:
    found = histogram(column, real, sampled)
    if found.log:
        axes.set_xscale("log")
    _bars(axes, found.edges, found.real, found.sampled)
    left = found.edges[0]
    if found.zero is not None:
        zero = found.zero_edges
        _bars(axes, zero, np.array(found.zero[:1]), np.array(found.zero[1:]))
        left = zero[0]
    axes.set_xlim(left, found.edges[-1])
    cut = _limit(axes, found)
    number_ticks(axes, column, found)
    share_ticks(axes.yaxis)
    return [*cut, *_missing(column, real, sampled), *_outside(found)]


def _bars(axes: Axes, edges: Numbers, real: Numbers, sampled: Numbers) -> None:
    axes.stairs(real, edges, fill=True, color=TINT)
    axes.stairs(sampled, edges, color=VERMILION, linewidth=1.2)


def _limit(axes: Axes, found: Histogram) -> list[str]:
    """Set the height of the panel; cut one bar that would flatten all others, and say how high it is."""
    pairs = np.stack([found.real, found.sampled], 1)
    pairs = np.concatenate([pairs, [found.zero]]) if found.zero else pairs
    heights = np.sort(pairs.max(1))
    towers = len(heights) > 2 and heights[-1] > _TOWER * heights[-2] > 0
    axes.set_ylim(0.0, (1.5 * heights[-2] if towers else heights[-1]) * _ROOM or 1.0)
    if not towers:
        return []
    which = int(pairs.max(1).argmax())
    value = 0.0 if which == len(found.real) else (found.edges[which] + found.edges[which + 1]) / 2
    return [f"{value:,.6g}: {_percent(pairs[which, 0])} real, {_percent(pairs[which, 1])} sampled"]


def _outside(found: Histogram) -> list[str]:
    real, sampled = found.outside
    if max(real, sampled) < _NOTABLE:
        return []
    return [f"outside: {_percent(real)} real, {_percent(sampled)} sampled"]


def _missing(column: Column, real: Numbers, sampled: Numbers) -> list[str]:
    """Say how many cells are missing; of sampled ones, too, where the model draws them."""
    shares = [float(np.isnan(values).mean()) for values in (real, sampled)]
    if not any(shares):
        return []
    if column.gaps == "model":
        return [f"missing: {_percent(shares[0])} real, {_percent(shares[1])} sampled"]
    return [f"{_percent(shares[0])} missing"]


def _percent(share: float) -> str:
    """Write a share.

    Example:
        >>> _percent(0.9167), _percent(0.0004), _percent(1.0), _percent(0.0)
        ('92 %', '0.04 %', '100 %', '0 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.2g} %"
