"""Numeric Parquet files, read by pyarrow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tailormade.csvfile import numbers_of


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Read a Parquet file of numbers; pandas' index, if it has no name, is no column.

    Args:
        path: The file.
        columns: Those to take, in this order, whatever the others hold; all if ``None``.

    Returns:
        Names of the columns, and the table.

    Raises:
        ValueError: If the file is damaged, a cell is empty or not a number, or names repeat.
    """
    table = _read(path)
    kept = [i for i, name in enumerate(table.column_names) if not _is_index(name)]
    return numbers_of(path, table.select(kept), columns)


def _is_index(name: str) -> bool:
    return name.startswith("__index_level_")


def _read(path: Path) -> Any:  # noqa: ANN401 - a pyarrow table
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); it may be truncated."
        ) from None
    return pa.table([_plain(column) for column in table.columns], names=table.column_names)


def _plain(column: Any) -> Any:  # noqa: ANN401 - a pyarrow array
    """Exact decimals as floating numbers, everything else as it is."""
    import pyarrow as pa

    return column.cast(pa.float64()) if pa.types.is_decimal(column.type) else column
