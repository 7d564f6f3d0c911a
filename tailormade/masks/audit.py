r"""The audit: which dependencies a network realises, which it lost, and which units are dead.

What is realised is where the masks have a path from input ``j`` to output ``i`` (:mod:`.reachability`). What the order
allows is ``d(j) < d(i)`` (1); a *lost* dependency is in (1) without a path, a *forbidden* one has a path without
being in (1), which would break the factorisation. Gradients would not do for this: a ReLU that happens to be off
makes a connected network look disconnected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from tailormade.masks.degrees import weight_mask
from tailormade.masks.orders import OrderLike, create_input_order
from tailormade.masks.reachability import AuditMasks, dead_units, reachability


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

    def audit_masks(self, component: int = 0) -> AuditMasks:
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
        >>> from tailormade.masks import Degrees
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
    return Audit(allowed.cpu(), realised.cpu(), dead_units(plan), plan.context_reaches)


def _by_variable(reach: Tensor, inputs: Tensor) -> Tensor:
    features = len(inputs)
    if reach.shape[0] % features or reach.shape[1] != features:
        raise ValueError(
            f"masks: expected {features} inputs and a multiple of {features} outputs, got {tuple(reach.shape)[::-1]}."
        )
    return reach.unflatten(0, (features, -1)).any(1)
