"""Questions about a fitted table, as regions of its model's variables.

An event is a list of disjoint boxes, whose probabilities add up (1). A box names a region for each constrained
column: codes for categories, intervals for numbers and dates (2). Missing cells are not modelled, so that
probabilities are those of complete rows, and a region counts for its values alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from tailormade.queries.boxes import Intervals
from tailormade.queries.boxes import Region as Values
from tailormade.queries.conditions import Missing, OneOf
from tailormade.queries.language import parse
from tailormade.queries.predicates import And, Expression, Kind
from tailormade.queries.progressive import Box, Interval, Region, States
from tailormade.tables import Column, Schema

Given = str | Mapping[str, Any] | None


class Probability(float):
    """A probability that knows how precisely it was computed.

    Attributes:
        standard_error: Of the estimate; 0 where nothing was drawn.

    Example:
        >>> p = Probability(0.25, 0.01)
        >>> p + 0.5, p.standard_error
        (0.75, 0.01)
    """

    standard_error: float

    def __new__(cls, value: float, standard_error: float) -> "Probability":
        """Make a float that carries its error."""
        made = super().__new__(cls, value)
        made.standard_error = standard_error
        return made


def as_expression(given: str | Mapping[str, Any]) -> Expression:
    """Return the question for a text, or for values by column.

    Raises:
        ValueError: If the text is no question, or there is no value.
    """
    if isinstance(given, str):
        return parse(given)
    if not given:
        raise ValueError("given: expected values by column, got none.")
    parts = tuple(OneOf(name, (_plain(value),)) for name, value in given.items())
    return parts[0] if len(parts) == 1 else And(parts)


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a frame or a caller has in a cell
    if isinstance(value, np.generic):
        value = value.item()
    return value.isoformat() if hasattr(value, "isoformat") else value


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
    asked = next((part for part in _conditions(question) if isinstance(part, Missing)), None)
    if asked is not None:
        raise ValueError(
            f"question: expected conditions on values, got '{asked}'; missing cells are not modelled. Give the column "
            "the policy that makes them a category, or ask about values."
        )
    columns = {column.name: column for column in schema.variables}
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
    if isinstance(values, Intervals):
        return [Interval(i.low, i.high, i.low_closed, i.high_closed) for i in values.intervals]
    unseen = (column.cardinality or 0) - len(column.categories)
    inside = [bool(v) for v in values.contains(np.array(column.categories, dtype=object))]
    return States(torch.tensor(inside + [False] * unseen))


def _empty(region: Region) -> bool:
    return not bool(region.allowed.any()) if isinstance(region, States) else not region
