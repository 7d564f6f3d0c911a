"""Training curves: the negative log-likelihood per row, in nats, against the epoch.

The first epochs are often far above the rest and would flatten what matters, so the axis ends where the last nine
tenths of training lie; how many epochs are above it, and how far, is written into the picture. Nothing is smoothed.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tailormade.plots.style import BLUE, INK, LABEL, MUTED, SMALL, TITLE, VERMILION, new_figure, quiet_frame

Points = tuple[list[float], list[float]]


class HistoryLike(Protocol):
    """What training leaves behind."""

    @property
    def records(self) -> Sequence[Mapping[str, Any]]:
        """One mapping an epoch: ``epoch``, ``train_nll``, ``valid_nll`` (may be ``None``) and others."""

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights were kept, or ``None``."""


def training_curves(history: HistoryLike) -> Figure:
    """Draw training and validation negative log-likelihood against the epoch, the best epoch marked.

    Args:
        history: What ``fit`` returns. Values that are ``None`` or not finite are left out.

    Raises:
        ValueError: If there is no epoch to draw.

    Example:
        >>> from types import SimpleNamespace
        >>> records = [{"epoch": e, "train_nll": 9.0 / e, "valid_nll": 10.0 / e} for e in (1, 2, 3)]
        >>> figure = training_curves(SimpleNamespace(records=records, best_epoch=3))
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['training', 'validation']
    """
    train, valid = _points(history, "train_nll"), _points(history, "valid_nll")
    if not train[0] and not valid[0]:
        raise ValueError("history: expected at least one epoch with a finite train_nll or valid_nll, got none.")
    figure = new_figure(6.4, 4.0)
    axes = figure.add_subplot()
    for (epochs, values), name, colour in ((train, "training", BLUE), (valid, "validation", VERMILION)):
        if epochs:
            marker = "o" if len(epochs) <= 3 else ""
            axes.plot(epochs, values, color=colour, linewidth=1.8, marker=marker, markersize=4, label=name)
    axes.set_xlabel("epoch", fontsize=LABEL, color=INK)
    axes.set_ylabel("negative log-likelihood (nats per row)", fontsize=LABEL, color=INK)
    axes.set_title("Training", fontsize=TITLE, color=INK, loc="left")
    epochs = train[0] + valid[0]
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    quiet_frame(axes)
    _limit(axes, train, valid)
    _mark_best(axes, history.best_epoch, valid if valid[0] else train)
    axes.legend(frameon=False, fontsize=LABEL, labelcolor=INK, loc="best")
    return figure


def _points(history: HistoryLike, key: str) -> Points:
    """Epochs and values of one curve, without the missing ones."""
    found = [(float(record["epoch"]), record.get(key)) for record in history.records]
    kept = [(epoch, float(value)) for epoch, value in found if value is not None and math.isfinite(value)]
    return [epoch for epoch, _ in kept], [value for _, value in kept]


def _limit(axes: Axes, *curves: Points) -> None:
    """Set the range of the values by the last nine tenths of training, and say what lies above."""
    every = [value for _, values in curves for value in values]
    late = [value for _, values in curves for value in values[len(values) // 10 :]]
    low, high = min(every), max(late)
    margin = 0.06 * (high - low) or 0.05 * max(abs(high), 1.0)
    axes.set_ylim(low - 2.5 * margin, high + margin)
    above = {epoch for epochs, values in curves for epoch, v in zip(epochs, values, strict=True) if v > high + margin}
    if above:
        which = f"epoch {min(above):.0f} is" if len(above) == 1 else f"{len(above)} early epochs are"
        note = f"{which} above this range (up to {max(every):.4g} nats)"
        axes.set_title(note, fontsize=SMALL, color=MUTED, loc="right")


def _mark_best(axes: Axes, best: int | None, curve: Points) -> None:
    """Mark the best epoch, with its value in the free band below the curves."""
    if best is None or best not in curve[0]:
        return
    value = curve[1][curve[0].index(best)]
    axes.vlines(best, axes.get_ylim()[0], value, colors=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.plot([best], [value], marker="o", markersize=6, color=INK, zorder=4)
    left, right = axes.get_xlim()
    side = -1 if best > (left + right) / 2 else 1
    axes.annotate(
        f"best: epoch {best}, {value:.2f} nats", (best, 0.0), xycoords=("data", "axes fraction"), xytext=(6 * side, 5),
        textcoords="offset points", ha="right" if side < 0 else "left", va="bottom", fontsize=LABEL, color=INK,
    )  # fmt: skip
