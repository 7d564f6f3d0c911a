"""Can generated rows be told from real ones, and do they teach a classifier the same?

On adult census and diamonds, as many rows are generated as there are test rows. Telling: gradient boosting learns to
tell them from the real test rows, and is asked about rows it has not seen (5-fold cross-validation over the union); an
area under the curve of 0.5 means that it cannot. Teaching: gradient boosting learns income, or cut, from generated rows
or from as many real fit rows, and both are tested on the real test rows. A generated row violates the schema if a cell
is missing, no known category, beyond a bound or between two multiples of the resolution. In adult a missing cell is the
text 'unknown', one category more: rows are generated without gaps, which would give the real ones away.

Run: python -m benchmarks.synthetic DATA [--models FOLDER] [--quick]
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.common import provenance, write_result
from benchmarks.tables_data import SEED, Array, Parts, few, fitted, parts_of, print_table, verdict
from tailormade.tables import Column, Schema

TARGETS = {"adult": "income", "diamonds": "cut"}
MODELS = {"adult": "adult_unknown", "diamonds": "diamonds"}
MOST_AUC, MOST_LOSS = 0.70, 0.02
QUICK_ROWS, QUICK_EPOCHS = 1000, 2


def violations(schema: Schema, x: Array) -> dict[str, int]:
    """Count the cells of encoded rows, shape ``(rows, D)``, that the schema does not allow, by column."""
    counts = {column.name: int(_wrong(column, x[:, i]).sum()) for i, column in enumerate(schema.variables)}
    return {name: count for name, count in counts.items() if count}


def _wrong(column: Column, x: Array) -> NDArray[np.bool_]:
    if column.coded:
        return ~np.isin(x, np.arange(len(column.categories)))
    margin = 1e-6 * (column.step or column.scale)
    low, high = -np.inf if column.low is None else column.low, np.inf if column.high is None else column.high
    wrong = ~np.isfinite(x) | (x < low - margin) | (x > high + margin)
    return wrong if column.step is None else wrong | (np.abs(x - np.rint(x / column.step) * column.step) > margin)


def booster(schema: Schema, names: tuple[str, ...]) -> HistGradientBoostingClassifier:
    """Return a gradient boosting that knows which of its columns are categories."""
    unordered = [schema.column(name).kind == "categorical" for name in names]
    return HistGradientBoostingClassifier(categorical_features=unordered, random_state=SEED)


def telling(schema: Schema, real: Array, made: Array) -> float:
    """Return the area under the curve at telling generated rows from real ones, by cross-validation."""
    x, y = np.concatenate([real, made]), np.repeat([0, 1], [len(real), len(made)])
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    scores = cross_val_predict(booster(schema, schema.names), x, y, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(y, scores))


def teaching(schema: Schema, rows: Array, test: Array, target: str) -> float:
    """Return the accuracy on test rows of a classifier of the target that learned from ``rows``."""
    i = schema.names.index(target)
    model = booster(schema, tuple(name for name in schema.names if name != target))
    model.fit(np.delete(rows, i, 1), rows[:, i])
    return float((model.predict(np.delete(test, i, 1)) == test[:, i]).mean())


def compare(name: str, parts: Parts, models: Path, epochs: int | None) -> dict[str, Any]:
    """Return the figures of one table."""
    model, notes = fitted(MODELS[name], parts.fit, models, epochs=epochs)
    frame = model.sample(len(parts.test), random_state=SEED)
    schema = model.schema_
    test, made = schema.encode(parts.test), schema.encode(frame)
    chosen = np.random.default_rng(SEED).permutation(len(parts.fit))[: len(made)]
    real = schema.encode(parts.fit)[chosen]
    return {
        "fit": notes,
        "rows": len(made),
        "auc": telling(schema, test, made),
        "accuracy": {
            "generated": teaching(schema, made, test, TARGETS[name]),
            "real": teaching(schema, real, test, TARGETS[name]),
        },
        "violations": violations(schema, made),
    }


def report(tables: dict[str, dict[str, Any]]) -> list[str]:
    """Print the table, and which targets are met."""
    lines, said = [], []
    for name, row in tables.items():
        accuracy, wrong = row["accuracy"], sum(row["violations"].values())
        lines.append(
            [name, str(row["rows"]), f"{row['auc']:.3f}", *(f"{a:.1%}" for a in accuracy.values()), str(wrong)]
        )
    print_table(["table", "rows", "AUC", "learned from generated", "from real", "violations"], lines)
    for name, row in tables.items():
        loss = row["accuracy"]["real"] - row["accuracy"]["generated"]
        said.append(verdict(row["auc"] <= MOST_AUC, f"{name}: AUC at most {MOST_AUC:.2f}", f"{row['auc']:.3f}"))
        said.append(verdict(loss <= MOST_LOSS, f"{name}: within 2 points of accuracy", f"{100 * loss:.1f} points"))
        said.append(
            verdict(not row["violations"], f"{name}: no generated row violates the schema", str(row["violations"]))
        )
    return said


def main() -> None:
    """Fit, generate, compare and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--models", type=Path, help="where fitted models are kept, or found")
    parser.add_argument("--quick", action="store_true", help="a trial of few rows and epochs, which writes nothing")
    arguments = parser.parse_args()
    origin, tables, quick = provenance(SEED), {}, arguments.quick
    with tempfile.TemporaryDirectory() as temporary:
        models = Path(temporary) if quick else arguments.models or Path(temporary)
        for name in TARGETS:
            parts = parts_of(arguments.data, name, unknown="unknown")
            parts, epochs = (few(parts, QUICK_ROWS), QUICK_EPOCHS) if quick else (parts, None)
            tables[name] = compare(name, parts, models, epochs)
    targets = report(tables)
    if not quick:
        write_result("synthetic", {**origin, "tables": tables, "targets": targets})


if __name__ == "__main__":
    main()
