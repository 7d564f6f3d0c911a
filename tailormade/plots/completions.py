"""Images that a density completes: the original, what was observed of it, and what may be in the rest.

One line an image. What is missing is pale blue and hatched: a colour that no value has, and strokes that show where
colours do not. Every pixel of an image is drawn as the same number of dots, so that none looks larger than another.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from tailormade.plots.images import MISSING, as_matrix, image_shape, value_range
from tailormade.plots.style import DPI, FAINT, INK, LABEL, MUTED, SMALL, new_figure

_STROKE = "#8ec9ec"  # of the hatch, darker than the blue it lies on
_LARGEST, _NARROWEST = (
    128,
    110,
)  # dots an image is high or wide at most, unless it has more pixels; a column's least width
_LEAST_WIDTH = 525  # dots of the whole picture, for the caption
_GAP, _MARGIN, _HEADING, _CAPTION = 8, 24, 36, 34  # dots


def draw_completions(
    originals: Tensor | ArrayLike,
    observed: Tensor | ArrayLike,
    completions: Tensor | ArrayLike,
    shape: Sequence[int] | None = None,
    *,
    levels: int | None = None,
    ink: bool = True,
) -> Figure:
    """Draw each image beside what was observed of it and its completions.

    Args:
        originals: Values, shape ``(R, D)``.
        observed: Which pixels were observed, the same in all images, shape ``(D,)``.
        completions: Whole images, shape ``(n, R, D)``.
        shape: ``(H, W)`` with ``H W = D``, pixels row by row; square if ``None``.
        levels: Values are 0, ..., ``levels - 1``; up to the largest value drawn if ``None``.
        ink: Draw large values dark, as strokes on paper; else light, as grey levels of a photograph.

    Raises:
        ValueError: If shapes do not fit, or D variables do not form such an image.

    Example:
        >>> figure = draw_completions(np.eye(2, 16), np.arange(16) < 8, np.zeros((3, 2, 16)))
        >>> [text.get_text() for text in figure.axes[0].texts[:3]], len(figure.axes[0].images)
        (['original', 'observed', '3 completions'], 10)
    """
    rows = as_matrix(originals)
    height, width = image_shape(rows.shape[1], shape)
    seen, drawn = _checked(rows, np.asarray(observed), np.asarray(completions, dtype=np.float64))
    low, high = value_range(np.concatenate([rows, drawn.reshape(-1, rows.shape[1])]))
    if levels is not None:
        low, high = 0.0, max(levels - 1.0, 1.0)
    scale = max(1, _LARGEST // max(height, width))
    pitch = max(width * scale, _NARROWEST) + _GAP
    lefts = _lefts(2 + len(drawn), pitch)
    axes = _paper(lefts[-1] + pitch, len(rows) * (height * scale + _GAP))
    colours = colormaps["gray_r" if ink else "gray"].with_extremes(bad=MISSING)
    for i, row in enumerate(rows):
        upper = _HEADING + i * (height * scale + _GAP)
        for left, image in zip(lefts, [row, np.where(seen, row, np.nan), *drawn[:, i]], strict=True):
            corner = (left + (pitch - _GAP - width * scale) // 2, upper)
            _show(axes, image.reshape(height, width), corner, scale, colours, (low, high))
    _write(axes, lefts, pitch, len(drawn), (low, high), ink=ink)
    return axes.figure  # type: ignore[return-value]  # it is in a figure


def _checked(
    rows: NDArray[np.float64], observed: NDArray[np.bool_], completions: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    if observed.dtype != np.bool_ or observed.shape != rows.shape[1:]:
        raise ValueError(
            f"observed: expected booleans of shape {rows.shape[1:]}, got {observed.shape} of {observed.dtype}."
        )
    if completions.ndim != 3 or not len(completions) or completions.shape[1:] != rows.shape:
        raise ValueError(
            f"completions: expected shape (n, {rows.shape[0]}, {rows.shape[1]}) with n at least 1, got "
            f"{completions.shape}."
        )
    return observed, completions


def _lefts(columns: int, pitch: int) -> list[int]:
    """Where columns begin; the original and the observed part stand a little apart."""
    return [_MARGIN + k * pitch + min(k, 2) * _GAP for k in range(columns)]


def _paper(right: int, height: int) -> Axes:
    """Axes over the whole figure with one unit a dot, counted from the upper left corner."""
    wide, high = max(right - _GAP + _MARGIN, _LEAST_WIDTH), _HEADING + height + _CAPTION
    figure = new_figure(wide / DPI, high / DPI, arrange=False)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, wide), ylim=(high, 0))
    axes.set_axis_off()
    return axes


def _show(
    axes: Axes,
    image: NDArray[np.float64],
    corner: tuple[int, int],
    scale: int,
    colours: Colormap,
    limits: tuple[float, float],
) -> None:
    (left, upper), (height, width) = corner, image.shape
    extent = (left, left + width * scale, upper + height * scale, upper)
    axes.imshow(
        image, cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest", extent=extent, aspect="auto"
    )
    frame = _box(left - 1, upper - 1, width * scale + 2, height * scale + 2)
    axes.add_collection(LineCollection([frame.vertices], colors=FAINT, linewidths=0.6), autolim=False)
    missing = np.isnan(image)
    if missing.any():
        corners = [(left + scale * c, upper + scale * r, scale * n) for r, c, n in _runs(missing)]
        outline = Path.make_compound_path(*(_box(x, y, wide, scale) for x, y, wide in corners))
        axes.add_patch(PathPatch(outline, facecolor="none", edgecolor=_STROKE, linewidth=0, hatch="////"))


def _runs(cells: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Row, first column and length of every horizontal run of true cells."""
    found = []
    for r, line in enumerate(cells):
        edges = np.flatnonzero(np.diff(line.astype(int), prepend=0, append=0)).tolist()
        found += [(r, start, stop - start) for start, stop in pairwise(edges) if line[start]]
    return found


def _box(left: int, upper: int, width: int, height: int) -> Path:
    right, lower = left + width, upper + height
    return Path([(left, upper), (right, upper), (right, lower), (left, lower), (left, upper)], closed=True)


def _write(axes: Axes, lefts: Sequence[int], pitch: int, count: int, limits: tuple[float, float], *, ink: bool) -> None:
    """Name the columns, and say below what the tones mean."""
    names = ("original", "observed", "1 completion" if count == 1 else f"{count} completions")
    for left, name in zip(lefts, names, strict=False):
        axes.text(left, _HEADING - 8, name, fontsize=LABEL, color=INK, ha="left", va="bottom")
    low, high = limits
    light, dark = (low, high) if ink else (high, low)
    text = f"white is {light:.3g}, black is {dark:.3g}, hatched blue is missing"
    axes.text(lefts[0], axes.get_ylim()[0] - 12, text, fontsize=SMALL, color=MUTED, ha="left", va="bottom")
