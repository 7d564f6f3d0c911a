"""CSV files of any columns, read and written by pyarrow.

Of a whole file, the type of a column is one that all its rows allow. Block by block that cannot be known, and every
cell is left as the text it is.
"""

import csv as lines
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tailormade.csvfile import unnamed_columns
from tailormade.tables.damage import Reading
from tailormade.tables.frames import Table

MISSING = ("", "?", "NA", "N/A", "NaN", "nan", "null", "None")

_BLOCK = 2**22  # bytes that are in memory at a time


def read_csv(path: Path) -> Table:
    """Read a whole CSV, with the types that all its rows allow.

    Raises:
        ValueError: If it is empty or no UTF-8 text, or rows differ in length.
    """
    from pyarrow import csv

    with Reading(path, "CSV"):
        options = csv.ReadOptions(column_names=unnamed_columns(path))
        table = csv.read_csv(path, options, _parse(path), _convert())
    _check_text(path, table)
    return _named(path, table)


def scan_csv(path: Path, rows: int) -> Iterator[Table]:
    """Read a CSV in blocks of at most so many rows, all columns as text.

    Raises:
        ValueError: If it is empty or no UTF-8 text, or rows differ in length.
    """
    import pyarrow as pa
    from pyarrow import csv

    with Reading(path, "CSV"):
        options = csv.ReadOptions(column_names=unnamed_columns(path), block_size=_BLOCK)
        with csv.open_csv(path, options, _parse(path), _convert()) as reader:
            texts = dict.fromkeys(reader.schema.names, pa.large_string())
        with csv.open_csv(path, options, _parse(path), _convert(texts)) as reader:
            for batch in reader:
                table = _named(path, pa.Table.from_batches([batch]))
                yield from (table.slice(i, rows) for i in range(0, len(table), rows))


def _parse(path: Path) -> Any:  # noqa: ANN401 - options of pyarrow
    """Take an empty line for a row with a missing cell where there is one column, and for no row elsewhere."""
    from pyarrow import csv

    with path.open(encoding="utf-8-sig") as file:
        return csv.ParseOptions(ignore_empty_lines="," in file.readline())


def _convert(types: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - options of pyarrow
    from pyarrow import csv

    missing = [*MISSING, *(f" {mark}" for mark in MISSING)]  # some files have a blank after each comma
    return csv.ConvertOptions(null_values=missing, strings_can_be_null=True, column_types=types)


def _check_text(path: Path, table: Table) -> None:
    import pyarrow as pa

    wrong = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if wrong:
        raise ValueError(f"{path}: cannot be read as CSV (column '{wrong[0]}' is no UTF-8 text); save it as UTF-8.")


def _named(path: Path, table: Table) -> Table:
    """Name the columns that have no name by their number, as pandas' index in a CSV has none."""
    names = [name or f"column{i}" for i, name in enumerate(table.column_names)]
    mark = next((mark for mark in (";", "\t", "|") if len(names) == 1 and mark in names[0]), None)
    if mark is not None:
        raise ValueError(f"{path}: expected cells separated by commas, got {mark!r} between them.")
    return table.rename_columns(names)


def write_csv(file: BinaryIO, schema: Any, tables: Iterable[Table]) -> None:  # noqa: ANN401 - a pyarrow schema
    """Write tables one under the other, missing cells as nothing."""
    import pyarrow as pa
    from pyarrow import csv

    file.write(_header(schema.names))
    # older versions of pyarrow cannot write a dictionary
    texts = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in schema]
    plain = pa.schema(texts)
    with csv.CSVWriter(file, plain, write_options=csv.WriteOptions(include_header=False)) as writer:
        for table in tables:
            writer.write_table(table.cast(plain))


def _header(names: Sequence[str]) -> bytes:
    """The line of names; numbers are quoted, as they could not be told from a row."""
    quote: Any = lines.QUOTE_ALL if all(name.isdecimal() for name in names) else lines.QUOTE_MINIMAL
    text = io.StringIO()
    lines.writer(text, lineterminator="\n", quoting=quote).writerow(names)
    return text.getvalue().encode()
