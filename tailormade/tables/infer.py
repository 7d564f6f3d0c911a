"""Which kind of column it is, told from its cells: what a person would have said, and why.

The rules, in turn: one distinct value is a constant; text and booleans are binary or categorical, or in the order
that an ordered categorical type declares; text that hardly ever repeats is an identifier, as are whole numbers that
count the rows or are all different and named so; dates are dates; two distinct numbers are binary (0 and 1 in short
tables too); whole numbers from 0, the most common, are counts, of which a larger one may come; up to 20 numbers that
each serve 20 rows on average are ordinal; other whole numbers integer; and the rest continuous, to the resolution they
show.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.cells import BadCell, Cells, dtype_of, levels_of, numbers_of, seconds_of, sort_of
from tailormade.tables.checks import KINDS, Value
from tailormade.tables.column import Column, shown
from tailormade.tables.counts import Counts
from tailormade.tables.gathering import NOTHING
from tailormade.tables.numbers import TIMES, find_spread, find_step, profile

FEW = 20  # distinct numbers, and rows for each, for a column to be ordinal

_FEW_COUNTS = 4  # distinct numbers up to which they are ordinal rather than counts

_NAMED_ID = re.compile(r"(?:^|[\W_])(?:id|uuid|guid|key)(?:$|[\W_])", re.IGNORECASE)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID)$")
_DIGITS = {"float16": 2.0**-10, "float32": 2.0**-23}


class Seen(NamedTuple):
    """What the cells of a column hold: its levels or its counted numbers, and what is said of them."""

    sort: str
    dtype: str
    rows: int
    missing: bool
    levels: tuple[Value, ...]
    ordered: bool
    counts: Counts | None


def infer_column(name: str, cells: Cells, kind: str | None = None, *, identifiers: bool = True) -> Column:
    """Say what a column is.

    Args:
        name: Its name.
        cells: A ``pyarrow.ChunkedArray``.
        kind: What it is to be, or ``None`` to tell by the rules above.
        identifiers: Whether it may turn out to be an identifier.

    Raises:
        ValueError: If all cells are missing, one is infinite, or the values do not allow the kind.
        TypeError: If the cells hold something there is no kind for, such as lists.

    Example:
        >>> import pyarrow as pa
        >>> infer_column("x", pa.chunked_array([["a", "b", None, "a"]])).why
        '2 distinct texts'
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"overrides: column '{name}': kind: expected one of {list(KINDS)}, got {kind!r}.")
    if kind == "ignored":
        return Column(name, kind, dtype=dtype_of(cells), missing=bool(cells.null_count), why="left out by request")
    seen = see(name, cells, kind)
    if kind is None:
        kind, why = _kind(name, seen, identifiers)
    else:
        why = f"{kind} by request"
    return _BUILD[kind](name, kind, seen, why)


def see(name: str, cells: Cells, kind: str | None) -> Seen:
    """Read the cells, as numbers or dates if the kind asks for them.

    Raises:
        ValueError: If all are missing, one is infinite, or one does not fit.
        TypeError: If they hold something there is no kind for.
    """
    sort, dtype = sort_of(cells), dtype_of(cells)
    if cells.null_count == len(cells):
        raise ValueError(_all_missing(name))
    if sort == "other":
        raise TypeError(f"column '{name}': expected numbers, text, booleans or dates, got {cells.type}; leave it out.")
    if kind in ("integer", "continuous") and sort != "date":
        sort = "number"
    if kind == "datetime":
        sort = "date"
    if sort in ("text", "truth"):
        return _texts(cells, sort, dtype)
    return _numbers(name, cells, sort, dtype)


def _all_missing(name: str) -> str:
    return f"column '{name}': expected some cells with a value, but all are missing; leave the column out."


def _texts(cells: Cells, sort: str, dtype: str) -> Seen:
    found = levels_of(cells)
    used = np.unique(found.positions[found.positions >= 0])
    levels = found.values if found.ordered else _sorted([found.values[i] for i in used])
    rows = int((found.positions >= 0).sum())
    return Seen(sort, dtype, rows, rows < len(cells), levels, found.ordered, None)


def _sorted(levels: list[Any]) -> tuple[Any, ...]:
    """Sort text by its numbers if it is all numbers, else as text."""
    try:
        return tuple(sorted(levels, key=lambda level: (float(level), str(level))))
    except ValueError:
        return tuple(sorted(levels))


def _numbers(name: str, cells: Cells, sort: str, dtype: str) -> Seen:
    try:
        values = seconds_of(cells) if sort == "date" else numbers_of(cells)
    except BadCell as bad:
        raise ValueError(
            f"column '{name}' has {bad.value!r} in row {bad.row} (counted from 0), expected {bad.expected}; correct "
            "the cell, or choose another kind."
        ) from None
    except TypeError as error:
        raise ValueError(f"column '{name}': {error} Choose another kind.") from None
    check_finite(name, values)
    counts = Counts.of(values)
    if not counts.rows:
        raise ValueError(_all_missing(name))
    ordered = dtype == "category" and bool(cells.type.ordered)
    return Seen(sort, dtype, counts.rows, counts.rows < len(values), _levels(counts, dtype), ordered, counts)


def check_finite(name: str, values: NDArray[Any], first: int = 0) -> None:
    """Refuse infinities.

    Raises:
        ValueError: Naming the first of them, its row and column.
    """
    rows = np.flatnonzero(np.isinf(values))
    if len(rows):
        raise ValueError(
            f"column '{name}' has {values[rows[0]]} in row {first + rows[0]} (counted from 0), expected a finite "
            "number; correct the cell, or leave it empty if the value is missing."
        )


