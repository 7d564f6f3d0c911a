r"""Binary columns that are a category written as one-hot code, taken back to the category.

A variable of k values is often stored as k columns of which one is 1 (or as k - 1, a row of zeros being the value left
over). A density of the columns has to learn from the rows that they exclude each other, through as many weights as
there are pairs of columns and against any regularisation of those weights. A density of the category knows it.

Columns of a group are coded as one number: 0 if none is 1, j if only the j-th is, k + 1 for anything else. Rows
``x ∈ {0, 1}^D`` and codes ``z(x)`` differ by that last value alone, which stands for ``2^k - k - 1`` patterns, equally
probable among each other, so that

    log p(x) = log p(z(x)) - Σ_{groups coded k + 1} log(2^k - k - 1)                                     (1)

is a density of all D columns, normalised over every row there is, whatever the groups: a wrong guess costs likelihood
but no correctness. Groups are found in training rows alone, and figures can be compared with those of any other
density of the same columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.conditionals import Bernoulli, Categorical, Conditional

Rows = NDArray[Any]

_MEETINGS = 10.0  # expected of independent columns: that none is seen then has a chance of about e^-10


@dataclass(frozen=True)
class OneHotColumns:
    """Code groups of binary columns that exclude each other as categories, and back.

    Args:
        groups: The columns of each group, a partition of 0..D-1; a group of one is a binary variable as it is.

    Raises:
        ValueError: If the groups are not a partition.

    Example:
        >>> rows = np.eye(3, dtype=np.uint8)[[0, 1, 2, 1]]
        >>> coding = OneHotColumns.find(rows)
        >>> coding.groups, coding.encode(rows).tolist()
        (((0, 1, 2),), [[1], [2], [3], [2]])
        >>> coding.decode(np.array([[3], [0]])).tolist()
        [[0, 0, 1], [0, 0, 0]]
    """

    groups: Sequence[Sequence[int]]

    def __post_init__(self) -> None:
        """Check that every column is in one group."""
        object.__setattr__(self, "groups", tuple(tuple(int(column) for column in group) for group in self.groups))
        columns = sorted(column for group in self.groups for column in group)
        if columns != list(range(len(columns))) or not all(self.groups):
            raise ValueError(f"groups: expected each of the columns 0..D-1 in one group, got {self.groups}.")

    @classmethod
    def find(cls, rows: Rows) -> "OneHotColumns":
        """Find the groups in training rows.

        A group is a run of neighbouring columns of which no row has two; it ends where a row would. A run that may
        exclude each other by chance, as its columns are rarely 1, is left as single columns: as independent variables
        with the same frequencies they would have met fewer than 10 times.

        Args:
            rows: Binary, shape ``(n, D)``.

        Raises:
            ValueError: If there are no rows, or values other than 0 and 1.
        """
        on = _binary(rows, None) == 1
        if not len(on):
            raise ValueError("rows: expected at least one, got none.")
        groups: list[Sequence[int]] = []
        for run in _exclusive_runs(on):
            groups += [run] if _excluded(on[:, run]) else [[column] for column in run]
        return cls(groups)

    @cached_property
    def columns(self) -> int:
        """Number of binary columns D."""
        return sum(len(group) for group in self.groups)

    @cached_property
    def conditionals(self) -> list[Conditional]:
        """What :class:`tailormade.MADE` takes for the codes: one conditional for each group."""
        return [Bernoulli() if len(group) == 1 else Categorical(_values(len(group))) for group in self.groups]

    def random_order(self, seed: int) -> list[int]:
        """Return the degrees of all columns in a random order of the groups, the columns of each staying together.

        It is what a density of the columns themselves takes as ``input_order``: between two columns of a group, no
        other then comes to be predicted from half a category.

        Args:
            seed: Fixes the order.

        Example:
            >>> OneHotColumns(((0, 1, 2), (3,), (4, 5))).random_order(seed=0)
            [3, 4, 5, 6, 1, 2]
        """
        places = np.random.default_rng(seed).permutation(len(self.groups))
        sequence = [column for place in places for column in self.groups[place]]
        degrees = np.empty(self.columns, dtype=np.int64)
        degrees[sequence] = np.arange(1, self.columns + 1)
        return [int(degree) for degree in degrees]

    def encode(self, rows: Rows) -> NDArray[np.int64]:
        """Return the codes ``z(x)``, shape ``(n, groups)``, of binary rows ``(n, D)``.

        Raises:
            ValueError: If the rows are not binary or of another width.
        """
        on = _binary(rows, self.columns)
        codes = np.empty((len(on), len(self.groups)), dtype=np.int64)
        for i, group in enumerate(self.groups):
            part = on[:, group]
            first, count = part.argmax(1) + 1, part.sum(1)
            codes[:, i] = np.where(count == 0, 0, np.where(count == 1, first, len(group) + 1))
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
        for group, column in zip(self.groups, z.T.astype(np.int64), strict=True):
            if len(column) and not 0 <= column.min() <= column.max() < _values(len(group)):
                raise ValueError(f"codes: expected 0..{_values(len(group)) - 1}, got {column.min()}..{column.max()}.")
            for place in range(len(group)):
                rows[:, group[place]] = column == place + 1
            several = np.flatnonzero(column > len(group))
            rows[np.ix_(several, np.array(group))] = _several(len(several), len(group), random)
        return rows

    def log_volume(self, rows: Rows) -> NDArray[np.float64]:
        """Return the second term of (1), shape ``(n,)``: add it to the log-probability of the codes.

        Example:
            >>> OneHotColumns(((0, 1, 2),)).log_volume(np.array([[1, 0, 0], [1, 1, 0]])).round(3).tolist()
            [0.0, -1.386]
        """
        codes, total = self.encode(rows), np.zeros(len(rows))
        for group, column in zip(self.groups, codes.T, strict=True):
            if len(group) > 1:
                total[column > len(group)] -= math.log(2 ** len(group) - len(group) - 1)
        return total

    def config(self) -> list[list[int]]:
        """Return the groups as JSON-ready values; ``OneHotColumns(config)`` makes the same coding."""
        return [list(group) for group in self.groups]


def _binary(rows: Rows, width: int | None) -> Rows:
    x = np.asarray(rows)
    if x.ndim != 2 or (width is not None and x.shape[1] != width):
        raise ValueError(f"rows: expected shape (n, {'D' if width is None else width}), got {x.shape}.")
    if not np.isin(x, (0, 1)).all():
        raise ValueError("rows: expected values 0 and 1 only; other categories need no one-hot columns undone.")
    return x.astype(np.int64)


def _exclusive_runs(on: NDArray[np.bool_]) -> list[list[int]]:
    """Divide the columns into runs of which no row has two, each as long as can be."""
    runs: list[list[int]] = []
    start, taken = 0, np.zeros(len(on), dtype=bool)
    for column in range(on.shape[1]):
        if start < column and (taken & on[:, column]).any():
            runs.append(list(range(start, column)))
            start, taken = column, np.zeros(len(on), dtype=bool)
        taken = taken | on[:, column]
    return [*runs, list(range(start, on.shape[1]))] if on.shape[1] else runs


def _excluded(part: NDArray[np.bool_]) -> bool:
    """Tell whether columns exclude each other by nature: every row has one, or independent ones would have met."""
    frequency = part.mean(0)
    meetings = len(part) * (frequency.sum() ** 2 - (frequency**2).sum()) / 2
    return bool(part.any(1).all() or meetings >= _MEETINGS)


def _values(width: int) -> int:
    """How many codes a group has: of two columns all patterns, one of one column is not needed."""
    return 2 if width == 1 else width + 2


def _several(count: int, width: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Draw patterns of at least two ones, all equally probable."""
    patterns = random.integers(0, 2, (count, width), dtype=np.uint8)
    while len(wrong := np.flatnonzero(patterns.sum(1) < 2)):
        patterns[wrong] = random.integers(0, 2, (len(wrong), width), dtype=np.uint8)
    return patterns
