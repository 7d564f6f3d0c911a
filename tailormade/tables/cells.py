"""The cells of one column as numbers or levels, whatever frame or file they came from.

Arrow has many types that mean the same to us. Numbers become float64, dates and times seconds since 1970, text and
booleans positions in a tuple of levels; a missing cell, or NaN in its place, becomes NaN or position -1.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cells = Any  # a pyarrow.ChunkedArray: pyarrow has no annotations

_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class BadCell(ValueError):
    """Report a cell that cannot be read, before the caller says where it is.

    Args:
        row: Of the cell, from 0.
        value: What it holds.
        expected: What it should hold.
    """

    def __init__(self, row: int, value: object, expected: str) -> None:
        super().__init__(f"row {row}: expected {expected}, got {value!r}")
        self.row, self.value, self.expected = row, value, expected


class Levels(NamedTuple):
    """Distinct values of a column of text or booleans, and for every cell the position of its own, or -1."""

    values: tuple[Any, ...]
    positions: Array
    ordered: bool


def sort_of(cells: Cells) -> str:
    """Return what the cells hold: ``'text'``, ``'truth'``, ``'number'``, ``'date'``, ``'nothing'`` or ``'other'``."""
    import pyarrow as pa

    kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
    tests = {
        "text": [pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_time],
        "truth": [pa.types.is_boolean],
        "number": [pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal],
        "date": [pa.types.is_date, pa.types.is_timestamp],
        "nothing": [pa.types.is_null],
    }
    return next((sort for sort, checks in tests.items() if any(check(kind) for check in checks)), "other")


def dtype_of(cells: Cells) -> str:
    """Return the name under which a column's type is kept, the same for all kinds of frames.

    Example:
        >>> import pyarrow as pa
        >>> [dtype_of(pa.chunked_array([values])) for values in ([1], ["a"], [0.5])]
        ['int64', 'string', 'float64']
    """
    import pyarrow as pa

    kind = cells.type
    if pa.types.is_dictionary(kind):
        return "category"
    if pa.types.is_timestamp(kind):
        return f"datetime[{kind.unit}]" if kind.tz is None else f"datetime[{kind.unit}, {kind.tz}]"
    if sort_of(cells) in ("date", "text"):
        return "date" if sort_of(cells) == "date" else "string"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return f"float{kind.bit_width}" if pa.types.is_floating(kind) else "float64"
    return str(kind)


def numbers_of(cells: Cells) -> Array:
    """Return float64 numbers, NaN where a cell is missing; text is read as numbers.

    Raises:
        BadCell: If a cell holds text that is no number.
        TypeError: If the cells cannot hold numbers.
    """
    import pyarrow as pa

    cells, sort = plain(cells), sort_of(cells)
    if sort == "text":
        return _parsed(cells, pa.float64(), "a number")
    if sort not in ("number", "truth", "nothing"):
        raise TypeError(f"expected numbers, got {cells.type}.")
    if sort == "number":
        cells = cells.cast(pa.float64(), safe=False)
    return np.asarray(cells.to_numpy(), dtype=np.float64)


def seconds_of(cells: Cells) -> Array:
    """Return dates and times as float64 seconds since 1970, NaN where a cell is missing; text is read as ISO 8601.

    Raises:
        BadCell: If a cell holds text that is no date.
        TypeError: If the cells hold no dates.
    """
    import pyarrow as pa

    cells, sort = plain(cells), sort_of(cells)
    if sort == "text":
        return _parsed(cells, pa.timestamp("us"), "a date such as '2020-01-31' or '2020-01-31 12:00:00'")
    if sort not in ("date", "nothing"):
        raise TypeError(f"expected dates, got {cells.type}.")
    return _seconds(cells)


def _seconds(cells: Cells) -> Array:
    import pyarrow as pa

    if not pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.timestamp("s"))
    missing = np.asarray(cells.is_null().to_numpy(), dtype=bool)
    counts = np.asarray(cells.cast(pa.int64()).fill_null(0).to_numpy())
    return np.where(missing, np.nan, counts / _UNITS[cells.type.unit])


def levels_of(cells: Cells) -> Levels:
    """Return the distinct values of a column as text or booleans, in the order of their first occurrence.

    The levels of an ordered categorical column are those that were declared, in their order.

    Raises:
        TypeError: If the cells are neither text nor anything that has a text.
    """
    import pyarrow as pa

    declared = pa.types.is_dictionary(cells.type) and cells.type.ordered
    if not declared:
        cells = plain(cells)
        if sort_of(cells) != "truth":
            cells = cells.cast(pa.large_string())
        cells = cells.dictionary_encode()
    cells = cells.unify_dictionaries().combine_chunks()
    cells = cells.chunk(0) if isinstance(cells, pa.ChunkedArray) else cells
    positions = np.asarray(cells.indices.cast(pa.int64()).fill_null(-1).to_numpy())
    return Levels(tuple(cells.dictionary.to_pylist()), positions, declared)


def plain(cells: Cells) -> Cells:
    """Return the cells without a dictionary."""
    import pyarrow as pa

    return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells


def _parsed(cells: Cells, kind: Any, expected: str) -> Array:  # noqa: ANN401 - a pyarrow type
    """Read text, all cells at once where that goes well."""
    import pyarrow as pa
    from pyarrow import compute

    cells = compute.utf8_trim_whitespace(cells.cast(pa.large_string()))
    try:
        values = cells.cast(kind)
    except pa.ArrowInvalid:
        raise _first_bad(cells, kind, expected) from None
    return _seconds(values) if pa.types.is_timestamp(kind) else np.asarray(values.to_numpy(), dtype=np.float64)


def _first_bad(cells: Cells, kind: Any, expected: str) -> BadCell:  # noqa: ANN401 - a pyarrow type
    """Find the first cell that cannot be read, by halving."""
    import pyarrow as pa

    start, stop = 0, len(cells)
    while stop - start > 1:
        middle = (start + stop) // 2
        try:
            cells.slice(start, middle - start).cast(kind)
        except pa.ArrowInvalid:
            stop = middle
        else:
            start = middle
    return BadCell(start, cells[start].as_py(), expected)
