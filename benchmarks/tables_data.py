"""The tables that the benchmarks of tables use: read, reduced, split; and the models fitted to them.

A split is 80/10/10 by seed with equal rows on one side, since a copy of a training row among the test rows rewards
memory. Every model, ours and the baselines, is fitted to the first two parts together ("fit rows"): ours sets
validation rows aside by itself, a baseline chooses its hyper-parameters by the second part and is then fitted again.
Models are kept in a folder, by name, and what is found there is used as it is.
"""

import json
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tailormade.estimator import DensityEstimator
from tailormade.tables import Schema, SchemaWarning
from tailormade.tables.numbers import MOST_STEPS, STEPS

SEED = 0
LEAST_DISTINCT = 20  # values of a column whose density can be compared
MOST_CORRELATED = 0.98
MOST_CELLS = 0.9  # are multiples of a resolution, for it to be that of a column

Array = NDArray[np.float64]


class Parts(NamedTuple):
    """A table in three."""

    train: pd.DataFrame
    valid: pd.DataFrame
    test: pd.DataFrame

    @property
    def fit(self) -> pd.DataFrame:
        """Rows that a model may be fitted to."""
        return pd.concat([self.train, self.valid], ignore_index=True)


def set_names(folder: Path) -> list[str]:
    """Return the names of all sets there are."""
    return ["adult", "diamonds", *sorted(path.stem for path in folder.glob("uci_*.npz"))]


def read(path: Path, unknown: str | None = None) -> pd.DataFrame:
    """Read a table; ``?`` is a missing cell, or the text ``unknown``."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            return pd.DataFrame(file["data"], columns=[str(name) for name in file["columns"]])
    frame = pd.read_csv(path, na_values=["?"], keep_default_na=False)
    return frame if unknown is None else frame.fillna(unknown)


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers without columns of few distinct values, and without near copies of an earlier one.

    Example:
        >>> x = np.arange(30.0)
        >>> list(comparable(pd.DataFrame({"x": x, "twice": 2 * x, "parity": x % 2, "power": x**4})))
        ['x', 'power']
    """
    kept: list[str] = []
    for name in frame:
        correlations = [abs(np.corrcoef(frame[name], frame[earlier])[0, 1]) for earlier in kept]
        if frame[name].nunique() >= LEAST_DISTINCT and all(r <= MOST_CORRELATED for r in correlations):
            kept.append(str(name))
    return frame[kept]


def divide(frame: pd.DataFrame, shares: Sequence[float], seed: int = SEED) -> list[pd.DataFrame]:
    """Split rows at random into parts of about these shares, which add up to 1; equal rows are in the same part."""
    group = frame.groupby(list(frame.columns), dropna=False, sort=False).ngroup().to_numpy()
    place = np.random.default_rng(seed).permutation(group.max() + 1)[group]
    seen = np.argsort(np.argsort(place, kind="stable"), kind="stable")  # rows in the order of their groups' places
    first = np.full(group.max() + 1, len(frame))
    np.minimum.at(first, group, seen)
    part = np.searchsorted(np.cumsum(shares)[:-1] * len(frame), first[group], side="right")
    return [frame[part == i].reset_index(drop=True) for i in range(len(shares))]


def parts_of(folder: Path, name: str, *, unknown: str | None = None, whole: bool = False) -> Parts:
    """Return a set in three parts.

    Args:
        folder: Where the files lie.
        name: Of the set. The test rows of ``'adult'`` are those of its own test file.
        unknown: Text for the missing cells of ``'adult'``; they stay missing if ``None``.
        whole: Keep all columns of a set of numbers but the constant ones, instead of those that are comparable.
    """
    if name == "adult":
        train, test = (read(folder / f"adult_census_{part}.csv", unknown) for part in ("train", "test"))
        train, valid = divide(train, (0.9, 0.1))
        return Parts(train, valid, test)
    frame = read(folder / f"{name}.{'npz' if name.startswith('uci_') else 'csv'}")
    if name.startswith("uci_"):
        frame = frame.loc[:, frame.nunique() > 1] if whole else comparable(frame)
    return Parts._make(divide(frame, (0.8, 0.1, 0.1)))


def few(parts: Parts, rows: int) -> Parts:
    """Return a split of few rows for a trial; it is tested on rows it was fitted to, which have no new categories."""
    train, valid = parts.train.head(rows), parts.valid.head(rows // 2)
    return Parts(train, valid, train.head(rows // 2))


def measured_schema(frame: pd.DataFrame) -> Schema:
    """Infer a schema under which scores have one base measure, and none buys likelihood with repeated values.

    Where the resolution of a column is not known, a point mass would be a probability for one model and a density for
    another, so that there are none. If its values repeat, as in a column rounded for the most part, it is scored at
    the resolution of most cells, by all models.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaWarning)
        schema = Schema.infer(frame)
    for column in schema.variables:
        if column.kind == "continuous" and column.step is None:
            step = usual_step(frame[column.name].dropna().to_numpy())
            schema = schema.replace(column.name, atoms=(), step=step)
    return schema


def usual_step(x: Array) -> float | None:
    """Return the largest step of which most values are multiples, ``None`` if values hardly repeat.

    Example:
        >>> usual_step(np.array([0.5, 0.2, 0.5, 0.7, 0.2] * 9 + [1 / 3]))
        0.1
    """
    if len(np.unique(x)) > len(x) / 2:
        return None
    steps = [step for step in STEPS if np.ptp(x) <= MOST_STEPS * step]
    shares = [np.isclose(x, np.rint(x / step) * step, rtol=0, atol=1e-4 * step).mean() for step in steps]
    return next((step for step, share in zip(steps, shares, strict=True) if share >= MOST_CELLS), steps[-1])


def fitted(
    name: str, rows: pd.DataFrame, models: Path, *, epochs: int | None = None, schema: Schema | None = None
) -> tuple[DensityEstimator, dict[str, Any]]:
    """Return the model of this name from the folder, fitted first if it is not there; and how it was fitted."""
    folder, notes = models / name, models / f"{name}.json"
    if folder.exists():
        return DensityEstimator.load(folder), json.loads(notes.read_text())
    settings: Mapping[str, Any] = {} if epochs is None else {"max_epochs": epochs}
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaWarning)
        model = DensityEstimator(schema=schema, random_state=SEED, **settings).fit(rows)
    made = {"rows": len(rows), "seconds": round(time.perf_counter() - start, 1), **settings}
    models.mkdir(parents=True, exist_ok=True)
    model.save(folder)
    notes.write_text(json.dumps(made) + "\n")
    return model, made


def summary(values: Array) -> dict[str, float]:
    """Return mean and standard error."""
    return {"mean": float(values.mean()), "standard_error": float(values.std(ddof=1) / len(values) ** 0.5)}


def print_table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print a plain table, the first column to the left and the others to the right."""
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
    for line in [heads, *lines]:
        cells = [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())


def verdict(met: bool, target: str, found: str = "") -> str:
    """Say whether a target is met, print it, and return what was said."""
    said = f"{'met' if met else 'NOT MET'}: {target}" + (f" ({found})" if found else "")
    print(said)
    return said
