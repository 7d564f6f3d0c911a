"""Numbers as families need them: constants of one variable or of a stack, stable logarithms, checked arguments."""

import math

import torch
from torch import Tensor
from torch.nn import functional


def constant(value: float | Tensor, like: Tensor) -> float | Tensor:
    """Return a constant as it is, or of a stack, with the type and place of the values ``(*, n)``."""
    return value.to(like) if isinstance(value, Tensor) else value


def inner(value: float | Tensor, like: Tensor) -> float | Tensor:
    """Return a constant for arrays ``(*, n, K)``."""
    return value.to(like).unsqueeze(-1) if isinstance(value, Tensor) else value


def as_number(x: Tensor) -> Tensor:
    """Return values in at least float32; whole numbers in float64."""
    return x.to(torch.promote_types(x.dtype, torch.float32)) if x.is_floating_point() else x.double()


def soft_exp(raw: Tensor, clip: float = 10.0) -> Tensor:
    """Return the exponential of a number softly clipped to ±``clip``."""
    return torch.exp(clip * torch.tanh(raw / clip))


def inverse_soft_exp(value: Tensor, clip: float = 10.0) -> Tensor:
    """Return the raw number of which ``value`` is the soft exponential, as nearly as there is one."""
    return clip * torch.atanh((value.log() / clip).clamp(-0.99, 0.99))


def inside_unit(u: Tensor) -> Tensor:
    """Move 0 and 1 to their neighbours inside (0, 1)."""
    info = torch.finfo(u.dtype)
    return u.clamp(info.tiny, 1 - info.eps / 2)


def log_one_minus_exp(d: Tensor) -> Tensor:
    """Return ``log(1 - exp(-d))`` for d > 0."""
    return torch.log(-torch.expm1(-d.clamp(min=torch.finfo(d.dtype).tiny)))


def log_sigmoid_difference(above: Tensor, below: Tensor, width: Tensor) -> Tensor:
    """Return ``log(σ(b) - σ(a)) = log σ(b) + log σ(-a) + log(1 - exp(a - b))``, given ``b - a`` too."""
    return functional.logsigmoid(above) + functional.logsigmoid(-below) + log_one_minus_exp(width)


def check_number(name: str, value: float, *, above: float = -math.inf, least: float = -math.inf) -> None:
    """Check that an argument is a finite number within bounds.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {value!r}.")
    if not (math.isfinite(value) and value > above and value >= least):
        bound = f" above {above:g}" if above > -math.inf else f" of at least {least:g}" if least > -math.inf else ""
        raise ValueError(f"{name}: expected a finite number{bound}, got {value!r}.")
