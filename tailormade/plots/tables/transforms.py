r"""Where each value lies in the distribution that the model had for it: the probability integral transform.

If ``x_i`` is drawn from the conditional ``F_i(. | x_<i)``, then ``u_i = F_i(x_i | x_<i)`` is uniform on [0, 1], and the
u of different variables are independent (1). Where F jumps, at categories, recorded numbers and point masses, a
uniform number is drawn within the jump (2):

    u_i = F(x_i -) + v (F(x_i) - F(x_i -)),   v ~ U[0, 1)

so that u is uniform there as well. A histogram of u that is not flat says how the model errs: a U that its conditionals
are too narrow, a hump that they are too wide, a slope that they are shifted.

Murray Rosenblatt, "Remarks on a Multivariate Transformation", 1952. A. P. Dawid, "Statistical Theory: The Prequential
Approach", 1984. Claudia Czado, Tilmann Gneiting, Leonhard Held, "Predictive Model Assessment for Count Data", 2009.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailormade.conditionals import Conditional
from tailormade.density import MADE
from tailormade.random import generator

_ROWS = 4096  # computed at a time


@torch.no_grad()
def integral_transforms(
    model: MADE, x: Tensor, context: Tensor | None = None, *, seed: int = 0, order: int = 0
) -> NDArray[np.float64]:
    """Return the u of every value under one of the model's orders, NaN where it is missing, shape ``(n, D)`` (2).

    Args:
        model: The model.
        x: Values, shape ``(n, D)``.
        context: Shape ``(n, C)`` or ``None``.
        seed: Fixes the v of (2).
        order: Index of the order.

    Raises:
        ValueError: If shapes do not fit the model.

    Example:
        >>> coin = MADE(1, hidden_units=(), seed=0)
        >>> u = integral_transforms(coin, torch.tensor([[0.0], [1.0]]))
        >>> bool(u[0, 0] < u[1, 0])
        True
    """
    x = x.double()
    noise = torch.rand(x.shape, dtype=torch.float64, generator=generator(seed, "transform"))
    parts = []
    for start in range(0, len(x), _ROWS):
        rows = slice(start, start + _ROWS)
        raw = model.params(x[rows], None if context is None else context[rows], model.table[order]).double()
        pieces = zip(model.layout.conditionals, raw.split(model.layout.param_sizes, -1), strict=True)
        columns = [_transform(c, r, x[rows, i], noise[rows, i]) for i, (c, r) in enumerate(pieces)]
        parts.append(torch.stack(columns, -1))
    return torch.cat(parts).numpy() if parts else np.empty(tuple(x.shape))


def _transform(conditional: Conditional, raw: Tensor, x: Tensor, noise: Tensor) -> Tensor:
    """The u of one variable (2)."""
    values = conditional.recorded(torch.where(x.isnan(), conditional.filler, x))
    below, up_to = conditional.mass_below(raw, values), conditional.cdf(raw, values)
    return torch.where(x.isnan(), torch.nan, below + noise * (up_to - below))
