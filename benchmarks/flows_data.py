"""The ``uci_*`` sets as densities of continuous variables: one base measure, and no spikes.

Columns are those of :func:`benchmarks.tables_data.comparable`. A column of a recorded resolution is spread evenly over
its cells, with the same noise for all models, so that no model gains by repeated values. A column with a spike is left
out: a value that is much more frequent than its cell is wide, or that recurs where no resolution is known.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks.tables_data import SEED, Array, parts_of, set_names, usual_step

MOST_RECURRING = 0.02  # share of rows with one value, where no resolution is known
HIGHEST_PEAK = 25.0  # of a cell's density, relative to an even one over nine tenths of the rows


class Split(NamedTuple):
    """Rows ``(n, D)`` in units of the training rows' deviations, names of columns, and means and deviations."""

    train: Tensor
    valid: Tensor
    test: Tensor
    columns: list[str]
    units: tuple[Tensor, Tensor]


def has_spike(x: Array, step: float | None) -> bool:
    """Return whether a value stands out that no resolution explains.

    Example:
        >>> x = np.arange(100.0)
        >>> has_spike(x, 1.0), has_spike(np.where(x < 40, 0.0, x), 1.0)
        (False, True)
    """
    share = np.unique(x, return_counts=True)[1].max() / len(x)
    if step is None:
        return bool(share > MOST_RECURRING)
    low, high = np.quantile(x, [0.05, 0.95])
    return bool(share * (high - low) > HIGHEST_PEAK * step)


def usable(frame: pd.DataFrame) -> dict[str, float | None]:
    """Return the columns without spikes, and the resolution of each."""
    steps = {str(name): usual_step(frame[name].to_numpy()) for name in frame}
    return {name: step for name, step in steps.items() if not has_spike(frame[name].to_numpy(), step)}


def spread(frame: pd.DataFrame, steps: dict[str, float | None], generator: np.random.Generator) -> Array:
    """Return rows ``(n, D)``, each value anywhere in its cell."""
    widths = np.array([step or 0.0 for step in steps.values()])
    return frame[list(steps)].to_numpy(np.float64) + widths * (generator.random((len(frame), len(steps))) - 0.5)


def split_of(folder: Path, name: str) -> Split:
    """Return a set, standardised by its training rows."""
    parts, generator = parts_of(folder, name), np.random.default_rng(SEED)
    steps = usable(parts.train)
    rows = [spread(part, steps, generator) for part in parts]
    return standardised(*rows, columns=list(steps))


def standardised(train: Array, valid: Array, test: Array, columns: list[str]) -> Split:
    """Return parts in units of the training rows' deviations, in float32."""
    mean, deviation = train.mean(0), train.std(0)
    parts = (torch.as_tensor((part - mean) / deviation, dtype=torch.float32) for part in (train, valid, test))
    return Split(*parts, columns, (torch.as_tensor(mean).float(), torch.as_tensor(deviation).float()))


def usable_sets(folder: Path) -> list[str]:
    """Return the ``uci_*`` sets of which at least two columns can be used."""
    names = [name for name in set_names(folder) if name.startswith("uci_")]
    return [name for name in names if len(usable(parts_of(folder, name).train)) > 1]
