"""Filling gaps: from several completions of a row to one value for each missing cell.

The mean minimises the expected squared error, the median the absolute one, the most probable value the number of wrong
categories; all are of draws from the density of the missing cells given the others (1), so that they agree with each
other. Ordered categories take the one nearest to the mean or median of their places; unordered ones have neither and
take the most probable.
"""

import numpy as np
from numpy.typing import NDArray

from tailormade.tables import Column

Numbers = NDArray[np.float64]

METHODS = ("draw", "mean", "median", "mode")
_NUMBERS = ("integer", "continuous", "datetime")
_BINS = 20  # the mode of numbers: middle of the fullest of so many bins


def check_method(method: str) -> None:
    """Check the name of a method.

    Raises:
        ValueError: If it is none of them.
    """
    if method not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {method!r}.")


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
        return np.array([_fullest_bin(values) for values in draws.T])
    if method == "median":
        return np.asarray(np.quantile(draws, 0.5, 0, method="inverted_cdf"))
    return _rounded(column, np.mean(draws, 0))


def _rounded(column: Column, means: Numbers) -> Numbers:
    """Whole numbers for whole columns; one digit more than the column has for others of known resolution."""
    if column.kind == "integer":
        return np.asarray(np.round(means))
    digits = None if column.step is None else 1 - int(np.floor(np.log10(column.step)))
    return means if digits is None else np.asarray(np.round(means, digits))


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
