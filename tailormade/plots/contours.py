"""Pictures of continuous numbers: a density of two variables as contours, and samples of any number in pairs.

Contours are borders of the regions of highest density that hold 20, 40, 60, 80 and 95 % of the mass. Their levels are
quantiles of the density at its own samples: of rows drawn from p, a share of 1 - α has p(x) above the α-quantile.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tailormade.plots.style import BLUE, INK, LABEL, MUTED, SMALL, VERMILION, new_figure, quiet_frame

Numbers = NDArray[Any]

MOST = 6  # variables in a picture of pairs
_MASS = (0.95, 0.8, 0.6, 0.4, 0.2)
_GRID = 160
_SHOWN = 2000  # dots over contours, which more would hide
_MARGIN = 0.12
_DOTS: dict[str, Any] = {"linewidths": 0, "rasterized": True}
_SIZES, _FEW = (14.0, 3.0), 300  # of few dots, and of more


def draw_contours(
    log_prob: Callable[[Numbers], Numbers],
    samples: Numbers,
    data: Numbers | None,
    names: Sequence[str],
    title: str,
    dots: int | None = None,
) -> Figure:
    """Draw a density of two variables, with its samples, and beside it with rows of data if there are any.

    Args:
        log_prob: From points ``(n, 2)`` to their log-densities ``(n,)``.
        samples: Rows drawn from it, shape ``(n, 2)``.
        data: Rows to compare with, or ``None``.
        names: Of the two variables.
        title: Above all.
        dots: How many of the samples are shown at most, all of which say where the mass is; 2000 if ``None``.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(500, 2))
        >>> figure = draw_contours(lambda x: -0.5 * (x**2).sum(-1), rows, None, ["a", "b"], "A normal density")
        >>> [axes.get_xlabel() for axes in figure.axes]
        ['a']
    """
    clouds = {"samples": (samples, BLUE), **({} if data is None else {"rows of data": (data, VERMILION)})}
    low, high = _window(np.concatenate([rows for rows, _ in clouds.values()]))
    sides = [np.linspace(a, b, _GRID) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*sides), -1)
    heights = log_prob(grid.reshape(-1, 2)).reshape(_GRID, _GRID)
    levels = np.quantile(log_prob(samples), [1 - mass for mass in _MASS])
    figure = new_figure(5.2 * len(clouds), 4.8)
    for axes, (label, (rows, colour)) in zip(_row(figure, len(clouds)), clouds.items(), strict=True):
        _contours(axes, sides, heights, levels)
        shown = rows[: dots if dots is not None and label == "samples" else _SHOWN]
        axes.scatter(*shown.T, color=colour, alpha=0.5, **_dots(shown))
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.set_xlabel(names[0], fontsize=LABEL, color=INK)
        axes.set_ylabel(names[1], fontsize=LABEL, color=INK)
        axes.set_title(f"density and {len(shown):,} {label}", fontsize=SMALL, color=MUTED, loc="left")
        quiet_frame(axes)
    figure.suptitle(f"{title}\nshaded: the regions that hold 20, 40, 60, 80 and 95 % of the mass", fontsize=LABEL)
    return figure


def _dots(rows: Numbers) -> dict[str, Any]:
    return {**_DOTS, "s": _SIZES[len(rows) > _FEW]}


def _row(figure: Figure, count: int) -> list[Axes]:
    return list(figure.subplots(1, count, squeeze=False)[0])


def _window(rows: Numbers) -> tuple[Numbers, Numbers]:
    """Where nearly all rows are, and a margin."""
    low, high = np.quantile(rows, [0.002, 0.998], axis=0)
    margin = np.where(high > low, _MARGIN * (high - low), np.maximum(0.5, 1e-3 * np.abs(low)))  # of a single value
    return low - margin, high + margin


def _contours(axes: Axes, sides: Sequence[Numbers], heights: Numbers, levels: Numbers) -> None:
    colours = LinearSegmentedColormap.from_list("mass", ["#eef4f9", BLUE])(np.linspace(0, 0.7, len(levels)))
    rising = np.maximum.accumulate(levels + 1e-9 * np.arange(len(levels)))  # as contours must be
    axes.contourf(*sides, heights, levels=[*rising, np.inf], colors=colours)
    axes.contour(*sides, heights, levels=rising, colors=MUTED, linewidths=0.5, linestyles="solid")


def draw_pairs(samples: Numbers, data: Numbers | None, names: Sequence[str], title: str) -> Figure:
    """Draw every pair of variables: data below the diagonal, samples above, both on it.

    Args:
        samples: Shape ``(n, D)``; the first variables are drawn if there are many.
        data: Rows to compare with, or ``None``: samples are then alone, below.
        names: Of the variables.
        title: Above all.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 3))
        >>> len(draw_pairs(rows, rows, ["a", "b", "c"], "Three variables").axes)
        9
    """
    shown = min(MOST, len(names))
    of_all = f" (the first {shown} of {len(names)} variables)" if shown < len(names) else ""
    key = (
        f"{len(samples):,} samples"
        if data is None
        else "below the diagonal data (orange), above samples (blue), on it both"
    )
    figure = new_figure(max(3.6, 1.5 * shown + 0.6), max(3.4, 1.5 * shown + 0.7))
    figure.suptitle(f"{title}{of_all}\n{key}", fontsize=LABEL if shown > 2 else SMALL)
    low, high = _window(samples if data is None else np.concatenate([samples, data]))
    for (i, j), axes in zip(
        product(range(shown), repeat=2), figure.subplots(shown, shown, squeeze=False).flat, strict=True
    ):
        rows, colour = (samples, BLUE) if data is None or j > i else (data, VERMILION)
        axes.set_xlim(low[j], high[j])
        if i == j:
            _histograms(axes, samples[:, i], None if data is None else data[:, i], (low[i], high[i]))
        elif j > i and data is None:
            axes.set_axis_off()
        else:
            axes.scatter(rows[:, j], rows[:, i], color=colour, alpha=0.35, **_dots(rows))
            axes.set_ylim(low[i], high[i])
        _label(axes, names[j] if i == shown - 1 else "", names[i] if j == 0 else "", bare=i == j)
    return figure


def _histograms(axes: Axes, samples: Numbers, data: Numbers | None, window: tuple[float, float]) -> None:
    for values, colour in ((data, VERMILION), (samples, BLUE)):
        if values is not None:
            axes.hist(values, bins=40, range=window, density=True, histtype="step", color=colour, linewidth=1.2)


def _label(axes: Axes, below: str, left: str, *, bare: bool) -> None:
    """Ticks and names on the outer sides only; heights of histograms say nothing."""
    quiet_frame(axes)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(3))
    axes.set_xlabel(below, fontsize=LABEL, color=INK)
    axes.set_ylabel(left, fontsize=LABEL, color=INK)
    axes.tick_params(labelbottom=bool(below), labelleft=bool(left) and not bare, left=not bare)
