"""Layers one after the other: a layer itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from tailormade.flows.layers.base import Layer
from tailormade.flows.layers.chains import Chains, is_few
from tailormade.flows.layers.linear import LULinear
from tailormade.flows.layers.normalisation import ActivationNorm, BatchNorm
from tailormade.flows.layers.standardise import Standardise

_NORMALISATIONS: dict[str, type[Layer]] = {"activation": ActivationNorm, "batch": BatchNorm}
_ROWS = 4096  # taken through a layer at once


class Stack(Layer):
    """Compose layers, the first of which is next to the data.

    Args:
        layers: From data to noise.

    Example:
        >>> stack = Stack([Standardise(1), LULinear(1)])
        >>> stack.adapt(torch.tensor([[10.0], [14.0]]))
        >>> z, log_det = stack.to_noise(torch.tensor([[16.0]]), None)
        >>> z.item(), round(log_det.item(), 4)  # -log 2
        (2.0, -0.6931)
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self._chains = Chains()

    def __iter__(self) -> Iterator[Layer]:
        """Iterate from data to noise."""
        return cast(Iterator[Layer], iter(self.layers))

    def __reversed__(self) -> Iterator[Layer]:
        """Iterate from noise to data."""
        return cast(Iterator[Layer], reversed(self.layers))

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Go through all layers, adding up their log-dets."""
        total = x.new_zeros(())
        for layer in self:
            x, ladj = layer.to_noise(x, context)
            total = total + ladj
        return x, total

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Go through all layers, adding up the parts of their log-dets."""
        total = x.new_zeros(())
        for layer in self:
            x, log_slopes = layer.to_noise_by_variable(x, context)
            total = total + log_slopes
        return x, total

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Go back through all layers."""
        if is_few(z, context):
            return self._chains.to_data(reversed(self), z, context)
        for layer in reversed(self):
            z = layer.to_data(z, context)
        return z

    def to_data_and_ladj(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Go back through all layers, adding up their log-dets."""
        total = z.new_zeros(())
        for layer in reversed(self):
            z, ladj = layer.to_data_and_ladj(z, context)
            total = total + ladj
        return z, total

    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Let every layer read off the rows that reach it what it starts from."""
        self._visit(x, context, lambda layer: layer.adapts, lambda layer, rows: layer.adapt(rows, context))

    def settle(self, x: Tensor, context: Tensor | None = None) -> None:
        """Let every layer store its statistics, those before it having done so."""
        self._visit(x, context, lambda layer: layer.settles, lambda layer, rows: layer.settle(rows, context))

    def _visit(
        self,
        x: Tensor,
        context: Tensor | None,
        wanted: Callable[[Layer], bool],
        visit: Callable[[Layer, Tensor], None],
    ) -> None:
        """Visit wanted layers with all rows as they reach them, in evaluation mode; go no further than the last."""
        last = max((i for i, layer in enumerate(self) if wanted(layer)), default=-1)
        training = self.training
        self.eval()
        for i, layer in enumerate(list(self)[: last + 1]):
            if wanted(layer):
                visit(layer, x)
            x = all_to_noise(layer, x, context) if i < last else x
        self.train(training)


@torch.no_grad()
def all_to_noise(layer: Layer, x: Tensor, context: Tensor | None) -> Tensor:
    """Take many rows ``(rows, D)`` through a layer, block by block."""
    contexts: Sequence[Tensor | None] = [None] * len(x) if context is None else context.split(_ROWS)
    return torch.cat([layer.to_noise(rows, c)[0] for rows, c in zip(x.split(_ROWS), contexts, strict=False)])


def build_stack(
    features: int, transforms: Sequence[Layer], normalisation: str | None, *, linear: bool, standardise: bool
) -> Stack:
    """Return transforms with standardisation before, normalisation after each, and linear maps between them.

    Raises:
        ValueError: If the normalisation is unknown.

    Example:
        >>> stack = build_stack(2, [LULinear(2)], "batch", linear=False, standardise=True)
        >>> [type(layer).__name__ for layer in stack]
        ['Standardise', 'LULinear', 'BatchNorm']
    """
    if normalisation is not None and normalisation not in _NORMALISATIONS:
        raise ValueError(f"normalisation: expected one of {sorted(_NORMALISATIONS)} or None, got {normalisation!r}.")
    layers: list[Layer] = [Standardise(features)] if standardise else []
    for i, transform in enumerate(transforms):
        layers += [LULinear(features)] if linear and i else []
        layers += [transform, *([_NORMALISATIONS[normalisation](features)] if normalisation else [])]
    return Stack(layers)
