"""Initialisers, regularisers and constraints of a masked network, on the weights as they effectively are.

A regulariser that saw raw weights would count entries no path uses, and a norm constraint would shrink used weights
for the sake of unused ones. All rules therefore work on the pairs (layer, effective weight).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tailormade.masks import Degrees
from tailormade.nn.masked_network import MaskedNetwork
from tailormade.nn.options import CONSTRAINTS, INITIALIZERS, REGULARIZERS, Option, resolve


@dataclass
class WeightRules:
    """Hold TFP's six options about weights; see :class:`tailormade.AutoregressiveNetwork`.

    Raises:
        ValueError: If a name is unknown.
        TypeError: If an option is neither a name nor callable.
    """

    kernel_initializer: Option
    bias_initializer: Option
    kernel_regularizer: Option
    bias_regularizer: Option
    kernel_constraint: Option
    bias_constraint: Option
    _projected: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Resolve names."""
        for kind, known in (("initializer", INITIALIZERS), ("regularizer", REGULARIZERS), ("constraint", CONSTRAINTS)):
            for part in ("kernel", "bias"):
                name = f"{part}_{kind}"
                setattr(self, name, resolve(name, getattr(self, name), known))

    @torch.no_grad()
    def initialize(self, network: MaskedNetwork) -> None:
        """Fill all parameters, on the full dense shape of each weight."""
        for layer in _linear_layers(network):
            _write(layer.weight, self.kernel_initializer, layer.weight)
            _write(layer.bias, self.bias_initializer, layer.bias)

    def loss(self, network: MaskedNetwork, degrees: Degrees) -> Tensor:
        """Return the sum of all regularisers."""
        kernels = [weight for _, weight in _effective(network, degrees)]
        biases = [layer.bias for layer in _linear_layers(network) if layer.bias is not None]
        loss = kernels[0].new_zeros(())
        for function, tensors in ((self.kernel_regularizer, kernels), (self.bias_regularizer, biases)):
            if callable(function) and tensors:
                loss = loss + torch.stack([function(tensor) for tensor in tensors]).sum()
        return loss

    @torch.no_grad()
    def project(self, network: MaskedNetwork, degrees: Degrees) -> None:
        """Apply the constraints in place, if parameters have changed since the last time."""
        if self.kernel_constraint is None and self.bias_constraint is None:
            return
        now = [p.detach() for p in network.parameters()]
        if self._projected and all(_same(a, b) for a, b in zip(self._projected, now, strict=True)):
            return
        for layer, weight in _effective(network, degrees):
            _write(layer.weight, self.kernel_constraint, weight)
            _write(layer.bias, self.bias_constraint, layer.bias)
        self._projected = [p.detach().clone() for p in network.parameters()]


def _linear_layers(network: MaskedNetwork) -> Iterator[nn.Linear]:
    return (layer for layer in network.modules() if isinstance(layer, nn.Linear))


def _effective(network: MaskedNetwork, degrees: Degrees) -> Iterator[tuple[nn.Linear, Tensor]]:
    """Every linear layer with its effective weight; context layers are not masked."""
    weights = network.effective_weights(degrees)
    masked = dict(zip(map(id, network.layers), weights.layers, strict=True))
    if weights.direct is not None:
        masked[id(network.direct)] = weights.direct
    return ((layer, masked.get(id(layer), layer.weight)) for layer in _linear_layers(network))


def _write(parameter: Tensor | None, function: Option, value: Tensor | None) -> None:
    """Set a parameter to a function of a value, which may also work in place and return nothing."""
    if parameter is None or value is None or not callable(function):
        return
    result = function(value)
    result = value if result is None else result
    if result is not parameter:
        parameter.copy_(result)


def _same(a: Tensor, b: Tensor) -> bool:
    return a.device == b.device and a.dtype == b.dtype and torch.equal(a, b)
