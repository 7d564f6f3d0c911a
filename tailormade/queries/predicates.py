"""Questions as expressions: what holds for a row of a table, and which values that leaves to each column.

A condition asks about one column: an order (1) ``x < v``, a membership (2) ``x ∈ {v, ...}`` or ``x ∉ {v, ...}``, a
missing cell (3). Everything else is *and*, *or*, *not* of these: ``a <= x < b`` and *between* are two orders, ``==``
and ``!=`` memberships of one value. A condition of the kinds (1) and (2) is false where the cell is missing, ``!=``
and *not in* included, as in a WHERE clause of SQL; but from there on there are two truth values, so that ``not (x ==
v)`` is true of a missing cell and ``x != v`` is not. An expression is read in two independent ways: row by row
(``holds``), and as disjoint boxes (``boxes``), for which every condition becomes a region of its column and *not* is
moved to the conditions by De Morgan's rules.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailormade.queries.splitting import Box, Formula, disjoint, join
from tailormade.queries.values import BoolArray, Value, suggestion

Kind = str | Sequence[Value]


class Expression(ABC):
    """What a question asks about a row: conditions joined by *and*, *or*, *not*. ``str`` writes it as a question."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns it asks about, each once, in the order in which it names them."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """How many expressions lie within one another, at most."""

    @abstractmethod
    def formula(self, kinds: Mapping[str, Kind], negated: bool = False) -> Formula:
        """Return the event, or its complement, as regions of columns; see :meth:`boxes`."""

    @abstractmethod
    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return :meth:`holds`, where all columns are known to be there."""

    def check(self, columns: Iterable[str]) -> None:
        """Check that a table has the columns that are asked about.

        Raises:
            ValueError: Naming the first that it does not have, and the one nearest to it.

        Example:
            >>> from tailormade.queries.conditions import Missing
            >>> Missing("cabbin").check(["age", "cabin"])
            Traceback (most recent call last):
            ValueError: question: expected a column of the table, got 'cabbin'; did you mean 'cabin'?
        """
        known = list(columns)
        for name in self.columns:
            if name not in known:
                wanted = f"question: expected a column of the table, got {name!r}"
                raise ValueError(wanted + suggestion(name, known))

    def holds(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows of a table it holds.

        Args:
            columns: An array ``(*)`` of each column; ``None``, NaN and NaT are missing cells.

        Returns:
            Boolean, shape ``(*)``.

        Raises:
            ValueError: If a column is not there, or its cells do not compare with the value.

        Example:
            >>> from tailormade.queries.conditions import Order
            >>> Order("age", ">", 50).holds({"age": [60, 40, None]}).tolist()
            [True, False, False]
        """
        self.check(columns)
        return self.rows(columns)

    def boxes(self, kinds: Mapping[str, Kind]) -> list[Box]:
        """Return disjoint boxes whose union is the event: dicts from columns to regions, free columns left out.

        Args:
            kinds: What each column of the table holds: ``'numbers'``, ``'dates'`` (in seconds, as
                :func:`~tailormade.queries.values.seconds` counts them), ``'ordered'`` for either, or the sequence of
                its categories.

        Returns:
            No box for a contradiction, one empty box for a tautology.

        Raises:
            ValueError: If a column is unknown, a value is not of its column's kind or none of its categories, an order
                is asked of text, or there are more than 1000 boxes.

        Example:
            >>> from tailormade.queries.conditions import OneOf, Order
            >>> question = And((Order("age", ">", 50), OneOf("sex", ("f",))))
            >>> [box] = question.boxes({"age": "ordered", "sex": ("f", "m")})
            >>> box["age"].intervals[0].low, sorted(box["sex"].values)
            (50.0, ['f'])
        """
        self.check(kinds)
        return disjoint(self.formula(kinds))


@dataclass(frozen=True)
class Not(Expression):
    """Whatever does not satisfy an expression, rows whose cells are missing among them.

    Args:
        part: The expression.

    Example:
        >>> from tailormade.queries.conditions import Order
        >>> question = Not(Order("age", ">", 50))
        >>> str(question), question.holds({"age": [60, 40, None]}).tolist()
        ('not age > 50', [False, True, True])
    """

    part: Expression

    def __str__(self) -> str:
        """Write it as a question."""
        return f"not {_inner(self.part, And, Or)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the expression."""
        return self.part.columns

    @property
    def depth(self) -> int:
        """One more than that of the expression."""
        return 1 + self.part.depth

    def formula(self, kinds: Mapping[str, Kind], negated: bool = False) -> Formula:
        """Return the complement of the expression's event."""
        return self.part.formula(kinds, not negated)

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows the expression does not hold."""
        return ~self.part.rows(columns)


@dataclass(frozen=True)
class _Parts(Expression):
    parts: tuple[Expression, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the parts."""
        return tuple(dict.fromkeys(column for part in self.parts for column in part.columns))

    @property
    def depth(self) -> int:
        """One more than the greatest of the parts."""
        return 1 + max(part.depth for part in self.parts)


class And(_Parts):
    """All of two or more expressions.

    Args:
        parts: The expressions.

    Example:
        >>> from tailormade.queries.conditions import Missing, Order
        >>> str(And((Or((Missing("age"), Order("age", ">", 50))), Missing("cabin"))))
        '(age is missing or age > 50) and cabin is missing'
    """

    def __str__(self) -> str:
        """Write it as a question."""
        return " and ".join(_inner(part, And, Or) for part in self.parts)

    def formula(self, kinds: Mapping[str, Kind], negated: bool = False) -> Formula:
        """Return the intersection of the events, or the union of their complements."""
        return join(not negated, [part.formula(kinds, negated) for part in self.parts])

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows all hold."""
        return np.logical_and.reduce([part.rows(columns) for part in self.parts])


class Or(_Parts):
    """One or more of two or more expressions.

    Args:
        parts: The expressions.

    Example:
        >>> from tailormade.queries.conditions import OneOf, Order
        >>> str(Or((OneOf("sex", ("f",)), And((Order("age", ">=", 18), Order("age", "<", 30))))))
        "sex == 'f' or age >= 18 and age < 30"
    """

    def __str__(self) -> str:
        """Write it as a question."""
        return " or ".join(_inner(part, Or) for part in self.parts)

    def formula(self, kinds: Mapping[str, Kind], negated: bool = False) -> Formula:
        """Return the union of the events, or the intersection of their complements."""
        return join(negated, [part.formula(kinds, negated) for part in self.parts])

    def rows(self, columns: Mapping[str, Any]) -> BoolArray:
        """Return for which rows one or more hold."""
        return np.logical_or.reduce([part.rows(columns) for part in self.parts])


def _inner(part: Expression, *looser: type[Expression]) -> str:
    """Write a part, in parentheses where it would be torn apart, or joined to its neighbours, without them."""
    return f"({part})" if isinstance(part, looser) else str(part)
