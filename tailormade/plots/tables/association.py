r"""How strongly two columns depend on each other, as one number, whatever their kinds.

Both columns are cut into r and c classes, numbers at quantiles of the real rows and categories as in the other
pictures. With ``χ²`` of their contingency table of n rows and ``φ² = χ² / n``, Cramér's V corrected for its bias is

    V = sqrt( max(0, φ² - (r-1)(c-1)/(n-1)) / (min(r', c') - 1) ),    r' = r - (r-1)²/(n-1)        (1)

and c' alike: 0 in the mean for independent columns, 1 where one column tells the other. Chosen over the mutual
information because it lies in [0, 1] whatever the number of classes, so that one colour scale serves all pairs; without
the correction, columns of many categories would seem dependent on everything. Classes without a row do not count.

Wicher Bergsma, "A Bias-Correction for Cramér's V and Tschuprow's T", 2013.
"""

import numpy as np
from numpy.typing import NDArray

from tailormade.plots.tables.categories import group
from tailormade.tables.column import Column

Numbers = NDArray[np.float64]
Classes = NDArray[np.int64]

MISSING = -1
_CLASSES, _ROWS_EACH = 8, 25  # classes of a column of numbers at most; rows in each at least


def cramers_v(a: Classes, b: Classes) -> float:
    """Return (1), NaN if a column has fewer than two classes.

    Args:
        a: Class of each row, -1 where it is missing, shape ``(n,)``.
        b: The same of the other column.

    Example:
        >>> a = np.arange(100) % 2
        >>> round(cramers_v(a, a), 3), cramers_v(a, np.arange(100) // 50)
        (1.0, 0.0)
    """
    both = (a != MISSING) & (b != MISSING)
    (_, i), (_, j) = (np.unique(classes[both], return_inverse=True) for classes in (a, b))
    n, r, c = int(both.sum()), int(i.max(initial=-1)) + 1, int(j.max(initial=-1)) + 1
    if min(r, c) < 2:
        return float("nan")
    table = np.bincount(i * c + j, minlength=r * c).reshape(r, c)
    expected = table.sum(1, keepdims=True) * table.sum(0) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n - (r - 1) * (c - 1) / (n - 1)
    most = min(k - (k - 1) ** 2 / (n - 1) for k in (r, c)) - 1
    return min(1.0, (max(phi, 0.0) / most) ** 0.5) if most > 0 else float("nan")


def associations(classes: list[Classes]) -> Numbers:
    """Return (1) of all pairs of columns, symmetric with NaN on the diagonal, shape ``(D, D)``."""
    found = np.full((len(classes), len(classes)), np.nan)
    for i, a in enumerate(classes):
        for j, b in enumerate(classes[:i]):
            found[i, j] = found[j, i] = cramers_v(a, b)
    return found


def classes(column: Column, real: Numbers, sampled: Numbers) -> tuple[Classes, Classes]:
    """Return the class of each real and each sampled value, -1 where it is missing.

    Example:
        >>> heights = Column("height", "continuous")
        >>> found, _ = classes(heights, np.arange(50.0), np.array([np.nan]))
        >>> np.bincount(found).tolist(), _.tolist()
        ([25, 25], [-1])
    """
    observed = real[~np.isnan(real)]
    if column.coded:
        of_code = np.append(group(column, real).of_code, MISSING)
        codes = [np.where(np.isnan(v), len(of_code) - 1, v).astype(np.int64) for v in (real, sampled)]
        return of_code[codes[0]], of_code[codes[1]]
    cuts = _cuts(observed)
    first, second = (np.where(np.isnan(v), MISSING, np.searchsorted(cuts, v)) for v in (real, sampled))
    return first, second


def _cuts(values: Numbers) -> Numbers:
    """Ends of classes of about equally many rows; fewer where a value repeats."""
    count = min(_CLASSES, len(values) // _ROWS_EACH)
    if count < 2:
        return np.empty(0)
    return np.unique(np.quantile(values, np.arange(1, count) / count, method="lower"))
