"""A fitted flow of two variables, and integrals of its density over a grid."""

import numpy as np
import torch

import tailormade as tm

GRID = np.linspace(-20, 60, 4001)
STEP = GRID[1] - GRID[0]


def fitted(**options):
    """A flow of widths and heights, ``height = width² + noise``, with names for both; and its 300 rows."""
    rng = np.random.default_rng(0)
    width = rng.normal(3.0, 0.5, 300)
    rows = np.stack([width, width**2 + rng.normal(0, 0.4, 300)], 1).astype(np.float32)
    flow = tm.MAF(2, **{"transforms": 2, "hidden_units": (12,), "seed": 1, **options})
    tm.fit(flow, rows, config=tm.FitConfig(max_epochs=4, learning_rate=0.01, seed=1, progress=False))
    flow.metadata["columns"] = ["width", "height"]
    return flow.eval()


def slice_of(density, width):
    """``p(width, height)`` for all heights of the grid."""
    points = torch.tensor(np.stack([np.full_like(GRID, width), GRID], 1))
    with torch.no_grad():
        return density.log_prob(points).double().exp().numpy()


def inside(density, condition):
    """The integral of the density over the points of a grid for which a condition holds."""
    sides = [np.linspace(-2, 8, 401), np.linspace(-15, 35, 501)]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), -1).reshape(-1, 2)
    with torch.no_grad():
        p = density.log_prob(torch.tensor(grid)).double().exp().numpy()
    return (p * condition(*grid.T)).sum() * 0.025 * 0.1


def moments(p):
    """Mean and deviation of a density over the grid, known up to a factor."""
    p = p / p.sum()
    mean = (p * GRID).sum()
    return mean, np.sqrt((p * (GRID - mean) ** 2).sum())
