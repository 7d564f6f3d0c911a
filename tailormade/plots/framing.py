"""The paper around a drawing: its size is found from what is drawn, so that nothing is clipped or squeezed.

One unit of the axes is one inch. Units therefore have the same size in every picture, and text, which is measured,
can be given exactly the room it needs.
"""

import textwrap
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from tailormade.plots.placement import Placement
from tailormade.plots.style import INK, LABEL, MUTED, SMALL, TITLE
from tailormade.plots.wiring import Unit

MARGIN, SMALLEST_WIDTH = 0.2, 4.6  # inches


def frame(
    axes: Axes, placement: Placement, layers: Sequence[str], titles: tuple[str, str], notes: Sequence[str]
) -> None:
    """Size the figure to its drawing and add titles, the layers' names, a legend and notes.

    Args:
        axes: Fills the whole figure and holds units, names and lines.
        placement: Where the units are.
        layers: Names of the layers.
        titles: Title and subtitle, put above.
        notes: Put below, one paragraph each.
    """
    left, right = _sides(axes, placement)
    bottom, top = _heights(axes, placement)
    top = _above(axes, left, right, top, titles, [(placement.centres[Unit(k, 0)][0], n) for k, n in enumerate(layers)])
    bottom = _below(axes, left, right, bottom, notes)
    left, right, bottom, top = left - MARGIN, right + MARGIN, bottom - MARGIN, top + MARGIN
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.figure.set_size_inches(right - left, top - bottom)  # type: ignore[union-attr]  # it is in a figure


def _above(
    axes: Axes, left: float, right: float, top: float, titles: tuple[str, str], names: Sequence[tuple[float, str]]
) -> float:
    """Write the layers' names and the titles; return where they end."""
    for x, name in names:
        axes.text(x, top + 0.12, name, ha="center", va="bottom", fontsize=SMALL, color=MUTED)
    top = _stack(axes, left, top + 0.5, _wrapped([titles[1]], right - left, LABEL), LABEL, MUTED)
    return _stack(axes, left, top + 0.05, _wrapped([titles[0]], right - left, TITLE), TITLE, INK)


def _below(axes: Axes, left: float, right: float, bottom: float, notes: Sequence[str]) -> float:
    """Draw the legend and write the notes; return where they end."""
    caption = _wrapped(notes, right - left, SMALL)
    bottom = _legend(axes, left, bottom - 0.1) - 0.12 - _height(caption, SMALL)
    _stack(axes, left, bottom, caption, SMALL, MUTED)
    return bottom


def _stack(axes: Axes, left: float, bottom: float, text: str, size: float, colour: str) -> float:
    """Write a paragraph and return where it ends above."""
    axes.text(left, bottom, text, ha="left", va="bottom", fontsize=size, color=colour, linespacing=1.3)
    return bottom + _height(text, size)


def _height(text: str, size: float) -> float:
    return 1.45 * size / 72 * (text.count("\n") + 1)


def _sides(axes: Axes, placement: Placement) -> tuple[float, float]:
    """Where the names of variables begin and those of conditionals end, or a little beyond in a narrow drawing."""
    beside = placement.radius + 0.1
    left = -beside - max(_width(text) for text in axes.texts if text.get_horizontalalignment() == "right")
    names = [text for text in axes.texts if text.get_horizontalalignment() == "left"]
    right = placement.right + beside + max(_width(text) for text in names)
    spare = max(SMALLEST_WIDTH - (right - left), 0.0) / 2
    return left - spare, right + spare


def _width(text: Text) -> float:
    return text.get_window_extent().width / text.get_figure().dpi  # type: ignore[union-attr]  # it is in a figure


def _heights(axes: Axes, placement: Placement) -> tuple[float, float]:
    units = [y for _, y in placement.centres.values()]
    lines = [np.asarray(path)[:, 1] for c in _lines(axes) for path in c.get_segments()]
    lowest = min([min(units) - placement.radius, *(float(y.min()) for y in lines)])
    highest = max([max(units) + placement.radius, *(float(y.max()) for y in lines)])
    return lowest, highest


def _lines(axes: Axes) -> Iterable[LineCollection]:
    return [c for c in axes.collections if isinstance(c, LineCollection)]


def _wrapped(paragraphs: Sequence[str], width: float, size: float) -> str:
    characters = int(width / (0.56 * size / 72))  # a letter is a little over half as wide as its size
    return "\n".join("\n".join(textwrap.wrap(p, characters)) for p in paragraphs)


def _legend(axes: Axes, left: float, top: float) -> float:
    """Name the kinds of lines if there are several, one below the other; return where the legend ends."""
    kinds = [c for c in _lines(axes) if not str(c.get_label()).startswith("_")]
    if len(kinds) < 2:
        return top
    for k, lines in enumerate(kinds):
        y = top - 0.1 - 0.18 * k
        axes.add_collection(_sample(lines, [(left, y), (left + 0.35, y)]), autolim=False)
        axes.text(left + 0.45, y, str(lines.get_label()), fontsize=SMALL, color=MUTED, va="center_baseline")
    return top - 0.18 * len(kinds) - 0.05


def _sample(lines: LineCollection, points: Sequence[tuple[float, float]]) -> LineCollection:
    """One line that looks like those of a collection."""
    sample = LineCollection([points])
    sample.update_from(lines)
    sample.set(gid="legend", label="", clip_on=False)
    return sample