def _levels(counts: Counts, dtype: str) -> tuple[Value, ...]:
    whole = counts.whole and ("int" in dtype or dtype == "category")
    return tuple(int(v) if whole else v for v in counts.values.tolist())


def _kind(name: str, seen: Seen, identifiers: bool) -> tuple[str, str]:
    rules = {"text": _kind_of_text, "truth": _kind_of_text, "date": _kind_of_dates, "number": _kind_of_numbers}
    if len(seen.levels) == 1:
        return "constant", f"nothing but {shown(seen.levels[0])}"
    return rules[seen.sort](name, seen, identifiers)


def _kind_of_text(name: str, seen: Seen, identifiers: bool) -> tuple[str, str]:
    distinct, what = len(seen.levels), "texts" if seen.sort == "text" else "truth values"
    if seen.ordered:
        return "ordinal", f"{distinct} categories of declared order"
    if identifiers and distinct > max(FEW, 0.9 * seen.rows):
        return "ignored", f"an identifier: {distinct} distinct {what} in {seen.rows} rows"
    return "binary" if distinct == 2 else "categorical", f"{distinct} distinct {what}"


def _kind_of_dates(name: str, seen: Seen, identifiers: bool) -> tuple[str, str]:
    assert seen.counts is not None  # dates are counted
    ends = np.array([seen.counts.values[0], seen.counts.values[-1]]).astype("datetime64[s]")
    low, high = (str(end).removesuffix("T00:00:00") for end in ends)
    return "datetime", f"{len(seen.levels)} distinct dates from {low} to {high}"


def _kind_of_numbers(name: str, seen: Seen, identifiers: bool) -> tuple[str, str]:
    distinct, counts = len(seen.levels), seen.counts
    assert counts is not None  # numbers are counted
    if seen.dtype == "category":
        kind = "ordinal" if seen.ordered else "binary" if distinct == 2 else "categorical"
        return kind, f"{distinct} distinct numbers declared as categories"
    low, high = shown(counts.values[0]), shown(counts.values[-1])
    if distinct == 2 and (seen.rows >= FEW or seen.levels == (0, 1)):
        return "binary", f"nothing but {low} and {high}"
    if _counted(counts) and distinct > _FEW_COUNTS:
        return "integer", f"counts: {distinct} distinct whole numbers from 0 to {high}, 0 the most common"
    if distinct <= FEW and distinct * FEW <= seen.rows:
        return "ordinal", f"{distinct} distinct numbers from {low} to {high}, {seen.rows // distinct} rows each"
    if identifiers and counts.whole and _identifies(name, seen):
        return "ignored", f"an identifier: {distinct} whole numbers, all different"
    what = "whole numbers" if counts.whole else "numbers"
    return "integer" if counts.whole else "continuous", f"{distinct} distinct {what} from {low} to {high}"


def _counted(counts: Counts) -> bool:
    return counts.whole and counts.values[0] == 0 and counts.counts[0] > counts.counts[1:].max()


def _identifies(name: str, seen: Seen) -> bool:
    assert seen.counts is not None  # numbers are counted
    values = seen.counts.values
    if len(values) < seen.rows or seen.rows <= FEW or seen.missing:
        return False
    counting = values[0] in (0, 1) and values[-1] - values[0] == seen.rows - 1
    return bool(counting or _NAMED_ID.search(name) or _CAMEL_ID.search(name))


def _profile(seen: Seen) -> dict[str, Any]:
    return {} if seen.counts is None or seen.sort == "date" else profile(seen.counts, _DIGITS.get(seen.dtype, 2.0**-52))


def _as_coded(name: str, kind: str, seen: Seen, why: str) -> Column:
    found = {**_profile(seen), **NOTHING}  # the rest is of use if the kind is changed later
    return Column(name, kind, seen.levels, missing=seen.missing, dtype=seen.dtype, why=why, **found)


def _as_numeric(name: str, kind: str, seen: Seen, why: str) -> Column:
    found = _profile(seen)
    if seen.counts is None or not found:
        raise ValueError(f"column '{name}': expected numbers for kind '{kind}', got {seen.sort}; choose another kind.")
    if kind == "integer" and not seen.counts.whole:
        raise ValueError(f"column '{name}': expected whole numbers for kind 'integer', got others; try 'continuous'.")
    if kind == "continuous":
        why += ", of no resolution" if found["step"] is None else f", in steps of {shown(found['step'])}"
    why += "" if found["heap"] is None else f", most in steps of {shown(found['heap'])}"
    why += f"; {found['share']:.0%} recur" if found["recurring"] else ""
    return Column(name, kind, missing=seen.missing, dtype=seen.dtype, why=why + _often(found["atoms"]), **found)


def _often(atoms: tuple[float, ...]) -> str:
    more = f" and {len(atoms) - 3} more" if len(atoms) > 3 else ""
    return f"; often {', '.join(map(shown, atoms[:3]))}{more}" if atoms else ""


def _as_dates(name: str, kind: str, seen: Seen, why: str) -> Column:
    assert seen.counts is not None  # dates are counted
    step = find_step(seen.counts.values, TIMES, 2.0**-52)
    loc, scale = find_spread(seen.counts, ())
    return Column(name, kind, step=step, loc=loc, scale=scale, missing=seen.missing, dtype=seen.dtype, why=why)


def _as_ignored(name: str, kind: str, seen: Seen, why: str) -> Column:
    return Column(name, kind, missing=seen.missing, dtype=seen.dtype, why=why)


_BUILD: dict[str, Callable[[str, str, Seen, str], Column]] = {
    **dict.fromkeys(("binary", "categorical", "ordinal", "constant"), _as_coded),
    **dict.fromkeys(("integer", "continuous"), _as_numeric),
    "datetime": _as_dates,
    "ignored": _as_ignored,
}
