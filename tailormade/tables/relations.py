"""What a person should know of columns together: those that say the same, and those that say nothing.

Two coded columns determine each other if they have ``k`` distinct values each and only ``k`` distinct pairs (1); two
numeric ones are taken for multiples of each other, up to rounding, if their correlation is within 1e-5 of one (2).
"""

import hashlib
import warnings
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.column import Column

Array = NDArray[Any]

_ROWS = 20  # fewer rows agree by chance
_CORRELATION = 1 - 1e-5
_CELLS = 2**22  # of the matrix of correlations at a time


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
    """Pairs by (1): columns determine each other if they are the same once values are numbered as they first occur."""
    groups: dict[bytes, list[int]] = {}
    for i, column in enumerate(columns):
        if column.coded and column.kind != "constant":
            digest = hashlib.sha256(_numbered(encoded[:, i]).tobytes()).digest()
            groups.setdefault(digest, []).append(i)
    pairs = sorted(pair for members in groups.values() for pair in combinations(members, 2))
    return [(columns[i].name, columns[j].name) for i, j in pairs]


def _numbered(codes: Array) -> Array:
    """Number values in the order of their first occurrence."""
    _, first, places = np.unique(np.nan_to_num(codes, nan=-1), return_index=True, return_inverse=True)
    numbers = np.empty(len(first), dtype=np.int64)
    numbers[np.argsort(first)] = np.arange(len(first))
    return np.asarray(numbers[places.ravel()])


def _numeric_pairs(columns: Sequence[Column], encoded: Array) -> list[tuple[str, str]]:
    numeric = [i for i, c in enumerate(columns) if not c.coded]
    if len(numeric) < 2:
        return []
    values = encoded[:, numeric]
    centred = np.nan_to_num(values - np.nanmean(values, 0))
    unit = centred / np.maximum(np.linalg.norm(centred, axis=0), 1e-300)
    pairs, step = [], max(1, _CELLS // len(numeric))
    for start in range(0, len(numeric), step):
        close = np.argwhere(np.abs(unit[:, start : start + step].T @ unit) >= _CORRELATION)
        pairs += [(start + i, j) for i, j in close.tolist() if start + i < j]
    return [(columns[numeric[i]].name, columns[numeric[j]].name) for i, j in pairs]
