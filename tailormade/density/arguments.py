"""Arguments of ``MADE``, checked, and as a file holds them."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, cast

from torch import Tensor

from tailormade.conditionals import Conditional
from tailormade.density.orders import is_several
from tailormade.masks.hidden import HiddenRule
from tailormade.masks.orders import OrderLike


def checked_orders(orders: int | str) -> int | str:
    """Return a number of orders, or ``'any'``.

    Raises:
        ValueError: If it is neither.
    """
    if orders == "any":
        return orders
    if isinstance(orders, Integral) and not isinstance(orders, bool) and int(orders) >= 1:
        return int(orders)
    raise ValueError(f"orders: expected a number of at least 1 or 'any', got {orders!r}.")


def order_name(order: OrderLike | Sequence[OrderLike]) -> str | list[Any]:
    """Return what was asked for, as JSON; the order that was drawn is kept with the degrees."""
    if is_several(order):
        return [order_name(each) for each in order]
    return order if isinstance(order, str) else [int(degree) for degree in cast(Sequence[int], order)]


def rule_name(rule: HiddenRule) -> str:
    """Return the name of a rule of hidden degrees; degrees that were given are kept with the orders."""
    return rule if isinstance(rule, str) else "explicit"


def one_each(conditionals: Conditional | Sequence[Conditional], features: int) -> list[Conditional]:
    """Return one conditional for each of D variables.

    Raises:
        ValueError: If they are not as many, or none.
    """
    if isinstance(conditionals, Conditional):
        return [conditionals] * features
    given = list(conditionals)
    if len(given) != features or not all(isinstance(c, Conditional) for c in given):
        raise ValueError(f"conditionals: expected one conditional, or {features} of them, got {given}.")
    return given


def check_training_rows(x: Tensor, context: Tensor | None, features: int, width: int) -> None:
    """Check rows ``(rows, features)`` and contexts ``(rows, width)``, if there are some.

    Raises:
        ValueError: If they do not have these shapes.
    """
    if x.ndim != 2 or len(x) == 0 or x.shape[1] != features:
        raise ValueError(f"x: expected rows of shape (rows, {features}), got {tuple(x.shape)}.")
    if context is not None and tuple(context.shape) != (len(x), width):
        raise ValueError(f"context: expected shape {(len(x), width)}, got {tuple(context.shape)}.")
