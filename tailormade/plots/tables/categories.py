"""Categories in a picture: those that are frequent under their own names, all others as one.

A panel has room for about a dozen names. Where a column has more categories, the most frequent of the real rows are
kept and the rest, with any category never seen in the fit, becomes ``other``. Ordered categories stay in their order,
others are sorted by their frequency.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.plots.tables.paper import shortened
from tailormade.tables.column import Column, shown

Numbers = NDArray[np.float64]

MOST = 12  # categories under their own names
_LONGEST = 18  # characters of a name


class Groups(NamedTuple):
    """Which group each code belongs to.

    Attributes:
        labels: Name of each group, in the order in which they are drawn.
        of_code: Group of each code, that of a category never seen among them.
    """

    labels: list[str]
    of_code: NDArray[np.int64]

    def places(self, codes: Numbers) -> NDArray[np.int64]:
        """Return the group of every code that is not missing."""
        return self.of_code[codes[~np.isnan(codes)].astype(np.int64)]

    def shares(self, codes: Numbers) -> Numbers:
        """Return the share of each group in the codes that are not missing, 0 if all are."""
        places = self.places(codes)
        return np.bincount(places, minlength=len(self.labels)) / max(len(places), 1)


def group(column: Column, codes: Numbers) -> Groups:
    """Group the categories of a coded column by their frequency.

    Args:
        column: The column.
        codes: Of the real rows, NaN where missing.

    Example:
        >>> sizes = Column("size", "categorical", categories=("S", "M"), dtype="string")
        >>> group(sizes, np.array([1.0, 1.0, 0.0, np.nan]))
        Groups(labels=['M', 'S'], of_code=array([1, 0]))
    """
    count, codes_of_all = len(column.categories), column.cardinality or len(column.categories)
    counts = np.bincount(codes[~np.isnan(codes)].astype(np.int64), minlength=codes_of_all)
    ranked = np.argsort(-counts[:count], kind="stable")
    kept = ranked if count <= MOST + 1 else ranked[:MOST]
    if column.kind == "ordinal":
        kept = np.sort(kept)
    of_code = np.full(codes_of_all, len(kept))
    of_code[kept] = np.arange(len(kept))
    others = ["other"] if len(kept) < count or column.unseen == "probability" else []
    return Groups([label(column.categories[k]) for k in kept] + others, of_code)


def label(value: str | bool | float) -> str:
    """Return a short name of a category.

    Example:
        >>> label(3.0), label("a"), label("Married, spouse absent")
        ('3', 'a', 'Married, spouse a…')
    """
    return shortened(str(value) if isinstance(value, str | bool) else shown(value), _LONGEST)
