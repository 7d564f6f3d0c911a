"""Filling gaps: from several completions of a row to one value for each missing cell.

The mean minimises the expected squared error, the median the absolute one, the most probable value the number of wrong
categories; all are of draws from the density of the missing cells given the others (1), so that they agree with each
other. Ordered categories take the one nearest to the mean or median of their places; unordered ones have neither and
take the most probable. Numbers are rounded to the resolution of their column, as nobody has 1.3 children.

Nothing is concluded from the fact that a cell is missing: where being missing is modelled, gaps are filled with the
density in which each cell holds a value, ``p(x_i | x_<i, e, x_i is there)`` (2).
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tailormade.density import MADE
from tailormade.tables import Column, Schema, backend_of

Numbers = NDArray[np.float64]

METHODS = ("draw", "mean", "median", "mode")
_NUMBERS = ("integer", "continuous", "datetime")
_NEVER = -1e9  # logit of a probability of 0
_BINS = 20  # the mode of numbers: middle of the fullest of so many bins


def check_method(method: str) -> None:
    """Check the name of a method.

    Raises:
        ValueError: If it is none of them.
    """
    if method not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {method!r}.")


def without_gaps(model: MADE, schema: Schema) -> MADE:
    """Return (2): a copy of a model in which no cell is missing, or the model itself if it has no missing cells."""
    modelled = [i for i, column in enumerate(schema.variables) if column.gaps == "model"]
    if not modelled:
        return model
    filled = copy.deepcopy(model)
    starts = [0, *accumulate(filled.layout.param_sizes)]
    with torch.no_grad():
        bias = filled.network.layers[-1].bias
        bias[[starts[i] + _logit_of_gap(schema.variables[i]) for i in modelled]] = _NEVER  # type: ignore[operator]  # a Linear's
    return filled


def _logit_of_gap(column: Column) -> int:
    """Which parameter of a column is the logit of a missing cell: the last of its categories, or the first at all."""
    return 0 if column.cardinality is None else column.cardinality - 1


def reduce_column(column: Column, draws: Numbers, method: str) -> Numbers:
    """Return one value for each row from draws of shape ``(draws, rows)``.

    Args:
        column: Whose values they are.
        draws: From (1).
        method: 'mean', 'median' or 'mode'.
    """
    if column.kind == "ordinal" and method in ("mean", "median"):
        return np.rint(np.quantile(draws, 0.5, 0) if method == "median" else np.mean(draws, 0))
    if column.kind not in _NUMBERS:
        return _most_frequent(draws)
    if method == "mode":
        return _rounded(column, np.array([_fullest_bin(values) for values in draws.T]))
    if method == "median":
        return np.asarray(np.quantile(draws, 0.5, 0, method="inverted_cdf"))
    return _rounded(column, np.mean(draws, 0))


def _rounded(column: Column, values: Numbers) -> Numbers:
    """Values on the grid of a column of known resolution."""
    return values if column.step is None else np.rint(values / column.step) * column.step


def retyped(frame: Any, schema: Schema, filled: Numbers, holes: Any) -> Any:  # noqa: ANN401 - a data frame, booleans
    """Return a frame whose columns without any value have the types of the fit where theirs are for something else.

    A column of nothing but gaps often has a type that says nothing, such as float64 for text.

    Args:
        frame: What a user gave.
        schema: Of the modelled columns.
        filled: Encoded rows without gaps, shape ``(rows, D)``.
        holes: Which of them were gaps.
    """
    kind = backend_of(frame)
    empty = [name for name, gaps in zip(schema.names, holes.T, strict=True) if bool(gaps.all())]
    if kind == "numpy" or isinstance(frame, Mapping) or not empty or not len(filled):
        return frame
    import narwhals as nw

    given = nw.from_native(frame, eager_only=True)
    typed = nw.from_native(replace(schema, backend=kind).decode(filled), eager_only=True)
    wrong = [n for n in empty if n in given.columns and not _alike(given[n].dtype, typed[n].dtype)]
    return given.with_columns(typed[n] for n in wrong).to_native()


def _alike(a: Any, b: Any) -> bool:  # noqa: ANN401 - types of narwhals
    return bool(a == b or (a.is_numeric() and b.is_numeric()))


def _most_frequent(draws: Numbers) -> Numbers:
    counts = np.stack([(draws == code).sum(0) for code in range(int(draws.max(initial=0)) + 1)])
    return np.asarray(counts.argmax(0), dtype=float)


def _fullest_bin(values: Numbers) -> float:
    exact, counts = np.unique(values, return_counts=True)
    if counts.max() > len(values) / _BINS:
        return float(exact[counts.argmax()])
    filled, edges = np.histogram(values, _BINS)
    inside = values[(values >= edges[filled.argmax()]) & (values <= edges[filled.argmax() + 1])]
    return float(np.median(inside))
