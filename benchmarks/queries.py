"""How precise are answers to questions about a table, and how long do they take?

1000 random conjunctions on each of adult census (train) and diamonds, for a model fitted to the very table that is
asked: a random row, k from 2 to 8 of its columns, equality with its value for text, and for numbers at most, at least,
or between with the value of a second row. The truth is counted. A question is judged by its q-error, which is
max(estimate, truth) / min(estimate, truth) in rows, both at least 1. In adult a missing cell is the text 'unknown',
one category more: questions can name it, and it counts.

Run: python -m benchmarks.queries DATA [--models FOLDER] [--quick]
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.common import provenance, write_result
from benchmarks.tables_data import SEED, Array, fitted, print_table, read, verdict
from tailormade.estimator import DensityEstimator

QUESTIONS, MOST = 1000, 8
FILES = {"adult": "adult_census_train.csv", "diamonds": "diamonds.csv"}
MODELS = {"adult": "adult_unknown", "diamonds": "diamonds_whole"}
LIMITS = {"median": 1.15, "95th": 3.0, "99th": 10.0}
SLOWEST = 100.0  # milliseconds a question
QUICK_ROWS, QUICK_EPOCHS, QUICK_QUESTIONS = 1000, 2, 40


class Condition(NamedTuple):
    """One column's share in a question."""

    column: str
    operator: str
    values: tuple[Any, ...]

    def text(self) -> str:
        """Write it as the library reads it."""
        name = f"`{self.column}`"
        if self.operator == "between":
            return f"{name} between {self.values[0]!r} and {self.values[1]!r}"
        return f"{name} {self.operator} {self.values[0]!r}"

    def holds(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Return in which rows it holds."""
        cells, value = frame[self.column], self.values[0]
        if self.operator == "between":
            return cells.between(*self.values).to_numpy()
        compared = {"==": cells.eq, "<=": cells.le, ">=": cells.ge}[self.operator](value)
        return compared.to_numpy(dtype=bool)


def random_question(frame: pd.DataFrame, generator: np.random.Generator) -> list[Condition]:
    """Return conditions on 2 to 8 columns which a random row meets."""
    row, other = generator.integers(len(frame), size=2)
    count = generator.integers(2, min(MOST, len(frame.columns)) + 1)
    chosen = generator.permutation(len(frame.columns))[:count]
    return [_condition(frame.iloc[:, i], row, other, generator) for i in chosen]


def _condition(cells: "pd.Series[Any]", row: int, other: int, generator: np.random.Generator) -> Condition:
    values = cells.iloc[[row, other]].tolist()
    if not pd.api.types.is_numeric_dtype(cells):
        return Condition(str(cells.name), "==", (values[0],))
    operator = ("<=", ">=", "between")[generator.integers(3)]
    return Condition(str(cells.name), operator, tuple(sorted(values)) if operator == "between" else (values[0],))


def q_error(estimate: float, truth: float) -> float:
    """Return how many times too large or too small an estimate is, in rows, both at least 1.

    Example:
        >>> q_error(30, 10), q_error(5, 10), q_error(0.2, 1)
        (3.0, 2.0, 1.0)
    """
    low, high = sorted([max(float(estimate), 1.0), max(float(truth), 1.0)])
    return high / low


def ask(model: DensityEstimator, frame: pd.DataFrame, count: int) -> dict[str, Array]:
    """Return q-error, selectivity and milliseconds of every question."""
    generator, answers = np.random.default_rng(SEED), []
    for _ in range(count):
        conditions = random_question(frame, generator)
        truth = np.logical_and.reduce([condition.holds(frame) for condition in conditions]).mean()
        question = " and ".join(condition.text() for condition in conditions)
        start = time.perf_counter()
        estimate = float(model.probability(question, random_state=SEED))
        spent = 1e3 * (time.perf_counter() - start)
        answers.append((q_error(estimate * len(frame), truth * len(frame)), truth, spent))
    return dict(zip(("q_error", "selectivity", "milliseconds"), np.array(answers).T, strict=True))


def summarise(found: dict[str, Array]) -> dict[str, dict[str, float]]:
    """Return quantiles of the q-error over all questions, and by selectivity."""
    share = found["selectivity"]
    groups = {
        "all": share >= 0,
        "> 2 %": share > 0.02,
        "0.5-2 %": (share >= 0.005) & (share <= 0.02),
        "< 0.5 %": share < 0.005,
    }
    return {name: _quantiles(found["q_error"][mine]) for name, mine in groups.items() if mine.any()}


def _quantiles(errors: Array) -> dict[str, float]:
    median, high, higher = np.quantile(errors, [0.5, 0.95, 0.99])
    return {"questions": len(errors), "median": median, "95th": high, "99th": higher, "max": errors.max()}


def report(tables: dict[str, dict[str, Any]]) -> list[str]:
    """Print the table, and which targets are met."""
    heads = ["table", "selectivity", "questions", "median", "95th", "99th", "max", "ms"]
    lines = []
    for name, table in tables.items():
        for group, row in table["q_error"].items():
            shown = [f"{row[key]:.3g}" for key in ("median", "95th", "99th", "max")]
            spent = f"{table['milliseconds']:.1f}" if group == "all" else ""
            lines.append([name, group, str(row["questions"]), *shown, spent])
    print_table(heads, lines)
    said = []
    for name, table in tables.items():
        row = table["q_error"]["all"]
        for key, limit in LIMITS.items():
            said.append(verdict(row[key] <= limit, f"{name}: {key} q-error at most {limit:g}", f"{row[key]:.3g}"))
        spent = table["milliseconds"]
        said.append(verdict(spent < SLOWEST, f"{name}: under {SLOWEST:g} ms a question", f"{spent:.1f} ms"))
    return said


def main() -> None:
    """Fit, ask and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--models", type=Path, help="where fitted models are kept, or found")
    parser.add_argument("--quick", action="store_true", help="a trial of few rows and epochs, which writes nothing")
    arguments = parser.parse_args()
    origin, tables, quick = provenance(SEED), {}, arguments.quick
    with tempfile.TemporaryDirectory() as temporary:
        models = Path(temporary) if quick else arguments.models or Path(temporary)
        for name, file in FILES.items():
            frame = read(arguments.data / file, unknown="unknown").head(QUICK_ROWS if quick else None)
            model, notes = fitted(MODELS[name], frame, models, epochs=QUICK_EPOCHS if quick else None)
            found = ask(model, frame, QUICK_QUESTIONS if quick else QUESTIONS)
            spent = float(found["milliseconds"].mean())
            tables[name] = {"fit": notes, "q_error": summarise(found), "milliseconds": spent}
    targets = report(tables)
    if not quick:
        write_result("queries", {**origin, "tables": tables, "targets": targets})


if __name__ == "__main__":
    main()
