"""The Chow-Liu tree of a table: states instead of numbers, and the tree that explains most of their dependence.

A number is in one of at most 32 quantile bins (and a value that fills a bin by itself has its own), and is uniform
inside: ``p(x) = p(bin) δ / width`` (1) is the probability of its cell, without δ a density. Two more states are the
tails beyond the training rows. The tree is that of :mod:`tailormade.baselines` over these states,

    p(x) = p(s_r) Π_i p(s_i | s_parent(i)) · Π_i p(x_i | s_i)                                (2)

    p(s | parent) = (n(s, parent) + a p(s)) / (n(parent) + a)                                (3)

with p(s) of counts to which 1/2 is added. Missing cells are summed out of (2), from the leaves to the root.

C. K. Chow, C. N. Liu, "Approximating discrete probability distributions with dependence trees", 1968.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables_baselines import FINEST, HALF, Array, Columns, Scorer, snapped, step_of
from tailormade.baselines import _tree  # the spanning tree is the same, however many states there are
from tailormade.tables import Column

BINS, STRENGTHS = (8, 16, 32), (1.0, 4.0, 16.0, 64.0)


class Bins:
    """States of one column: its codes; or quantile bins of numbers, uniform inside, with a state for either tail.

    A value that fills a bin alone has one to itself. The tails are exponential, their scale the range of the numbers.

    Args:
        x: Numbers, NaN where missing.
        column: What they are.
        most: How many bins at most, beside those of values that fill one.
    """

    def __init__(self, x: Array, column: Column, most: int) -> None:
        self.column, self.step = column, step_of(column)
        self.count = column.cardinality or 1
        if not column.coded:
            self.edges = self._edges(snapped(x[~np.isnan(x)], self.step), most)
            self.count = len(self.edges) + 1

    def _edges(self, x: Array, most: int) -> Array:
        begins = np.quantile(x, np.arange(most) / most, method="inverted_cdf")
        if self.step is None:
            least = FINEST * (float(x.std()) or 1.0)  # a narrower bin would be a spike
            return np.unique(np.floor([*begins / least, x.max() / least + 1])) * least
        values, counts = np.unique(x, return_counts=True)
        heavy = values[counts * most >= len(x)]
        found = np.concatenate([begins, heavy, heavy + self.step, [x.max() + self.step]])
        return (np.unique(np.rint(found / self.step)) - 0.5) * self.step

    def states(self, x: Array) -> NDArray[np.int64]:
        """Return the state of each value, -1 where it is missing."""
        if not self.column.coded:
            x = np.where(np.isnan(x), np.nan, np.searchsorted(self.edges, snapped(x, self.step), side="right"))
        return np.nan_to_num(x, nan=-1).astype(int)

    def log_inside(self, x: Array) -> Array:
        """Return the log-probability of each value, or its log density, given its state; 0 where it is missing."""
        if self.column.coded:
            return np.zeros(len(x))
        state, x, half = self.states(x), snapped(x, self.step), (self.step or 0.0) / 2
        span = self.edges[-1] - self.edges[0]
        widths = np.diff(self.edges, prepend=np.nan, append=np.nan)
        beyond = np.maximum(np.maximum(self.edges[0] - x, x - self.edges[-1]) - half, 0.0)
        tail = -beyond / span + (-np.log(span) if self.step is None else np.log(-np.expm1(-self.step / span)))
        inside = np.log(self.step or 1.0) - np.log(widths[state])
        return np.where(state < 0, 0.0, np.where((state == 0) | (state == len(widths) - 1), tail, inside))


class ChowLiu:
    """The tree (2) with conditionals (3).

    Args:
        x: Encoded rows, NaN where missing.
        columns: What they are.
        bins: For numbers.
        strength: The a of (3).
    """

    def __init__(self, x: Array, columns: Columns, bins: int, strength: float) -> None:
        self.bins = [Bins(x[:, i], column, bins) for i, column in enumerate(columns)]
        states = self._states(x)
        pairs = {(i, j): self._pairs(states, i, j) for i in range(len(columns)) for j in range(i)}
        information = np.zeros((len(columns), len(columns)))
        for (i, j), counts in pairs.items():
            information[i, j] = information[j, i] = mutual_information(counts)
        self.sequence, self.parents = _tree(information)
        self.marginals = [_smoothed(s, bins.count) for s, bins in zip(states, self.bins, strict=True)]
        self.tables = {}
        for i in self.sequence[1:]:
            both = pairs[i, self.parents[i]] if i > self.parents[i] else pairs[self.parents[i], i].T
            self.tables[i] = (both + strength * self.marginals[i][:, None]) / (both.sum(0) + strength)

    def _states(self, x: Array) -> list[NDArray[np.int64]]:
        return [bins.states(x[:, i]) for i, bins in enumerate(self.bins)]

    def _pairs(self, states: list[NDArray[np.int64]], i: int, j: int) -> Array:
        seen, shape = (states[i] >= 0) & (states[j] >= 0), (self.bins[i].count, self.bins[j].count)
        flat = np.ravel_multi_index((states[i][seen], states[j][seen]), shape)
        return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    def score(self, x: Array) -> Array:
        """Return the log-probability of the observed cells of each row, shape ``(rows,)``."""
        logs = np.sum([bins.log_inside(x[:, i]) for i, bins in enumerate(self.bins)], axis=0)
        beliefs = [
            np.where(s[:, None] < 0, 1.0, s[:, None] == np.arange(b.count))
            for s, b in zip(self._states(x), self.bins, strict=True)
        ]
        for i in self.sequence[:0:-1]:
            message = beliefs[i] @ self.tables[i]
            most = message.max(1, keepdims=True)  # taken out, as products of many would vanish
            beliefs[self.parents[i]] = beliefs[self.parents[i]] * message / most
            logs = logs + np.log(most[:, 0])
        return np.asarray(logs + np.log(beliefs[self.sequence[0]] @ self.marginals[self.sequence[0]]))


def _smoothed(states: NDArray[np.int64], count: int) -> Array:
    counts = np.bincount(states[states >= 0], minlength=count) + HALF
    return np.asarray(counts / counts.sum())


def mutual_information(counts: Array) -> float:
    """Return the mutual information in nats of two variables, from the counts of their pairs.

    Example:
        >>> round(mutual_information(np.array([[5.0, 0.0], [0.0, 5.0]])), 3)
        0.693
    """
    joint = counts / max(counts.sum(), 1.0)
    independent, there = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True), joint > 0
    return float((joint[there] * np.log(joint[there] / independent[there])).sum())


def chow_liu(train: Array, valid: Array, columns: Columns) -> Scorer:
    """Fit the tree; bins and smoothing are those of the best validation."""
    choices = [(bins, strength) for bins in BINS for strength in STRENGTHS]
    best = max(choices, key=lambda choice: float(ChowLiu(train, columns, *choice).score(valid).mean()))
    return ChowLiu(np.concatenate([train, valid]), columns, *best).score
