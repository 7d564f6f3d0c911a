r"""Does the density of a flow of one or two variables integrate to 1?

    ∫_A p(x) dx = P(x ∈ A)    by the trapezoid rule, and by the share of samples                          (1)

The box A reaches 20 scales s from the median m of the samples, so that its probability is near 1, unless tails are
heavy. Its grid is even in t, ``x = m + s sinh(t)`` (2), finest in the middle; where a first one is too coarse a finer
one decides. A density that counts a log-determinant wrongly fails, and so does a sampler of another density.
"""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tailormade.verify.check import Check
from tailormade.verify.flows import samples_of

if TYPE_CHECKING:
    from tailormade.flows import Flow

_REACH = math.asinh(20.0)  # t of the last point
_GRIDS = {1: (2_001, 40_001), 2: (321, 1_281)}  # points of each variable, by the number of variables
_DRAWS = 20_000
_TOLERANCE = 1e-3  # of an integral
_LIMIT = 5.0  # standard errors of a share of samples


@torch.no_grad()
def check_integral(model: "Flow", seed: int) -> Check:
    """Check (1).

    Raises:
        ValueError: If there are more than two variables.
    """
    if model.features not in _GRIDS:
        raise ValueError(
            f"model: expected a flow of at most 2 variables to integrate, got {model.features}; check_inverse and "
            "check_log_det take any number."
        )
    probe, x, context = samples_of(model, _DRAWS, seed)
    low, middle, high = x.quantile(torch.tensor([0.16, 0.5, 0.84], dtype=x.dtype), 0)
    scale = (high - low).clamp(min=1e-12) / 2
    share = float(((x - middle).abs() <= scale * math.sinh(_REACH)).all(-1).double().mean())
    allowed = _TOLERANCE + _LIMIT * math.sqrt(share * (1 - share) / len(x))
    for points in _GRIDS[model.features]:
        integral = _integral(probe, None if context is None else context[0], middle, scale, points)
        if abs(integral - share) < allowed:
            break
    figure = f"the density integrates to {integral:.4f} over a box that has {share:.4f} of {len(x)} samples"
    return Check("normalised", abs(integral - share) < allowed, figure)


def _integral(model: "Flow", context: Tensor | None, middle: Tensor, scale: Tensor, points: int) -> float:
    """The integral over the box, at one context."""
    t = torch.linspace(-_REACH, _REACH, points, dtype=torch.float64)
    axes = (middle[:, None] + scale[:, None] * t.sinh()).unbind()
    steps = torch.log(scale[:, None] * t.cosh() * (t[1] - t[0])).unbind()
    grid, weights = (torch.cartesian_prod(*each).reshape(-1, len(axes)).split(_DRAWS) for each in (axes, steps))
    logs = (model.log_prob(x, context) + w.sum(-1) for x, w in zip(grid, weights, strict=True))
    return sum(float(log.exp().sum()) for log in logs)
