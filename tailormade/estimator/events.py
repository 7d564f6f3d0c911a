"""Events of a fitted table: questions and evidence as boxes, and mistakes under the name of their argument.

A column without resolution has a density, under which a single value ``v`` has probability 0. As evidence it is
nevertheless something to condition on: it stands for ``v - δ <= x <= v + δ`` (1) with δ far below the width of any
component of the column's mixture, so that a conditional probability is the ratio of densities, and drawn values are put
on v again (2). In a question it keeps its probability of 0.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from tailormade.estimator.questions import model_boxes
from tailormade.queries.estimates import Probability
from tailormade.queries.predicates import Expression
from tailormade.queries.progressive import Box, Interval, Region, States
from tailormade.tables import Column, Schema

_NARROW = 2.0**-20  # δ as a part of the column's scale

Points = Mapping[int, set[float]]  # by variable


class Evidence(NamedTuple):
    """What is known of a row.

    Attributes:
        boxes: The event, single values without probability widened (1).
        points: Those values.
        mass: The probability of the boxes.
    """

    boxes: list[Box]
    points: Points
    mass: Probability

    @property
    def probability(self) -> Probability | None:
        """The probability of the event; ``None`` where it is single values of a density."""
        return None if self.points else self.mass


def impossible(boxes: Sequence[Box]) -> ValueError:
    """Return the error of evidence that cannot be."""
    why = "" if boxes else ", as it contradicts itself"
    return ValueError(f"given: expected an event that can happen, got one of probability 0{why}; ask for another.")


def event_boxes(schema: Schema, context: Schema | None, question: Expression, name: str) -> list[Box]:
    """Return an event as disjoint boxes of the model's variables.

    Args:
        schema: Of the modelled columns.
        context: Of the context columns, or ``None``.
        question: The event.
        name: Of the argument, for messages.

    Raises:
        ValueError: If it does not fit the columns, under that name.
    """
    _check_columns(schema, context, question.columns, name)
    try:
        return model_boxes(schema, question)
    except ValueError as error:
        raise ValueError(renamed(str(error), name)) from None


def renamed(message: str, name: str) -> str:
    """Say a message about a question of the argument it came from.

    Example:
        >>> renamed("question: expected a value.", "given")
        'given: expected a value.'
    """
    return f"{name}:{message.removeprefix('question:')}" if message.startswith("question:") else message


def _check_columns(schema: Schema, context: Schema | None, asked: Iterable[str], name: str) -> None:
    outside = [column for column in asked if column not in schema.names]
    for column in outside:
        if context is not None and column in context.names:
            raise ValueError(
                f"{name}: '{column}' is a context column: the density is conditional on it, and says nothing of how "
                f"probable it is; give its value as context (--context '{column}=VALUE' on the command line)."
            )
        if column in {c.name for c in schema.columns}:
            raise ValueError(f"{name}: '{column}' was left out of the fit; expected one of {list(schema.names)}.")


def points(schema: Schema, boxes: Iterable[Box]) -> Points:
    """Return the single values of columns under whose density they have probability 0."""
    found: dict[int, set[float]] = {}
    for box in boxes:
        for v, region in box.items():
            values = {i.low for i in _intervals(region) if _is_point(schema.variables[v], i)}
            if values:
                found.setdefault(v, set()).update(values)
    return found


def widened(schema: Schema, boxes: Iterable[Box], known: Points) -> list[Box]:
    """Return boxes in which some single values are intervals (1)."""
    return [{v: _widened(schema.variables[v], region, known.get(v, set())) for v, region in b.items()} for b in boxes]


def narrow_volume(schema: Schema, known: Points) -> float:
    """Return the product of the widths of the intervals (1): a probability divided by it is a density."""
    return math.prod(2 * _half_width(schema.variables[v]) for v in known)


def narrowed(schema: Schema, rows: Tensor, known: Points) -> Tensor:
    """Put values of rows ``(n, D)`` that were drawn from (1) on the single values they stand for (2)."""
    for v, values in known.items():
        for value in values:
            rows[(rows[:, v] - value).abs() <= 2 * _half_width(schema.variables[v]), v] = value
    return rows


def _intervals(region: Region) -> Sequence[Interval]:
    return () if isinstance(region, States) else region


def _is_point(column: Column, interval: Interval) -> bool:
    alone = interval.low == interval.high and math.isfinite(interval.low)
    return alone and column.step is None and interval.low not in column.atoms


def _half_width(column: Column) -> float:
    return column.scale * _NARROW


def _widened(column: Column, region: Region, values: set[float]) -> Region:
    width = _half_width(column)
    return region if not values or isinstance(region, States) else [
        Interval(i.low - width, i.high + width) if i.low == i.high and i.low in values else i for i in region
    ]  # fmt: skip
