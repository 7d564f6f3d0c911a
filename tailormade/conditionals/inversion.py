"""Quantiles of distributions whose cdf has no inverse in closed form.

``F⁻¹(u)`` is the smallest x with ``F(x) >= u`` (1). For a continuous F it lies between two ends that are known to
bracket it, ``F(low) <= u <= F(high)`` (2). Newton's method on ``logit F``, straight in the tails of a logistic,

    x' = x - (logit F(x) - logit u) F(x) (1 - F(x)) / f(x)                                   (3)

is fast; where it leaves the bracket, and now and then in any case, the bracket is halved, so that bisection's guarantee
holds. Whole numbers are searched from a guess: steps that double until (2) holds, then bisection, so that a good guess
costs two evaluations of F and a bad one a few more.
"""

from collections.abc import Callable

import torch
from torch import Tensor

_STEPS = 150
_FREE = 8  # steps before halving is forced in every other one
_DOUBLINGS = 64
_HALVINGS = 100


@torch.no_grad()
def invert(curve: Callable[[Tensor], tuple[Tensor, Tensor]], u: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return (1) for a continuous cdf, to 10 digits in float64.

    Args:
        curve: Maps values ``(*)`` to cdf and density ``(*)``.
        u: Probabilities in (0, 1), shape ``(*)``.
        low: Lower ends, shape ``(*)``.
        high: Upper ends, shape ``(*)``.

    Example:
        >>> u = torch.tensor([0.25, 0.5], dtype=torch.float64)
        >>> invert(lambda x: (x**2, 2 * x), u, torch.zeros(2).double(), torch.ones(2).double())
        tensor([0.5000, 0.7071], dtype=torch.float64)
    """
    precision, wanted, widest = torch.finfo(high.dtype).eps ** 0.75, torch.logit(u), high - low
    x, done = low + widest / 2, high <= low
    for i in range(_STEPS):
        reached, density = curve(x)
        above = reached >= u
        low, high = torch.where(above, low, x), torch.where(above, x, high)
        middle, there = low + (high - low) / 2, (torch.logit(reached) - wanted) * reached * (1 - reached) / density
        newton = x - there
        tolerance = precision * torch.maximum(x.abs(), 1e-3 * widest)  # the error is about its square
        # NaN, where the density is 0, compares as false
        inside = (newton >= low) & (newton <= high) & ((i < _FREE) | (i % 2 == 0))
        finished = done | (high - low <= 1e-3 * tolerance) | (inside & (there.abs() <= tolerance))
        x = torch.where(done, x, torch.where(inside, newton, middle))
        done = finished
        if bool(done.all()):
            break
    return x


@torch.no_grad()
def integer_quantile(cdf: Callable[[Tensor], Tensor], u: Tensor, guess: Tensor) -> Tensor:
    """Return (1) for a cdf of whole numbers.

    Args:
        cdf: Maps whole numbers ``(*)`` to probabilities ``(*)``, and reaches every u.
        u: Probabilities, shape ``(*)``.
        guess: Where to begin, whole numbers, shape ``(*)``.

    Example:
        >>> u = torch.tensor([0.3, 0.6], dtype=torch.float64)
        >>> integer_quantile(lambda k: (k / 10).clamp(0, 1), u, torch.zeros(2).double())
        tensor([3., 6.], dtype=torch.float64)
    """
    low, high = guess - 1, guess
    step = torch.ones_like(guess)
    for _ in range(_DOUBLINGS):
        above, below = cdf(low) >= u, cdf(high) < u
        if not bool((above | below).any()):
            break
        low, high = (
            torch.where(above, low - step, torch.where(below, high, low)),
            torch.where(below, high + step, torch.where(above, low, high)),
        )
        step = 2 * step
    for _ in range(_HALVINGS):  # beyond 2^53, neighbours are more than 1 apart
        if not bool((high - low > 1).any()):
            break
        middle = torch.floor((low + high) / 2)
        reached = cdf(middle) >= u
        low, high = torch.where(reached, low, middle), torch.where(reached, middle, high)
    return high
