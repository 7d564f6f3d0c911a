"""From a data file to what a fit needs: conditionals, rows to train and validate on, their contexts."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailormade.conditionals import Conditional
    from tailormade.datasets import Array, Dataset
    from tailormade.training import Stream


_OTHERS = {"bernoulli": " Codes 0, 1, 2, ... need --conditional categorical, other numbers --model maf."}


@dataclass(frozen=True)
class FitRows:
    """Hold the rows of a fit.

    Attributes:
        source: The file.
        conditionals: One for each variable; none for a flow.
        train: Training rows, shape ``(rows, D)``, or a stream of them, which holds validation rows out itself.
        valid: Validation rows; ``None`` beside a stream.
        context: Contexts of the training rows, ``None`` without context.
        valid_context: Contexts of the validation rows.
        variables: Names of the variables.
        given: Names of the context's columns.
        columns: Names of all columns, if the file has them.
        fingerprints: Hashes of the tables in the file that the fit has seen.
    """

    source: str
    conditionals: "list[Conditional]"
    train: "Array | Stream"
    valid: "Array | None"
    context: "Array | None"
    valid_context: "Array | None"
    variables: list[str]
    given: list[str]
    columns: list[str] | None
    fingerprints: list[str]

    def notes(self) -> dict[str, Any]:
        """Return what is kept with the model about its columns."""
        notes: dict[str, Any] = {"fitted_rows": self.fingerprints}
        if self.columns is not None or self.given:
            notes["columns"] = self.variables
        if self.columns is not None:
            notes["all_columns"] = self.columns
        if self.given:
            notes["context_columns"] = self.given
        return notes

    def describe(self) -> str:
        """Say what they are in one line."""
        given = f" given {', '.join(self.given)}" if self.given else ""
        held = getattr(self.train, "held", 0) if self.valid is None else len(self.valid)
        place = ", read from disk" if self.valid is None else ""
        rows = f"{len(self.train)} training and {held} validation rows"
        return f"{self.source}: {rows} of {len(self.variables)} variables{given}{place}"


def read_fit_rows(
    path: Path, key: str | None, context: str | None, conditional: str | None, valid_fraction: float, seed: int
) -> FitRows:
    """Read a file, check every value where it stands in it, and divide it.

    Args:
        path: The file.
        key: Array to take from an ``.npz``.
        context: Columns to condition on, with commas between them.
        conditional: Of all variables; ``None`` for a flow, which takes any number.
        valid_fraction: Rows to set aside where the file has not done so.
        seed: Fixes which.

    Raises:
        ValueError: If the file, a column or a value is not what it should be.
    """
    if not 0 < valid_fraction < 1:
        raise ValueError(f"valid_fraction: expected a fraction in (0, 1), got {valid_fraction}.")
    from tailormade.cli.streams import is_large, stream_rows
    from tailormade.datasets import read_dataset
    from tailormade.training.data import as_rows, fingerprint

    if key is None and is_large(path):
        return stream_rows(path, context, conditional, valid_fraction, seed)

    whole = read_dataset(path, key)
    given = whole.column_numbers([c.strip() for c in context.split(",")]) if context else []
    rest = _variables(whole, given)
    conditionals = [] if conditional is None else _conditionals(whole, rest, conditional)
    tables = whole.split(valid_fraction, seed)
    train, valid = tables.part("train"), tables.part("valid")
    names = whole.columns or tuple(f"x{i}" for i in range(train.shape[1]))
    return FitRows(
        str(path), conditionals, train[:, rest] if given else train, valid[:, rest] if given else valid,
        train[:, given] if given else None, valid[:, given] if given else None, [names[i] for i in rest],
        [names[i] if whole.columns else str(i) for i in given], list(whole.columns) if whole.columns else None,
        [fingerprint([as_rows(part, table)]) for part, table in whole.parts.items() if part != "test"],
    )  # fmt: skip


def _variables(whole: "Dataset", given: list[int]) -> list[int]:
    widths = {name: table.shape[1] for name, table in whole.parts.items() if name != "test"}
    if not widths:
        whole.part("train")  # says what there is instead
    if len(set(widths.values())) > 1:
        raise ValueError(
            f"{whole.source}: train has {widths['train']} columns, valid {widths['valid']}; expected equally many."
        )
    rest = [i for i in range(next(iter(widths.values()))) if i not in given]
    if not rest:
        raise ValueError("context: expected at least one column to be left as a variable, got all of them.")
    return rest


def _conditionals(whole: "Dataset", rest: list[int], name: str) -> "list[Conditional]":
    from tailormade.conditionals import Layout
    from tailormade.conditionals.support import check_values
    from tailormade.training import as_rows

    tables = {part: table[:, rest] for part, table in whole.parts.items() if part != "test"}
    conditionals = families(whole.source, list(tables.values()), name)
    columns = None if whole.columns is None else [whole.columns[i] for i in rest]
    for part, table in tables.items():
        place = whole.source if part == "all" else f"{whole.source}, {part}"
        try:
            check_values(Layout(conditionals), place, as_rows(part, table), columns)
        except ValueError as error:
            raise ValueError(f"{error}{_OTHERS.get(name, '')}") from None
    return conditionals


def families(source: str, tables: "list[Array]", name: str) -> "list[Conditional]":
    """Return the conditional of each variable.

    Args:
        source: The file, for messages.
        tables: What their constants are read from: largest values, means and deviations.
        name: Of the family.

    Raises:
        ValueError: If there is no such family, or values are no codes.
    """
    import numpy as np

    from tailormade import Bernoulli, Categorical, NormalMixture

    if name == "bernoulli":
        return [Bernoulli()] * tables[0].shape[1]
    if name == "mixture":
        mean, spread = tables[0].mean(0), tables[0].std(0)
        return [NormalMixture(loc=float(m), scale=float(s) or 1.0) for m, s in zip(mean, spread, strict=True)]
    if name != "categorical":
        raise ValueError(f"conditional: expected auto, table, bernoulli, categorical or mixture, got '{name}'.")
    largest = np.max([table.max(0) for table in tables], 0).astype(float)
    bad = (largest % 1 != 0) | (largest >= 2**16)
    if bad.any():
        raise ValueError(
            f"{source}: categorical expects codes 0, 1, 2, ... below 65536 in every column, got {largest[bad][0]:g}."
        )
    return [Categorical(max(2, int(k) + 1)) for k in largest]
