"""What a person should know of columns together: those that say the same, and those that say nothing.

Two coded columns determine each other if they have ``k`` distinct values each and only ``k`` distinct pairs (1); two
numeric ones are taken for multiples of each other, up to rounding, if their correlation is within 1e-5 of one (2).
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.column import Column

Array = NDArray[Any]

_ROWS = 20  # fewer rows agree by chance
_CORRELATION = 1 - 1e-5


class SchemaWarning(UserWarning):
    """Warn of columns that were left out, say nothing, or repeat others."""


def warn_of(columns: Sequence[Column], encoded: Array) -> None:
    """Warn of identifiers, constants, and columns that determine each other.

    Args:
        columns: All columns.
        encoded: Those that are modelled, shape ``(rows, D)``.
    """
    modelled = [column for column in columns if column.modelled]
    ignored = [c.name for c in columns if c.why.startswith("an identifier")]
    if ignored:
        _warn(f"left out as identifiers: {ignored}; give another kind in overrides to keep one.")
    constant = [c.name for c in modelled if c.kind == "constant" and not c.why.endswith("by request")]
    if constant:
        _warn(f"constant columns: {constant}; they are kept, and any other value is refused or improbable later.")
    pairs = dependent_pairs(modelled, encoded)
    if pairs:
        said = ", ".join(f"'{a}' and '{b}'" for a, b in pairs[:5]) + (", ..." if len(pairs) > 5 else "")
        _warn(f"columns that determine each other: {said}; all are kept, but those after the first tell nothing new.")


def _warn(text: str) -> None:
    warnings.warn(text, SchemaWarning, stacklevel=4)


def dependent_pairs(columns: Sequence[Column], encoded: Array) -> list[tuple[str, str]]:
    """Return the names of the columns of which one determines the other, both ways.

    Args:
        columns: Those that are modelled.
        encoded: Their numbers, shape ``(rows, D)``.

    Example:
        >>> x = np.repeat([[0.0, 1.0], [1.0, 0.0]], 20, 0)
        >>> dependent_pairs([Column("a", "binary", (0, 1)), Column("b", "binary", (0, 1))], x)
        [('a', 'b')]
    """
    if len(encoded) < _ROWS:
        return []
    return [*_coded_pairs(columns, encoded), *_numeric_pairs(columns, encoded)]


def _coded_pairs(columns: Sequence[Column], encoded: Array) -> list[tuple[str, str]]:
    coded = [i for i, c in enumerate(columns) if c.coded and c.kind != "constant"]
    codes = {i: np.nan_to_num(encoded[:, i], nan=-1).astype(np.int64) for i in coded}
    distinct = {i: len(np.unique(codes[i])) for i in coded}
    width = max([2, *distinct.values()]) + 2
    shared = Counter(distinct.values())
    pairs = combinations([i for i in coded if shared[distinct[i]] > 1], 2)
    return [
        (columns[i].name, columns[j].name)
        for i, j in pairs
        if distinct[i] == distinct[j] == len(np.unique((codes[i] + 1) * width + codes[j] + 1))
    ]


def _numeric_pairs(columns: Sequence[Column], encoded: Array) -> list[tuple[str, str]]:
    numeric = [i for i, c in enumerate(columns) if not c.coded]
    if len(numeric) < 2:
        return []
    values = encoded[:, numeric]
    centred = np.nan_to_num(values - np.nanmean(values, 0))
    unit = centred / np.maximum(np.linalg.norm(centred, axis=0), 1e-300)
    close = np.argwhere(np.triu(np.abs(unit.T @ unit) >= _CORRELATION, 1))
    return [(columns[numeric[i]].name, columns[numeric[j]].name) for i, j in close]
