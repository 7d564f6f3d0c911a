"""How strongly each pair of columns depends on each other: in real rows, and in sampled ones.

A model can have every column right and still draw them independently. With V of :mod:`.association` for each pair, two
matrices on one scale show where columns depend on each other, and V of the sampled rows against V of the real ones
shows what the model has missed: pairs below the diagonal are not learnt, pairs above it made up. Cells that are missing
in a real row are left out of a sampled one, too, so that both V rest on equally many rows.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tailormade.plots.style import BLUE, FAINT, INK, LABEL, MUTED, PAPER, SMALL, VERMILION, quiet_frame
from tailormade.plots.tables.categories import label
from tailormade.plots.tables.pairs import Pairs, compare_pairs
from tailormade.plots.tables.panels import MOST, of_all
from tailormade.plots.tables.paper import MARGIN, paper, text_width
from tailormade.plots.tables.values import as_values
from tailormade.tables.column import Column

Numbers = NDArray[np.float64]

_TITLE = 0.25  # inches above a matrix
_LEAST = 0.3  # up to where the axes of V reach at least


def draw_dependence(real: Numbers, sampled: Numbers, columns: Sequence[Column]) -> Figure:
    """Draw the dependence of all pairs of columns: of real rows, of sampled rows, and one against the other.

    Args:
        real: Rows as a schema encodes them, shape ``(n, D)``.
        sampled: As many rows that a model drew; row by row at the same context, if there is one.
        columns: What they are, ``schema.variables``, at least two; the first 60 are drawn.

    Raises:
        ValueError: If shapes do not fit, or no two columns can be compared.

    Example:
        >>> columns = [Column("a", "continuous"), Column("b", "continuous")]
        >>> a, b = np.random.default_rng(0).normal(size=(2, 300))
        >>> figure = draw_dependence(np.stack([a, a], 1), np.stack([a, b], 1), columns)
        >>> figure.texts[-1].get_text()[:58]
        'Farthest off (circled): a and b, V = 1.00 in real rows, 0.'
    """
    real, sampled = as_values("real", real, columns), as_values("sampled", sampled, columns)
    if real.shape != sampled.shape:
        raise ValueError(f"sampled: expected as many rows as real, {len(real)}, got {len(sampled)}; draw so many.")
    shown = list(columns[:MOST])
    pairs = compare_pairs(real, sampled, shown)
    names = [label(column.name) for column in shown]
    heading = f"Dependence between columns: {len(real):,} real and as many sampled rows"
    figure, axes = _figure(names, heading + of_all(len(shown), len(columns)), _caption(pairs, names))
    _matrix(axes[0], pairs.real, names, "real rows")
    picture = _matrix(axes[1], pairs.sampled, names, "sampled rows")
    axes[1].set_yticklabels([])
    _scale(figure, picture, axes[3])
    _scatter(axes[2], pairs)
    return figure


def _figure(names: Sequence[str], heading: str, caption: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """Paper with axes for two matrices, the dots, and the scale."""
    side = min(max(0.2 * len(names), 2.5), 7.0)
    beside = max(text_width(name, _size(names)) for name in names) + 0.1
    lefts = [beside, beside + side + 0.2, beside + 2 * side + 1.35, beside + 2 * side + 0.35]
    figure, bottom = paper(lefts[2] + side, side + beside + _TITLE, heading, caption)
    wide, high = figure.get_size_inches()
    places = [((MARGIN + left) / wide, (bottom + beside) / high, side / wide, side / high) for left in lefts]
    places[3] = (*places[3][:2], 0.1 / wide, side / high)
    return figure, [figure.add_axes(place) for place in places]


def _size(names: Sequence[str]) -> float:
    """Of the columns' names, in points."""
    return min(SMALL, max(4.0, 260 / len(names)))


def _matrix(axes: Axes, found: Numbers, names: list[str], title: str) -> AxesImage:
    picture = axes.imshow(found, cmap=_blues(), vmin=0.0, vmax=1.0, interpolation="nearest")
    axes.grid(False)
    places = range(len(names))
    axes.set_xticks(places, names, rotation=90)
    axes.set_yticks(places, names)
    axes.tick_params(colors=MUTED, labelsize=_size(names), length=0)
    for spine in axes.spines.values():
        spine.set(color=FAINT)
    axes.set_title(title, fontsize=LABEL, color=INK, loc="left")
    return picture


def _blues() -> Colormap:
    """From paper to dark blue; grey where there is nothing to compare."""
    return LinearSegmentedColormap.from_list("blues", [PAPER, "#7fb8d9", BLUE, "#002a42"]).with_extremes(bad="#eeeeee")


def _scale(figure: Figure, picture: AxesImage, axes: Axes) -> None:
    bar = figure.colorbar(picture, cax=axes)
    axes.set_title("V", fontsize=LABEL, color=INK)
    axes.tick_params(colors=MUTED, labelsize=SMALL, width=0.8)
    bar.outline.set(edgecolor=FAINT)


def _scatter(axes: Axes, pairs: Pairs) -> None:
    quiet_frame(axes)
    end = min(1.0, max(_LEAST, 1.1 * float(np.nanmax([pairs.real, pairs.sampled]))))
    axes.set(xlim=(-0.02 * end, 1.02 * end), ylim=(-0.02 * end, 1.02 * end))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    for chosen, colour in ((pairs.sparse, FAINT), (~pairs.sparse, BLUE)):
        which = np.tril(chosen, -1)
        _dots(axes, pairs, which, color=colour, markersize=4.5, alpha=0.6, markeredgewidth=0)
    _dots(axes, pairs, pairs.farthest, color="none", markersize=9, markeredgecolor=VERMILION)
    axes.set_xlabel("V in real rows", fontsize=SMALL, color=INK)
    axes.set_ylabel("V in sampled rows", fontsize=SMALL, color=INK)
    axes.set_title("each pair of columns", fontsize=LABEL, color=INK, loc="left")


def _dots(axes: Axes, pairs: Pairs, which: Any, **style: Any) -> None:  # noqa: ANN401 - an index; of matplotlib
    axes.plot(pairs.real[which], pairs.sampled[which], "o", clip_on=False, zorder=3, **style)


def _caption(pairs: Pairs, names: Sequence[str]) -> list[str]:
    i, j = pairs.farthest
    mean = float(np.nanmean(np.abs(pairs.real - pairs.sampled)))
    lines = [
        f"Farthest off (circled): {names[i]} and {names[j]}, V = {pairs.real[i, j]:.2f} in real rows, "
        f"{pairs.sampled[i, j]:.2f} in sampled ones. Mean difference of all pairs: {mean:.3f}.",
        "V is Cramér's, corrected for its bias, of columns cut into classes: 0 where two are independent, 1 where one "
        "tells the other.",
        "Pairs below the broken line depend on each other less among sampled rows than among real ones: not learnt.",
    ]
    if np.tril(pairs.sparse, -1).any():
        lines.append("Pale dots: pairs of which most real rows lack a value, often for a reason that V does not know.")
    return lines
