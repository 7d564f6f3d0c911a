"""How well are gaps filled, and do the model's intervals hold what was there?

A fifth of the cells of the test rows, drawn by seed, are removed; the fit rows are as they are. Numbers are judged by
the root of the mean squared error in units of the column's standard deviation, text by the share that is right. Ours
is the mean of 100 completions of a row (for text, the most frequent), the interval their 5th to 95th percentile.
Beside it scikit-learn's ``IterativeImputer`` and ``KNNImputer``, to which text is one-hot coded numbers and the largest
wins, and ``SimpleImputer`` (mean, most frequent). All columns but constant ones are used. The numbers of some columns
repeat, so that an interval holds more than it promises; the coverage is therefore also given by the rank of the
truth among the completions, equal ones put in random order, which is right for any column. There are at most 2000 test
rows, and ``IterativeImputer`` is fitted to at most 10,000 rows.

Run: python -m benchmarks.imputation DATA [--models FOLDER] [--sets NAME ...] [--quick]
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.common import provenance, write_result
from benchmarks.imputation_methods import Coding, others
from benchmarks.tables_data import SEED, Array, Parts, few, fitted, parts_of, print_table, set_names, summary, verdict
from tailormade.estimator import DensityEstimator

REMOVED = 0.2
DRAWS, TEST_ROWS = 100, 2000
COVERED = (0.87, 0.93)
QUICK_ROWS, QUICK_EPOCHS, QUICK_DRAWS = 300, 2, 10


class Judged(NamedTuple):
    """What a method did with the removed cells."""

    squares: Array  # errors of numbers, squared
    right: Array  # of text, 1 or 0

    def figures(self) -> dict[str, float]:
        """Return RMSE and accuracy, as far as there are cells."""
        rmse = {"rmse": float(self.squares.mean() ** 0.5)} if len(self.squares) else {}
        return rmse | ({"accuracy": float(self.right.mean())} if len(self.right) else {})


def remove(frame: pd.DataFrame, seed: int = SEED) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return the table with a fifth of its cells missing, and which of those there were."""
    gone = (np.random.default_rng(seed).random(frame.shape) < REMOVED) & frame.notna().to_numpy()
    widened = frame.astype({name: float for name in frame.select_dtypes("number")})
    return widened.mask(gone), gone


def judge(filled: pd.DataFrame, truth: pd.DataFrame, gone: NDArray[np.bool_], coding: Coding) -> Judged:
    """Compare standardised tables in the removed cells."""
    squares, right = [np.empty(0)], [np.empty(0)]
    for i, name in enumerate(truth):
        ours, real = filled[name].to_numpy()[gone[:, i]], truth[name].to_numpy()[gone[:, i]]
        if name in coding.categories:
            right.append((ours == real).astype(float))
        else:
            squares.append((ours - real).astype(float) ** 2)
    return Judged(np.concatenate(squares), np.concatenate(right))


def completions(model: DensityEstimator, damaged: pd.DataFrame, draws: int) -> list[pd.DataFrame]:
    """Return the table completed several times."""
    return [model.impute(damaged, method="draw", random_state=seed) for seed in range(draws)]


def centre(drawn: list[pd.DataFrame], coding: Coding) -> pd.DataFrame:
    """Return the mean of the numbers and the most frequent text of every cell."""
    columns = {}
    for name in drawn[0]:
        cells = pd.DataFrame({i: frame[name].to_numpy() for i, frame in enumerate(drawn)})
        columns[name] = _most_frequent(cells) if name in coding.categories else cells.astype(float).mean(axis=1)
    return pd.DataFrame(columns)


def _most_frequent(cells: pd.DataFrame) -> "pd.Series[Any]":
    values = pd.unique(cells.to_numpy().ravel())
    counts = np.stack([cells.eq(value).sum(axis=1).to_numpy() for value in values], 1)
    return pd.Series(values[counts.argmax(1)])


def coverage(drawn: Array, truth: Array, seed: int = SEED) -> dict[str, float]:
    """Return how many cells lie in their 90 % interval, by its ends and by the rank of the truth.

    Args:
        drawn: Completions, shape ``(draws, cells)``.
        truth: Shape ``(cells,)``.
        seed: Of the order of what is equal.
    """
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0, method="weibull")  # of an exact model, holds 90 %
    inside = (_near(low, truth) | (low < truth)) & (_near(high, truth) | (truth < high))
    equal = _near(drawn, truth)
    below = ((drawn < truth) & ~equal).sum(0)
    uniform = (below + np.random.default_rng(seed).random(len(truth)) * (equal.sum(0) + 1)) / (len(drawn) + 1)
    return {
        "interval": float(inside.mean()),
        "rank": float(((uniform > 0.05) & (uniform <= 0.95)).mean()),
        "cells": len(truth),
    }


def _near(a: Array, b: Array) -> NDArray[np.bool_]:
    return np.asarray(np.isclose(a, b, rtol=1e-9, atol=1e-12))  # multiples of 0.1 differ in their last digits


