"""Drawing large boolean matrices: sorting, averaging over blocks, mixing colours, and ticks that name degrees.

A picture has fewer dots than a 784 x 784 matrix has cells. Averaging over blocks first keeps every share of ones
exact and the drawing fast; where a single cell must not vanish, :func:`block_any` is used instead.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from tailormade.plots.style import FAINT, INK, LABEL, MUTED, PAPER, SMALL
from tailormade.plots.wiring import BoolArray

MAX_CELLS = 200  # in each direction of a panel, which leaves a block nearly two dots: enough to be seen
GRID_CELLS = 32  # up to which single cells are set apart by a thin line

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def block_means(cells: BoolArray, limit: int = MAX_CELLS) -> FloatArray:
    """Average a matrix over blocks, so that no side is longer than ``limit``.

    Example:
        >>> block_means(np.eye(4, dtype=bool), limit=2).tolist()
        [[0.5, 0.0], [0.0, 0.5]]
    """
    means = cells.astype(np.float64)
    for axis in (0, 1):
        starts = _starts(means.shape[axis], limit)
        sizes = np.diff([*starts, means.shape[axis]])
        means = np.add.reduceat(means, starts, axis) / (sizes[:, None] if axis == 0 else sizes)
    return means


def block_any(cells: BoolArray, limit: int = MAX_CELLS) -> FloatArray:
    """Return 1.0 for every block of :func:`block_means` that has a one.

    Example:
        >>> block_any(np.eye(4, dtype=bool), limit=2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    return (block_means(cells, limit) > 0).astype(np.float64)


def _starts(length: int, limit: int) -> IntArray:
    count = min(length, limit)
    return np.arange(count) * length // count


def blend(layers: Sequence[tuple[str, FloatArray]]) -> FloatArray:
    """Lay inks of the given densities over paper, one after the other.

    Args:
        layers: Colour and density in [0, 1] of each ink, densities of shape ``(n, m)``.

    Returns:
        Colours, shape ``(n, m, 3)``.

    Example:
        >>> blend([("black", np.array([[0.0, 1.0]]))]).tolist()
        [[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]]
    """
    colours = np.ones((*layers[0][1].shape, 3)) * to_rgb(PAPER)
    for ink, density in layers:
        colours += density[:, :, None] * (np.array(to_rgb(ink)) - colours)
    return colours


def show_cells(axes: Axes, colours: FloatArray, shape: tuple[int, int]) -> None:
    """Show a matrix of ``shape`` (before averaging) in a square panel; small ones get lines between cells."""
    rows, columns = shape
    extent = (-0.5, columns - 0.5, rows - 0.5, -0.5)
    axes.imshow(colours, extent=extent, aspect="auto", interpolation="nearest")
    axes.set_box_aspect(1)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(color=MUTED, linewidth=0.8)
    axes.tick_params(colors=MUTED, labelsize=SMALL, width=0.8, length=3)
    if max(shape) <= GRID_CELLS:
        axes.hlines(np.arange(rows - 1) + 0.5, -0.5, columns - 0.5, colors=FAINT, linewidth=0.5)
        axes.vlines(np.arange(columns - 1) + 0.5, -0.5, rows - 0.5, colors=FAINT, linewidth=0.5)


def label_side(
    set_label: Callable[..., Any], set_ticks: Callable[..., Any], name: str, ranks: IntArray, known: bool
) -> None:
    """Name the layer along one side of a panel, with the degrees of some of its units as tick labels.

    Args:
        set_label: ``axes.set_xlabel`` or ``axes.set_ylabel``.
        set_ticks: ``axes.set_xticks`` or ``axes.set_yticks``.
        name: Name of the layer.
        ranks: What its units are sorted by, shape ``(n,)``.
        known: Whether those are its degrees.
    """
    count = len(ranks)
    places = np.unique(np.linspace(0, count - 1, count if count <= 10 else 5).round().astype(int))
    labels = [str(d) for d in np.sort(ranks)[places]] if known else []
    set_ticks(places if known else [], labels)
    set_label(f"{name} ({count:,})", fontsize=LABEL, color=INK)
