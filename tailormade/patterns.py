r"""Binary columns that take few patterns together, coded as one category and back.

A variable of k values is often stored as k columns of which one is 1, or as k - 1, a row of zeros being the value left
over; levels of a quantity as columns of which each implies the next. Such columns take k patterns where independent
ones would take ``2^k``. A density of the columns has to learn that from the rows, through as many weights as there are
pairs of columns and against any regularisation of those weights. A density of the category knows it.

Columns of a group are coded as one number: the place of their pattern among the m that were seen, or m for any other.
Rows ``x ∈ {0, 1}^D`` and codes ``z(x)`` differ by that last value alone, which stands for ``2^k - m`` patterns, equally
probable among each other, so that

    log p(x) = log p(z(x)) - Σ_{groups coded m} log(2^k - m)                                             (1)

is a density of all D columns, normalised over every row there is, whatever the groups: a wrong guess costs likelihood
but no correctness. Groups are found in training rows alone (:mod:`tailormade.grouping`), and figures can be compared
with those of any other density of the same columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.conditionals import Bernoulli, Categorical, Conditional
from tailormade.grouping import MOST_COLUMNS, group_columns

Rows = NDArray[Any]


@dataclass(frozen=True)
class ColumnPatterns:
    """Code groups of binary columns that take few patterns as categories, and back.

    Args:
        groups: The columns of each group, a partition of 0..D-1; a group of one is a binary variable as it is.
        patterns: Those of each group that have a code of their own, as numbers whose bit j is the group's j-th column;
            the patterns of a one-hot code (no column, or one of them) if ``None``.

    Raises:
        ValueError: If the groups are not a partition, or there is not a set of patterns for each.

    Example:
        >>> rows = np.eye(3, dtype=np.uint8)[[0, 1, 2, 1]]
        >>> coding = ColumnPatterns.find(rows)
        >>> coding.groups, coding.encode(rows).tolist()
        (((0, 1, 2),), [[0], [1], [2], [1]])
        >>> coding.decode(np.array([[2], [0]])).tolist()
        [[0, 0, 1], [1, 0, 0]]
    """

    groups: Sequence[Sequence[int]]
    patterns: Sequence[Sequence[int]] | None = None

    def __post_init__(self) -> None:
        """Check that every column is in one group, and sort the patterns."""
        object.__setattr__(self, "groups", tuple(tuple(int(column) for column in group) for group in self.groups))
        columns = sorted(column for group in self.groups for column in group)
        if columns != list(range(len(columns))) or not all(self.groups):
            raise ValueError(f"groups: expected each of the columns 0..D-1 in one group, got {self.groups}.")
        if max((len(group) for group in self.groups), default=0) > MOST_COLUMNS:
            raise ValueError(f"groups: expected at most {MOST_COLUMNS} columns in each; divide larger ones.")
        given = [_one_hot(len(group)) for group in self.groups] if self.patterns is None else self.patterns
        if len(given) != len(self.groups):
            raise ValueError(f"patterns: expected those of {len(self.groups)} groups, got {len(given)}.")
        seen = tuple(
            (0, 1) if len(group) == 1 else tuple(sorted({int(pattern) for pattern in own}))
            for group, own in zip(self.groups, given, strict=True)
        )
        for group, own in zip(self.groups, seen, strict=True):
            if not own or not 0 <= own[0] <= own[-1] < 2 ** len(group):
                raise ValueError(f"patterns: expected some of 0..{2 ** len(group) - 1} for {group}, got {own}.")
        object.__setattr__(self, "patterns", seen)

    @classmethod
    def find(cls, rows: Rows) -> "ColumnPatterns":
        """Find the groups, and their patterns, in training rows, as :func:`tailormade.grouping.group_columns` does.

        Args:
            rows: Binary, shape ``(n, D)``.

        Raises:
            ValueError: If there are no rows, or values other than 0 and 1.
        """
        x = _binary(rows, None)
        if not len(x):
            raise ValueError("rows: expected at least one, got none.")
        groups = group_columns(x)
        return cls(groups, [np.unique(_keys(x[:, group])).tolist() for group in groups])

    @classmethod
    def single(cls, columns: int) -> "ColumnPatterns":
        """Return the coding of columns that are left as they are."""
        return cls([[column] for column in range(columns)])

    @cached_property
    def columns(self) -> int:
        """Number of binary columns D."""
        return sum(len(group) for group in self.groups)

    @cached_property
    def conditionals(self) -> list[Conditional]:
        """What :class:`tailormade.MADE` takes for the codes: one conditional for each group."""
        return [
            Bernoulli() if len(group) == 1 else Categorical(values)
            for group, values in zip(self.groups, self._values, strict=True)
        ]

    @cached_property
    def _known(self) -> list[NDArray[np.int64]]:
        assert self.patterns is not None  # filled when created
        return [np.array(own, dtype=np.int64) for own in self.patterns]

    @cached_property
    def _values(self) -> list[int]:
        """How many codes each group has: one for all unknown patterns, if there are any."""
        return [len(own) + (len(own) < 2 ** len(group)) for own, group in zip(self._known, self.groups, strict=True)]

    def random_order(self, seed: int) -> list[int]:
        """Return the degrees of all columns in a random order of the groups, the columns of each staying together.

        It is what a density of the columns themselves takes as ``input_order``: between two columns of a group, no
        other then comes to be predicted from half a category.

        Args:
            seed: Fixes the order.

        Example:
            >>> ColumnPatterns(((0, 1, 2), (3,), (4, 5))).random_order(seed=0)
            [3, 4, 5, 6, 1, 2]
        """
        return self.column_degrees(np.random.default_rng(seed).permutation(len(self.groups)))

    def column_degrees(self, sequence: Sequence[int] | NDArray[np.int64]) -> list[int]:
        """Return the degrees of all columns where the groups come in a sequence."""
        columns = [column for place in sequence for column in self.groups[place]]
        degrees = np.empty(self.columns, dtype=np.int64)
        degrees[columns] = np.arange(1, self.columns + 1)
        return [int(degree) for degree in degrees]

    def encode(self, rows: Rows) -> NDArray[np.int64]:
        """Return the codes ``z(x)``, shape ``(n, groups)``, of binary rows ``(n, D)``.

        Raises:
            ValueError: If the rows are not binary or of another width.
        """
        x = _binary(rows, self.columns)
        codes = np.empty((len(x), len(self.groups)), dtype=np.int64)
        for i, (group, known) in enumerate(zip(self.groups, self._known, strict=True)):
            keys = _keys(x[:, group])
            place = known.searchsorted(keys).clip(max=len(known) - 1)
            codes[:, i] = np.where(known[place] == keys, place, len(known))
        return codes

    def decode(self, codes: Rows, seed: int | None = None) -> NDArray[np.uint8]:
        """Return binary rows ``(n, D)`` of codes ``(n, groups)``; the last value's pattern is drawn.

        Args:
            codes: As :meth:`encode` returns them, or as a density of them draws them.
            seed: Fixes what is drawn.

        Raises:
            ValueError: If a code is out of range.
        """
        z = np.asarray(codes)
        if z.ndim != 2 or z.shape[1] != len(self.groups):
            raise ValueError(f"codes: expected shape (n, {len(self.groups)}), got {z.shape}.")
        random, rows = np.random.default_rng(seed), np.zeros((len(z), self.columns), dtype=np.uint8)
        for group, known, values, column in zip(self.groups, self._known, self._values, z.T.astype(int), strict=True):
            if len(column) and not 0 <= column.min() <= column.max() < values:
                raise ValueError(f"codes: expected 0..{values - 1}, got {column.min()}..{column.max()}.")
            keys = known[column.clip(max=len(known) - 1)]
            others = np.flatnonzero(column == len(known))
            keys[others] = _unknown(known, len(group), len(others), random)
            rows[:, group] = keys[:, None] >> np.arange(len(group)) & 1
        return rows

    def log_volume(self, rows: Rows) -> NDArray[np.float64]:
        """Return the second term of (1), shape ``(n,)``: add it to the log-probability of the codes.

        Example:
            >>> ColumnPatterns(((0, 1, 2),)).log_volume(np.array([[1, 0, 0], [1, 1, 0]])).round(3).tolist()
            [0.0, -1.386]
        """
        codes, total = self.encode(rows), np.zeros(len(rows))
        for group, known, column in zip(self.groups, self._known, codes.T, strict=True):
            total[column == len(known)] -= math.log(max(1, 2 ** len(group) - len(known)))
        return total

    def config(self) -> dict[str, Any]:
        """Return groups and patterns as JSON-ready values; ``ColumnPatterns(**config)`` makes the same coding."""
        return {"groups": [list(group) for group in self.groups], "patterns": [own.tolist() for own in self._known]}


def _binary(rows: Rows, width: int | None) -> Rows:
    x = np.asarray(rows)
    if x.ndim != 2 or (width is not None and x.shape[1] != width):
        raise ValueError(f"rows: expected shape (n, {'D' if width is None else width}), got {x.shape}.")
    if not np.isin(x, (0, 1)).all():
        raise ValueError("rows: expected values 0 and 1 only; other categories are codes as they are.")
    return x.astype(np.int64)


def _keys(part: Rows) -> NDArray[np.int64]:
    """Patterns as numbers, of rows ``(n, k)``."""
    return np.asarray(part @ (1 << np.arange(part.shape[1], dtype=np.int64)))


def _one_hot(width: int) -> list[int]:
    return [0, *(1 << j for j in range(width))]


def _unknown(known: NDArray[np.int64], width: int, count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw patterns that are not among the known, all equally probable."""
    keys = random.integers(0, 2**width, count)
    while len(wrong := np.flatnonzero(np.isin(keys, known))):
        keys[wrong] = random.integers(0, 2**width, len(wrong))
    return keys
