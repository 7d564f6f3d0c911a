r"""The masks of a network of any size as matrices, and their product.

Units are sorted by degree, inputs and outputs too, so that the masks become staircases and their product, which
says which outputs see which inputs, a triangle. Cells that the order allows but the product lacks are lost
dependencies, cells that the product has beyond the triangle would break the factorisation; both have a colour of
their own, and a single one of them shows however large the matrix is.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tailormade.masks import Audit, audit
from tailormade.masks.audit import Auditable
from tailormade.plots.captions import heading, order_line
from tailormade.plots.matrices import IntArray, blend, block_any, block_means, label_side, show_cells
from tailormade.plots.style import INK, LABEL, MUTED, PURPLE, SKY, SMALL, TITLE, VERMILION, new_figure
from tailormade.plots.wiring import BoolArray, Wiring, read_wiring

PANELS = 4  # side by side

_TITLE: dict[str, Any] = {"fontsize": LABEL, "color": INK, "loc": "left"}


def draw_masks(model: Auditable, order: int = 0) -> Figure:
    """Draw the mask of every layer and, last, which outputs see which inputs.

    Rows are the units above, columns those below; a filled cell is a connection. Context, which is not masked, is
    not drawn.

    Args:
        model: A ``MADE``, ``AutoregressiveNetwork`` or ``MaskedSequential``.
        order: Which of the model's orders.

    Raises:
        TypeError: If the model cannot say how its units are connected.

    Example:
        >>> from tailormade import MADE
        >>> figure = draw_masks(MADE(6, hidden_units=(8,)))
        >>> [axes.get_title(loc="left").splitlines()[0] for axes in figure.axes]
        ['inputs to hidden 1', 'hidden 1 to outputs', 'what outputs see']
    """
    wiring = read_wiring(model, order)
    panels = len(wiring.masks) + 1
    across = min(panels, PANELS)
    down = -(-panels // across)
    figure = new_figure(3.1 * across, 3.4 * down + 0.8)
    title = f"{heading(model, wiring)}\n{order_line(wiring, order)}"
    figure.suptitle(title, x=0.12 / (3.1 * across), ha="left", fontsize=TITLE, color=INK)
    axes = [figure.add_subplot(down, across, k + 1) for k in range(panels)]
    ranks = _ranks(wiring)
    for layer in range(len(wiring.masks)):
        _draw_mask(axes[layer], wiring, layer, ranks)
    _draw_product(axes[-1], audit(model, component=order), ranks[0], direct=wiring.direct is not None)
    figure.supxlabel(_note(wiring), x=0.12 / (3.1 * across), ha="left", fontsize=SMALL, color=MUTED)
    return figure


def _ranks(wiring: Wiring) -> list[IntArray]:
    """What each layer's units are sorted by: their degrees or, where unknown, the largest degree they see."""
    ranks = [np.array(wiring.inputs, dtype=np.int64)]
    for mask, degrees in zip(wiring.masks, wiring.degrees[1:], strict=True):
        ranks.append(np.where(mask, ranks[-1], 0).max(1) if degrees is None else np.array(degrees, dtype=np.int64))
    return ranks


def _sorted(cells: BoolArray, above: IntArray, below: IntArray) -> BoolArray:
    return cells[np.argsort(above, kind="stable")][:, np.argsort(below, kind="stable")]


def _draw_mask(axes: Axes, wiring: Wiring, layer: int, ranks: Sequence[IntArray]) -> None:
    mask = _sorted(wiring.masks[layer], ranks[layer + 1], ranks[layer])
    below, above = wiring.names[layer : layer + 2]
    show_cells(axes, blend([(SKY, block_means(mask))]), mask.shape)
    axes.set_title(f"{below} to {above}\n{mask.mean():.1%} of {mask.size:,} kept", **_TITLE)
    known = [degrees is not None for degrees in wiring.degrees]
    label_side(axes.set_xlabel, axes.set_xticks, below, ranks[layer], known[layer])
    label_side(axes.set_ylabel, axes.set_yticks, above, ranks[layer + 1], known[layer + 1])


def _draw_product(axes: Axes, found: Audit, degrees: IntArray, *, direct: bool) -> None:
    allowed, realised = (_sorted(cells.numpy(), degrees, degrees) for cells in (found.allowed, found.realised))
    lost, forbidden = allowed & ~realised, realised & ~allowed
    inks = [(SKY, block_means(allowed & realised)), (VERMILION, block_any(lost)), (PURPLE, block_any(forbidden))]
    show_cells(axes, blend(inks), allowed.shape)
    also = ", also directly" if direct else ""
    counts = f"{(allowed & realised).sum():,} of {allowed.sum():,} pairs realised"
    axes.set_title(f"what outputs see{also}\n{counts}", **_TITLE)
    label_side(axes.set_xlabel, axes.set_xticks, "inputs", degrees, True)
    label_side(axes.set_ylabel, axes.set_yticks, "outputs", degrees, True)
    kinds = [(VERMILION, f"{lost.sum():,} lost", lost), (PURPLE, f"{forbidden.sum():,} forbidden", forbidden)]
    handles = [Patch(color=SKY, label="realised")] + [Patch(color=c, label=n) for c, n, cells in kinds if cells.any()]
    axes.legend(handles=handles, loc="upper right", fontsize=SMALL, frameon=False, labelcolor=INK, handlelength=1.0)


def _note(wiring: Wiring) -> str:
    notes = ["Rows see columns. Units are sorted by degree, which the ticks show."]
    if wiring.residual:
        notes.append("Each block's sum also keeps what entered the block.")
    if wiring.context:
        notes.append("Context is not masked, and not drawn.")
    return " ".join(notes)
