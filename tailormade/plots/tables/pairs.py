"""The dependence of every pair of columns, among real rows and among sampled ones, and which pair is farthest off.

Cells that are missing in a real row are left out of the sampled row beside it, so that both V of a pair rest on equally
many rows. A pair of which most rows lack a value is set apart: if cells are missing for a reason, as the decks of cheap
cabins are, what was observed is no fair picture of what a model rightly draws.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.plots.tables.association import associations, classes
from tailormade.plots.tables.values import gaps
from tailormade.tables.column import Column

Numbers = NDArray[np.float64]


class Pairs(NamedTuple):
    """What is known of every pair of columns.

    Attributes:
        real: V among real rows, NaN where it is not defined, shape ``(D, D)``.
        sampled: V among sampled rows.
        sparse: Whether fewer than half of the rows have values in both columns.
    """

    real: Numbers
    sampled: Numbers
    sparse: NDArray[np.bool_]

    @property
    def farthest(self) -> tuple[int, int]:
        """The pair whose V differ most, a sparse one only if there are no others."""
        below = np.tril_indices(len(self.real), -1)
        apart = np.abs(self.real - self.sampled)[below] - 2.0 * self.sparse[below]
        which = int(np.nan_to_num(apart, nan=-9.0).argmax())
        return int(below[1][which]), int(below[0][which])


def compare_pairs(real: Numbers, sampled: Numbers, columns: Sequence[Column]) -> Pairs:
    """Compute V of all pairs of columns, among real rows and among as many sampled ones.

    Raises:
        ValueError: If no two columns can be compared.

    Example:
        >>> columns = [Column("a", "binary", categories=(0, 1)), Column("b", "binary", categories=(0, 1))]
        >>> real = np.array([[0.0, 0.0], [1.0, 1.0]] * 50)
        >>> pairs = compare_pairs(real, real[:, ::-1], columns)
        >>> pairs.real[0, 1].round(3), pairs.farthest
        (np.float64(1.0), (0, 1))
    """
    cells = [(gaps(c, real[:, i]), gaps(c, sampled[:, i])) for i, c in enumerate(columns)]
    coded = [classes(c, a, np.where(np.isnan(a), np.nan, b)) for c, (a, b) in zip(columns, cells, strict=True)]
    first, second = (associations([pair[k] for pair in coded]) for k in (0, 1))
    second = np.where(np.isnan(second) & ~np.isnan(first), 0.0, second)  # a column of one value depends on nothing
    if not np.isfinite(first).any():
        raise ValueError(
            "columns: expected two that can be compared, each with at least two values, got none; give more rows or "
            "columns."
        )
    observed = np.stack([~np.isnan(a) for a, _ in cells]).astype(np.float64)
    return Pairs(first, second, observed @ observed.T < 0.5 * len(real))
