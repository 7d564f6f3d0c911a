"""From the cells of a column to the numbers of a model.

Coded columns become their codes, dates seconds since 1970, numbers stay what they are; a missing cell is NaN, or the
column's number for it where missing cells are modelled. A number is compared with the nearest category, since 0.62 in
float32 is not 0.62 in float64. What does not fit is named.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.cells import BadCell, Cells, levels_of, numbers_of, seconds_of, sort_of
from tailormade.tables.column import Column, shown
from tailormade.tables.infer import check_finite

Array = NDArray[Any]

_NEAR = 1e-6  # of the step, or of the number: as close as numbers of seven digits come
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}


def encode_column(column: Column, cells: Cells, first: int = 0) -> Array:
    """Return the numbers of a column, float64, shape ``(rows,)``.

    Args:
        column: What it is.
        cells: A ``pyarrow.ChunkedArray``.
        first: Number of the first row, for the message.

    Raises:
        ValueError: Naming the first cell that does not fit, its row and column, and what was expected.
        TypeError: If no cell can fit, as with dates where numbers belong.
    """
    values = _encoded(column, cells, first)
    return np.where(np.isnan(values), column.gap, values)


def _encoded(column: Column, cells: Cells, first: int) -> Array:
    sort = category_sort(column)
    try:
        if sort == "text":
            return _texts(column, cells, first)
        values = _truths(cells) if sort == "truth" else seconds_of(cells) if column.dated else numbers_of(cells)
    except BadCell as bad:
        raise _misfit(column, first + bad.row, bad.value, bad.expected) from None
    except TypeError as error:
        raise TypeError(f"column '{column.name}' ({column.kind}): {error}") from None
    check_finite(column.name, values, first)
    if column.coded:
        return _codes(column, values, first)
    _check(column, values, first)
    return values


def category_sort(column: Column) -> str:
    """Return what the categories of a column are: ``'text'``, ``'truth'`` or ``'number'``."""
    value = column.categories[0] if column.coded else 0.0
    return "text" if isinstance(value, str) else "truth" if isinstance(value, bool) else "number"


def _texts(column: Column, cells: Cells, first: int) -> Array:
    levels = levels_of(cells)
    known = {value: float(code) for code, value in enumerate(column.categories)}
    fallback = float(len(known)) if column.unseen == "probability" else np.inf
    table = np.array([known.get(str(value), fallback) for value in levels.values] + [np.nan])
    codes = np.asarray(table[levels.positions])
    rows = np.flatnonzero(np.isinf(codes))
    if len(rows):
        raise _unseen(column, first + rows[0], levels.values[levels.positions[rows[0]]])
    return codes


def _truths(cells: Cells) -> Array:
    """Return 0, 1 and NaN for booleans, and for text that means them."""
    if sort_of(cells) != "text":
        return numbers_of(cells)
    levels = levels_of(cells)
    bad = [i for i, value in enumerate(levels.values) if value.lower() not in _TRUTHS]
    rows = np.flatnonzero(np.isin(levels.positions, bad))
    if len(rows):
        raise BadCell(int(rows[0]), levels.values[levels.positions[rows[0]]], "true or false")
    return np.array([float(_TRUTHS[value.lower()]) for value in levels.values] + [np.nan])[levels.positions]


def _codes(column: Column, values: Array, first: int) -> Array:
    """Return the codes of numbers, each compared with the nearest category."""
    categories = np.array(column.categories, dtype=np.float64)
    order = np.argsort(categories)
    right = np.clip(np.searchsorted(categories[order], values), 1, max(len(order) - 1, 1))
    pairs = np.stack([order[right - 1], order[np.minimum(right, len(order) - 1)]])
    gaps = np.abs(categories[pairs] - values)
    codes = np.where(gaps[0] <= gaps[1], pairs[0], pairs[1]).astype(np.float64)
    wrong = gaps.min(0) > _NEAR * np.abs(values)
    codes[np.isnan(values)] = np.nan
    if column.unseen == "error" and wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise _unseen(
            column, first + row, bool(values[row]) if category_sort(column) == "truth" else values[row].item()
        )
    codes[wrong] = len(categories)
    return codes


def _check(column: Column, values: Array, first: int) -> None:
    margin = 0.0 if column.step is None else column.step / 2 + _NEAR * column.step
    low = -np.inf if column.low is None else column.low - margin
    high = np.inf if column.high is None else column.high + margin
    wrong = (values < low) | (values > high)
    if column.kind == "integer" and column.step is not None:
        multiples = values / column.step
        wrong |= np.abs(multiples - np.rint(multiples)) > _NEAR + 2.0**-50 * np.abs(multiples)
    rows = np.flatnonzero(wrong)
    if len(rows):
        raise _misfit(column, first + rows[0], values[rows[0]].item(), _expected(column))


def _expected(column: Column) -> str:
    what = "a number"
    if column.kind == "integer":
        what = "a whole number" if column.step == 1 else f"a multiple of {shown(column.step or 1.0)}"
    ends: dict[str, float | None] = {"at least": column.low, "at most": column.high}
    bounds = [f"{words} {shown(end)}" for words, end in ends.items() if end is not None]
    return " ".join([what, *bounds])


def _misfit(column: Column, row: int, value: object, expected: str) -> ValueError:
    return ValueError(
        f"column '{column.name}' has {value!r} in row {row} (counted from 0), expected {expected} ({column.kind}); "
        "correct the cell, leave it empty if the value is missing, or change the schema."
    )


def _unseen(column: Column, row: int, value: object) -> ValueError:
    known = ", ".join(map(shown, column.categories[:8])) + (", ..." if len(column.categories) > 8 else "")
    return ValueError(
        f"column '{column.name}' has {value!r} in row {row} (counted from 0), a category never seen; expected one of "
        f"{known}. Correct the cell, leave it empty, or set unseen='probability'."
    )
