"""What is maximised: the joint log-likelihood of one component of a model, which of a flow is the whole of it."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Union

import torch
from torch import Tensor, nn

from tailormade.density import MADE
from tailormade.masks import Degrees

if TYPE_CHECKING:
    from tailormade.flows import Flow

Model = Union[MADE, "Flow"]
Component = Degrees | None  # one connectivity of a MADE, or a flow


def components_of(model: Model) -> Sequence[Component]:
    """Return the components that a model mixes with equal weights.

    Example:
        >>> len(components_of(MADE(3, orders=2, seed=0)))
        2
    """
    return list(model.table) if isinstance(model, MADE) else [None]


def component_log_prob(
    model: Model,
    x: Tensor,
    context: Tensor | None,
    component: Component,
    evidence: Tensor | None = None,
    shift: Tensor | None = None,
) -> Tensor:
    """Return ``log p_k(x | c)`` in nats, shape ``(*)``; of the rest, given evidence; of images that were shifted.

    Raises:
        TypeError: If a flow is given evidence or a component, or a MADE none.

    Example:
        >>> import torch
        >>> model = MADE(3, seed=0)
        >>> component_log_prob(model, torch.zeros(5, 3), None, model.table[0]).shape
        torch.Size([5])
    """
    if isinstance(model, MADE) and component is not None:
        return model.conditional_log_probs(x, context, component, evidence, shift).sum(-1)
    if isinstance(model, MADE) or component is not None or evidence is not None or shift is not None:
        raise TypeError("component: expected one of a MADE's, or None and neither evidence nor shift for a flow.")
    return model.log_prob(x, context)


class NegativeLogLikelihood(nn.Module):
    """Return each row's NLL from ``forward``, with all of its arithmetic in one precision.

    Args:
        model: Whose NLL.
        precision: ``'float32'`` for that of the model, ``'bf16'`` for products of matrices in bfloat16.

    Example:
        >>> import torch
        >>> model = MADE(3, seed=0)
        >>> NegativeLogLikelihood(model, "bf16")(torch.zeros(5, 3), None, model.table[0]).dtype
        torch.float32
    """

    model: Model

    def __init__(self, model: Model, precision: str = "float32") -> None:
        super().__init__()
        self.model, self.autocast = model, precision == "bf16"

    def forward(
        self,
        x: Tensor,
        context: Tensor | None,
        component: Component,
        evidence: Tensor | None = None,
        shift: Tensor | None = None,
    ) -> Tensor:
        """Return ``-log p(x | c)`` in nats under one component, shape ``(rows,)``; see :func:`component_log_prob`."""
        with torch.autocast(x.device.type, torch.bfloat16) if self.autocast else nullcontext():
            return -component_log_prob(self.model, x, context, component, evidence, shift)
