r"""Three densities of two variables, with samples and their exact densities.

moons         a point on one of two half circles, with normal noise:  p(x) = ∫ N(x; m(t), s²) dt            (1)
rings         radii r_k with normal noise, any angle:                 p(x) = Σ_k w_k N(r; r_k, s²) / 2πr    (2)
checkerboard  uniform on every other cell of a board:                 p(x) = 1 / area                       (3)
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmarks.flows_data import Split, standardised

NOISE, RING_NOISE = 0.1, 0.08
RADII = torch.tensor([0.75, 1.5, 2.25, 3.0])
CELLS, SIZE = 4, 2.0  # of the board, which goes from -CELLS / 2 to CELLS / 2 in units of SIZE / 2
_ANGLES = 200


class Toy(NamedTuple):
    """A density: samples ``(n, 2)``, and log-densities of ``(*, 2)``."""

    sample: Callable[[int, torch.Generator], Tensor]
    log_prob: Callable[[Tensor], Tensor]


def _moon(t: Tensor, upper: Tensor) -> Tensor:
    """Points ``(*, 2)`` of the half circles."""
    x, y = torch.cos(t), torch.sin(t)
    return torch.stack([torch.where(upper, x, 1 - x) - 0.5, torch.where(upper, y, 0.5 - y) - 0.25], -1)


def sample_moons(n: int, generator: torch.Generator) -> Tensor:
    """Draw from (1)."""
    t, upper = math.pi * torch.rand(n, generator=generator), torch.rand(n, generator=generator) < 0.5
    return _moon(t, upper) + NOISE * torch.randn(n, 2, generator=generator)


def moons_log_prob(x: Tensor) -> Tensor:
    """Return the log of (1), by the midpoint rule."""
    t = math.pi * (torch.arange(_ANGLES) + 0.5) / _ANGLES
    points = torch.cat([_moon(t, torch.tensor(True)), _moon(t, torch.tensor(False))])
    squares = torch.cdist(x.reshape(-1, 2), points).square() / NOISE**2
    logs = torch.logsumexp(-squares / 2, -1) - math.log(len(points) * 2 * math.pi * NOISE**2)
    return logs.reshape(x.shape[:-1])


def sample_rings(n: int, generator: torch.Generator) -> Tensor:
    """Draw from (2), outer rings holding more."""
    ring = torch.multinomial(RADII, n, replacement=True, generator=generator)
    r = RADII[ring] + RING_NOISE * torch.randn(n, generator=generator)
    angle = 2 * math.pi * torch.rand(n, generator=generator)
    return r.unsqueeze(-1) * torch.stack([angle.cos(), angle.sin()], -1)


def rings_log_prob(x: Tensor) -> Tensor:
    """Return the log of (2); radii below 0 are too rare to count."""
    r = x.norm(dim=-1, keepdim=True)
    logs = torch.distributions.Normal(RADII, RING_NOISE, validate_args=False).log_prob(r)
    return torch.logsumexp(logs + (RADII / RADII.sum()).log(), -1) - torch.log(2 * math.pi * r[..., 0])


def sample_checkerboard(n: int, generator: torch.Generator) -> Tensor:
    """Draw from (3)."""
    column = torch.randint(CELLS, (n,), generator=generator)
    row = 2 * torch.randint(CELLS // 2, (n,), generator=generator) + column % 2
    inside = torch.rand(n, 2, generator=generator)
    return (torch.stack([column, row], -1) + inside - CELLS / 2) * SIZE / 2


def checkerboard_log_prob(x: Tensor) -> Tensor:
    """Return the log of (3), minus infinity outside."""
    cell = torch.floor(x * 2 / SIZE + CELLS / 2)
    on_board = ((cell >= 0) & (cell < CELLS)).all(-1)
    area = CELLS**2 / 2 * (SIZE / 2) ** 2
    return torch.where(on_board & (cell.sum(-1) % 2 == 0), -math.log(area), -math.inf)


TOYS = {
    "two-moons": Toy(sample_moons, moons_log_prob),
    "rings": Toy(sample_rings, rings_log_prob),
    "checkerboard": Toy(sample_checkerboard, checkerboard_log_prob),
}


def toy_split(name: str, train: int, test: int, seed: int = 0) -> tuple[Split, float]:
    """Return samples, standardised; and the mean log-density of the test rows, in the units of these."""
    generator = torch.Generator().manual_seed(seed)
    parts = [TOYS[name].sample(n, generator) for n in (train, train // 4, test)]
    split = standardised(*(part.numpy().astype(np.float64) for part in parts), columns=["x", "y"])
    return split, float(TOYS[name].log_prob(parts[2]).mean() + split.units[1].log().sum())
