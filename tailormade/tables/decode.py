"""From the numbers of a model to the cells of a column, in the caller's own type.

Numbers that a model drew in float32 are put on the column's grid again, where 0.29 is 0.29, and on its atoms. What the
type cannot hold is cut off at its limits; NaN, what stands for a missing cell, and the code of a category never seen
become missing cells.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.column import Column
from tailormade.tables.encode import category_sort

Array = NDArray[Any]


def decode_column(column: Column, numbers: Array) -> Any:  # noqa: ANN401 - a pyarrow array
    """Return the cells of a column as the caller's values, of the type its ``dtype`` names.

    Args:
        column: What it is.
        numbers: Shape ``(rows,)``; NaN, the column's ``gap`` and the code of an unseen category become missing cells.

    Raises:
        ValueError: If a code is out of range.
    """
    numbers = np.asarray(numbers, dtype=np.float64)
    numbers = np.where(numbers == column.gap, np.nan, numbers)
    if not column.coded:
        return _typed(column, tidy(column, numbers))
    codes, missing = _valid(column, numbers)
    sort = category_sort(column)
    if sort == "number":
        values = np.array(column.categories, dtype=np.float64)[codes]
        return _typed(column, np.where(missing, np.nan, values))
    return _labelled(column, codes, missing)


def _valid(column: Column, numbers: Array) -> tuple[Array, Array]:
    count = len(column.categories)
    missing = np.isnan(numbers) | (numbers == count if column.unseen == "probability" else False)
    codes = np.where(missing, 0, numbers)
    wrong = np.flatnonzero((codes != np.rint(codes)) | (codes < 0) | (codes >= count))
    if len(wrong):
        raise ValueError(
            f"column '{column.name}' has {numbers[wrong[0]]:g} in row {wrong[0]}, expected a code in 0..{count - 1}."
        )
    return codes.astype(np.int64), missing


def _labelled(column: Column, codes: Array, missing: Array) -> Any:  # noqa: ANN401 - a pyarrow array
    import pyarrow as pa

    indices = pa.array(codes.astype(np.int32), mask=missing)
    levels = pa.array(list(column.categories), pa.bool_() if category_sort(column) == "truth" else pa.string())
    if column.dtype == "category":
        return pa.DictionaryArray.from_arrays(indices, levels, ordered=column.kind == "ordinal")
    return levels.take(indices)


def tidy(column: Column, values: Array) -> Array:
    """Put numbers that are on the column's grid, or on an atom, but for rounding, exactly there.

    Example:
        >>> float(tidy(Column("x", "continuous", step=0.01), np.float32([0.29]).astype(float))[0])
        0.29
    """
    out = values.copy()
    if column.step is not None and not column.dated:
        grid = _on_grid(values, column.step)
        near = np.abs(values - grid) <= 1e-4 * column.step + 2.0**-23 * np.abs(values)
        out = np.where(near | (column.kind == "integer"), grid, values)
    for atom in column.atoms:
        out[np.abs(values - atom) <= 2.0**-23 * abs(atom)] = atom
    return out


def _on_grid(values: Array, step: float) -> Array:
    decimals = -np.log10(step)
    if decimals == np.rint(decimals) and decimals >= 0:
        return np.asarray(np.round(values, int(decimals)))
    return np.asarray(np.rint(values / step) * step)


def _typed(column: Column, values: Array) -> Any:  # noqa: ANN401 - a pyarrow array
    """Return numbers as a pyarrow array of the caller's type."""
    import pyarrow as pa

    missing, filled = np.isnan(values), np.nan_to_num(values, nan=0.0)
    if column.dated:
        return _dates(column, filled, missing)
    name = column.dtype
    if "int" in name:
        limits = np.iinfo(name)
        whole = np.clip(np.rint(filled), float(limits.min), float(limits.max))
        return pa.array(whole.astype(name), mask=missing)
    if name == "bool":
        return pa.array(filled > 0.5, mask=missing)
    if name == "category":
        whole = bool(np.all(filled == np.rint(filled)))
        return pa.array(filled.astype(np.int64) if whole else filled, mask=missing).dictionary_encode()
    if name == "string":
        return pa.array(filled, mask=missing).cast(pa.string())
    return pa.array(filled.astype(name), mask=missing)


def _dates(column: Column, seconds: Array, missing: Array) -> Any:  # noqa: ANN401 - a pyarrow array
    import pyarrow as pa

    step = column.step or 1e-6
    seconds = np.rint(seconds / step) * step
    micros = pa.array(np.rint(seconds * 1e6).astype(np.int64), mask=missing).cast(pa.timestamp("us"))
    if column.dtype == "date":
        days = np.floor(seconds / 86400).astype(np.int32)
        return pa.array(days, mask=missing).cast(pa.date32())
    if column.dtype.startswith("datetime["):
        unit, _, zone = column.dtype[len("datetime[") : -1].partition(", ")
        return micros.cast(pa.timestamp(unit), safe=False).cast(pa.timestamp(unit, zone or None))
    return micros.cast(pa.string())
