"""What is said in words about a network: its sizes and order, and what the audit found amiss."""

from torch import Tensor

from tailormade.masks import audit
from tailormade.masks.audit import Auditable
from tailormade.plots.labels import conditional, sequence, variable
from tailormade.plots.wiring import Wiring


def heading(model: Auditable, wiring: Wiring, highlight: int | None = None) -> str:
    """Return the title of a picture of a network.

    Example:
        >>> from tailormade import MADE
        >>> from tailormade.plots.wiring import read_wiring
        >>> model = MADE(3, hidden_units=(4,))
        >>> heading(model, read_wiring(model)), heading(model, read_wiring(model), highlight=1)
        ('MADE 3-4-3', 'What p(x₂ | x₁) sees in MADE 3-4-3')
    """
    name = f"{type(model).__name__} {'-'.join(str(n) for n in (len(wiring.inputs), *wiring.widths[1:]))}"
    if highlight is None:
        return name
    return f"What {conditional(wiring.inputs, highlight, context=wiring.context > 0)} sees in {name}"


def order_line(wiring: Wiring, order: int) -> str:
    """Return the line that names the order of the variables.

    Example:
        >>> from tailormade import MADE
        >>> from tailormade.plots.wiring import read_wiring
        >>> model = MADE(2, hidden_units=(4,), orders=5)
        >>> order_line(read_wiring(model), 0)
        'order=0 (one of 5): x₁, x₂'
    """
    which = f"order={order} (one of {wiring.orders})" if wiring.orders > 1 else "order"
    return f"{which}: {sequence(wiring.inputs)}"


def findings(model: Auditable, wiring: Wiring, order: int) -> list[str]:
    """Return one line for each thing amiss: forbidden and lost dependencies, and dead units.

    Example:
        >>> import warnings
        >>> from tailormade import MADE
        >>> from tailormade.plots.wiring import read_wiring
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     model = MADE(3, hidden_units=(1,))
        >>> findings(model, read_wiring(model), 0)
        ['Lost: x₂ to p(x₃ | x₁, x₂).']
    """
    found = audit(model, component=order)
    lines = []
    if len(found.forbidden):
        lines.append(f"Forbidden: {_pairs(found.forbidden, wiring)}.")
    if len(found.lost):
        lines.append(f"Lost: {_pairs(found.lost, wiring)}.")
    dead = sum(len(units) for units in found.dead_units)
    if dead:
        lines.append(
            f"{dead} hidden {'unit lies' if dead == 1 else 'units lie'} on no path from an input to an output."
        )
    return lines


def _pairs(pairs: Tensor, wiring: Wiring, limit: int = 3) -> str:
    shown = [
        f"{variable(j)} to {conditional(wiring.inputs, i, context=wiring.context > 0)}"
        for i, j in pairs[:limit].tolist()
    ]
    more = len(pairs) - limit
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
