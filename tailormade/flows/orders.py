"""The input orders of a flow's transforms."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from tailormade.masks.orders import OrderLike

_TURNS: dict[str, tuple[str, ...]] = {
    "fixed": ("left-to-right",),
    "random": ("random",),
    "reversed": ("left-to-right", "right-to-left"),
}


def orders_of_transforms(orders: str | Sequence[OrderLike], transforms: int) -> list[OrderLike]:
    """Return the input order of each transform.

    Args:
        orders: ``'reversed'`` (every other one), ``'random'`` (drawn for each), ``'fixed'``, or one order for each.
        transforms: Number of transforms T.

    Raises:
        ValueError: If the name is unknown, there are not T orders, or T is below 1.
        TypeError: If they are neither a name nor a sequence of orders.

    Example:
        >>> orders_of_transforms("reversed", 3)
        ['left-to-right', 'right-to-left', 'left-to-right']
    """
    if transforms < 1:
        raise ValueError(f"transforms: expected at least 1, got {transforms}.")
    if not isinstance(orders, str):
        if not isinstance(orders, Sequence | Tensor | np.ndarray):
            raise TypeError(
                f"orders: expected one of {sorted(_TURNS)} or one order for each transform, got {orders!r}."
            )
        if len(orders) != transforms:
            raise ValueError(f"orders: expected one for each of {transforms} transforms, got {len(orders)}.")
        for number, order in enumerate(orders):
            if not isinstance(order, str | Sequence | Tensor | np.ndarray):
                raise TypeError(
                    f"orders: expected a list with a name or the degrees of all variables for each transform, got "
                    f"{order!r} at {number}."
                )
        return list(orders)
    if orders not in _TURNS:
        raise ValueError(f"orders: expected one of {sorted(_TURNS)} or a list of orders, got {orders!r}.")
    return [_TURNS[orders][i % len(_TURNS[orders])] for i in range(transforms)]


def orders_as_json(orders: str | Sequence[OrderLike]) -> str | list[str | list[int]]:
    """Return what was asked for, as JSON; orders that were drawn are kept with the degrees."""
    if isinstance(orders, str):
        return orders
    return [order if isinstance(order, str) else [int(degree) for degree in order] for order in orders]
