"""What the weights of a masked network start from."""

import torch
from torch import Tensor, nn

from tailormade.masks import Degrees
from tailormade.nn.masked_network import MaskedNetwork

_BEND = 1.5  # deviation of what reaches a unit: more bends sooner, but fits the noise of a few hundred rows
_SMALL = 0.005  # deviation of the outputs


def initialize(network: MaskedNetwork) -> None:
    """Glorot-uniform weights and zero biases; direct connections, exits of residual blocks and U start at zero."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    for layer in network.context_layers:
        nn.init.normal_(layer.weight, std=network.context**-0.5)  # type: ignore[arg-type]  # a Linear's weight
    starts: list[nn.Module | None] = [network.direct, network.seen, network.direct_seen]
    starts += list(network.layers)[2:-1:2] if network.residual else []
    for start in starts:
        if isinstance(start, nn.Linear):
            nn.init.zeros_(start.weight)


def spread_over_context(network: MaskedNetwork, degree_zero: int) -> None:
    """Start the hidden units that see context alone as bends spread over the range of a standardised context.

    With weights as small as a wide layer's and biases of zero, all bends would lie on top of each other in the middle,
    and a single hidden layer would hardly learn a wave. A context of few numbers affords steeper units.

    Args:
        network: A network whose first hidden layer begins with its units of degree 0.
        degree_zero: How many those are.
    """
    context = network.context
    deviation = max(4.0 / context, (2.0 / context) ** 0.5)
    first, fed = network.layers[0], network.context_layers[0]
    if isinstance(first, nn.Linear) and isinstance(fed, nn.Linear):
        reach = 1.5 * deviation * context**0.5
        with torch.no_grad():
            fed.weight[:degree_zero].normal_(std=deviation)
            first.bias[:degree_zero].uniform_(-reach, reach)


@torch.no_grad()
def spread_over_inputs(network: MaskedNetwork, degrees: Degrees) -> None:
    """Start hidden units as bends spread over the range of standardised inputs, and outputs close to zero.

    Glorot's weights are those of a dense network whose outputs are wanted as large as its inputs. Where few inputs feed
    many units they leave units in the middle of their bend, nearly straight and nearly alike, and masks make it worse:
    a unit of low degree sees a few of its inputs. Here what reaches a unit has the same deviation in every layer and at
    every degree, for inputs of deviation 1, and the biases of the first layer spread as far.

    Args:
        network: A network with one input a variable.
        degrees: Of its units.
    """
    last, size = len(network.layers) - 1, 1.0
    for i, (layer, mask) in enumerate(zip(network.layers, _one_each(network, degrees), strict=True)):
        if isinstance(layer, nn.Linear) and not (network.residual and 0 < i < last and i % 2 == 0):  # zero: exits
            seen = mask.sum(1, keepdim=True).clamp(min=1).to(layer.weight)
            layer.weight.normal_().mul_((_SMALL if i == last else _BEND) / (seen.sqrt() * size))
        size = _size_after(network)
    if last:
        network.layers[0].bias.uniform_(-_BEND, _BEND)  # type: ignore[operator]  # a Linear's bias


def _one_each(network: MaskedNetwork, degrees: Degrees) -> list[Tensor]:
    """Masks of the layers in sequence, the last with a row for every output."""
    *hidden, outputs = degrees.masks()
    last = network.layers[-1]
    assert isinstance(last, nn.Linear)
    return [*hidden, outputs.repeat_interleave(len(last.weight) // len(outputs), 0)]


def _size_after(network: MaskedNetwork) -> float:
    """Root mean square of a unit that is reached by a normal number of deviation ``_BEND``."""
    z = _BEND * torch.special.ndtri((torch.arange(1000, dtype=torch.float64) + 0.5) / 1000)
    return float((z if network.activation is None else network.activation(z)).square().mean().sqrt())
