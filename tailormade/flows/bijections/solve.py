r"""Inverting an increasing curve by Newton's method within a bracket.

Of ``g(x) = y`` with ``g(low) <= y <= g(high)`` (1), each step evaluates g, halves the bracket's claim to the side where
the solution must be, and goes to ``x - (g(x) - y) / g'(x)`` (2), or to the bracket's middle where (2) leaves it. In
every other of the later steps the middle is taken anyway, so that bisection's guarantee holds.
"""

from collections.abc import Callable

import torch
from torch import Tensor

_STEPS = 150
_FREE = 12  # steps before halving is forced in every other one


@torch.no_grad()
def solve(curve: Callable[[Tensor], tuple[Tensor, Tensor]], y: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Return the x with ``g(x) = y``, to 12 digits in float64.

    Args:
        curve: Maps x ``(*)`` to ``g(x)`` and ``log g'(x)``.
        y: Shape ``(*)``.
        low: Lower ends, shape ``(*)``.
        high: Upper ends, shape ``(*)``.

    Example:
        >>> y = torch.tensor([8.0, 27.0], dtype=torch.float64)
        >>> cube = lambda x: (x**3, torch.log(3 * x**2))
        >>> solve(cube, y, torch.ones(2).double(), torch.full((2,), 10.0).double())
        tensor([2., 3.], dtype=torch.float64)
    """
    precision = torch.finfo(high.dtype).eps ** 0.75  # of a step whose error is about its square
    x, done = low + (high - low) / 2, high <= low
    for i in range(_STEPS):
        if bool(done.all()):
            break
        reached, log_slope = curve(x)
        above = reached >= y
        low, high = torch.where(above, low, x), torch.where(above, x, high)
        newton = x - (reached - y) * torch.exp(-log_slope)
        # NaN, where there is no slope, compares as false
        inside = (newton >= low) & (newton <= high) & (i < _FREE or i % 2 == 0)
        found = torch.where(done, x, torch.where(inside, newton, low + (high - low) / 2))
        done = done | ((found - x).abs() <= precision * found.abs().clamp(min=1e-3)) | (high <= low)
        x = found
    return x
