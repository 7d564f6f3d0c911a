"""From what a user asks for to the degrees of a whole network.

The order gives the input degrees, the rule the hidden ones. A residual block adds its output to its input, so
both must carry the same degrees: with ``residual`` every hidden layer repeats the first one's (1). What the
result cannot express is counted here once, for every kind of network (2).
"""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.masks.degrees import Degrees
from tailormade.masks.hidden import HiddenRule, create_hidden_degrees, degree_zero_units
from tailormade.masks.orders import OrderLike, create_input_order
from tailormade.masks.reachability import AuditMasks, count_lost


class LostDependencyWarning(UserWarning):
    """Warn that a network is too narrow to realise every dependency its order allows."""


def create_degrees(
    features: int,
    hidden_units: Sequence[int],
    *,
    input_order: OrderLike = "left-to-right",
    hidden_degrees: HiddenRule = "equal",
    degree_zero: int = 0,
    residual: bool = False,
    allow_groups: bool = False,
    generator: torch.Generator | None = None,
) -> Degrees:
    """Return the degrees of a network of the given widths.

    Args:
        features: Number of variables D.
        hidden_units: Widths of the hidden layers; with ``residual`` all equal, one for the stream and one for
            each block after it.
        input_order: See :func:`~tailormade.masks.create_input_order`.
        hidden_degrees: See :func:`~tailormade.masks.create_hidden_degrees`.
        degree_zero: Width of the context that hidden units of degree 0 carry; 0 for none.
        residual: Give all hidden layers the same degrees, two layers for each block.
        allow_groups: Accept equal input degrees.
        generator: Source of anything random.

    Raises:
        ValueError: If the order, the rule or the widths do not fit together.

    Example:
        >>> create_degrees(3, (4, 4), residual=True).hidden
        (tensor([1, 1, 2, 2]), tensor([1, 1, 2, 2]), tensor([1, 1, 2, 2]))
    """
    if features < 1:
        raise ValueError(f"features: expected at least 1 variable, got {features}.")
    order = create_input_order(features, input_order, allow_groups=allow_groups, generator=generator)
    hidden = create_hidden_degrees(order, hidden_units, hidden_degrees, degree_zero=degree_zero, generator=generator)
    if residual and hidden:
        hidden = (_same(hidden, hidden_units, explicit=not isinstance(hidden_degrees, str)),) * (2 * len(hidden) - 1)
    return Degrees(order, hidden)


def _same(hidden: tuple[Tensor, ...], hidden_units: Sequence[int], *, explicit: bool) -> Tensor:
    if len(set(hidden_units)) > 1:
        raise ValueError(f"hidden_units: expected equal widths with residual=True, got {list(hidden_units)}.")
    if explicit and any(not torch.equal(hidden[0], layer) for layer in hidden):
        raise ValueError("hidden_degrees: expected the same degrees in every layer with residual=True.")
    return hidden[0]


def report_lost(degrees: Sequence[Degrees], *, direct: bool = False, strict: bool = False, context: int = 0) -> int:
    """Warn once about dependencies that the given connectivities lose; raise if ``strict``.

    Args:
        degrees: The connectivities.
        direct: Whether a direct connection realises every dependency.
        strict: Raise instead of warn.
        context: Width of the context that units of degree 0 carry, for the advice.

    Returns:
        The number of lost dependencies, summed over the connectivities.

    Raises:
        ValueError: If any is lost and ``strict``.
    """
    counts = [count_lost(d, direct=direct) for d in degrees]
    lost, allowed = sum(n for n, _ in counts), sum(n for _, n in counts)
    warn_lost(lost, allowed, degrees[0], strict=strict, context=context)
    return lost


def warn_lost(lost: int, allowed: int, degrees: Degrees, *, strict: bool = False, context: int = 0) -> None:
    """Warn that ``lost`` of ``allowed`` dependencies are lost, if any is; raise if ``strict``.

    Raises:
        ValueError: If any is lost and ``strict``.
    """
    if not lost:
        return
    widths = [len(layer) for layer in degrees.hidden]
    message = (
        f"hidden_units: layers of {widths} units lose {lost} of {allowed} dependencies among {degrees.features} "
        "variables (see tailormade.masks.audit). Widen every hidden layer to at least "
        f"{_sufficient_width(degrees.groups, context)} units with hidden_degrees='equal', or set direct=True where it "
        "is offered."
    )
    if strict:
        raise ValueError(message)
    warnings.warn(message, LostDependencyWarning, stacklevel=4)


def warn_blind(plan: AuditMasks, advice: str) -> None:
    """Warn about variables that context does not reach."""
    if plan.context_reaches is not None and not bool(plan.context_reaches.all()):
        blind = torch.nonzero(~plan.context_reaches).flatten().tolist()
        warnings.warn(f"the params of variables {blind} ignore the context: {advice}.", stacklevel=4)


def _sufficient_width(groups: int, context: int) -> int:
    """The smallest width whose equal hidden degrees take every value in 1..G-1, beside those for the context."""
    width = groups - 1
    while context and width - degree_zero_units(context, width, groups) < groups - 1:
        width += 1
    return width
