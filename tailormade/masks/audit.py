r"""The audit: which dependencies a network realises, which it lost, and which units are dead.

Input ``j`` can influence output ``i`` if and only if the boolean product of the masks has a path (1). With a
residual block ``h + B₂B₁h`` the product gains the identity, with a direct connection the direct mask (2).
What the order allows is ``d(j) < d(i)`` (3); a *lost* dependency is in (3) but not in (1), a *forbidden* one
the reverse, which would break the factorisation. Gradients would not do for this: a ReLU that happens to be
off makes a connected network look disconnected.

Lost dependencies can be counted without any matrix. The lowest degree that input ``j`` reaches in the last
hidden layer is ``f(d(j))``, found by taking in every layer the smallest degree that is not lower (4); output
``i`` is reached iff ``f(d(j)) < d(i)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from tailormade.masks.degrees import Degrees, weight_mask
from tailormade.masks.orders import OrderLike, create_input_order


@dataclass(frozen=True)
class Audit:
    """Hold what an audit found; print it for a table.

    Attributes:
        allowed: ``(D, D)``; row i, column j: the order allows output i to depend on input j.
        realised: ``(D, D)``; there is a path from input j to output i.
        dead_units: For each hidden layer the units with no path from an input, or none to an output.
        context_reaches: ``(D,)``, whether context reaches each output; ``None`` without context.
    """

    allowed: Tensor
    realised: Tensor
    dead_units: tuple[tuple[int, ...], ...]
    context_reaches: Tensor | None = None

    @property
    def lost(self) -> Tensor:
        """Pairs ``(output, input)`` allowed but not realised, shape ``(n, 2)``."""
        return torch.nonzero(self.allowed & ~self.realised)

    @property
    def forbidden(self) -> Tensor:
        """Pairs ``(output, input)`` realised but not allowed, shape ``(n, 2)``: must be empty."""
        return torch.nonzero(self.realised & ~self.allowed)

    def __str__(self) -> str:
        """Return the table."""
        pairs, lost = int(self.allowed.sum()), len(self.lost)
        rows = [
            ("dependencies allowed by the order", f"{pairs}"),
            ("realised", f"{pairs - lost}"),
            ("lost", f"{lost}{_examples(self.lost)}"),
            ("forbidden", f"{len(self.forbidden)}{_examples(self.forbidden)}"),
        ]
        rows += [(f"dead units in hidden layer {i + 1}", f"{len(d)}") for i, d in enumerate(self.dead_units)]
        if self.context_reaches is not None:
            reached = int(self.context_reaches.sum())
            rows.append(("variables that context reaches", f"{reached} of {len(self.context_reaches)}"))
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _examples(pairs: Tensor) -> str:
    shown = ", ".join(f"x{j} to output {i}" for i, j in pairs[:3].tolist())
    return f" ({shown}{', ...' if len(pairs) > 3 else ''})" if shown else ""


class Auditable(Protocol):
    """A model that can say how its units are connected."""

    def audit_masks(self, component: int = 0) -> "AuditMasks":
        """Return the masks of one of its orders."""


def audit(
    model_or_masks: Auditable | Sequence[Tensor], *, input_order: OrderLike = "left-to-right", component: int = 0
) -> Audit:
    """Audit a model, a masked network or a bare list of masks.

    Args:
        model_or_masks: A ``MADE``, ``AutoregressiveNetwork`` or ``MaskedSequential``, or masks of shapes
            ``(H_1, D)``, ..., ``(P D, H_L)`` whose outputs are interleaved (``i P + p`` belongs to variable i).
        input_order: For bare masks, the order they are meant to realise.
        component: Which of a model's orders to audit.

    Returns:
        An :class:`Audit`.

    Raises:
        TypeError: If the argument is neither a model nor masks.

    Example:
        >>> degrees = Degrees(torch.arange(1, 4), (torch.tensor([2, 2]),))
        >>> print(audit(degrees.masks()))
        dependencies allowed by the order  3
        realised                           2
        lost                               1 (x0 to output 1)
        forbidden                          0
        dead units in hidden layer 1       0
    """
    if not isinstance(model_or_masks, Sequence) and hasattr(model_or_masks, "audit_masks"):
        plan = model_or_masks.audit_masks(component)
    elif isinstance(model_or_masks, Sequence) and len(model_or_masks) > 0:
        features = model_or_masks[0].shape[1]
        degrees = create_input_order(features, input_order, allow_groups=True)
        plan = AuditMasks(tuple(m.bool() for m in model_or_masks), degrees)
    else:
        raise TypeError(
            f"model_or_masks: expected a tailormade model or a list of masks, got {type(model_or_masks).__name__}."
        )
    realised = _by_variable(reachability(plan.masks, residual=plan.residual, direct=plan.direct), plan.inputs)
    allowed = weight_mask(plan.inputs, plan.inputs, output=True)
    return Audit(allowed.cpu(), realised.cpu(), _dead_units(plan), plan.context_reaches)


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
    reach = masks[0].bool()
    inner, last = list(masks[1:-1]), masks[-1] if len(masks) > 1 else None
    while inner:
        if residual:
            reach = reach | _product(inner[1], _product(inner[0], reach))
            inner = inner[2:]
        else:
            reach = _product(inner.pop(0), reach)
    if last is not None:
        reach = _product(last, reach)
    return reach if direct is None else reach | direct.bool()


def _product(above: Tensor, below: Tensor) -> Tensor:
    return (above.float() @ below.float()) > 0


def _by_variable(reach: Tensor, inputs: Tensor) -> Tensor:
    features = len(inputs)
    if reach.shape[0] % features or reach.shape[1] != features:
        raise ValueError(
            f"masks: expected {features} inputs and a multiple of {features} outputs, got {tuple(reach.shape)[::-1]}."
        )
    return reach.unflatten(0, (features, -1)).any(1)


def _dead_units(plan: AuditMasks) -> tuple[tuple[int, ...], ...]:
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
