"""Frames of any kind as arrow tables.

narwhals reads pandas, polars, pyarrow, modin and cuDF; NumPy arrays have their columns called x0, x1, ... .
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Table = Any  # a pyarrow.Table: pyarrow has no annotations
Frame = Any  # anything that holds a table


def backend_of(frame: Frame) -> str:
    """Return what kind of frame it is: ``'pandas'``, ``'polars'``, ``'pyarrow'``, ...; ``'numpy'`` if it is none.

    Example:
        >>> backend_of(np.zeros((2, 2)))
        'numpy'
    """
    import narwhals as nw

    if isinstance(frame, Mapping):
        return "pyarrow"
    native = nw.from_native(frame, pass_through=True)
    return str(native.implementation.value) if isinstance(native, nw.DataFrame | nw.LazyFrame) else "numpy"


def table_of(frame: Frame, names: Sequence[str] | None = None) -> Table:
    """Return a frame, an array, or a mapping from names to columns as a ``pyarrow.Table``.

    Args:
        frame: What holds the table.
        names: Of the columns, for an array; x0, x1, ... if there are none.

    Raises:
        TypeError: If it is no table, or a column holds values of different types.
        ValueError: If it has no rows or no columns, names repeat, or an array does not have as many columns as names.

    Example:
        >>> table_of(np.zeros((3, 2))).column_names
        ['x0', 'x1']
    """
    import pyarrow as pa

    if isinstance(frame, np.ndarray) or (isinstance(frame, Sequence) and not isinstance(frame, str)):
        table = _from_array(np.asarray(frame), names)
    elif isinstance(frame, Mapping):
        table = _guarded(lambda: pa.table({str(name): pa.array(v, from_pandas=True) for name, v in frame.items()}))
    else:
        table = _from_frame(frame)
    check_table(table)
    return table


def check_table(table: Table, source: str = "table") -> None:
    """Refuse a table without rows or columns, or with two columns of one name.

    Raises:
        ValueError: Saying which it is.
    """
    names = list(table.column_names)
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise ValueError(f"{source}: expected a different name for each column, got {repeated} more than once.")
    if not names:
        raise ValueError(f"{source}: expected at least one column, got none.")
    if not table.num_rows:
        raise ValueError(f"{source}: expected at least one row, got an empty table with columns {names}.")


def _from_frame(frame: Frame) -> Table:
    import narwhals as nw

    try:
        data = nw.from_native(frame, eager_only=True)
    except nw.exceptions.DuplicateError as error:
        raise ValueError(f"table: expected a different name for each column ({str(error).splitlines()[0]}).") from None
    except TypeError:
        raise TypeError(_no_table(frame)) from None
    names = [str(name) for name in data.columns]
    return _guarded(lambda: data.to_arrow().select(list(range(len(names)))).rename_columns(names))


def _no_table(frame: Frame) -> str:
    advice = "a table in memory: a data frame (pandas, polars, pyarrow, ...), a 2-D array, or a mapping of columns"
    if hasattr(frame, "collect"):
        return f"table: expected {advice}, got a lazy {type(frame).__name__}; call .collect() first."
    if hasattr(frame, "toarray"):
        return f"table: expected {advice}, got a sparse {type(frame).__name__}; call .toarray() first."
    return f"table: expected {advice}, got {type(frame).__name__}."


def _guarded(build: Any) -> Table:  # noqa: ANN401 - a function without arguments
    """Run a conversion, and say in our own words what pyarrow says."""
    import pyarrow as pa

    try:
        return build()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise TypeError(f"table: expected values of one type in each column, got others ({error}).") from None


def _from_array(array: Any, names: Sequence[str] | None) -> Table:  # noqa: ANN401 - an array of any type
    import pyarrow as pa

    if array.dtype.kind == "c":
        raise ValueError(f"table: Complex data not supported, expected real numbers, got {array.dtype}.")
    if array.ndim != 2:
        raise ValueError(
            f"table: expected a 2-D array of rows and columns, got shape {array.shape}. Reshape your data with "
            "array.reshape(-1, 1) if it has a single column, or array.reshape(1, -1) if it is a single row."
        )
    names = [f"x{i}" for i in range(array.shape[1])] if names is None else list(names)
    if len(names) != array.shape[1]:
        raise ValueError(f"table: expected {len(names)} columns ({', '.join(names[:8])}), got {array.shape[1]}.")
    return _guarded(lambda: pa.table([_column(column) for column in array.T], names=names))


def _column(values: Any) -> Any:  # noqa: ANN401 - arrays of NumPy and pyarrow
    import pyarrow as pa

    if values.dtype.kind == "O":
        return pa.array(values.tolist(), from_pandas=True)
    if values.dtype.kind in "US":
        return pa.array(values.astype(str).tolist())
    return pa.array(np.ascontiguousarray(values), from_pandas=values.dtype.kind == "f")
