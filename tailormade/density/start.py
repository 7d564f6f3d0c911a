"""What a density starts from: initial weights, and what is read off the data instead of learnt."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tailormade.nn import MaskedNetwork


def initialize(network: MaskedNetwork) -> None:
    """Glorot-uniform weights and zero biases; direct connections and the exits of residual blocks start at zero."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    starts: list[nn.Module | None] = [network.direct]
    starts += list(network.layers)[2:-1:2] if network.residual else []
    for start in starts:
        if isinstance(start, nn.Linear):
            nn.init.zeros_(start.weight)


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
