"""Conditions on one column: an order, a membership, a missing cell.

Each is read twice. On the rows of a table a condition compares cells with its value. On the kind of a column, known
without any row, it is the region of the values that satisfy it: ``x < v`` is an interval where the column holds
numbers, and the set of categories below v where it has categories that are numbers. The region of an order or a
membership never has a missing cell in it, and that of ``!=`` or *not in* is everything but the values and a missing
cell. A value that cannot occur in the column is an error rather than an event of probability zero, as it is nearly
always a slip of the pen.
"""

import operator
import re
from abc import abstractmethod
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailormade.queries.boxes import Categories, Intervals, Region
from tailormade.queries.predicates import Expression, Kind
from tailormade.queries.splitting import Formula, Inside, join
from tailormade.queries.values import BoolArray, Value, cells, listed, seconds, show, suggestion

KEYWORDS = ("and", "or", "not", "in", "is", "between", "missing", "null")

_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXPECTED = {
    "ordered": "a number, or a date such as '2024-05-31'",
    "numbers": "a number",
    "dates": "a date such as '2024-05-31'",
}


@dataclass(frozen=True)
class Condition(Expression):
    """An expression about one column.

    Args:
        column: Its name.
    """

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def depth(self) -> int:
        """One."""
        return 1

    @abstractmethod
    def region(self, kinds: Mapping[str, Kind]) -> Region:
        """Return the values for which it holds; arguments and errors as in :meth:`boxes`."""

    def formula(self, kinds: Mapping[str, Kind], negated: bool = False) -> Formula:
        """Return the event as a region."""
        region = self.region(kinds)
        return join(True, [Inside(self.column, region.complement() if negated else region)])


@dataclass(frozen=True)
class Order(Condition):
    """A column's value is ``<``, ``<=``, ``>`` or ``>=`` a value (1); false where the cell is missing.

    Args:
        column: Its name.
        operator: One of the four.
        value: A number, or the text of an ISO date.

    Example:
        >>> str(Order("capital-gain", ">=", 1000))
        'capital-gain >= 1000'
    """

    operator: str
    value: Value

    def __str__(self) -> str:
        """Write it as a question."""
        return f"{named(self.column)} {self.operator} {show(self.value)}"

    def region(self, kinds: Mapping[str, Kind]) -> Region:
        """Return an interval, or the categories for which it holds."""
        kind = _kind(self.column, kinds)
        if isinstance(kind, str):
            return Intervals.compared(self.operator, _number(self.column, self.value, kind, kinds))
        if any(isinstance(category, str) for category in kind):
            raise _no_order(self, f"one of its categories {listed(kind)}")
        value = _number(self.column, self.value, "numbers", kinds)
        return Categories(frozenset(c for c in kind if _ORDERS[self.operator](c, value)), tuple(kind))

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows it holds."""
        column = cells(columns[self.column])
        if bool(column.missing.all()):
            return np.zeros(column.missing.shape, dtype=bool)
        if not column.numeric:
            raise _no_order(self, "text")
        value = _number(self.column, self.value, "ordered")
        return np.asarray(_ORDERS[self.operator](column.values, value))  # false for NaN


@dataclass(frozen=True)
class OneOf(Condition):
    """A column's value is one of some values, or none of them (2); both false where the cell is missing.

    Args:
        column: Its name.
        values: Numbers, truth values, or text.
        negated: Whether it is none of them.

    Example:
        >>> str(OneOf("sex", ("Female",))), str(OneOf("education", ("Masters", "Doctorate"), negated=True))
        ("sex == 'Female'", "education not in ['Masters', 'Doctorate']")
    """

    values: tuple[Value, ...]
    negated: bool = False

    def __str__(self) -> str:
        """Write it as a question."""
        words = [show(value) for value in self.values]
        if len(words) == 1:
            return f"{named(self.column)} {'!=' if self.negated else '=='} {words[0]}"
        return f"{named(self.column)} {'not in' if self.negated else 'in'} [{', '.join(words)}]"

    def region(self, kinds: Mapping[str, Kind]) -> Region:
        """Return the values, or all others but a missing cell."""
        kind = _kind(self.column, kinds)
        region: Region
        if isinstance(kind, str):
            region = Intervals.points([_number(self.column, value, kind, kinds) for value in self.values])
        else:
            region = Categories(frozenset(_category(self.column, v, kind) for v in self.values), tuple(kind))
        return region.complement().with_missing(False) if self.negated else region

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows it holds."""
        column = cells(columns[self.column])
        if bool(column.missing.all()):
            return np.zeros(column.missing.shape, dtype=bool)
        if column.numeric:
            found = np.isin(column.values, [_number(self.column, value, "ordered") for value in self.values])
        else:
            found = np.vectorize(lambda cell: cell in self.values, otypes=[bool])(column.values)
        return (found != self.negated) & ~column.missing


