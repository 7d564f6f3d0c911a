"""Tables in files: CSV and Parquet whole or block by block, and NumPy archives of ``data`` and ``columns``.

A whole file is read with the types that all its rows allow. Block by block, the cells of a CSV stay text, because what
they are is known to the schema, which then names a cell that does not fit by row and column. Missing cells of a CSV
are empty, or ``?``, ``NA``, ``NaN``, ``null`` and the like.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tailormade.files import open_atomically
from tailormade.tables.csvtables import read_csv, scan_csv, write_csv
from tailormade.tables.damage import Reading
from tailormade.tables.frames import Frame, Table, check_table, table_of

SUFFIXES = (".csv", ".parquet", ".npz")


def read_table(path: str | Path) -> Table:
    r"""Read a whole table.

    Args:
        path: A ``.csv``, a ``.parquet``, or an ``.npz`` with ``data`` and, if they have names, ``columns``.

    Returns:
        A ``pyarrow.Table``.

    Raises:
        ValueError: If the file is missing, empty or damaged, rows differ in length, or names repeat.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "x.csv"
        ...     _ = path.write_text("a,b\n1,x\n?,y\n")
        ...     read_table(path).to_pylist()
        [{'a': 1, 'b': 'x'}, {'a': None, 'b': 'y'}]
    """
    path = _checked(path)
    table = {".csv": read_csv, ".parquet": _read_parquet, ".npz": _read_npz}[path.suffix](path)
    check_table(table, str(path))
    return table


def scan_table(path: str | Path, rows: int = 2**16) -> Iterator[Table]:
    """Read a table block by block, so that memory does not grow with the file.

    Args:
        path: As for :func:`read_table`.
        rows: In a block, at most.

    Yields:
        ``pyarrow.Table`` of at least one row; the columns of a CSV are text.

    Raises:
        ValueError: As :func:`read_table` does, and if ``rows`` is below 1.
    """
    if rows < 1:
        raise ValueError(f"rows: expected at least 1, got {rows}.")
    path = _checked(path)
    blocks = {".csv": scan_csv, ".parquet": _scan_parquet, ".npz": _scan_npz}[path.suffix](path, rows)
    first = next(blocks, None)
    if first is None:
        raise ValueError(f"{path}: expected at least one row, got an empty table.")
    check_table(first, str(path))
    yield first
    yield from blocks


def write_table(path: str | Path, frames: Iterable[Frame]) -> None:
    """Write frames one under the other; the file appears, or replaces an older one, when it is complete.

    Args:
        path: A ``.csv`` or ``.parquet``.
        frames: Of any kind, taken one after another; all with the columns of the first.

    Raises:
        ValueError: If there is no frame, their columns differ, or the suffix is another.
        OSError: If the file cannot be written.
    """
    path = Path(path)
    if path.suffix not in (".csv", ".parquet"):
        raise ValueError(f"{path}: expected a name that ends in .csv or .parquet.")
    tables = (table_of(frame) for frame in frames)
    first = next(tables, None)
    if first is None:
        raise ValueError(f"{path}: expected at least one frame to write, got none.")
    with open_atomically(path) as file:
        write = write_csv if path.suffix == ".csv" else _write_parquet
        write(file, first.schema, (_cast(table, first.schema) for table in chain([first], tables)))


def _checked(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path}: expected a file that ends in one of {list(SUFFIXES)}.")
    if not path.is_file():
        raise ValueError(f"{path}: expected a file, found none.")
    return path


def _read_parquet(path: Path) -> Table:
    from pyarrow.parquet import ParquetFile

    with Reading(path, "Parquet"), ParquetFile(path) as file:
        return without_index(file.read())


def _scan_parquet(path: Path, rows: int) -> Iterator[Table]:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with Reading(path, "Parquet"), ParquetFile(path) as file:
        for batch in file.iter_batches(rows):
            if batch.num_rows:
                yield without_index(pa.Table.from_batches([batch]))


def without_index(table: Table) -> Table:
    """Return a table without an index of pandas that has no name."""
    return table.select([i for i, name in enumerate(table.column_names) if not name.startswith("__index_level_")])


def _read_npz(path: Path) -> Table:
    with Reading(path, "NumPy archive"), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files if name in ("data", "columns")}
    if "data" not in arrays:
        raise ValueError(f"{path}: expected an array 'data', and 'columns' with their names, got neither.")
    names = [str(name) for name in arrays["columns"].ravel()] if "columns" in arrays else None
    return table_of(arrays["data"], names)


def _scan_npz(path: Path, rows: int) -> Iterator[Table]:
    table = _read_npz(path)
    return (table.slice(i, rows) for i in range(0, len(table), rows))


def _cast(table: Table, schema: Any) -> Table:  # noqa: ANN401 - a pyarrow schema
    if set(table.column_names) != set(schema.names):
        raise ValueError(f"frames: expected columns {schema.names} in each, got {table.column_names}.")
    return table.select(schema.names).cast(schema)


def _write_parquet(file: BinaryIO, schema: Any, tables: Iterable[Table]) -> None:  # noqa: ANN401 - a pyarrow schema
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(file, schema) as writer:
        for table in tables:
            writer.write_table(table)
