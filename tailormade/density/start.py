"""What a density reads off the data instead of learning it."""

from collections.abc import Callable

import torch
from torch import Tensor


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
