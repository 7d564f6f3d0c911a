"""How a question about a density is put: which components answer.

A mixture answers as it is. A family of orders answers with connectivities in whose orders the observed variables come
first, so that ``p(u | e) = Π_i p(u_i | u_<i, e)`` (1) needs no sum over what is unknown.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from tailormade.masks import Degrees
from tailormade.queries import comes_first

if TYPE_CHECKING:
    from tailormade.density.made import MADE


def answering(
    model: "MADE", components: Sequence[Degrees], observed: Tensor, *, family: bool, orders: int
) -> tuple[Sequence[Degrees], str]:
    """Return the components that answer a question, and whose density that is.

    Args:
        model: The model that is asked.
        components: Those that its density mixes.
        observed: Boolean, shape ``(D,)``.
        family: Whether they stand for all orders, so that others may answer.
        orders: Number of orders with the evidence first whose mixture answers then.

    Raises:
        ValueError: If ``orders`` is below 1, or above 1 where this is no family.
    """
    if orders < 1 or (orders > 1 and not family):
        raise ValueError(
            f"orders: expected 1, or more where this is a family of orders (orders='any', none named), got {orders}."
        )
    if not family or not bool(observed.any()):
        return components, mixture_name(components)
    found = [model.evidence_first(observed, turn) for turn in range(orders)]
    far = "" if comes_first(found[0], observed) else " as far as its groups allow"
    what = "density of one order" if orders == 1 else f"mixture of {orders} orders"
    stored = mixture_name(components) if len(components) > 1 else "that of the stored order"
    return found, f"the {what} with the evidence first{far}, not {stored}"


def mixture_name(components: Sequence[Degrees]) -> str:
    """Say whose density components make."""
    return "the density of one order" if len(components) == 1 else f"the mixture over {len(components)} orders"
