"""A stack of layers that passes degrees from one masked layer to the next.

The inputs have the degrees of the order; every ``MaskedLinear`` but the last gets hidden degrees by the rule,
the last repeats each variable's degree for its parameters, interleaved (output ``i P + p`` belongs to variable
``i``). A mask that is given stays, and its units count as having the largest degree they see.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tailormade.masks import AuditMasks, Degrees, audit, create_hidden_degrees, create_input_order, warn_lost
from tailormade.masks.degrees import weight_mask
from tailormade.masks.orders import OrderLike
from tailormade.nn.linear import MaskedLinear
from tailormade.nn.options import check_elementwise


class MaskedSequential(nn.Sequential):
    """Chain layers into an autoregressive network, setting the masks that are not given.

    Args:
        *layers: ``MaskedLinear`` layers and element-wise modules between them.
        input_order: Degrees of the inputs; see :func:`tailormade.masks.create_input_order`.
        hidden_degrees: ``'equal'`` or ``'random'``, for layers without degrees of their own.
        strict: Raise if the layers are too narrow for every dependency, instead of warning.
        generator: Source of anything random.

    Raises:
        ValueError: If there is no ``MaskedLinear``, the last one's width is no multiple of the inputs, or a module
            between them mixes units (a layer norm, a softmax, an unmasked linear layer).

    Example:
        >>> net = MaskedSequential(MaskedLinear(3, 8), nn.ELU(), MaskedLinear(8, 6))
        >>> net(torch.zeros(5, 3)).shape
        torch.Size([5, 6])
        >>> from tailormade.masks import audit
        >>> audit(net).realised.int().tolist()
        [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    """

    input_order: Tensor

    def __init__(
        self,
        *layers: nn.Module,
        input_order: OrderLike = "left-to-right",
        hidden_degrees: str = "equal",
        strict: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(*layers)
        masked = self.masked_layers()
        if not masked:
            raise ValueError("layers: expected at least one MaskedLinear, got none; nothing would be masked.")
        self._check_between()
        order = create_input_order(masked[0].in_features, input_order, allow_groups=True, generator=generator)
        self.register_buffer("input_order", order)
        below, hidden = order, []
        for layer in masked[:-1]:
            below = _set_hidden(layer, below, order, hidden_degrees, generator)
            hidden.append(below)
        _set_output(masked[-1], below, order)
        found = audit(self)  # counts masks that were given as they are
        warn_lost(len(found.lost), int(found.allowed.sum()), Degrees(order, tuple(hidden)), strict=strict)

    def _check_between(self) -> None:
        """Refuse modules that mix units: no mask would hold behind them."""
        width = None
        for i, layer in enumerate(self):
            if isinstance(layer, MaskedLinear):
                width = layer.out_features
            elif width is not None or self.masked_layers():
                check_elementwise(
                    f"layer {i} ({type(layer).__name__})", layer, width or self.masked_layers()[0].in_features
                )

    def masked_layers(self) -> Sequence[MaskedLinear]:
        """Return the masked layers in sequence."""
        return [layer for layer in self if isinstance(layer, MaskedLinear)]

    def audit_masks(self, component: int = 0) -> AuditMasks:
        """Return what :func:`tailormade.masks.audit` needs."""
        masks = [layer.mask for layer in self.masked_layers()]
        return AuditMasks(tuple(m for m in masks if m is not None), self.input_order)


def _set_hidden(
    layer: MaskedLinear, below: Tensor, order: Tensor, rule: str, generator: torch.Generator | None
) -> Tensor:
    if layer.mask is not None and layer.degrees is None:
        return torch.where(layer.mask.cpu(), below, 0).max(1).values
    if layer.degrees is None:
        reach = order.clamp(min=int(below.min()))
        layer.degrees = create_hidden_degrees(reach, [layer.out_features], rule, generator=generator)[0]
    if layer.mask is None:
        layer.set_mask(weight_mask(below, layer.degrees.cpu(), output=False))
    return layer.degrees.cpu()


def _set_output(layer: MaskedLinear, below: Tensor, order: Tensor) -> None:
    if layer.degrees is None:
        params, rest = divmod(layer.out_features, len(order))
        if rest:
            raise ValueError(
                f"layers: expected the last MaskedLinear to have a multiple of {len(order)} outputs, one set of "
                f"parameters for each variable, got {layer.out_features}; or give it degrees."
            )
        layer.degrees = order.repeat_interleave(params)
    if layer.mask is None:
        layer.set_mask(weight_mask(below, layer.degrees, output=True))
