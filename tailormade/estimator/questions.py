"""Questions about a fitted table, as regions of its model's variables.

An event is a list of disjoint boxes, whose probabilities add up (1). A box names a region for each constrained
column: codes for categories, intervals for numbers and dates (2). Where missing cells are not modelled, probabilities
are those of complete rows, and a region counts for its values alone; where they are, a missing cell is a code or
infinity (3), and "age > 50" has the probability that there is an age and that it is above 50.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from tailormade.queries.boxes import Intervals
from tailormade.queries.boxes import Region as Values
from tailormade.queries.conditions import Missing
from tailormade.queries.predicates import Expression, Kind
from tailormade.queries.progressive import Box, Interval, Region, States
from tailormade.tables import Column, Schema

Given = str | Mapping[str, Any] | None


def model_boxes(schema: Schema, question: Expression) -> list[Box]:
    """Return the event of a question as disjoint boxes of the model's variables.

    Args:
        schema: Of the modelled columns, in the order of the variables.
        question: The question.

    Returns:
        No box for a contradiction; one empty box for a tautology.

    Raises:
        ValueError: If the question does not fit the columns, or asks for missing cells.
    """
    columns = {column.name: column for column in schema.variables}
    left_out = {name for name, column in columns.items() if column.gaps == "observed"}
    asked = next((p for p in _conditions(question) if isinstance(p, Missing) and p.column in left_out), None)
    if asked is not None:
        raise ValueError(
            f"question: expected conditions on values, got '{asked}'; missing cells are not modelled. Fit with "
            f"'missing': 'model' for '{asked.column}' in the schema, or ask about values."
        )
    numbers = {name: i for i, name in enumerate(columns)}
    found = question.boxes({name: kind_of(column) for name, column in columns.items()})
    boxes = [{numbers[name]: region_of(columns[name], values) for name, values in box.items()} for box in found]
    return [box for box in boxes if not any(_empty(region) for region in box.values())]


def _conditions(question: Expression) -> Iterator[Expression]:
    parts = getattr(question, "parts", None) or ((question.part,) if hasattr(question, "part") else ())
    if not parts:
        yield question
    for part in parts:
        yield from _conditions(part)


def kind_of(column: Column) -> Kind:
    """Return what questions may ask of a column."""
    if column.coded:
        return column.categories
    return "dates" if column.dated else "numbers"


def region_of(column: Column, values: Values) -> Region:
    """Return a region of a column's values as one of the model's variable."""
    modelled = column.gaps == "model"
    if isinstance(values, Intervals):
        ends = [i.high_closed and not (modelled and i.high == math.inf) for i in values.intervals]
        found = [Interval(i.low, i.high, i.low_closed, end) for i, end in zip(values.intervals, ends, strict=True)]
        return found + [Interval(math.inf, math.inf)] * (modelled and values.missing)
    inside = [bool(v) for v in values.contains(np.array(column.categories, dtype=object))]
    unseen = [False] * (column.unseen == "probability")
    return States(torch.tensor(inside + unseen + [values.missing] * modelled))


def _empty(region: Region) -> bool:
    return not bool(region.allowed.any()) if isinstance(region, States) else not region
