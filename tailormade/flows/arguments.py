"""Checks of what callers of flows and of their distributions pass, with messages that say what to do."""

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
