"""Regions: sets of values that one column may take, a missing cell among them or not.

A set of numbers is kept as its cuts. The cut ``(v, 0)`` lies just before v and ``(v, 1)`` just after it, so that cuts
are ordered as pairs are, and a union of intervals is an even number of them in increasing order: ``[a, b)`` is
``(a, 0), (b, 0)`` and the single point v is ``(v, 0), (v, 1)`` (1). x is inside iff an odd number of cuts lies before
it (2). For a rule ``r`` on two truth values, the set of all x with ``r(x ∈ A, x ∈ B)`` changes at cuts of A or of B
only, so that one pass over both gives intersection, union, difference and complement alike (3). A set of categories
is kept as the categories that are in it, and (3) is applied to each category; a missing cell is one more value, in
both kinds. A **box** is a dict from columns to regions; a column that it does not name is free.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, NamedTuple, Self

import numpy as np

from tailormade.queries.values import BoolArray, Cells, Value, cells

Cut = tuple[float, int]
Rule = Callable[[bool, bool], bool]

_LINE: tuple[Cut, Cut] = ((-inf, 0), (inf, 1))


@dataclass(frozen=True)
class Region(ABC):
    """A set of values of one column; :class:`Intervals` or :class:`Categories`.

    Args:
        missing: Whether a missing cell belongs to it.
    """

    missing: bool = field(default=False, kw_only=True)

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing belongs to it, not even a missing cell."""

    @abstractmethod
    def _combine(self, other: Self, rule: Rule) -> Self:
        """Return all values for which the rule says so, given whether they are in either region (3)."""

    @abstractmethod
    def _holds(self, column: Cells) -> BoolArray:
        """Return which cells belong to it, right where they are not missing."""

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """Whether everything belongs to it, missing cells included."""

    def intersect(self, other: Self) -> Self:
        """Return what belongs to both.

        Raises:
            TypeError: If one is of numbers, the other of categories.
            ValueError: If they are of different categories.
        """
        return self._combine(other, lambda a, b: a and b)

    def union(self, other: Self) -> Self:
        """Return what belongs to either; raises as :meth:`intersect` does."""
        return self._combine(other, lambda a, b: a or b)

    def subtract(self, other: Self) -> Self:
        """Return what belongs to this and not to the other; raises as :meth:`intersect` does."""
        return self._combine(other, lambda a, b: a and not b)

    def complement(self) -> Self:
        """Return all that does not belong to it, a missing cell unless that does."""
        return self._combine(self, lambda a, _: not a)

    def everything(self) -> Self:
        """Return all values of its column and a missing cell."""
        return self._combine(self, lambda _, __: True)

    def with_missing(self, missing: bool) -> Self:
        """Return the same values, with or without a missing cell."""
        return replace(self, missing=missing)

    def contains(self, values: Any) -> BoolArray:  # noqa: ANN401 - anything numpy reads
        """Return which values belong to it, shape ``(*)`` for values ``(*)``; ``None`` and NaN are missing cells."""
        column = cells(values)
        return np.where(column.missing, self.missing, self._holds(column))


