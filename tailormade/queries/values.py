"""Values in questions and cells in tables, brought to one scale so that they compare.

A question holds numbers, truth values and text; a table holds those and dates, in arrays of many types, with missing
cells. Here both become either numbers (1) or anything else (2). Numbers are float64: a truth value is 0 or 1, a date
the seconds since 1970-01-01 UTC, a missing cell NaN, so that whole numbers beyond 2^53 are rounded. Everything else
stays as it is, in an array of objects. A text is read as a date only where it meets a column of numbers (1): a date
without a zone counts as UTC, so that the same question means the same on every machine.
"""

import difflib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Value = bool | int | float | str
BoolArray = NDArray[np.bool_]


class Cells(NamedTuple):
    """The cells of one column.

    Attributes:
        values: Shape ``(*)``, float64 with NaN where missing, or objects.
        missing: Boolean, shape ``(*)``.
    """

    values: NDArray[Any]
    missing: BoolArray

    @property
    def numeric(self) -> bool:
        """Whether all cells that are there are numbers or dates."""
        return self.values.dtype != object


def cells(column: Any) -> Cells:  # noqa: ANN401 - anything numpy reads
    """Return numbers, or objects where there is text, and which cells are missing (``None``, NaN, NaT).

    Args:
        column: Shape ``(*)``: numbers, truth values, dates or text.

    Example:
        >>> cells([3, None, 5]).values.tolist(), cells(["a", None]).missing.tolist()
        ([3.0, nan, 5.0], [False, True])
    """
    array = np.asarray(column)
    if array.dtype.kind == "M":
        array = (array - np.datetime64(0, "s")) / np.timedelta64(1, "s")
    if array.dtype.kind in "biuf":
        numbers = array.astype(np.float64)
        return Cells(numbers, np.isnan(numbers))
    flat = array.astype(object).ravel().tolist()
    # NaN and NaT are the values that differ from themselves
    missing = np.array([v is None or v != v for v in flat], dtype=bool).reshape(array.shape)
    if any(isinstance(v, str) for v in flat):
        return Cells(array.astype(object), missing)
    numbers = np.array([np.nan if v is None or v != v else _number(v) for v in flat])
    return Cells(numbers.astype(np.float64).reshape(array.shape), missing)


def _number(value: Any) -> float:  # noqa: ANN401 - an object from a table
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return _number(datetime(value.year, value.month, value.day)) if isinstance(value, date) else float(value)


def seconds(text: str) -> float:
    """Return the seconds from 1970-01-01 UTC to an ISO 8601 date or time; without a zone it counts as UTC.

    Raises:
        ValueError: If the text is no ISO date.

    Example:
        >>> seconds("1970-01-02"), seconds("1970-01-01T01:00:00+01:00")
        (86400.0, 0.0)
    """
    return _number(datetime.fromisoformat(text))


def show(value: Value) -> str:
    r"""Return a value as a question writes it.

    Example:
        >>> show("it's"), show(True), show(2.5)
        ("'it\\'s'", 'true', '2.5')
    """
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def suggestion(word: object, options: Iterable[object]) -> str:
    """Return ``"; did you mean 'age'?"`` for the option nearest to a word, else the options themselves.

    Example:
        >>> suggestion("Aeg", ["sex", "age"])
        "; did you mean 'age'?"
        >>> suggestion("zzz", ["sex", "age"])
        "; choose from 'sex', 'age'."
    """
    known = {str(option).casefold(): option for option in options}
    near = difflib.get_close_matches(str(word).casefold(), known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {known[near[0]]!r}?"
    return f"; choose from {listed(known.values())}."


def listed(options: Iterable[object], most: int = 8) -> str:
    """Return options separated by commas, the first ones if they are many.

    Example:
        >>> listed([1, 2, 3, 4], most=2)
        '1, 2, ... (4 in all)'
    """
    words = [repr(option) for option in options]
    return ", ".join(words) if len(words) <= most else f"{', '.join(words[:most])}, ... ({len(words)} in all)"
