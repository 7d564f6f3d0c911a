r"""Which binary columns belong together, as they take few patterns.

Columns A and B, or groups of them, are joined if they show at most as many patterns as they have columns, and one

    |patterns of A ∪ B| ≤ |A| + |B| + 1,                                                                  (1)

and if that is no chance: independent of each other, the patterns that are missing would have been seen

    Σ_{(a, b) never seen} n_a n_b / n ≥ 10                                                                (2)

times. A one-hot code of k columns has k or k + 1 patterns, so has a scale of k thresholds, and so have their mixtures.
First come runs of neighbouring columns of which no row has two, for codes mostly are written one after the other; then
the pair of greatest mutual information is joined, again and again, until none fulfils (1) and (2).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_COLUMNS = 60  # in a group: a pattern is a number of as many bits

_MEETINGS = 10.0  # expected: that none is seen then has a chance of about e^-10
_ROWS = 20_000  # more of them change little

Binary = NDArray[np.int64]


def group_columns(rows: Binary) -> list[list[int]]:
    """Return the groups, each in the order of its columns, sorted by their first.

    Args:
        rows: Zeros and ones, shape ``(n, D)``.

    Example:
        >>> levels = np.array([[0, 0], [0, 1], [1, 1]] * 40)                       # the first implies the second
        >>> group_columns(np.concatenate([levels, np.arange(120)[:, None] % 2], 1))
        [[0, 1], [2]]
    """
    x = rows[:: -(-len(rows) // _ROWS)]
    groups = [part for run in _exclusive_runs(x) for part in ([run] if _excluded(x[:, run]) else [[c] for c in run])]
    joining = _Joining(x, groups)
    while len(joining.groups) > 1 and joining.join_best():
        pass
    return sorted(sorted(group) for group in joining.groups)


class _Joining:
    """Groups, the pattern that each row shows of each, and what is known of their pairs."""

    def __init__(self, x: Binary, groups: list[list[int]]) -> None:
        self.groups = groups
        self.codes = [np.unique(x[:, group], axis=0, return_inverse=True)[1].reshape(-1) for group in groups]
        self.hot = [_one_hot(codes) for codes in self.codes]
        self.gains = np.array([self._gains(i) for i in range(len(groups))]).reshape(len(groups), len(groups))

    def join_best(self) -> bool:
        """Join the best pair; return whether there is one."""
        a, b = sorted(divmod(int(self.gains.argmax()), len(self.groups)))
        if not self.gains[a, b] > 0:
            return False
        both = self.codes[a] * (self.codes[b].max() + 1) + self.codes[b]
        self.codes[a] = np.unique(both, return_inverse=True)[1].reshape(-1)
        self.hot[a] = _one_hot(self.codes[a])
        self.groups[a] = self.groups[a] + self.groups[b]
        for kept in (self.groups, self.codes, self.hot):
            del kept[b]
        self.gains = np.delete(np.delete(self.gains, b, 0), b, 1)
        self.gains[a] = self.gains[:, a] = self._gains(a)
        return True

    def _gains(self, i: int) -> NDArray[np.float64]:
        """Mutual information of group i and each, 0 for those that are not to be joined with it."""
        hot = np.concatenate(self.hot, axis=1)
        starts = np.cumsum([0, *(h.shape[1] for h in self.hot)])[:-1]
        joint = (self.hot[i].T @ hot).astype(np.float64)
        expected = np.outer(self.hot[i].sum(0), hot.sum(0)).astype(np.float64) / len(hot)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(joint > 0, joint * np.log(joint / expected), 0.0)
        cells, missing, information = (
            np.add.reduceat(table.sum(0), starts) for table in (joint > 0, np.where(joint == 0, expected, 0), terms)
        )
        columns = len(self.groups[i]) + np.array([len(group) for group in self.groups])
        fits = (cells <= columns + 1) & (missing >= _MEETINGS) & (columns <= MOST_COLUMNS)
        fits[i] = False
        return np.where(fits, information / len(hot), 0.0)


def _one_hot(codes: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.eye(int(codes.max()) + 1, dtype=np.float32)[codes]


def _exclusive_runs(x: Binary) -> list[list[int]]:
    """Divide the columns into runs of which no row has two, each as long as can be."""
    runs: list[list[int]] = []
    start, taken = 0, np.zeros(len(x), dtype=np.int64)
    for column in range(x.shape[1]):
        if (start < column and (taken & x[:, column]).any()) or column - start == MOST_COLUMNS:
            runs.append(list(range(start, column)))
            start, taken = column, np.zeros(len(x), dtype=np.int64)
        taken = taken | x[:, column]
    return [*runs, list(range(start, x.shape[1]))] if x.shape[1] else runs


def _excluded(part: NDArray[Any]) -> bool:
    """Tell whether columns exclude each other by nature: every row has one, or independent ones would have met."""
    frequency = part.mean(0)
    meetings = len(part) * (frequency.sum() ** 2 - (frequency**2).sum()) / 2
    return bool(part.any(1).all() or meetings >= _MEETINGS)
