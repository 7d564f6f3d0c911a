"""Numeric CSV files, read by pyarrow."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_csv(path: Path) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Read a CSV of numbers whose first line names the columns.

    A first line of numbers is data: columns are then called by their number.

    Returns:
        Names of the columns, and the table.

    Raises:
        ValueError: If rows differ in length, a cell is empty or not a number, or names repeat.
    """
    table = _read(path)
    names = tuple(table.column_names)
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: expected a different name for each column, got {list(names)}.")
    if table.num_rows == 0:
        raise ValueError(f"{path}: expected at least one row under the names of the columns, got none.")
    columns = [_numbers(path, name, table.column(name)) for name in names]
    return names, np.stack(columns, 1)


def _read(path: Path) -> Any:  # noqa: ANN401 - a pyarrow table
    import pyarrow as pa
    from pyarrow import csv

    options = None
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline().strip().split(",")
        if all(_is_number(cell) for cell in first):
            options = csv.ReadOptions(column_names=[str(i) for i in range(len(first))])
        return csv.read_csv(path, read_options=options)
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"{path}: cannot be read as CSV ({str(error).splitlines()[0]}); expected the same number of cells, "
            "separated by commas, in every row."
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: cannot be read as CSV (it is no UTF-8 text).") from None


def _numbers(path: Path, name: str, column: Any) -> NDArray[Any]:  # noqa: ANN401 - a pyarrow array
    import pyarrow as pa

    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
        raise ValueError(f"{path}: column '{name}' has an empty cell in row {row} (counted from 0); expected a number.")
    if pa.types.is_boolean(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.uint8)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        values = [str(v) for v in column.to_pylist()]
        row, value = next(((i, v) for i, v in enumerate(values) if not _is_number(v)), (0, values[0]))
        raise ValueError(
            f"{path}: column '{name}' has '{value}' in row {row} (counted from 0); expected numbers only. "
            "Code categories as 0, 1, 2, ... and use --conditional categorical."
        )
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
