"""Tables put where the user wants them, block by block: files of rows, or rows on stdout.

The cells of a CSV are written as people write them: quotes only where they are needed, truth values as True and False.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".parquet")


def put_tables(out: Path | None, tables: Iterator[Any], notes: Mapping[str, Any] | None) -> None:
    """Write tables one under the other to a file, or print them.

    Args:
        out: A .csv or .parquet, which appears when it is complete; ``None`` for stdout.
        tables: Arrow tables of the same columns.
        notes: What a JSON object on stdout begins with; CSV is printed if ``None``.
    """
    if out is not None:
        _write(out, tables)
        return
    for text in _csv_texts(tables) if notes is None else _json_texts(tables, notes):
        print(text, end="", flush=True)


def _write(out: Path, tables: Iterator[Any]) -> None:
    from tailormade.files import open_atomically
    from tailormade.tables import write_table

    if out.suffix == ".parquet":
        write_table(out, tables)
        return
    with open_atomically(out) as file:
        for text in _csv_texts(tables):
            file.write(text.encode())


def _csv_texts(tables: Iterable[Any]) -> Iterator[str]:
    import csv
    import io

    for i, table in enumerate(tables):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not i:
            _write_names(writer, text, table.column_names)
        writer.writerows(zip(*map(_cells, table.columns), strict=True))
        yield text.getvalue()


def _write_names(writer: Any, text: Any, names: list[str]) -> None:  # noqa: ANN401 - of the csv module
    """Write the line of names; numbers are quoted, as they could not be told from a row."""
    import csv

    if all(name.isdecimal() for name in names):
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)


def _cells(column: Any) -> list[Any]:  # noqa: ANN401 - a column of an arrow table
    """The cells of a column; numbers as the shortest text that is the same number, whatever their width."""
    import pyarrow as pa

    cells = column.cast(pa.string()) if pa.types.is_floating(column.type) else column
    return list(cells.to_pylist())


def _json_texts(tables: Iterable[Any], notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield one JSON object piece by piece."""
    import json

    for i, table in enumerate(tables):
        if not i:
            yield json.dumps({**notes, "columns": table.column_names})[:-1] + ', "rows": ['
        columns = [[_plain(value) for value in column.to_pylist()] for column in table.columns]
        yield ", " * bool(i) + json.dumps(list(zip(*columns, strict=True)))[1:-1]
    yield "]}\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    return value.isoformat() if hasattr(value, "isoformat") else value
