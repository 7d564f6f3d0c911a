"""Numeric CSV files, read by pyarrow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_csv(path: Path, columns: Sequence[str] | None = None) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Read a CSV of numbers whose first line names the columns.

    A first line of numbers is data, unless it is 0, 1, 2 and so on: columns are then called by their number.

    Args:
        path: The file.
        columns: Those to take, in this order, whatever the others hold; all if ``None``.

    Returns:
        Names of the columns, and the table.

    Raises:
        ValueError: If rows differ in length, a cell is empty or not a number, or names repeat.
    """
    return numbers_of(path, _read(path), columns)


def numbers_of(
    path: Path,
    table: Any,  # noqa: ANN401 - a pyarrow table
    columns: Sequence[str] | None = None,
) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return the names of a table's columns, and its numbers.

    Args:
        path: Where it was read from, for the message.
        table: A pyarrow table.
        columns: Those to take, in this order; all if ``None``.

    Raises:
        ValueError: If it has no rows, lacks a column, a cell is empty or not a number, or names repeat.
    """
    names = tuple(table.column_names)
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: expected a different name for each column, got {list(names)}.")
    if 0 in table.shape:
        raise ValueError(f"{path}: expected at least one row under the names of the columns, got none.")
    if columns is not None:
        if not set(columns) <= set(names):
            raise ValueError(f"{path}: expected the columns {list(columns)}, in any order, got {list(names)}.")
        names = tuple(columns)
    problems = [problem for name in names if (problem := _problem(name, table.column(name))) is not None]
    if problems:
        more = f" ({len(problems) - 3} more columns)" if len(problems) > 3 else ""
        raise ValueError(f"{path}: expected a number in every cell; {'; '.join(problems[:3])}{more}. {_advice(names)}")
    return names, np.stack([_numbers(table.column(name)) for name in names], 1)


def _advice(names: tuple[str, ...]) -> str:
    other = next((mark for mark in (";", "\t", "|") if len(names) == 1 and mark in names[0]), None)
    if other is not None:
        return f"Cells should be separated by commas, not by {other!r}."
    return "Text and missing cells are not supported yet: leave such columns out, or code them as 0, 1, 2, ..."


def unnamed_columns(path: Path) -> list[str] | None:
    """Return 0, 1, 2, ... for the columns of a CSV whose first line is a row of numbers, ``None`` if it has names.

    Raises:
        UnicodeDecodeError: If the line is no UTF-8 text.
    """
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().strip().split(",")
    numbered = [str(i) for i in range(len(first))]  # the names pandas gives to columns without any
    named = len(first) > 2 and first == numbered
    return numbered if all(_is_number(cell) for cell in first) and not named else None


def _read(path: Path) -> Any:  # noqa: ANN401 - a pyarrow table
    import pyarrow as pa
    from pyarrow import csv

    try:
        options = csv.ReadOptions(column_names=unnamed_columns(path))
        return csv.read_csv(path, read_options=options)
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"{path}: cannot be read as CSV ({str(error).splitlines()[0]}); expected the same number of cells, "
            "separated by commas, in every row."
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: cannot be read as CSV (it is no UTF-8 text).") from None


def _problem(name: str, column: Any) -> str | None:  # noqa: ANN401 - a pyarrow array
    """What keeps a column from being numbers, if anything does."""
    import pyarrow as pa

    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        return f"column '{name}' has an empty cell in row {row} (counted from 0)"
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return None
    values = [str(v) for v in column.to_pylist()]
    row, value = next(((i, v) for i, v in enumerate(values) if not _is_number(v)), (0, values[0]))
    return f"column '{name}' has '{value}' in row {row} (counted from 0)"


def _numbers(column: Any) -> NDArray[Any]:  # noqa: ANN401 - a pyarrow array
    values = np.asarray(column.to_numpy(zero_copy_only=False))
    return values.astype(np.uint8) if values.dtype.kind in "bO" else values


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
