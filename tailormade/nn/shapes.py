"""Shapes that users ask distributions for, checked where torch's own words say little."""

from collections.abc import Sequence

import torch


def as_size(sample_shape: Sequence[int]) -> torch.Size:
    """Return how many samples are asked for, as torch's shape.

    Raises:
        TypeError: If it is no sequence of whole numbers.
        ValueError: If one is negative.

    Example:
        >>> as_size((-1,))
        Traceback (most recent call last):
        ValueError: sample_shape: expected numbers of at least 0, got (-1,).
    """
    try:
        size = torch.Size(sample_shape)
    except TypeError:
        wanted = "a sequence of whole numbers such as (1000,)"
        raise TypeError(f"sample_shape: expected {wanted}, got {sample_shape!r}.") from None
    if any(n < 0 for n in size):
        raise ValueError(f"sample_shape: expected numbers of at least 0, got {tuple(size)}.")
    return size


def expanded(batch: torch.Size, wanted: Sequence[int]) -> torch.Size:
    """Return the batch shape that a distribution is expanded to.

    Raises:
        TypeError: If ``wanted`` is no sequence of whole numbers.
        ValueError: If the batch does not broadcast to it.

    Example:
        >>> expanded(torch.Size([3]), (4,))
        Traceback (most recent call last):
        ValueError: batch_shape: expected one that (3,) broadcasts to, got (4,).
    """
    try:
        sizes = tuple(wanted)
        return torch.empty(batch).expand(sizes).shape
    except TypeError:
        raise TypeError(f"batch_shape: expected a sequence of whole numbers, got {wanted!r}.") from None
    except RuntimeError:
        raise ValueError(f"batch_shape: expected one that {tuple(batch)} broadcasts to, got {sizes}.") from None
