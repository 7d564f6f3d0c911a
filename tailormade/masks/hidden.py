"""Hidden degrees: how a layer's units are spread over what they may see.

A layer of ``H`` units below an event of ``G`` distinct degrees has degrees in ``lo .. G-1`` (1), because a
unit of degree ``G`` reaches no output. ``lo`` is the smallest degree of the layer below, since a unit of a
lower degree would see nothing. 'equal' spaces them evenly, unit ``k`` of 1..H getting
``max(lo, ceil(k (G-1) / (H+1)))`` (2), TensorFlow Probability's rule to the integer. 'random' draws them, each
degree at least once where the width allows. With context, units of degree 0 carry a non-linear function of
it to the first variable (3); :func:`degree_zero_units` says how many.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HiddenRule = str | Sequence[Sequence[int] | Tensor | NDArray[np.integer]]

NAMED_RULES = ("equal", "random")


def create_hidden_degrees(
    input_degrees: Tensor,
    hidden_units: Sequence[int],
    rule: HiddenRule = "equal",
    *,
    degree_zero: int = 0,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, ...]:
    """Return the degrees of the units of every hidden layer.

    Args:
        input_degrees: Degrees of the variables, shape ``(D,)``.
        hidden_units: Widths of the hidden layers.
        rule: ``'equal'``, ``'random'``, or one sequence of degrees for each layer.
        degree_zero: Width of the context; 0 for none. With context each layer keeps units of degree 0.
        generator: Source of random degrees; torch's default generator if ``None``.

    Returns:
        One integer tensor of shape ``(H_l,)`` for each layer, in ascending order unless explicit.

    Raises:
        ValueError: If the rule is unknown or explicit degrees do not fit the layers.

    Example:
        >>> [m.tolist() for m in create_hidden_degrees(torch.arange(1, 4), [5, 3])]
        [[1, 1, 1, 2, 2], [1, 1, 2]]
    """
    last = int(input_degrees.max()) - 1
    if not isinstance(rule, str):
        return _explicit(rule, hidden_units, last)
    if rule not in NAMED_RULES:
        raise ValueError(
            f'Invalid hidden order: "{rule}". Expected one of {list(NAMED_RULES)} or the degrees of each layer.'
        )
    layers: list[Tensor] = []
    lowest = min(int(input_degrees.min()), last)
    for width in hidden_units:
        zeros = min(width, degree_zero_units(degree_zero, width, last + 1)) if degree_zero else 0
        rest = _draw(rule, width - zeros, lowest, last, generator)
        layers.append(torch.cat([torch.zeros(zeros, dtype=torch.long), rest]))
        lowest = min(lowest if not len(rest) else int(rest.min()), last)
    return tuple(layers)


def degree_zero_units(context: int, width: int, degrees: int) -> int:
    """Return how many of ``width`` hidden units get degree 0, that is, see the context alone.

    The even share of one degree in 0..G-1, and at least ``max(1, min(8 C, H/8))`` for a context of width C.

    Example:
        >>> degree_zero_units(context=2, width=500, degrees=784)
        16
        >>> degree_zero_units(context=1, width=32, degrees=3)
        10
    """
    return max(1, min(8 * context, width // 8), width // max(degrees, 1))


def _draw(rule: str, width: int, lowest: int, last: int, generator: torch.Generator | None) -> Tensor:
    if last < lowest or last == 0:  # one degree only: no hidden unit can reach an output
        return torch.full((width,), max(last, 0))
    if rule == "equal":
        k = torch.arange(1, width + 1)
        return torch.clamp(-(-k * last // (width + 1)), min=lowest)
    every = torch.arange(lowest, last + 1)
    every = every[torch.randperm(len(every), generator=generator)][:width]
    extra = torch.randint(lowest, last + 1, (width - len(every),), generator=generator)
    return torch.cat([every, extra]).sort().values


def _explicit(
    degrees: Sequence[Sequence[int] | Tensor | NDArray[np.integer]], hidden_units: Sequence[int], last: int
) -> tuple[Tensor, ...]:
    layers = tuple(torch.as_tensor(np.asarray(d).tolist(), dtype=torch.long) for d in degrees)
    widths = [len(layer) for layer in layers]
    if widths != list(hidden_units):
        raise ValueError(
            f"hidden_degrees: expected one degree for each unit of the layers {list(hidden_units)}, "
            f"got layers of {widths}."
        )
    for i, layer in enumerate(layers):
        if len(layer) and (int(layer.min()) < 0 or int(layer.max()) > max(last, 0)):
            raise ValueError(
                f"hidden_degrees: layer {i} has degrees {int(layer.min())}..{int(layer.max())}, expected 0..{last} "
                "(a unit of a higher degree reaches no output)."
            )
    return layers
