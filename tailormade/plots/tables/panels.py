"""Small multiples: one panel a column, in the order of the table, under a heading and above lines that explain them.

Names stand on a grid. Below a name is what its panel cannot show, and below that the panel, which begins where its own
labels end, so that long names of categories cost no other panel its room.
"""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tailormade.plots.style import INK, LABEL, MUTED, SMALL, VERMILION, quiet_frame
from tailormade.plots.tables.paper import MARGIN, paper, shortened

MOST = 60  # panels
TINT = "#99c7e0"  # blue on paper, below a line of another colour
TINY = 7.0  # points
_WIDTH, _HEIGHT, _NAME, _BELOW, _GAP = 2.6, 1.9, 0.42, 0.36, 0.25  # inches of a cell, and of what is in it
_NARROWEST = 5.6
_LONGEST, _NOTE = 28, 46  # characters of a column's name and of a note


class Panel(NamedTuple):
    """A cell of the grid: its axes, and where it is, in inches from the lower left corner of the paper."""

    axes: Axes
    left: float
    bottom: float

    def place(self) -> None:
        """Let the axes begin where their labels end; to be called when all are there."""
        figure = self.axes.get_figure()
        wide, high = figure.get_size_inches()  # type: ignore[union-attr]  # they are in a figure
        labels = [t.get_window_extent().width for t in self.axes.get_yticklabels() if t.get_text()]
        beside = max(labels, default=0.0) / figure.dpi + 0.06  # type: ignore[union-attr]  # as above
        size = (_WIDTH - _GAP - beside, _HEIGHT - _NAME - _BELOW)
        left, bottom = self.left + beside, self.bottom + _BELOW
        self.axes.set_position((left / wide, bottom / high, size[0] / wide, size[1] / high))

    def name(self, name: str, notes: Sequence[str] = (), colour: str = MUTED) -> None:
        """Write the column's name, and below it as many notes as there is room for."""
        self.axes.set_label(name)
        _write(self, 0.22, shortened(name, _LONGEST), LABEL, INK)
        written = ""
        for note in notes:
            longer = f"{written}; {note}" if written else note
            written = longer if len(longer) <= _NOTE else written
        _write(self, 0.08, written, TINY, colour)


def _write(panel: Panel, above: float, text: str, size: float, colour: str) -> None:
    figure = panel.axes.get_figure()
    wide, high = figure.get_size_inches()  # type: ignore[union-attr]  # they are in a figure
    top = panel.bottom + _HEIGHT - _NAME + above
    figure.text(panel.left / wide, top / high, text, fontsize=size, color=colour)  # type: ignore[union-attr]  # as above


def panels(count: int, heading: str, caption: Sequence[str], *, legend: bool = False) -> tuple[Figure, list[Panel]]:
    """Return a figure with so many panels.

    Args:
        count: Number of panels.
        heading: Title of the figure.
        caption: Lines below.
        legend: Say what is real and what is sampled.

    Example:
        >>> figure, found = panels(7, "Seven", ["Nothing to see."])
        >>> len(found), figure.texts[0].get_text()
        (7, 'Seven')
    """
    across = min(count, 3 if count <= 9 else 4 if count <= 20 else 5)
    down = -(-count // across)
    figure, bottom = paper(max(across * _WIDTH - _GAP, _NARROWEST), down * _HEIGHT, heading, caption)
    if legend:
        _legend(figure)
    corners = [(MARGIN + (k % across) * _WIDTH, bottom + (down - 1 - k // across) * _HEIGHT) for k in range(count)]
    return figure, [Panel(_axes(figure), *corner) for corner in corners]


def _axes(figure: Figure) -> Axes:
    axes = figure.add_axes((0.0, 0.0, 0.5, 0.5))
    quiet_frame(axes)
    axes.tick_params(labelsize=TINY, length=2.5, pad=2)
    return axes


def _legend(figure: Figure) -> None:
    wide, high = figure.get_size_inches()
    keys: Sequence[Artist] = (Patch(color=TINT, label="real rows"), Patch(ec=VERMILION, fc="none", label="sampled"))
    figure.legend(
        handles=keys, loc="lower right", bbox_to_anchor=(1 - MARGIN / wide, 1 - 0.32 / high), ncols=2, frameon=False,
        fontsize=SMALL, labelcolor=INK, handlelength=1.4, columnspacing=1.2, borderpad=0.0, borderaxespad=0.0,
    )  # fmt: skip


def of_all(shown: int, count: int) -> str:
    """Say how many columns are shown, if those are not all.

    Example:
        >>> of_all(3, 3), of_all(60, 200)
        ('', ', first 60 of 200 columns')
    """
    return "" if shown == count else f", first {shown} of {count} columns"
