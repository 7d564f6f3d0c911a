r"""The inverse of an autoregressive transform, one degree after the other: its definition.

With ``y_i = B(x_i; θ_i(x_<i))`` (1), the variables of degree 1 have parameters that depend on no x, so that
``x_i = B⁻¹(y_i; θ_i)`` (2) is known; then those of degree 2, and so on: as many passes through the network as there are
degrees. Every step is an ordinary differentiable operation, so that gradients of any order and ``torch.func`` work.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from tailormade.flows.bijections.base import Bijection
from tailormade.masks import Degrees


def invert_by_loop(params_fn: Callable[[Tensor], Tensor], bijection: Bijection, degrees: Degrees, y: Tensor) -> Tensor:
    """Return the x with ``B(x_i; θ_i(x_<i)) = y_i``.

    Args:
        params_fn: Maps x ``(*, D)`` to raw parameters ``(*, D, params)``, those of a variable depending on variables of
            lower degree alone.
        bijection: B.
        degrees: The connectivity; only the degrees of the variables matter.
        y: Shape ``(*, D)``.

    Returns:
        Shape ``(*, D)``; larger than that of y where the parameters have a larger batch shape.

    Example:
        >>> from tailormade.flows import Affine
        >>> running = lambda x: torch.stack([x.cumsum(-1) - x, torch.zeros_like(x)], -1)  # y_i = x_i + Σ_{j<i} x_j
        >>> invert_by_loop(running, Affine(), Degrees(torch.arange(1, 4)), torch.tensor([1.0, 3.0, 6.0]))
        tensor([1., 2., 3.])
    """
    x = torch.zeros_like(y)
    for degree in range(1, degrees.groups + 1):
        members = torch.nonzero(degrees.inputs == degree).squeeze(-1)
        raw = params_fn(x)
        solved = bijection.inverse(raw[..., members, :], y[..., members])
        x = x.expand(*solved.shape[:-1], -1).to(solved.dtype).index_copy(-1, members, solved)
    return x
