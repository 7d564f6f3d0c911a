"""Evidence on the command line: ``'name=value,...'`` or a file."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tailormade.training.likelihood import Model


class GivenRows(NamedTuple):
    """Evidence in rows that all observe the same variables.

    Attributes:
        values: Shape ``(rows, D)``; NaN where nothing is observed.
        observed: Numbers of the observed variables.
    """

    values: Any
    observed: list[int]


def read_given(text: str, model: "Model") -> GivenRows:
    """Read evidence: one row of ``'name=value,...'``, a ``.csv`` of some of the columns, or an ``.npy`` with NaN.

    Raises:
        ValueError: If it is none of these, a name is unknown or repeated, or a value is not a number.
    """
    path = Path(text)
    if path.suffix == ".npy":
        return _from_array(path, model)
    if path.suffix == ".csv":
        return _from_csv(path, model)
    pairs = [word.partition("=") for word in text.split(",")]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError(f"given: expected 'NAME=VALUE,...' or a file ending in .csv or .npy, got '{text}'.")
    try:
        numbers = [[float(value) for _, _, value in pairs]]
    except ValueError:
        raise ValueError(f"given: expected numbers as values, got '{text}'.") from None
    return _placed([name.strip() for name, _, _ in pairs], numbers, model)


def _from_csv(path: Path, model: "Model") -> GivenRows:
    from tailormade.datasets import read_dataset

    try:
        data = read_dataset(path)
    except ValueError:
        if not path.is_file() or not _has_gap(path):
            raise
        raise ValueError(
            f"{path}: expected a number in every cell, got an empty one. Leave columns that are not known out of the "
            "CSV, or give an .npy of all columns with NaN where nothing is known."
        ) from None
    return _placed(list(data.columns or ()), data.part("all"), model)


def _has_gap(path: Path) -> bool:
    """Whether a cell is empty."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return any(not cell.strip() for row in csv.reader(file) for cell in row)


def _placed(names: list[str], numbers: Any, model: "Model") -> GivenRows:  # noqa: ANN401 - rows of numbers
    import numpy as np

    observed = [_number(name, model) for name in names]
    if len(set(observed)) < len(observed):
        raise ValueError(f"given: expected different columns, got {names}.")
    values = np.full((len(numbers), model.features), np.nan)
    values[:, observed] = numbers
    return GivenRows(values, observed)


def _number(name: str, model: "Model") -> int:
    """The variable of a name, or of a number from 0."""
    from tailormade.queries.observed import variable_names

    names = variable_names(model)
    if name in names:
        return names.index(name)
    if name.isdecimal() and int(name) < len(names):
        return int(name)
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    raise ValueError(f"given: there is no column '{name}'; expected one of {shown} or a number in 0..{len(names) - 1}.")


def _from_array(path: Path, model: "Model") -> GivenRows:
    import numpy as np

    try:
        values = np.atleast_2d(np.load(path, allow_pickle=False))
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: cannot be read as a numpy file ({error}).") from None
    if values.ndim != 2 or values.shape[1] != model.features or values.dtype.kind not in "biuf" or not len(values):
        raise ValueError(
            f"{path}: expected rows of {model.features} numbers, NaN where nothing is observed, got shape "
            f"{values.shape} of {values.dtype}."
        )
    values = values.astype(float)
    missing = np.isnan(values)
    if (missing != missing[0]).any():
        row = int((missing != missing[0]).any(1).argmax())
        raise ValueError(
            f"{path}: row {row} (counted from 0) has other missing cells than row 0; ask once for each pattern."
        )
    return GivenRows(values, np.flatnonzero(~missing[0]).tolist())
