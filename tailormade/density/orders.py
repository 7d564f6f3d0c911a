"""Drawing the connectivities of a density: its own, those of a mixture, and fresh ones for any order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard, cast

import torch
from torch import Tensor

from tailormade.density.sweeps import outwards, rank, sweep
from tailormade.masks import Degrees, create_degrees
from tailormade.masks.hidden import HiddenRule
from tailormade.masks.orders import OrderLike, create_input_order

ANY_ORDER_COMPONENTS = 16  # orders in the mixture that stands for orders='any'


@dataclass(frozen=True)
class OrderSource:
    """Draw degrees for one architecture.

    Args:
        features: Number of variables D.
        hidden_units: Widths of the hidden layers.
        hidden_degrees: Rule of the hidden degrees; 'random' is drawn anew with every order.
        context: Width of the context, carried by units of degree 0.
        residual: Whether hidden layers are residual blocks.
        image: Rows and columns of an image, whose random orders sweep across it.
    """

    features: int
    hidden_units: Sequence[int]
    hidden_degrees: HiddenRule
    context: int
    residual: bool
    image: Sequence[int] | None = None

    def degrees(self, order: OrderLike, generator: torch.Generator | None = None) -> Degrees:
        """Return the degrees for a given input order."""
        return create_degrees(
            self.features,
            self.hidden_units,
            input_order=order,
            hidden_degrees=self.hidden_degrees,
            degree_zero=self.context,
            residual=self.residual,
            allow_groups=True,
            generator=generator,
        )

    def fresh(self, like: Degrees, generator: torch.Generator | None = None) -> Degrees:
        """Draw a random order of the same groups as ``like``.

        Equal hidden degrees stay as they are, so that only inputs and outputs are permuted.
        """
        if self.image is not None:
            order = sweep(self.image, generator).to(like.inputs.device)
        else:
            places = torch.randperm(like.groups, generator=generator).to(like.inputs.device) + 1
            order = places[like.inputs - 1]
        if self.hidden_degrees == "random":
            drawn = self.degrees(order.cpu(), generator)
            return Degrees(order, tuple(layer.to(order.device) for layer in drawn.hidden))
        return replace(like, inputs=order)

    def reordered(self, like: Degrees, order: OrderLike) -> Degrees:
        """Return ``like`` with its variables in the given order."""
        inputs = create_input_order(self.features, order, allow_groups=True)
        if not torch.equal(inputs.unique(), like.inputs.cpu().unique()):
            raise ValueError(f"order: expected the degrees 1..{like.groups}, got 1..{int(inputs.max())}.")
        return replace(like, inputs=inputs.to(like.inputs.device))

    def evidence_first(self, stored: Sequence[Degrees], observed: Tensor, turn: int = 0) -> Degrees:
        """Return a connectivity with the observed variables first, as far as groups allow; ``turn`` picks one way.

        Pixels are completed from the evidence outwards. Other variables keep the sequence of a stored order: of each
        in turn, the first one last, and then at random. The first is often one such as 'left-to-right', whose
        beginnings are unlike those of random orders, so that a network trained on these answers worse by it.

        Args:
            stored: Connectivities of the same groups.
            observed: Boolean, shape ``(D,)``.
            turn: Which of the many such orders, from 0.
        """
        if self.image is not None:
            inputs = outwards(self.image, observed.cpu(), turn).to(stored[0].inputs.device)
            return replace(stored[0], inputs=inputs)
        like = replace(stored[0], inputs=stored[(turn + 1) % len(stored)].inputs)
        size = torch.bincount(like.inputs)
        seen = torch.bincount(like.inputs, weights=observed.to(like.inputs.device).double())
        unseen = 1 - seen / size.clamp(min=1)  # 0 for groups that are all observed, 1 for those with nothing observed
        places = rank(unseen[1:], turn if turn >= len(stored) else 0)
        return replace(like, inputs=places[like.inputs - 1])

    def stored(self, order: "OrderLike | Sequence[OrderLike]", orders: int | str) -> list[Degrees]:
        """Return the connectivities that a model stores; those of any order can be exchanged for each other."""
        rows = self.table(order, _stored_count(orders, order))
        if orders == "any":
            _check_same_groups(rows)
        return rows

    def table(self, order: "OrderLike | Sequence[OrderLike]", count: int) -> list[Degrees]:
        """Return ``count`` connectivities: the given order first, then random ones; or those of as many orders.

        Raises:
            ValueError: If several orders are given, but not as many as there are.
        """
        if is_several(order):
            if len(order) != count:
                raise ValueError(f"input_order: expected one, or one for each of {count} orders, got {len(order)}.")
            return [self.degrees(each) for each in order]
        first = self.degrees(first_order(order))
        return [first] + [self.fresh(first) for _ in range(count - 1)]


def _stored_count(orders: int | str, order: "OrderLike | Sequence[OrderLike]") -> int:
    """Return how many orders a model stores: K, or of any order those that are given, or else 16.

    Example:
        >>> _stored_count("any", "random"), _stored_count("any", [[2, 1], "random"]), _stored_count(3, "random")
        (16, 2, 3)
    """
    if orders != "any":
        return int(orders)
    return len(order) if is_several(order) else ANY_ORDER_COMPONENTS


def _check_same_groups(rows: Sequence[Degrees]) -> None:
    """Check that orders can be exchanged for each other.

    Raises:
        ValueError: If they have different numbers of groups.
    """
    groups = sorted({row.groups for row in rows})
    if len(groups) > 1:
        raise ValueError(f"input_order: expected orders with as many groups each for orders='any', got {groups}.")


def first_order(order: "OrderLike | Sequence[OrderLike]") -> OrderLike:
    """Return an order, or the first of several."""
    return order[0] if is_several(order) else cast(OrderLike, order)


def is_several(order: "OrderLike | Sequence[OrderLike]") -> TypeGuard[Sequence[OrderLike]]:
    """Return whether these are several orders, and not one.

    Example:
        >>> is_several([2, 1]), is_several([[2, 1], "random"]), is_several("random")
        (False, True, False)
    """
    return isinstance(order, list | tuple) and len(order) > 0 and isinstance(order[0], str | list | tuple)
