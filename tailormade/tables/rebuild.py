"""Arrow tables as frames of the caller's own kind, with the caller's types and order of columns.

An integer or boolean column that has missing cells gets the nullable type of its kind of frame.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tailormade.tables.frames import Frame, Table, backend_of, table_of

_NULLABLE = {"bool": "boolean"} | {
    f"{small}{size}": f"{large}{size}"
    for small, large in (("int", "Int"), ("uint", "UInt"))
    for size in (8, 16, 32, 64)
}


def frame_like(cells: dict[str, Any], like: Frame, names: Sequence[str], passthrough: bool) -> Frame:
    """Return columns in the kind, types and order of a frame; those it does not have come last.

    Args:
        cells: Arrays of pyarrow by name.
        like: The frame.
        names: Of its columns, if it is an array.
        passthrough: Whether its other columns are copied.

    Raises:
        ValueError: If other columns are to be copied and the number of rows differs.
    """
    import pyarrow as pa

    backend = backend_of(like)
    if isinstance(like, Mapping):
        return frame_of(pa.table(cells), "pyarrow")
    table = table_of(like, names)
    rows = len(next(iter(cells.values())))
    if passthrough and table.num_rows != rows:
        raise ValueError(f"array: expected {table.num_rows} rows, as the table has, got {rows}.")
    order = [name for name in table.column_names if name in cells or passthrough]
    order += [name for name in cells if name not in order]
    result = pa.table({name: cells[name] if name in cells else table.column(name) for name in order})
    frame = frame_of(result, backend, like)
    if passthrough and backend == "pandas":
        frame.index = like.index
    return frame


def frame_of(table: Table, backend: str, like: Frame | None = None) -> Frame:
    """Return an arrow table as a frame of some kind.

    Args:
        table: The table.
        backend: What kind, as :func:`backend_of` says it.
        like: A frame of that kind, whose columns have the types that are wanted.
    """
    if backend == "numpy":
        return _to_array(table, None if like is None else np.asarray(like).dtype)
    if backend == "pyarrow":
        return _to_arrow(table, like)
    if backend == "pandas":
        return _to_pandas(table, like)
    return _to_native(table, backend, like)


def _to_array(table: Table, dtype: Any) -> Any:  # noqa: ANN401 - a type of NumPy
    columns = [column.to_numpy() for column in table.columns]
    if any(column.dtype.kind not in "biuf" for column in columns):
        return np.array([column.to_pylist() for column in table.columns], dtype=object).T.reshape(table.shape)
    array = np.stack([column.astype(np.float64) for column in columns], 1)
    keeps = dtype is not None and (dtype.kind == "f" or (dtype.kind in "biu" and not np.isnan(array).any()))
    return array.astype(dtype) if keeps else array


def _to_arrow(table: Table, like: Frame | None) -> Table:
    for i, name in enumerate(table.column_names):
        if like is None or name not in like.schema.names:
            continue
        kind = like.schema.field(name).type
        table = table.set_column(i, like.schema.field(name), _arrow(table.column(name), kind))
    return table


def _arrow(column: Any, kind: Any) -> Any:  # noqa: ANN401 - arrays and types of pyarrow
    """Cast a column; pyarrow cannot do it where the type has a dictionary."""
    import pyarrow as pa

    if not pa.types.is_dictionary(kind):
        return column.cast(kind, safe=False)
    if not pa.types.is_dictionary(column.type):
        column = column.cast(kind.value_type).dictionary_encode()
    chunks = [
        pa.DictionaryArray.from_arrays(
            c.indices.cast(kind.index_type), c.dictionary.cast(kind.value_type), ordered=kind.ordered
        )
        for c in column.chunks
    ]
    return pa.chunked_array(chunks, type=kind)


def _to_pandas(table: Table, like: Frame | None) -> Frame:
    import narwhals as nw

    pandas: Any = nw.Implementation.PANDAS.to_native_namespace()
    labels = {} if like is None else {str(label): label for label in like.columns}  # labels need not be text
    types = {name: like[label].dtype for name, label in labels.items()} if like is not None else {}
    series = {labels.get(n, n): _series(table.column(n), types.get(n)) for n in table.column_names}
    return pandas.DataFrame(series)


def _series(column: Any, wanted: Any) -> Any:  # noqa: ANN401 - of pyarrow, NumPy and pandas
    import narwhals as nw

    pandas: Any = nw.Implementation.PANDAS.to_native_namespace()
    if str(wanted) in ("object", "category"):
        return pandas.Series(column.to_pylist(), dtype=wanted)
    nullable = _NULLABLE.get(str(column.type)) if column.null_count else None
    series = column.to_pandas() if nullable is None else pandas.Series(column.to_pylist(), dtype=nullable)
    if wanted is None or wanted == series.dtype:
        return series
    return series.astype(_NULLABLE.get(str(wanted), wanted) if column.null_count else wanted)


def _to_native(table: Table, backend: str, like: Frame | None) -> Frame:
    import narwhals as nw

    frame = nw.from_arrow(table, backend=backend)  # type: ignore[arg-type]  # a name that narwhals gave itself
    if like is not None:
        types = nw.from_native(like, eager_only=True).schema
        frame = frame.with_columns(nw.col(name).cast(types[name]) for name in frame.columns if name in types)
    return frame.to_native()
