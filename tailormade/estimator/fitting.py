"""How a table is fitted when nobody says how: sizes, batches and the split by the number of rows.

Small tables get small networks with more dropout, large ones wider layers and larger batches; the sizes are first
choices, measured by ``benchmarks/tables.py``. Validation rows are a tenth of the rows, drawn by seed, with equal rows
kept on one side: a copy of a training row would reward memory. Rows of which there are so many that a tenth of them is
a row are divided like others, or states of a small table would be held out altogether and never learnt.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.density import MADE
from tailormade.random import derive
from tailormade.tables import Schema
from tailormade.training import FitConfig

_VALID_FRACTION = 0.1
_AVERAGED = 2.0  # epochs; without it the noise of the last steps biases what is rare (measured on adult census)
_LEAST_VALID = 10  # rows; below ten times as many nothing is set aside


class Recipe(NamedTuple):
    """Sizes that depend on the number of rows.

    Attributes:
        hidden_units: Widths of the hidden layers.
        batch_size: Rows in a step.
        dropout: Probability of dropping a hidden unit.
        weight_decay: AdamW's.
        learning_rate: Step size at the start.
        epochs: Passes over the rows at most; the step size falls to zero over them.
        patience: Epochs without improvement before stopping.
        components: Of the mixtures of numeric columns.
    """

    hidden_units: tuple[int, ...]
    batch_size: int
    dropout: float
    weight_decay: float
    learning_rate: float
    epochs: int
    patience: int
    components: int


def recipe(rows: int) -> Recipe:
    """Return the recipe for a number of training rows.

    Example:
        >>> recipe(300).hidden_units, recipe(30_000).hidden_units
        ((128, 128), (256, 256))
    """
    if rows < 2_000:
        return Recipe((128, 128), 16, 0.2, 0.05, 2e-3, 200, 30, 10)
    if rows < 15_000:
        return Recipe((128, 128), 128, 0.0, 0.01, 5e-3, 120, 20, 20)
    return Recipe((256, 256), 256, 0.1, 0.01, 2e-3, 60, 20, 10)


def split(x: NDArray[np.float64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of training and of validation rows; equal rows are on the same side, unless there are many.

    Args:
        x: Encoded rows, shape ``(rows, columns)``, NaN where missing.
        seed: Fixes the split.
    """
    if len(x) < 10 * _LEAST_VALID:
        return np.arange(len(x)), np.arange(0)
    group = _groups(x)
    rng = np.random.default_rng(derive(seed, "split"))
    places = rng.permutation(group.max() + 1)[group]
    held = places < np.quantile(places, _VALID_FRACTION)
    return np.flatnonzero(~held), np.flatnonzero(held)


def _groups(x: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number rows so that equal ones, up to ten of them, have one number, shape ``(rows,)``."""
    _, group, copies = np.unique(np.nan_to_num(x, nan=-np.inf), axis=0, return_inverse=True, return_counts=True)
    group = group.ravel()
    many = copies[group] * _VALID_FRACTION > 1
    group[many] = len(copies) + np.arange(many.sum())
    return group


def divide(schema: Schema, context: Sequence[str]) -> tuple[Schema, Schema | None]:
    """Return the schema with the context columns left out of the model, and that of the context alone.

    Raises:
        ValueError: If a context column does not exist, or nothing is left to model.
    """
    if not context:
        return schema, None
    schema.indices(context)
    inside = [column.name for column in schema.variables if column.name in set(context)]
    return _without(schema, inside), _without(schema, [name for name in schema.names if name not in inside])


def _without(schema: Schema, names: Sequence[str]) -> Schema:
    for name in names:
        schema = schema.replace(name, kind="ignored", categories=(), atoms=(), why="")
    return schema


def build(
    schema: Schema, context: int, rows: int, *, hidden_units: str | tuple[int, ...], orders: int, seed: int
) -> MADE:
    """Return a model for a schema, not yet fitted."""
    chosen = recipe(rows)
    return MADE(
        len(schema.names), context, conditionals=schema.conditionals(chosen.components), orders=orders, missing=True,
        direct=True,
        hidden_units=chosen.hidden_units if isinstance(hidden_units, str) else hidden_units,
        dropout=chosen.dropout, seed=seed,
    )  # fmt: skip


def config(rows: int, *, max_epochs: int, device: str | None, seed: int, progress: bool) -> FitConfig:
    """Return how a model is trained on so many rows."""
    chosen = recipe(rows)
    return FitConfig(
        max_epochs=min(max_epochs, chosen.epochs), batch_size=chosen.batch_size, weight_decay=chosen.weight_decay,
        patience=chosen.patience, learning_rate=chosen.learning_rate, clip_norm=10.0, seed=seed,
        average_epochs=_AVERAGED, device=device, progress=progress,
    )  # fmt: skip
