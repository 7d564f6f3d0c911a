"""What is read off training rows: mean and standard deviation of every column."""

from collections.abc import Callable

import torch
from torch import Tensor

_CELLS = 2**22  # encoded at once at most, as copies are made of them
_LEAST = torch.finfo(torch.float32).tiny  # a smaller deviation would be 0 in the buffers that keep it


def mean_and_deviation(
    x: Tensor, encode: Callable[[Tensor], Tensor] = Tensor.double, rows: int = 10_000
) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of the encoded columns in float64, 1 for the deviation of a constant one.

    Args:
        x: Shape ``(rows, D)``.
        encode: From a block of rows to the columns ``(rows, K)`` that are meant.
        rows: How many rows to encode at once, or fewer where they are wide.

    Returns:
        Shapes ``(K,)``.

    Example:
        >>> mean_and_deviation(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
        (tensor([2., 5.], dtype=torch.float64), tensor([1., 1.], dtype=torch.float64))
    """
    pivot = encode(x[:1])[0].double()  # near the values, so that squares of large offsets do not cancel
    total, squares = torch.zeros_like(pivot), torch.zeros_like(pivot)
    for block in x.split(min(rows, max(1, _CELLS // x.shape[1]))):
        values = encode(block).double() - pivot
        total += values.sum(0)
        squares += values.square().sum(0)
    mean = total / len(x)
    deviation = (squares / len(x) - mean.square()).clamp(min=0).sqrt()
    return pivot + mean, torch.where(deviation > _LEAST, deviation, 1.0)
