"""What the weights of a masked network start from."""

import torch
from torch import nn

from tailormade.nn.masked_network import MaskedNetwork


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
