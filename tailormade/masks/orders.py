"""Input orders: which degree each variable has.

``input_order[i]`` is the degree *of* variable ``i`` (TFP, pytorch-made, zuko). The other common convention,
Pyro's "permutation", lists the variables in the sequence in which they are generated; the two are inverse
permutations of each other up to the offset of one. Equal degrees make a *group*: its members are not
conditioned on each other.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

OrderLike = str | Sequence[int] | Tensor | NDArray[np.integer]

NAMED_ORDERS = ("left-to-right", "right-to-left", "random")


def create_input_order(
    features: int,
    order: OrderLike = "left-to-right",
    *,
    allow_groups: bool = False,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return the degree of every variable.

    Args:
        features: Number of variables D.
        order: ``'left-to-right'`` (1..D), ``'right-to-left'`` (D..1), ``'random'``, or the degrees themselves.
        allow_groups: Accept equal degrees, as long as they are 1..G without a gap.
        generator: Source of the random order; torch's default generator if ``None``.

    Returns:
        Integer tensor of shape ``(D,)``.

    Raises:
        ValueError: If the order is neither a known name nor the degrees of D variables.

    Example:
        >>> create_input_order(4, "right-to-left").tolist()
        [4, 3, 2, 1]
        >>> create_input_order(4, [1, 1, 2, 2], allow_groups=True).tolist()
        [1, 1, 2, 2]
    """
    if isinstance(order, str):
        return _named_order(features, order, generator)
    degrees = _as_degrees(order)
    if degrees is None or len(degrees) != features or not _is_complete(degrees, allow_groups):
        wanted = "degrees 1..G without a gap" if allow_groups else "a permutation of 1..D"
        raise ValueError(
            f'Invalid input order: "{order}". Expected one of {list(NAMED_ORDERS)} or {wanted} '
            f"for D = {features} variables (input_order[i] is the degree of variable i)."
        )
    return degrees.long()


def _as_degrees(order: OrderLike) -> Tensor | None:
    """The order as a vector of numbers, ``None`` if it is nothing of the kind."""
    try:
        array = order.detach().cpu() if isinstance(order, Tensor) else torch.from_numpy(np.asarray(order).copy())
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 else None


def _named_order(features: int, name: str, generator: torch.Generator | None) -> Tensor:
    forward = torch.arange(1, features + 1)
    if name == "left-to-right":
        return forward
    if name == "right-to-left":
        return forward.flip(0)
    if name == "random":
        return torch.randperm(features, generator=generator) + 1
    raise ValueError(f'Invalid input order: "{name}". Expected one of {list(NAMED_ORDERS)} or a list of degrees.')


def _is_complete(degrees: Tensor, allow_groups: bool) -> bool:
    if degrees.is_floating_point() and not bool((degrees == degrees.round()).all()):
        return False
    present = torch.unique(degrees)
    if not allow_groups and len(present) != len(degrees):
        return False
    return torch.equal(present.long(), torch.arange(1, len(present) + 1))


def order_from_sequence(sequence: OrderLike) -> Tensor:
    """Turn a sequence of variables (Pyro's permutation, from 0) into degrees (from 1).

    Raises:
        ValueError: If the sequence is not a permutation of 0..D-1.

    Example:
        >>> order_from_sequence([2, 0, 1]).tolist()   # x2 comes first, so it has degree 1
        [2, 3, 1]
    """
    variables = torch.as_tensor(np.asarray(sequence).tolist())
    if not torch.equal(variables.sort().values, torch.arange(len(variables))):
        raise ValueError(f"sequence: expected a permutation of 0..{len(variables) - 1}, got {variables.tolist()}.")
    return torch.argsort(variables) + 1


def sequence_from_order(input_order: Tensor) -> Tensor:
    """Return the variables in the sequence in which they are generated: the inverse of the order.

    Example:
        >>> sequence_from_order(torch.tensor([2, 3, 1])).tolist()
        [2, 0, 1]
    """
    return torch.argsort(input_order, stable=True)