def compare(name: str, parts: Parts, models: Path, epochs: int | None, draws: int) -> dict[str, Any]:
    """Return the figures of one set."""
    model, notes = fitted("adult" if name == "adult" else f"{name}_all", parts.fit, models, epochs=epochs)
    truth = parts.test.sample(min(TEST_ROWS, len(parts.test)), random_state=SEED).reset_index(drop=True)
    coding, (damaged, gone) = Coding.of(parts.fit), remove(truth)
    drawn = completions(model, damaged, draws)
    tables = {"ours": coding.standardise(centre(drawn, coding)), **others(parts.fit, damaged, coding)}
    judged = {m: judge(table, coding.standardise(truth), gone, coding) for m, table in tables.items()}
    numbers = [i for i, column in enumerate(truth) if column not in coding.categories]
    values = [np.stack([f.iloc[:, i].to_numpy(dtype=float)[gone[:, i]] for f in drawn]) for i in numbers]
    real = [truth.iloc[:, i].to_numpy(dtype=float)[gone[:, i]] for i in numbers]
    figures = {method: found.figures() for method, found in judged.items()}
    return {
        "fit": notes,
        "test_rows": len(truth),
        **figures,
        "no_worse": no_worse(figures),
        "gaps": gaps(judged),
        "coverage": coverage(np.concatenate(values, 1), np.concatenate(real)),
    }


def no_worse(figures: dict[str, dict[str, float]]) -> bool:
    """Return whether ours has the least RMSE and the highest accuracy."""
    ours, rest = figures["ours"], [row for method, row in figures.items() if method != "ours"]
    good = [ours["rmse"] <= min(row["rmse"] for row in rest)] if "rmse" in ours else []
    return all(good + ([ours["accuracy"] >= max(row["accuracy"] for row in rest)] if "accuracy" in ours else []))


def gaps(judged: dict[str, Judged]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the paired differences of squared errors and of hits to every other method, ours first."""
    ours, rest = judged["ours"], {method: found for method, found in judged.items() if method != "ours"}
    return {method: _gaps(ours, found) for method, found in rest.items()}


def _gaps(ours: Judged, theirs: Judged) -> dict[str, dict[str, float]]:
    pairs = zip(Judged._fields, ours, theirs, strict=True)
    return {kind: summary(mine - other) for kind, mine, other in pairs if len(mine)}


def report(sets: dict[str, dict[str, Any]]) -> list[str]:
    """Print the table, and which targets are met."""
    methods, lines = ("ours", "iterative", "nearest", "simple"), []
    for name, row in sets.items():
        for kind in ("rmse", "accuracy"):
            if kind in row["ours"]:
                covered = [f"{row['coverage'][k]:.1%}" if kind == "rmse" else "" for k in ("interval", "rank")]
                lines.append([name, kind, *(f"{row[m][kind]:.4f}" for m in methods), *covered])
    print_table(["set", "measure", *methods, "90 % interval", "by rank"], lines)
    good = [name for name, row in sets.items() if row["no_worse"]]
    held = sum(row["coverage"]["interval"] * row["coverage"]["cells"] for row in sets.values())
    share = held / sum(row["coverage"]["cells"] for row in sets.values())
    outside = [n for n, row in sets.items() if not COVERED[0] <= row["coverage"]["interval"] <= COVERED[1]]
    target = "no worse than the best of the others on two thirds of the sets"
    return [
        verdict(3 * len(good) >= 2 * len(sets), target, f"{len(good)} of {len(sets)}: {', '.join(good)}"),
        verdict(
            COVERED[0] <= share <= COVERED[1], "90 % intervals cover 87 to 93 %, all sets together", f"{share:.1%}"
        ),
        verdict(not outside, "90 % intervals cover 87 to 93 % on each set", f"outside: {', '.join(outside) or 'none'}"),
    ]


def main() -> None:
    """Fit, remove, fill and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--models", type=Path, help="where fitted models are kept, or found")
    parser.add_argument("--sets", nargs="+", help="only these")
    parser.add_argument("--quick", action="store_true", help="a trial of few rows and epochs, which writes nothing")
    arguments = parser.parse_args()
    origin, sets, quick = provenance(SEED), {}, arguments.quick
    names = arguments.sets or [name for name in set_names(arguments.data) if name != "diamonds"]
    with tempfile.TemporaryDirectory() as temporary:
        models = Path(temporary) if quick else arguments.models or Path(temporary)
        for name in names:
            parts = parts_of(arguments.data, name, whole=True)
            parts, epochs, draws = (
                (few(parts, QUICK_ROWS), QUICK_EPOCHS, QUICK_DRAWS) if quick else (parts, None, DRAWS)
            )
            sets[name] = compare(name, parts, models, epochs, draws)
            print(name, sets[name]["ours"], flush=True)
            if not quick:
                write_result("imputation", {**origin, "sets": sets})
    targets = report(sets)
    if not quick:
        write_result("imputation", {**origin, "sets": sets, "targets": targets})


if __name__ == "__main__":
    main()
