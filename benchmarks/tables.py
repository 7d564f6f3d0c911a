"""How likely are held-out rows, beside what a user would otherwise have fitted?

Mean log-likelihood of the test rows in nats, with its standard error, of our model, independent marginals, a Gaussian
mixture, a kernel density and a Chow-Liu tree; and the paired gap of ours to each, which is the mean of the differences
of rows. All models in a line have one base measure: categories, whole numbers and numbers of known resolution count as
the probability of the recorded cell, other numbers as a density, unless their values repeat (``measured_schema``). On
the sets of numbers (``uci_*``), columns of fewer than 20 distinct values and near copies of earlier ones (|r| > 0.98)
are dropped; on adult and diamonds nothing is. Gaussian mixture and kernel density are for numbers, and so are not
there on adult and diamonds. The cells that are missing in adult are summed out by every model. Who is fitted to what:
see ``benchmarks.tables_data``.

Run: python -m benchmarks.tables DATA [--models FOLDER] [--sets NAME ...] [--quick]
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import RESULTS, provenance, write_result
from benchmarks.tables_baselines import Array, Scorer, applies, gaussian_mixture, kernel_density, marginals
from benchmarks.tables_data import (
    SEED,
    Parts,
    few,
    fitted,
    measured_schema,
    parts_of,
    print_table,
    set_names,
    summary,
    verdict,
)
from benchmarks.tables_tree import chow_liu
from tailormade.estimator import DensityEstimator
from tailormade.tables import Column, Schema

BASELINES = {
    "marginals": marginals,
    "gaussian mixture": gaussian_mixture,
    "kernel density": kernel_density,
    "chow-liu": chow_liu,
}
NUMBERS_ONLY = ("gaussian mixture", "kernel density")
MANY = 1000  # rows from which on ours should be best
QUICK_ROWS, QUICK_EPOCHS = 400, 2


def to_probabilities(schema: Schema, x: Array) -> Array:
    """Return what turns the log-likelihood of encoded rows into that of recorded cells, shape ``(rows,)``.

    A continuous column of resolution δ is scored by a density, to which log δ is added, except at its point masses,
    which are probabilities already.
    """
    parts = [_to_probability(column, x[:, i]) for i, column in enumerate(schema.variables)]
    return np.sum(parts, axis=0)


def _to_probability(column: Column, x: Array) -> Array:
    if column.kind not in ("continuous", "datetime") or column.step is None:
        return np.zeros(len(x))
    atoms = np.rint(np.array(column.atoms) / column.step)
    there = ~np.isnan(x) & ~np.isin(np.rint(x / column.step), atoms)
    return np.where(there, np.log(column.step), 0.0)


def our_scores(model: DensityEstimator, parts: Parts) -> Array:
    """Return the log-probability of the test rows under the base measure of the baselines."""
    return np.asarray(
        model.score_samples(parts.test) + to_probabilities(model.schema_, model.schema_.encode(parts.test))
    )


def baseline_scores(schema: Schema, parts: Parts) -> dict[str, Array]:
    """Fit the baselines that apply, and score the test rows by them."""
    train, valid, test = (schema.encode(part) for part in parts)
    numbers = applies(np.concatenate([train, valid, test]), schema.variables)
    scores = {}
    for name, fit in BASELINES.items():
        if numbers or name not in NUMBERS_ONLY:
            scorer: Scorer = fit(train, valid, schema.variables)
            scores[name] = scorer(test)
    return scores


def compare(name: str, parts: Parts, models: Path, epochs: int | None) -> dict[str, Any]:
    """Return the figures of one set."""
    model, notes = fitted(name, parts.fit, models, epochs=epochs, schema=measured_schema(parts.fit))
    ours, others = our_scores(model, parts), baseline_scores(model.schema_, parts)
    gaps = {other: summary(ours - scores) for other, scores in others.items()}
    return {
        "rows": sum(len(part) for part in parts),
        "columns": len(model.schema_.variables),
        "densities": sum(c.kind == "continuous" and c.step is None for c in model.schema_.variables),
        "fit": notes,
        "ours": summary(ours),
        **{other: summary(scores) for other, scores in others.items()},
        "gaps": gaps,
        "best": all(gap["mean"] > 2 * gap["standard_error"] for gap in gaps.values()),
    }


def report(sets: dict[str, dict[str, Any]]) -> list[str]:
    """Print the table, and whether ours is best where it should be."""
    heads = ["set", "rows", "columns", "ours", *(f"gap to {name}" for name in BASELINES), "best"]
    lines = [
        [name, str(row["rows"]), str(row["columns"]), _shown(row["ours"])]
        + [_shown(row["gaps"].get(other)) for other in BASELINES]
        + ["yes" if row["best"] else "NO"]
        for name, row in sets.items()
    ]
    print_table(heads, lines)
    large = {name: row["best"] for name, row in sets.items() if row["rows"] > MANY}
    not_best = ", ".join(name for name, best in large.items() if not best)
    target = f"best by more than 2 standard errors on every set of more than {MANY} rows"
    return [verdict(bool(large) and not not_best, target, f"not on {not_best}" if not_best else ", ".join(large))]


def _shown(value: dict[str, float] | None) -> str:
    return "-" if value is None else f"{value['mean']:.3f} ± {value['standard_error']:.3f}"


def main() -> None:
    """Fit, measure, and write the result after every set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--models", type=Path, help="where fitted models are kept, or found")
    parser.add_argument("--sets", nargs="+", help="only these; figures of the others are kept from the last run")
    parser.add_argument("--quick", action="store_true", help="a trial of few rows and epochs, which writes nothing")
    arguments = parser.parse_args()
    origin, known = provenance(SEED), RESULTS / "tables.json"
    kept = json.loads(known.read_text())["sets"] if arguments.sets and known.exists() and not arguments.quick else {}
    with tempfile.TemporaryDirectory() as temporary:
        for name in arguments.sets or set_names(arguments.data):
            parts = parts_of(arguments.data, name)
            parts, epochs = (few(parts, QUICK_ROWS), QUICK_EPOCHS) if arguments.quick else (parts, None)
            models = Path(temporary) if arguments.quick else arguments.models or Path(temporary)
            kept[name] = compare(name, parts, models, epochs) | {"commit": origin["commit"]}
            print(name, _shown(kept[name]["ours"]), flush=True)
            if not arguments.quick:
                write_result("tables", {**origin, "sets": kept})
    targets = report(kept)
    if not arguments.quick:
        write_result("tables", {**origin, "sets": kept, "targets": targets})


if __name__ == "__main__":
    main()