@dataclass(frozen=True)
class Missing(Condition):
    """A column's cell is missing, or is there (3).

    Args:
        column: Its name.
        negated: Whether it is there.

    Example:
        >>> str(Missing("cabin")), str(Missing("cabin", negated=True))
        ('cabin is missing', 'cabin is not missing')
    """

    negated: bool = False

    def __str__(self) -> str:
        """Write it as a question."""
        return f"{named(self.column)} is {'not ' if self.negated else ''}missing"

    def region(self, kinds: Mapping[str, Kind]) -> Region:
        """Return a missing cell, or all values."""
        kind = _kind(self.column, kinds)
        nothing: Region = Intervals(()) if isinstance(kind, str) else Categories(frozenset(), tuple(kind))
        return nothing.complement().with_missing(False) if self.negated else nothing.with_missing(True)

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows it holds."""
        return cells(columns[self.column]).missing != self.negated


def named(column: str) -> str:
    """Return the name of a column as a question writes it: in backticks unless it is a plain word.

    Example:
        >>> named("capital-gain"), named("hours per week"), named("in"), named("7")
        ('capital-gain', '`hours per week`', '`in`', '`7`')
    """
    plain = re.fullmatch(r"\w+([.-]\w+)*", column) and column.lower() not in KEYWORDS
    if plain and not re.fullmatch(r"[0-9.]+(e[+-]?[0-9]+)?", column, re.IGNORECASE):
        return column
    return "`" + column.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _kind(column: str, kinds: Mapping[str, Kind]) -> Kind:
    kind = kinds[column]
    if isinstance(kind, str) and kind not in _EXPECTED:
        raise ValueError(f"kinds: column {column!r} expected {listed(_EXPECTED)} or its categories, got {kind!r}.")
    return kind


def _number(column: str, value: Value, kind: str, names: Container[object] = ()) -> float:
    """Return a value of a column of numbers or dates, dates in seconds."""
    if not isinstance(value, str) and kind != "dates":
        return float(value)
    if isinstance(value, str) and kind != "numbers":
        try:
            return seconds(value)
        except ValueError:
            pass
    hint = "; a question compares a column with a value, not with another column." if value in names else "."
    raise ValueError(f"question: column {column!r} expected {_EXPECTED[kind]}, got {show(value)}{hint}")


def _category(column: str, value: Value, categories: Sequence[Value]) -> Value:
    """Return the category that equals a value: 1 for 1.0."""
    if value in categories:
        return categories[categories.index(value)]
    raise ValueError(
        f"question: column {column!r} expected one of its categories, got {show(value)}{suggestion(value, categories)}"
    )


def _no_order(condition: Order, holds: str) -> ValueError:
    return ValueError(
        f"question: column {condition.column!r} holds {holds}: expected == or in, got {condition.operator!r} "
        f"{show(condition.value)}; name the values, as in {named(condition.column)} in ['...', '...']."
    )
