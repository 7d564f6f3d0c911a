"""What is known of a flow's rows: numbers, values by column, or a text; as single values and a question.

A text such as ``'x = 1, y > 2'`` says single values (1), which have a density, and conditions (2), which have a
probability: each must hold.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from tailormade.flows.support import check_finite
from tailormade.queries.asked import as_expression, by_column
from tailormade.queries.conditions import OneOf
from tailormade.queries.observed import observed_variables, variable_names
from tailormade.queries.predicates import And, Expression

if TYPE_CHECKING:
    from tailormade.flows.stacked import Flow


class Known(NamedTuple):
    """What is given.

    Attributes:
        values: Single values (1), shape ``(*, D)``, finite.
        observed: Of which variables, boolean, shape ``(D,)``.
        question: The conditions (2), or ``None``.
    """

    values: Tensor
    observed: Tensor
    question: Expression | None = None


def read_known(
    flow: "Flow",
    x: Any,  # noqa: ANN401 - numbers, a text or values by column
    observed: Any = None,  # noqa: ANN401 - booleans, numbers or names
) -> Known:
    """Read what is given.

    Args:
        flow: What it is evidence of.
        x: Numbers ``(*, D)``, values by column, or a text.
        observed: Which of the numbers are; ``None`` for those that are not NaN.

    Raises:
        ValueError: If it does not fit the variables, or leaves nothing to ask for.
        TypeError: If it is none of these.
    """
    if isinstance(x, str) or by_column(x) is not None:
        if observed is not None:
            raise ValueError("observed: says which of several numbers are; leave it out where x names its columns.")
        return _split(flow, x)
    x = flow.as_tensor(x)
    mask = observed_variables(flow, x, observed)
    if bool(mask.all()) or not bool(mask.any()):
        found = "all" if bool(mask.all()) else "none"
        raise ValueError(f"observed: expected some of the {len(mask)} variables, got {found}; leave one to be drawn.")
    x = x.to(torch.promote_types(x.dtype, flow.value_dtype))
    values = torch.where(mask, x, 0.0)
    check_finite("x", values, flow.metadata.get("columns"))
    return Known(values, mask)


def read_question(text: str | Mapping[str, Any], names: list[str], name: str) -> Expression:
    """Read a question about columns of numbers.

    Args:
        text: As a user said it, or values by column.
        names: Of the columns.
        name: Of the argument, for messages.

    Raises:
        ValueError: If it is none, or does not fit the columns.
        TypeError: If it is neither a text nor values by column.
    """
    question = as_expression(text, name)
    try:
        boxes = question.boxes(dict.fromkeys(names, "numbers"))
    except ValueError as error:
        raise ValueError(str(error).replace("question:", f"{name}:", 1)) from None
    if not boxes and name == "given":
        raise ValueError(f"given: expected an event that can happen, got {str(question)!r}, which contradicts itself.")
    return question


def _split(flow: "Flow", given: str | Mapping[str, Any]) -> Known:
    """Tell single values (1) from conditions (2)."""
    names = variable_names(flow)
    values = torch.zeros(len(names), dtype=torch.float64, device=flow.context_shift.device)
    observed, rest = torch.zeros_like(values, dtype=torch.bool), []
    for part in _parts(read_question(given, names, "given")):
        if isinstance(part, OneOf) and not part.negated and len(set(part.values)) == 1:
            values[names.index(part.column)] = float(part.values[0])
            observed[names.index(part.column)] = True
        else:
            rest.append(part)
    if bool(observed.all()):
        raise ValueError(f"given: expected some of the {len(names)} columns, got all of them; leave one to be drawn.")
    check_finite("given", values, names)
    return Known(values, observed, None if not rest else rest[0] if len(rest) == 1 else And(tuple(rest)))


def _parts(question: Expression) -> Iterator[Expression]:
    """What must hold all together."""
    if not isinstance(question, And):
        yield question
        return
    for part in question.parts:
        yield from _parts(part)
