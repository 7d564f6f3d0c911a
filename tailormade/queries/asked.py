"""What users say of a row, a text or values by column, as an expression.

Values by column ``{c: v, ...}`` stand for the conditions ``c == v`` joined by *and* (1).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tailormade.queries.conditions import OneOf
from tailormade.queries.language import parse, parse_evidence
from tailormade.queries.predicates import And, Expression


def as_expression(given: str | Mapping[str, Any], name: str = "given") -> Expression:
    """Return the question for a text, or for values by column; as ``given`` a text may be several, with commas.

    Args:
        given: What a user said.
        name: Of the argument, for messages.

    Raises:
        TypeError: If it is neither a text nor values by column.
        ValueError: If the text is no question, there is no value, or one is missing.

    Example:
        >>> str(as_expression({"sex": "Female", "age": 50})), str(as_expression("age > 50", "question"))
        ("sex == 'Female' and age == 50", 'age > 50')
    """
    if isinstance(given, str):
        return parse_evidence(given) if name == "given" else _parsed(given, name)
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
