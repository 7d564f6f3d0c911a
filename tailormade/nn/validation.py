"""Checks of arguments and shapes, made once at the boundary, with messages that say what to do."""

from collections.abc import Iterable, Sequence
from numbers import Integral

import torch
from torch import Tensor

CONTEXT_MODES = ("all_layers", "first_layer", "degree_zero")


def event_size(name: str, shape: int | Sequence[int] | None) -> int | None:
    """Return D from D, ``[D]`` or ``None``.

    Raises:
        ValueError: If the shape has another rank than one, in TFP's words, or no element.
    """
    if shape is None:
        return None
    sizes = (int(shape),) if isinstance(shape, int | Integral) else tuple(shape)
    if len(sizes) != 1:
        raise ValueError(f"Parameter `{name}` must describe a rank-1 shape. Got: {sizes}.")
    if sizes[0] < 1:
        raise ValueError(f"{name}: expected a size of at least 1, got {sizes[0]}.")
    return int(sizes[0])


def as_widths(hidden_units: int | Iterable[int] | None) -> tuple[int, ...]:
    """Return widths of hidden layers as a tuple.

    Raises:
        TypeError: If they are no integers, or text.
        ValueError: If a width is not positive.
    """
    if hidden_units is None:
        return ()
    if isinstance(hidden_units, str) or not isinstance(hidden_units, Iterable | Integral):
        raise TypeError(f"hidden_units: expected integers such as (256, 256), got {hidden_units!r}; () for none.")
    widths = tuple(hidden_units) if isinstance(hidden_units, Iterable) else (int(hidden_units),)
    if any(isinstance(w, bool) or not hasattr(w, "__index__") for w in widths):
        got = repr(hidden_units) if isinstance(hidden_units, str) else widths
        raise TypeError(f"hidden_units: expected integers such as (32, 32), got {got}.")
    if any(w < 1 for w in widths):
        raise ValueError(f"hidden_units: expected widths of at least 1, got {list(widths)}; () for no hidden layer.")
    return tuple(int(w) for w in widths)


def check_conditional(conditional: bool, size: int | None, context_shape: int | Sequence[int] | None, mode: str) -> int:
    """Check TFP's conditional arguments in TFP's order and return the context's width, 0 for none.

    Raises:
        ValueError: If they contradict each other.
    """
    if not conditional:
        if context_shape is not None:
            raise ValueError("`conditional_event_shape` passed but `conditional` is set to False.")
        _check_mode(mode)
        return 0
    if size is None:
        raise ValueError("`event_shape` must be provided when `conditional` is True")
    if context_shape is None:
        raise ValueError("`conditional_event_shape` must be provided when `conditional` is True")
    width = event_size("conditional_event_shape", context_shape) or 0
    _check_mode(mode)
    return width


def _check_mode(mode: str) -> None:
    if mode not in CONTEXT_MODES:
        raise ValueError(
            f'conditional_input_layers must be "first_layers" or "all_layers" (or "degree_zero"): expected one of '
            f"{list(CONTEXT_MODES)}, got '{mode}'."
        )


def as_params(params: int | Iterable[int]) -> int | tuple[int, ...]:
    """Return the number of params of each variable, or one number for all.

    Raises:
        TypeError: If a number is not an integer.
        ValueError: If one is negative.
    """
    numbers = tuple(params) if isinstance(params, Iterable) else (params,)
    if any(isinstance(n, bool) or not hasattr(n, "__index__") for n in numbers):
        raise TypeError(f"params: expected an integer, or one for each variable, got {params!r}.")
    if any(n < 0 for n in numbers):
        raise ValueError(
            f"params: expected a number of at least 0 (negative dimensions are not allowed), got {params!r}."
        )
    return tuple(int(n) for n in numbers) if isinstance(params, Iterable) else int(params)


def check_probability(name: str, value: float) -> float:
    """Return a probability below 1.

    Raises:
        ValueError: If it is outside [0, 1).
    """
    if not 0.0 <= value < 1.0:
        raise ValueError(f"{name}: expected a probability in [0, 1), got {value}.")
    return float(value)


def check_last(name: str, x: Tensor, features: int | None) -> None:
    """Check that ``x`` is a floating tensor of shape ``(*, features)``.

    Raises:
        TypeError: If it is no tensor.
        ValueError: If its shape or type is another.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: expected a tensor, got {type(x).__name__}.")
    if x.ndim < 1:
        raise ValueError(f"{name}: expected at least one dimension, got a scalar.")
    if features is not None and x.shape[-1] != features:
        raise ValueError(f"Invalid final dimension of `{name}`. Expected `{features}`, but got `{x.shape[-1]}`")
    if not x.is_floating_point():
        raise ValueError(f"{name}: expected a floating-point tensor, got {x.dtype}; convert it with x.float().")


def check_batches(x: Tensor, context: Tensor | None, width: int, name: str = "conditional_input") -> None:
    """Check that context is there exactly when wanted, has its width, and broadcasts with ``x``.

    Args:
        x: Shape ``(*, D)``.
        context: Shape ``(*, C)`` or ``None``.
        width: C, 0 for a network without context.
        name: What the caller's user calls the context.

    Raises:
        ValueError: If not.
    """
    if context is None:
        if width and name == "context":
            raise ValueError(
                f"`context` must be passed: this model has a context of width {width}; give a tensor of shape "
                f"(*, {width}), as model(context).log_prob(x) or model.log_prob(x, context)."
            )
        if width:
            raise ValueError(f"`{name}` must be passed as a named argument: this model has a context of width {width}.")
        return
    if not width:
        raise ValueError(
            f"{name}: given to a model that was built without one; expected None. (Rows are scored by "
            "model().log_prob(x), not by model(x).)"
            if name == "context"
            else f"{name}: given to a network that was built without one; expected None."
        )
    check_last(name, context, width)
    try:
        torch.broadcast_shapes(x.shape[:-1], context.shape[:-1])
    except RuntimeError:
        raise ValueError(
            f"{name}: batch shape {tuple(context.shape[:-1])} does not broadcast with that of x, {tuple(x.shape[:-1])}."
        ) from None
