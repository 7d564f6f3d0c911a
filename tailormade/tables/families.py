"""Which conditional a column has.

A coded column of ``k`` categories has ``k`` probabilities, and one more each if a category never seen, or a missing
cell, is to have one; ordered ones that need neither have cumulative logits. A numeric column has a mixture of logistics
in ``z = asinh((x - loc) / scale)``, over the intervals of its resolution where there is one, gathered on a coarser one
or at the values that recur where most are there, point masses at its atoms, and a probability of being missing where
that is modelled.
"""

import math
from typing import TYPE_CHECKING

from tailormade.conditionals import Bernoulli, Categorical, Conditional

if TYPE_CHECKING:
    from tailormade.tables.column import Column

MANY = 200  # categories: from here on their network inputs are a code, not one-hot
CODE_WIDTH = 64
FINEST = 2.0**-12  # of the scale: below this no component shrinks where no resolution is known


def conditional_of(column: "Column", components: int) -> Conditional:
    """Build the conditional of a modelled column.

    Args:
        column: The column.
        components: Of the mixture, for numeric columns.
    """
    return _coded(column) if column.coded else _numeric(column, components)


def _coded(column: "Column") -> Conditional:
    cardinality = column.cardinality or 1
    if column.kind == "binary" and cardinality == 2:
        return Bernoulli()
    if column.kind == "ordinal" and cardinality == len(column.categories):
        from tailormade.conditionals import Ordinal

        return Ordinal(cardinality)
    return Categorical(cardinality, code=CODE_WIDTH) if cardinality > MANY else Categorical(cardinality)


def _numeric(column: "Column", components: int) -> Conditional:
    from tailormade.conditionals import LogisticMixture, MaybeMissing, PointMasses

    base: Conditional
    if column.step is None:
        base = LogisticMixture(
            components, loc=column.loc, scale=column.scale, min_scale=column.scale * FINEST, warp=True
        )
    else:
        base = _on_grid(column, column.step, components)
    base = PointMasses(column.atoms, base) if column.atoms else base
    return base if column.gaps == "observed" else MaybeMissing(base)


def _on_grid(column: "Column", step: float, components: int) -> Conditional:
    from tailormade.conditionals import DiscretisedLogistics, Heaped, Recurring

    base = DiscretisedLogistics(
        components,
        low=-math.inf if column.low is None else column.low,
        high=math.inf if column.high is None else column.high,
        step=step,
        loc=column.loc,
        scale=column.scale,
        warp=True,
        density=column.kind != "integer",
    )
    if column.recurring:
        return Recurring(base, column.recurring, column.share)
    return base if column.heap is None else Heaped(base, column.heap)
