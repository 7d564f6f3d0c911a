"""What a density starts from: initial weights, and what is read off the data instead of learnt."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tailormade.nn import MaskedNetwork


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


def moments(x: Tensor, encode: Callable[[Tensor], Tensor], like: Tensor, rows: int = 10_000) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the encoded columns, accumulated over blocks of rows in float64."""
    pivot = encode(x[:1])[0].double()  # near the values, so that squares of large offsets do not cancel
    total, squares = torch.zeros_like(pivot), torch.zeros_like(pivot)
    for block in x.split(rows):
        values = encode(block).double() - pivot
        total += values.sum(0)
        squares += values.square().sum(0)
    mean = total / len(x)
    deviation = (squares / len(x) - mean.square()).clamp(min=0).sqrt()
    return (pivot + mean).to(like.dtype), deviation.to(like.dtype)
