"""Shapes that users ask distributions for, checked where torch's own words say little."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import torch


def checked_shape(sample_shape: Any) -> torch.Size:  # noqa: ANN401 - whatever a user passes
    """Return a sample shape.

    Raises:
        TypeError: If it is no sequence of whole numbers.
        ValueError: If one of them is negative.

    Example:
        >>> checked_shape((2, 3))
        torch.Size([2, 3])
        >>> checked_shape(3)
        Traceback (most recent call last):
        TypeError: sample_shape: expected a sequence of whole numbers such as (3,), got 3.
    """
    if isinstance(sample_shape, torch.Size):
        return sample_shape
    sizes = tuple(sample_shape) if isinstance(sample_shape, Sequence) else None
    if sizes is None or not all(isinstance(size, Integral) for size in sizes):
        example = f"({sample_shape},)" if isinstance(sample_shape, Integral) else "(3,)"
        raise TypeError(f"sample_shape: expected a sequence of whole numbers such as {example}, got {sample_shape!r}.")
    if any(size < 0 for size in sizes):
        raise ValueError(f"sample_shape: expected sizes of at least 0, got {sizes}.")
    return torch.Size(sizes)


def expanded_shape(own: torch.Size, wanted: Sequence[int]) -> torch.Size:
    """Return the batch shape that ``expand(wanted)`` leads to.

    Raises:
        ValueError: If the own shape does not broadcast to it.

    Example:
        >>> expanded_shape(torch.Size([1, 3]), (2, 3))
        torch.Size([2, 3])
        >>> expanded_shape(torch.Size([3]), (2,))
        Traceback (most recent call last):
        ValueError: batch_shape: expected one that (3,) broadcasts to, got (2,).
    """
    try:
        return torch.empty(0).new_empty(own).expand(tuple(wanted)).shape
    except RuntimeError:
        raise ValueError(f"batch_shape: expected one that {tuple(own)} broadcasts to, got {tuple(wanted)}.") from None
