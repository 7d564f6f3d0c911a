"""Rows of a table as arrays: checked, and with every missing cell as NaN."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tailormade.tables.column import Column
from tailormade.tables.decode import tidy

Numbers = NDArray[np.float64]


def as_values(name: str, rows: Numbers, columns: Sequence[Column]) -> Numbers:
    """Return rows as float64, shape ``(n, D)``.

    Args:
        name: Of the argument, for the message.
        rows: An array or tensor.
        columns: The D columns.

    Raises:
        ValueError: If there are none, or their width is not D.

    Example:
        >>> as_values("real", [[1, 2]], [Column("a", "continuous"), Column("b", "continuous")]).shape
        (1, 2)
    """
    values = np.asarray(rows, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(columns) or not values.size:
        raise ValueError(
            f"{name}: expected at least one row of the {len(columns)} columns, got shape {values.shape}; give rows as "
            "schema.encode returns them."
        )
    return values


def gaps(column: Column, values: Numbers) -> Numbers:
    """Return a column's numbers on its grid, with NaN for every missing cell, whatever the model sees in its place."""
    values = np.where(values == column.gap, np.nan, values)
    return values if column.coded else tidy(column, values)