class Interval(NamedTuple):
    """An interval of numbers, with its ends in it where they are closed."""

    low: float
    high: float
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True)
class Intervals(Region):
    """A union of intervals of numbers; dates are seconds.

    Args:
        cuts: Where the region begins and ends in turn, increasing (1).
        missing: Whether a missing cell belongs to it.

    Example:
        >>> region = Intervals.compared(">=", 18).intersect(Intervals.compared("<", 30))
        >>> region.intervals
        (Interval(low=18.0, high=30.0, low_closed=True, high_closed=False),)
        >>> region.contains([17.0, 18.0, 30.0, None]).tolist()
        [False, True, False, False]
        >>> region.subtract(Intervals.points([20])).intervals[0]
        Interval(low=18.0, high=20.0, low_closed=True, high_closed=False)
    """

    cuts: tuple[Cut, ...]

    @classmethod
    def compared(cls, operator: str, value: float) -> Self:
        """Return the numbers that are ``<``, ``<=``, ``>`` or ``>=`` a value.

        Raises:
            ValueError: If the operator is none of these.
        """
        if operator not in ("<", "<=", ">", ">="):
            raise ValueError(f"operator: expected <, <=, > or >=, got {operator!r}.")
        cut = (float(value), int(operator in ("<=", ">")))  # these two leave the value itself below the cut
        return cls((_LINE[0], cut) if operator[0] == "<" else (cut, _LINE[1]))

    @classmethod
    def points(cls, values: Iterable[float]) -> Self:
        """Return single numbers."""
        return cls(tuple((value, side) for value in sorted({float(v) for v in values}) for side in (0, 1)))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals, increasing and apart."""
        ends = zip(self.cuts[::2], self.cuts[1::2], strict=True)
        return tuple(Interval(low, high, before == 0, after == 1) for (low, before), (high, after) in ends)

    @property
    def is_empty(self) -> bool:
        """Whether nothing belongs to it, not even a missing cell."""
        return not self.cuts and not self.missing

    @property
    def is_full(self) -> bool:
        """Whether everything belongs to it, missing cells included."""
        return self.cuts == _LINE and self.missing

    def _combine(self, other: Self, rule: Rule) -> Self:
        _same_kind(self, other)
        kept: list[Cut] = []
        for cut in sorted({*_LINE, *self.cuts, *other.cuts}):
            inside = rule(bisect_right(self.cuts, cut) % 2 == 1, bisect_right(other.cuts, cut) % 2 == 1)
            # nothing lies beyond the last cut of the line
            if (inside and cut != _LINE[1]) != (len(kept) % 2 == 1):
                kept.append(cut)
        return type(self)(tuple(kept), missing=rule(self.missing, other.missing))

    def _holds(self, column: Cells) -> BoolArray:
        if not column.numeric:
            raise TypeError("values: expected numbers or dates, got text.")
        before = [value for value, side in self.cuts if side == 0]
        after = [value for value, side in self.cuts if side == 1]
        passed = np.searchsorted(before, column.values, "right") + np.searchsorted(after, column.values, "left")
        return np.asarray(passed % 2 == 1)


@dataclass(frozen=True)
class Categories(Region):
    """Some of a column's categories.

    Args:
        values: Those that are in the region.
        categories: All of the column's.
        missing: Whether a missing cell belongs to it.

    Example:
        >>> region = Categories(frozenset({"a"}), ("a", "b", "c")).complement()
        >>> sorted(region.values), region.missing
        (['b', 'c'], True)
        >>> region.contains(["a", "b", None]).tolist()
        [False, True, True]
    """

    values: frozenset[Value]
    categories: tuple[Value, ...] = field(hash=False)  # long, and the same for all that are compared

    @property
    def is_empty(self) -> bool:
        """Whether nothing belongs to it, not even a missing cell."""
        return not self.values and not self.missing

    @property
    def is_full(self) -> bool:
        """Whether everything belongs to it, missing cells included."""
        return len(self.values) == len(self.categories) and self.missing

    def _combine(self, other: Self, rule: Rule) -> Self:
        _same_kind(self, other)
        if self.categories != other.categories:
            raise ValueError(f"other: expected a region of {self.categories}, got one of {other.categories}.")
        first, second = self.values, other.values
        parts = {(True, True): first & second, (True, False): first - second, (False, True): second - first}
        if rule(False, False):
            parts[False, False] = frozenset(self.categories) - first - second
        kept = frozenset[Value]().union(*(part for where, part in parts.items() if rule(*where)))
        return type(self)(kept, self.categories, missing=rule(self.missing, other.missing))

    def _holds(self, column: Cells) -> BoolArray:
        if column.numeric:
            return np.isin(column.values, [float(value) for value in self.values if not isinstance(value, str)])
        found = [value in self.values for value in column.values.ravel()]
        return np.array(found, dtype=bool).reshape(column.values.shape)


def _same_kind(region: Region, other: Region) -> None:
    if type(region) is not type(other):
        raise TypeError(f"other: expected {type(region).__name__}, got {type(other).__name__}.")
