"""One picture of any network: unit by unit where that can be read, as matrices where it cannot."""

from matplotlib.figure import Figure

from tailormade.masks.audit import Auditable
from tailormade.plots.masks import draw_masks
from tailormade.plots.network import MAX_UNITS, draw_network
from tailormade.plots.wiring import read_wiring

MAX_LAYERS = 9  # of units: inputs, outputs and up to three residual blocks after the first hidden layer


def draw_model(model: Auditable, order: int = 0, highlight: int | None = None) -> Figure:
    """Draw a network by :func:`draw_network` if it is small, by :func:`draw_masks` otherwise.

    Args:
        model: A ``MADE``, ``AutoregressiveNetwork`` or ``MaskedSequential``.
        order: Which of the model's orders.
        highlight: Index, from 0, of a variable whose paths back to the inputs are drawn in colour; small networks
            only.

    Raises:
        ValueError: If ``highlight`` is given for a large network or is no variable.
        TypeError: If the model cannot say how its units are connected.

    Example:
        >>> from tailormade import MADE
        >>> len(draw_model(MADE(3, hidden_units=(4,))).axes), len(draw_model(MADE(30, hidden_units=(40,))).axes)
        (1, 3)
    """
    wiring = read_wiring(model, order)
    small = max(wiring.widths) <= MAX_UNITS and len(wiring.widths) <= MAX_LAYERS
    if small or highlight is not None:
        return draw_network(model, order, highlight)  # which says so if it is too large to highlight a path
    return draw_masks(model, order)
