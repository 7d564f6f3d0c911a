"""Tables of numbers that stay on disk and are read piece by piece: ``.npy`` files, arrays of a memory map, Parquet.

Rows lie in groups that can be read in any order: short runs of a NumPy file, the row groups of a Parquet file. A group
is read in pieces of bounded size, as some writers put a whole file into one group. A NumPy file is read, not mapped:
pages of a map count as memory of the process until the system takes them back.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_GROUP_BYTES = 2**18  # of a NumPy file: long enough to be read at full speed, short enough to be mixed well
_MOST_GROUPS = 2**20
_PIECE_CELLS = 2**20


class Piece(NamedTuple):
    """Consecutive rows: the number of the first, and their numbers ``(n, D)``."""

    first: int
    rows: Array


class RowBlocks(Protocol):
    """A table on disk.

    Attributes:
        source: Where it is, for messages.
        rows: How many.
        columns: Names of the columns, ``None`` if they have none.
        width: Number of columns.
        groups: Number of groups.
    """

    source: str
    rows: int
    columns: tuple[str, ...] | None
    width: int
    groups: int

    def read(self, group: int) -> Iterator[Piece]:
        """Read one group, piece by piece."""


class ArrayBlocks:
    """Rows of an array, such as a memory map of a ``.npy`` file.

    Args:
        array: Shape ``(rows, D)``, of numbers.
        source: What to call it in messages.

    Raises:
        ValueError: If it is no table of numbers.

    Example:
        >>> blocks = ArrayBlocks(np.arange(6).reshape(3, 2))
        >>> [piece.rows.tolist() for piece in blocks.read(0)]
        [[[0, 1], [2, 3], [4, 5]]]
    """

    columns: tuple[str, ...] | None = None

    def __init__(self, array: Array, source: str = "train") -> None:
        if array.ndim != 2 or 0 in array.shape or array.dtype.kind not in "biuf":
            raise ValueError(
                f"{source}: expected a table of numbers (rows, columns), got shape {array.shape} of {array.dtype}."
            )
        self.source, self.array = source, array
        self.rows, self.width = array.shape
        row = array.dtype.itemsize * self.width
        self.length = max(1, _GROUP_BYTES // row, -(-self.rows // _MOST_GROUPS))
        self.groups = -(-self.rows // self.length)

    def read(self, group: int) -> Iterator[Piece]:
        """Read one group."""
        first = group * self.length
        yield Piece(first, self._rows(first, min(self.length, self.rows - first)))

    def _rows(self, first: int, count: int) -> Array:
        return np.array(self.array[first : first + count])


class NpyBlocks(ArrayBlocks):
    """Rows of a ``.npy`` file.

    Args:
        path: The file.

    Raises:
        ValueError: If it is damaged, or holds no table of numbers.
    """

    def __init__(self, path: Path) -> None:
        try:
            mapped = np.lib.format.open_memmap(path, mode="r")
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(
                f"{path}: cannot be read as a numpy file ({error}); expected one table of numbers."
            ) from None
        super().__init__(mapped, str(path))
        self.path, self.offset, self.mapped = path, int(mapped.offset), mapped.flags.f_contiguous
        if self.width > 1 and self.mapped:
            raise ValueError(f"{path}: is stored column by column; save it with numpy.ascontiguousarray to stream it.")

    def _rows(self, first: int, count: int) -> Array:
        kind = self.array.dtype
        start = self.offset + first * self.width * kind.itemsize
        found = np.fromfile(self.path, kind, count * self.width, offset=start)
        if len(found) < count * self.width:
            raise ValueError(f"{self.path}: ends within row {first + len(found) // self.width}; it is truncated.")
        return found.reshape(count, self.width)


class ParquetBlocks:
    """Rows of a Parquet file of numbers.

    Args:
        path: The file; pandas' index, if it has no name, is no column.

    Raises:
        ValueError: If it is damaged or empty, or a column holds no numbers.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        with open_parquet(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
        names = [name for name in schema.names if not name.startswith("__index_level_")]
        tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
        bad = [n for n in names if not any(test(schema.field(n).type) for test in tests)]
        if bad or not names or not metadata.num_rows:
            what = f"column '{bad[0]}' of {schema.field(bad[0]).type}" if bad else "none"
            raise ValueError(f"{path}: expected rows of numbers in every column, got {what}.")
        self.path, self.source, self.names = path, str(path), tuple(names)
        self.columns: tuple[str, ...] | None = self.names
        self.rows, self.width, self.groups = metadata.num_rows, len(names), metadata.num_row_groups
        self.kind = np.result_type(*(_kind(schema.field(name).type) for name in names))
        self._firsts = group_starts(metadata)

    def read(self, group: int) -> Iterator[Piece]:
        """Read one row group, piece by piece.

        Raises:
            ValueError: If a cell is empty, or the file damaged.
        """
        first = self._firsts[group]
        for batch in read_group(self.path, group, self.width, self.names):
            yield Piece(first, self._numbers(batch, first))
            first += batch.num_rows

    def _numbers(self, batch: Any, first: int) -> Array:  # noqa: ANN401 - pyarrow has no types
        out = np.empty((batch.num_rows, self.width), self.kind)
        for i, (name, column) in enumerate(zip(self.names, batch.columns, strict=True)):
            if column.null_count:
                row = first + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
                raise ValueError(f"{self.path}: column '{name}' has an empty cell in row {row} (counted from 0).")
            out[:, i] = column.to_numpy(zero_copy_only=False)
        return out


def _kind(kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return np.dtype(np.uint8)
    return np.dtype(np.float64) if pa.types.is_decimal(kind) else np.dtype(kind.to_pandas_dtype())


def open_parquet(path: Path) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Open a Parquet file so that it is read page by page.

    Raises:
        ValueError: If it is none.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(path, buffer_size=2**20, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(
            f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); it may be truncated."
        ) from None


def group_starts(metadata: Any) -> list[int]:  # noqa: ANN401 - pyarrow has no types
    """Return the number of the first row of each row group."""
    counts = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    return [0, *np.cumsum(counts[:-1], dtype=int).tolist()]


def read_group(path: Path, group: int, width: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Read one row group as record batches of bounded size.

    Args:
        path: The file.
        group: Which.
        width: Number of columns, by which the batches are cut.
        columns: Those wanted, all if ``None``.

    Raises:
        ValueError: If the file is damaged.
    """
    import pyarrow as pa

    wanted = None if columns is None else list(columns)
    with open_parquet(path) as file:
        try:
            for batch in file.iter_batches(max(1, _PIECE_CELLS // width), [group], wanted, use_threads=False):
                if batch.num_rows:
                    yield batch
        except (pa.ArrowException, OSError) as error:
            raise ValueError(
                f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); it may be truncated."
            ) from None


def open_blocks(path: Path) -> RowBlocks:
    """Open a ``.npy`` or ``.parquet`` of numbers.

    Raises:
        ValueError: If it is neither, or damaged.
    """
    if path.suffix not in (".npy", ".parquet"):
        raise ValueError(f"{path}: expected a .npy or .parquet, which are read piece by piece, got '{path.suffix}'.")
    if not path.is_file():
        raise ValueError(f"{path}: expected a data file, found none.")
    return NpyBlocks(path) if path.suffix == ".npy" else ParquetBlocks(path)
