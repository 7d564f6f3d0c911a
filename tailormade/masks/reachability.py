r"""Paths through masks: what reaches what, which units no path uses, and how many dependencies are lost.

Input ``j`` can influence output ``i`` if and only if the boolean product of the masks has a path (1). With a
residual block ``h + B₂B₁h`` the product gains the identity, with a direct connection the direct mask (2).

Lost dependencies can be counted without any matrix. The lowest degree that input ``j`` reaches in the last
hidden layer is ``f(d(j))``, found by taking in every layer the smallest degree that is not lower (3); output
``i`` is reached iff ``f(d(j)) < d(i)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tailormade.masks.degrees import Degrees

_CELLS = 2**23  # of pairs of variables looked at together


@dataclass(frozen=True)
class AuditMasks:
    """What a model hands to the audit.

    Attributes:
        masks: Masks of the successive layers, each ``(n_above, n_below)``.
        inputs: Degrees of the variables, shape ``(D,)``.
        residual: Whether the masks between the first and the last come in pairs around which a block skips.
        direct: Mask of the direct connection, or ``None``.
        context_units: For each hidden layer, whether context enters its units directly; shape ``(H_l,)``.
        context_reaches: ``(D,)``, whether context reaches each output; ``None`` without context.
    """

    masks: tuple[Tensor, ...]
    inputs: Tensor
    residual: bool = False
    direct: Tensor | None = None
    context_units: tuple[Tensor, ...] | None = None
    context_reaches: Tensor | None = None


def reachability(masks: Sequence[Tensor], *, residual: bool = False, direct: Tensor | None = None) -> Tensor:
    """Return the boolean product of masks: where a path leads from an input to an output.

    Args:
        masks: Masks ``(n_above, n_below)`` of the successive layers.
        residual: Whether all masks but the first and last are pairs inside residual blocks.
        direct: Mask of a direct connection from the inputs to the outputs.

    Returns:
        Boolean tensor of shape ``(n_outputs, n_inputs)``.
    """
    reach = masks[0].bool() if len(masks) == 1 else _product(masks[-1], _hidden_reach(masks, residual=residual))
    return reach if direct is None else reach | direct.bool()


def _hidden_reach(masks: Sequence[Tensor], *, residual: bool) -> Tensor:
    """Where a path leads from an input to a unit of the last hidden layer."""
    reach, inner = masks[0].bool(), list(masks[1:-1])
    while inner:
        if residual:
            reach = reach | _product(inner[1], _product(inner[0], reach))
            inner = inner[2:]
        else:
            reach = _product(inner.pop(0), reach)
    return reach


def count_wrong(plan: AuditMasks) -> tuple[int, int]:
    """Count lost and forbidden dependencies from the masks, without a matrix of all pairs of variables.

    Args:
        plan: Masks with one output for each variable.

    Returns:
        ``(lost, forbidden)``.

    Example:
        >>> degrees = Degrees(torch.arange(1, 4), (torch.tensor([2, 2]),))
        >>> count_wrong(AuditMasks(tuple(degrees.masks()), degrees.inputs))
        (1, 0)
    """
    hidden = None if len(plan.masks) == 1 else _hidden_reach(plan.masks, residual=plan.residual)
    lost = forbidden = 0
    for rows in torch.arange(len(plan.inputs)).split(max(1, _CELLS // len(plan.inputs))):
        last = plan.masks[-1][rows]
        realised = last.bool() if hidden is None else _product(last, hidden)
        realised = realised if plan.direct is None else realised | plan.direct[rows]
        allowed = plan.inputs < plan.inputs[rows, None]
        lost += int((allowed & ~realised).sum())
        forbidden += int((realised & ~allowed).sum())
    return lost, forbidden


def _product(above: Tensor, below: Tensor) -> Tensor:
    return (above.float() @ below.float()) > 0


def dead_units(plan: AuditMasks) -> tuple[tuple[int, ...], ...]:
    """For each hidden layer, the units with no path from an input or context, or none to an output."""
    pairs = zip(_seen(plan), _used(plan), strict=True)
    return tuple(tuple(torch.nonzero(~(seen & used)).flatten().tolist()) for seen, used in pairs)


def _seen(plan: AuditMasks) -> list[Tensor]:
    """For each hidden layer, which units an input or the context reaches."""
    seen: list[Tensor] = []
    below = torch.ones(len(plan.inputs), dtype=torch.bool, device=plan.inputs.device)
    for i, mask in enumerate(plan.masks[:-1]):
        below = (mask & below).any(1)
        if plan.context_units is not None:
            below = below | plan.context_units[i]
        if plan.residual and i >= 2 and i % 2 == 0:  # a block's exit keeps what its entry had
            below = below | seen[i - 2]
        seen.append(below)
    return seen


def _used(plan: AuditMasks) -> list[Tensor]:
    """For each hidden layer, which units reach an output."""
    layers = len(plan.masks) - 1
    used = [torch.ones(plan.masks[-1].shape[0], dtype=torch.bool, device=plan.inputs.device)]
    for i in range(layers - 1, -1, -1):
        unit = (plan.masks[i + 1] & used[0][:, None]).any(0)
        if plan.residual and i % 2 == 0 and i + 2 < layers:
            unit = unit | used[1]
        used.insert(0, unit)
    return used[:-1]


def count_lost(degrees: Degrees, *, direct: bool = False) -> tuple[int, int]:
    """Count lost dependencies from degrees alone, without building a matrix.

    Args:
        degrees: Degrees of the variables and hidden units.
        direct: Whether a direct connection realises every allowed dependency (if only linearly).

    Returns:
        ``(lost, allowed)``.

    Example:
        >>> order = torch.arange(1, 785)
        >>> from tailormade.masks import create_hidden_degrees
        >>> count_lost(Degrees(order, create_hidden_degrees(order, [500])))
        (283, 306936)
    """
    ordered = degrees.inputs.sort().values
    lowest = ordered
    for layer in degrees.hidden:
        values = torch.cat([layer.sort().values, layer.new_full((1,), degrees.groups)])
        lowest = values[torch.searchsorted(values, lowest).clamp(max=len(values) - 1)]
    allowed = len(ordered) - torch.searchsorted(ordered, ordered, right=True)
    reached = len(ordered) - torch.searchsorted(ordered, lowest, right=True)
    lost = 0 if direct else int((allowed - reached).sum())
    return lost, int(allowed.sum())
