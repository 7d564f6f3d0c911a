"""Tables written block by block, so that memory does not grow with their number of rows.

Blocks are arrays of shape ``(n, D)``. The suffix of the name decides what they become: one array in an ``.npy``, lines
under the names of the columns in a ``.csv``, columns of their own types in a ``.parquet``. The file appears, or
replaces an older one, when it is complete; whatever goes wrong before leaves things as they were.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tailormade.files import open_atomically

Array = NDArray[Any]
Types = Sequence[np.dtype[Any]]

SUFFIXES = (".npy", ".csv", ".parquet")

_GROUP_ROWS = 2**15  # in a row group of a Parquet file: what it says about each column of each group adds up
_GROUP_CELLS = 2**23  # or fewer rows: an encoder takes some 15 bytes a cell


def write_rows(path: Path, blocks: Iterable[Array], names: Sequence[str], types: Types, rows: int) -> None:
    """Write a table whose blocks are made while it is written.

    Args:
        path: The file; its suffix is one of ``SUFFIXES``.
        blocks: Arrays of shape ``(n, D)``, taken one after another.
        names: Of the columns.
        types: Of the columns; an ``.npy`` has the one type that holds them all.
        rows: How many there will be.

    Raises:
        ValueError: If the blocks do not add up to that many rows of D columns.
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "x.npy"
        ...     write_rows(path, (np.eye(2) for _ in range(3)), ["a", "b"], [np.dtype("u1")] * 2, 6)
        ...     np.load(path).shape
        (6, 2)
    """
    write = {".npy": _write_npy, ".csv": _write_csv, ".parquet": _write_parquet}[path.suffix]
    with open_atomically(path) as file:
        write(file, _checked(blocks, (rows, len(names))), names, types, rows)


def csv_texts(blocks: Iterable[Array], names: Sequence[str], types: Types) -> Iterator[str]:
    """Yield a CSV piece by piece: the line of names, then the lines of each block.

    Names that are all numbers are quoted, as they could not be told from a row.
    """
    numbers = all(name.isdecimal() for name in names)
    yield _csv([names], csv.QUOTE_ALL if numbers else csv.QUOTE_MINIMAL)
    for block in blocks:
        yield _csv(cells(block, types), csv.QUOTE_MINIMAL)


def cells(block: Array, types: Types) -> list[Any]:
    """Return the rows of a block as Python's numbers, those of integer columns without a decimal point."""
    if all(kind.kind in "iu" for kind in types):
        return list(block.astype(np.int64).tolist())
    columns = (column.astype(kind).tolist() for column, kind in zip(block.T, types, strict=True))
    return list(zip(*columns, strict=True))


def _csv(rows: Iterable[Sequence[Any]], quoting: Any) -> str:  # noqa: ANN401 - a constant of the csv module
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def _checked(blocks: Iterable[Array], shape: tuple[int, int]) -> Iterator[Array]:
    """Pass blocks on, and see to it that they make up the table that was promised."""
    rows = 0
    for block in blocks:
        rows += len(block)
        if block.shape[1:] != shape[1:] or rows > shape[0]:
            raise ValueError(
                f"blocks: expected {shape[0]} rows of {shape[1]} columns, got {block.shape} at row {rows}."
            )
        yield block
    if rows < shape[0]:
        raise ValueError(f"blocks: expected {shape[0]} rows, got {rows}; give as many as are announced.")


def _write_npy(file: BinaryIO, blocks: Iterable[Array], names: Sequence[str], types: Types, rows: int) -> None:
    kind = np.result_type(*types)
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (rows, len(names))}
    np.lib.format.write_array_header_1_0(file, header)
    for block in blocks:
        file.write(block.astype(kind).tobytes())


def _write_csv(file: BinaryIO, blocks: Iterable[Array], names: Sequence[str], types: Types, rows: int) -> None:
    for text in csv_texts(blocks, names, types):
        file.write(text.encode())


def _write_parquet(file: BinaryIO, blocks: Iterable[Array], names: Sequence[str], types: Types, rows: int) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema([(name, pa.from_numpy_dtype(kind)) for name, kind in zip(names, types, strict=True)])
    with ParquetWriter(file, schema) as writer:
        for group in _groups(blocks, min(_GROUP_ROWS, _GROUP_CELLS // len(names))):
            columns = [pa.array(column.astype(kind)) for column, kind in zip(group.T, types, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _groups(blocks: Iterable[Array], rows: int) -> Iterator[Array]:
    """Join blocks until they have at least so many rows."""
    held: list[Array] = []
    for block in blocks:
        held.append(block)
        if sum(map(len, held)) >= rows:
            group, held = np.concatenate(held), []
            yield group
    if held:
        yield np.concatenate(held)
