r"""Where a mixture starts: fitted to each column by itself, from a few hundred of its quantiles.

With points z_q, responsibilities ``r_qk`` and ``ψ`` of the kernel, one EM step is

    μ_k = Σ_q r_qk ψ(t_qk) z_q / Σ_q r_qk ψ(t_qk)                                            (1)
    σ_k² = Σ_q r_qk ψ(t_qk) (z_q - μ_k)² / Σ_q r_qk,     t_qk = (z_q - μ_k) / σ_k            (2)

which never lowers the likelihood, all kernels being scale mixtures of normals. The first means are those of runs of
neighbouring points. Scales are kept off zero, so that repeated values make no spikes.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.conditionals.kernels import Kernel

_POINTS = 320
_STEPS = 30
_LEAST = 1e-3  # scale, in units of z
_GOLDEN = 0.6180339887498949


class Mixture(NamedTuple):
    """Weights, locations and scales of the components, each of shape ``(n, K)``."""

    weights: Tensor
    locations: Tensor
    scales: Tensor


class Column(NamedTuple):
    """Quantiles of columns ``(points, n)``, and how many values each had, ``(n,)``."""

    quantiles: Tensor
    counts: Tensor


def quantiles_of(x: Tensor, empty: float | Tensor, step: float | Tensor) -> Column:
    """Return quantiles of the columns of ``x`` ``(rows, n)``, missing cells (NaN) left out.

    Args:
        x: Values.
        empty: What a column without values is said to hold.
        step: Values are spread evenly over an interval of this length, which rounding has taken them from; 0 for none.
    """
    counts = (~x.isnan()).sum(0)
    at = (torch.arange(_POINTS, dtype=torch.float64, device=x.device) + 0.5) / _POINTS
    if not len(x):
        x = torch.full((1, x.shape[1]), torch.nan, dtype=torch.float64, device=x.device)
    index = (at.unsqueeze(-1) * counts).floor().long()  # missing cells are sorted to the end
    found = x.double().sort(0).values.gather(0, index)
    found = torch.where(found.isnan(), torch.as_tensor(empty, dtype=torch.float64, device=x.device), found)
    spread = (torch.arange(_POINTS, device=x.device, dtype=torch.float64) * _GOLDEN) % 1 - 0.5
    return Column((found + spread.unsqueeze(-1) * step).sort(0).values, counts)


def fit_mixture(z: Tensor, counts: Tensor, kernel: Kernel, components: int) -> Mixture:
    """Fit a mixture to the points ``z`` ``(points, n)`` of each column.

    Args:
        z: Points, each standing for as many values.
        counts: How many values there were, shape ``(n,)``; with few, weights are drawn towards each other.
        kernel: The components' shape.
        components: Their number K.
    """
    points = z.T.sort(-1).values
    runs = torch.tensor_split(points, components, -1)
    locations = torch.stack([run.mean(-1) for run in runs], -1)
    least = _least(points)
    scales = torch.stack([run.std(-1, unbiased=False) for run in runs], -1).clamp(min=least)
    state = Mixture(torch.full_like(locations, 1 / components), locations, scales)
    for _ in range(_STEPS):
        state = _improved(points, state, kernel, least)
    shrunk = (counts.unsqueeze(-1) * state.weights + 0.5) / (counts.unsqueeze(-1) + 0.5 * components)
    return state._replace(weights=shrunk)


def _least(points: Tensor) -> Tensor:
    quarter = points.shape[-1] // 4
    return (0.02 * (points[:, -quarter - 1] - points[:, quarter])).clamp(min=_LEAST).unsqueeze(-1)


def _improved(points: Tensor, state: Mixture, kernel: Kernel, least: Tensor) -> Mixture:
    """Take the step (1, 2)."""
    away = points.unsqueeze(-1) - state.locations.unsqueeze(1)
    t = away / state.scales.unsqueeze(1)
    shares = torch.softmax((state.weights.log() - state.scales.log()).unsqueeze(1) + kernel.log_density(t), -1)
    total, pull = shares.sum(1).clamp(min=1e-9), shares * kernel.weight(t)
    shift = (pull * away).sum(1) / pull.sum(1).clamp(min=1e-300)
    square = (pull * (away - shift.unsqueeze(1)).square()).sum(1) / total
    weights = (total / points.shape[-1]).clamp(min=1e-6)
    return Mixture(weights, state.locations + shift, square.sqrt().clamp(min=least))
