"""Questions about a fitted table, as regions of its model's variables.

An event is a list of disjoint boxes, whose probabilities add up (1). A box names a region for each constrained
column: codes for categories, intervals for numbers and dates (2). Where missing cells are not modelled, probabilities
are those of complete rows, and a region counts for its values alone; where they are, a missing cell is a code or
infinity (3), and "age > 50" has the probability that there is an age and that it is above 50.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Self

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


class Estimated(float):
    """A number that knows how precisely it was computed.

    Attributes:
        standard_error: Of the estimate; 0 where nothing was drawn.

    Example:
        >>> price = Estimated(2757.0, 3.5)
        >>> price / 1000, price.standard_error
        (2.757, 3.5)
    """

    standard_error: float

    def __new__(cls, value: float, standard_error: float) -> Self:
        """Make a float that carries its error."""
        made = super().__new__(cls, value)
        made.standard_error = standard_error
        return made


class Probability(Estimated):
    """A probability under the model that knows how precisely it was computed.

    The standard error is that of the computation, and 0 where that is exact. It says nothing of how near the fitted
    model is to the world: hold out rows and count to see that.

    Example:
        >>> p = Probability(0.25, 0.01)
        >>> p + 0.5, p.standard_error
        (0.75, 0.01)
        >>> Probability(0.99, 0.01).interval
        (0.97, 1.0)
    """

    @property
    def interval(self) -> tuple[float, float]:
        """The probability give or take two standard errors, ``[p - 2 s, p + 2 s]``, cut off at 0 and 1."""
        return max(0.0, self - 2 * self.standard_error), min(1.0, self + 2 * self.standard_error)


def as_expression(given: str | Mapping[str, Any], name: str = "given") -> Expression:
    """Return the question for a text, or for values by column.

    Args:
        given: What a user said.
        name: Of the argument, for messages.

    Raises:
        TypeError: If it is neither a text nor values by column.
        ValueError: If the text is no question, there is no value, or one is missing.
    """
    if isinstance(given, str):
        return _parsed(given, name)
    values = by_column(given)
    if values is None:
        got = type(given).__name__
        raise TypeError(f"{name}: expected a question such as 'age > 50', or a dict of values by column, got {got}.")
    if not values:
        raise ValueError(f"{name}: expected values by column, got none.")
    gaps = [column for column, value in values.items() if _missing(value)]
    if gaps:
        raise ValueError(f"{name}: expected a value for each column, got none for {gaps}; leave them out.")
    parts = tuple(OneOf(str(column), (_plain(value),)) for column, value in values.items())
    return parts[0] if len(parts) == 1 else And(parts)


def _missing(value: Any) -> bool:  # noqa: ANN401 - what a frame or a caller has in a cell
    return value is None or (not isinstance(value, str) and str(value) in ("nan", "NaT", "<NA>"))


def _parsed(text: str, name: str) -> Expression:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{name}:{str(error).removeprefix('question:')}") from None


def by_column(values: Any) -> Mapping[Any, Any] | None:  # noqa: ANN401 - what a user gave
    """Return a mapping, or a row of a pandas frame, as a mapping; ``None`` for anything else."""
    if isinstance(values, Mapping):
        return values
    return dict(values.to_dict()) if getattr(values, "ndim", None) == 1 and hasattr(values, "to_dict") else None


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
