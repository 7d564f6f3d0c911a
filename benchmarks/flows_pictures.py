"""Contours of densities of two variables: the true one beside those of models."""

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from benchmarks.flows_data import Split
from benchmarks.flows_models import scores
from benchmarks.flows_toys import Toy

REACH, POINTS, LEVELS = 2.2, 160, 24


def draw_contours(toy: Toy, split: Split, models: Mapping[str, nn.Module], path: Path) -> None:
    """Save the true density and those of the models, side by side, in the same colours.

    Args:
        toy: The true density, in its own units.
        split: Its samples, standardised.
        models: Fitted to these, by name.
        path: Of the picture.
    """
    mean, scale = split.units
    axis = torch.linspace(-REACH, REACH, POINTS)
    grid = torch.cartesian_prod(axis, axis)
    densities: dict[str, Callable[[Tensor], Tensor]] = {
        "true": lambda z: toy.log_prob(z * scale + mean) + scale.log().sum(),
        **{name: lambda z, model=model: scores(model, z) for name, model in models.items()},  # type: ignore[misc]  # a lambda
    }
    figure, axes = plt.subplots(1, len(densities), figsize=(3 * len(densities), 3.2), constrained_layout=True)
    values = {name: f(grid).exp().reshape(POINTS, POINTS).T for name, f in densities.items()}
    for ax, (name, density) in zip(axes, values.items(), strict=True):
        _panel(ax, name, axis, density, float(values["true"].max()))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _panel(ax: Axes, name: str, axis: Tensor, density: Tensor, top: float) -> None:
    levels = torch.linspace(0, 1.2 * top, LEVELS)
    ax.contourf(axis, axis, density, levels=levels, extend="max", cmap="viridis")
    ax.set(title=name, aspect="equal", xticks=[], yticks=[])
