"""Checks of what callers of flows and of their distributions pass, with messages that say what to do."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import torch
from torch import Tensor


def whole(name: str, value: int) -> int:
    """Return a whole number of any type as Python's, which a file can hold.

    Raises:
        TypeError: If it is none.
    """
    if isinstance(value, Integral):
        return int(value)
    raise TypeError(f"{name}: expected a whole number, got {value!r}.")


def flag(name: str, value: bool) -> bool:
    """Return a truth value as Python's.

    Raises:
        TypeError: If it is none, such as the name of a choice.

    Example:
        >>> flag("linear", "yes")
        Traceback (most recent call last):
        TypeError: linear: expected True or False, got 'yes'.
    """
    if isinstance(value, str) or value not in (0, 1):
        raise TypeError(f"{name}: expected True or False, got {value!r}.")
    return bool(value)


def check_callable(name: str, value: object) -> None:
    """Check that a function, module or the like was given.

    Raises:
        TypeError: If it cannot be called.
    """
    if not callable(value):
        raise TypeError(f"{name}: expected a function or a module, got {type(value).__name__}.")


def check_tensor(name: str, value: object) -> None:
    """Check that values are a tensor.

    Raises:
        TypeError: If they are something else.
    """
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}: expected a tensor, got {type(value).__name__}; torch.as_tensor makes one of numbers.")


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


def as_numbers(values: Any, device: torch.device) -> Tensor:  # noqa: ANN401 - anything torch reads as numbers
    """Return an array or list of real numbers as a tensor; tensors as they are.

    Raises:
        TypeError: If torch cannot read it as real numbers.

    Example:
        >>> as_numbers("a", torch.device("cpu"))
        Traceback (most recent call last):
        TypeError: expected a tensor or array of real numbers, got str.
    """
    try:
        tensor = values if isinstance(values, Tensor) else torch.as_tensor(values, device=device)
    except (TypeError, ValueError, RuntimeError):
        tensor = None
    if tensor is None or tensor.is_complex():
        found = type(values).__name__ if tensor is None else tensor.dtype
        raise TypeError(f"expected a tensor or array of real numbers, got {found}.")
    return tensor
