"""Rows as pictures: images side by side where the variables form one, and a matrix where they do not.

Both show ink on paper: white is the smallest value (0 if none is negative), black the largest, so that a stroke of
a digit, whose pixels are large, is dark. Missing values (NaN) are pale blue, a colour no value has.
"""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from tailormade.plots.style import FAINT, INK, LABEL, MUTED, SMALL, TITLE, new_figure

MISSING = "#bfe0f2"


def image_grid(rows: Tensor | ArrayLike, shape: Sequence[int] | None = None, columns: int | None = None) -> Figure:
    """Draw rows whose variables are pixels as a grid of images, dark where values are large.

    Args:
        rows: Values, shape ``(n, D)``. All share one scale.
        shape: ``(H, W)`` with ``H W = D``, pixels row by row; square if ``None``.
        columns: Images side by side; about as many as there are rows of them if ``None``.

    Raises:
        ValueError: If there is nothing to draw, or D variables do not form such an image.

    Example:
        >>> figure = image_grid(np.eye(6, 16))
        >>> len(figure.axes[0].images), figure.axes[0].images[0].get_array().shape
        (6, (4, 4))
    """
    values = as_matrix(rows)
    height, width = image_shape(values.shape[1], shape)
    across = _columns(len(values), columns)
    down = -(-len(values) // across)
    low, high = value_range(values)
    cell = min(0.75, 10.0 / max(across, down))  # inches
    scale = cell / max(height, width)
    figure = new_figure(max(across * width * scale, 3.5) + 0.3, down * height * scale + 0.6)
    axes = figure.add_subplot()
    for k, row in enumerate(values):
        place = _place(k, across)
        axes.imshow(
            row.reshape(height, width), cmap=_greys(), vmin=low, vmax=high, interpolation="nearest", extent=place
        )
    axes.set(xlim=(0, across), ylim=(down, 0), aspect=height / width, anchor="W")
    axes.set_axis_off()
    axes.add_collection(_separators(len(values), across))
    axes.set_title(_caption(values, height, width), fontsize=SMALL, color=MUTED, loc="left")
    return figure


def sample_matrix(rows: Tensor | ArrayLike, *, scale_each: bool = False) -> Figure:
    """Draw rows as a matrix: one line a row, one column a variable, dark where values are large.

    Args:
        rows: Values, shape ``(n, D)``.
        scale_each: Scale every variable from its own smallest to its own largest value, for variables of different
            units.

    Raises:
        ValueError: If there is nothing to draw.

    Example:
        >>> sample_matrix(np.zeros((20, 5))).axes[0].images[0].get_array().shape
        (20, 5)
    """
    values = as_matrix(rows)
    if scale_each:
        ranges = np.array([_span(column) for column in values.T])
        values = (values - ranges[:, 0]) / np.where(ranges[:, 1] > ranges[:, 0], ranges[:, 1] - ranges[:, 0], 1.0)
    low, high = value_range(values)
    count, features = values.shape
    figure = new_figure(min(max(3.6, 1.6 + 0.16 * features), 9.0), min(max(2.6, 1.0 + 0.09 * count), 7.0))
    axes = figure.add_subplot()
    picture = axes.imshow(
        values, cmap=_greys(), vmin=low, vmax=high, aspect="auto", interpolation="nearest",
        extent=(0.5, features + 0.5, count + 0.5, 0.5),
    )  # fmt: skip
    _label_matrix(axes, values)
    bar = figure.colorbar(picture, ax=axes, fraction=0.05, pad=0.02, aspect=40)
    bar.set_label("share of the variable's range" if scale_each else "value", fontsize=LABEL, color=INK)
    if len(levels := np.unique(values[np.isfinite(values)])) <= 2:
        bar.set_ticks(levels.tolist())
    bar.ax.tick_params(colors=MUTED, labelsize=SMALL, width=0.8)
    bar.outline.set(edgecolor=FAINT)
    return figure


def _label_matrix(axes: Axes, values: NDArray[np.float64]) -> None:
    axes.set_title(f"{len(values)} rows of {values.shape[1]} variables", fontsize=TITLE, color=INK, loc="left")
    axes.set_xlabel("variable", fontsize=LABEL, color=INK)
    axes.set_ylabel("row", fontsize=LABEL, color=INK)
    axes.locator_params(integer=True)
    axes.grid(False)
    axes.tick_params(colors=MUTED, labelsize=SMALL, width=0.8)
    for spine in axes.spines.values():
        spine.set(color=FAINT)


def as_matrix(rows: Tensor | ArrayLike) -> NDArray[np.float64]:
    """Return rows as an array of shape ``(n, D)``.

    Raises:
        ValueError: If they are no such thing, or empty.
    """
    values = np.asarray(rows.detach().cpu().double() if isinstance(rows, Tensor) else rows, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"rows: expected shape (n, D) with at least one row and variable, got {values.shape}.")
    return values


def image_shape(features: int, shape: Sequence[int] | None) -> tuple[int, int]:
    """Return ``(H, W)`` of an image of so many pixels; square if no shape is given.

    Raises:
        ValueError: If they do not form such an image.
    """
    side = math.isqrt(features)
    if shape is None and side * side != features:
        raise ValueError(
            f"shape: expected (H, W), as {features} variables are no square image; sample_matrix draws any rows."
        )
    found = (side, side) if shape is None else tuple(int(n) for n in shape)
    if len(found) != 2 or min(found) < 1 or math.prod(found) != features:
        raise ValueError(f"shape: expected (H, W) with H W = {features} variables, got {found}.")
    return found[0], found[1]


def _columns(count: int, columns: int | None) -> int:
    if columns is not None and columns < 1:
        raise ValueError(f"columns: expected at least 1, got {columns}.")
    return min(count, math.ceil(math.sqrt(count)) if columns is None else columns)


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def value_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range that is drawn: from 0, or the smallest value if that is negative, to the largest."""
    low, high = _span(values)
    low = min(low, 0.0)
    return low, high if high > low else low + 1.0


def _greys() -> Colormap:
    return colormaps["gray_r"].with_extremes(bad=MISSING)


def _place(k: int, across: int) -> tuple[float, float, float, float]:
    """Left, right, lower and upper edge of an image in a grid of cells of size 1, with a gap around it."""
    (row, column), gap = divmod(k, across), 0.03
    return column + gap, column + 1 - gap, row + 1 - gap, row + gap


def _separators(count: int, across: int) -> LineCollection:
    """Thin outlines of the cells that hold an image."""
    corners = [divmod(k, across) for k in range(count)]
    outlines = [[(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1), (c, r)] for r, c in corners]
    return LineCollection(outlines, colors=FAINT, linewidths=0.6, clip_on=False)


def _caption(values: NDArray[np.float64], height: int, width: int) -> str:
    images = "1 image" if len(values) == 1 else f"{len(values)} images"
    low, high = value_range(values)
    missing = ", blue is missing" if np.isnan(values).any() else ""
    return f"{images} of {height} × {width}; white is {low:.3g}, black is {high:.3g}{missing}"
