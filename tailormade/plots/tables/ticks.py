"""Marks on the axes of histograms: few, in the column's own units, and without mathematical text."""

from datetime import UTC, datetime, timedelta

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from tailormade.plots.tables.numbers import Histogram
from tailormade.tables.column import Column

_DATES = ((1500.0, "%Y"), (90.0, "%Y-%m"), (4.0, "%Y-%m-%d"), (-1.0, "%d %H:%M"))  # how days are written above a span


def share_ticks(axis: Axis) -> None:
    """Mark an axis of shares in percent."""
    axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g} %"))


def number_ticks(axes: Axes, column: Column, found: Histogram) -> None:
    """Mark the axis of the numbers of a histogram in the column's own units, dates as dates."""
    if column.dated:
        _date_ticks(axes, float(found.edges[-1] - found.edges[0]))
        return
    if found.log:
        _ratio_ticks(axes, found)
    else:
        whole = column.step is not None and column.step >= 1
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=whole, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _number(value, found)))


def _date_ticks(axes: Axes, days: float) -> None:
    locator = AutoDateLocator(minticks=2, maxticks=3, interval_multiples=False)  # type: ignore[no-untyped-call]  # no types
    form = next(form for least, form in _DATES if days > least)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: _date(day).strftime(form)))


def _ratio_ticks(axes: Axes, found: Histogram) -> None:
    low, high = found.edges[0], found.edges[-1]
    decades = np.log10(high / low)
    ticks = LogLocator(subs=(1.0,) if decades > 1.6 else (1.0, 3.0), numticks=20).tick_values(low, high)
    ticks = [t for t in ticks if low <= t <= high]
    room = 4 if high < 1e5 else 3
    ticks = ticks[:: max(1, -(-len(ticks) // room))]
    apart = [float(np.sqrt(np.prod(found.zero_edges)))] if found.zero else []
    axes.xaxis.set_major_locator(FixedLocator([*apart, *ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())


def _number(value: float, found: Histogram) -> str:
    if found.zero and value < found.edges[0]:
        return "0"
    return f"{value:,.10g}" if abs(value) < 1e7 else f"{value:.3g}"


def _date(day: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
