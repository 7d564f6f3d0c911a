"""Questions, evidence and context of a table on the command line, checked against its schema, errors in one line."""

import warnings
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import say

if TYPE_CHECKING:
    from tailormade.estimator import Probability, TableDensity
    from tailormade.queries.values import Value

_FILES = (".csv", ".npy", ".parquet")


def check_question(density: "TableDensity", text: str, name: str) -> None:
    """Check that a text is a question about the columns of a table.

    Args:
        density: What it is asked of.
        text: The question.
        name: Of the argument, for the message.

    Raises:
        ValueError: If it is not.
    """
    from tailormade.estimator.events import event_boxes
    from tailormade.queries.asked import as_expression

    try:
        event_boxes(density.schema, density.context, as_expression(text, name), name)
    except (TypeError, ValueError) as error:
        raise ValueError(plain(str(error), text, name)) from None


def plain(message: str, text: str, name: str) -> str:
    """Return the first line of a message, which may show the text below with the place marked, under a name.

    Args:
        message: Of an error about a question.
        text: The question.
        name: Of the argument it came from.
    """
    first, *below = message.splitlines()
    said = first.partition(": ")[2] if first.startswith(("question:", "given:", f"{name}:")) else first
    return f"{name}: {said.removesuffix('.') + f' of {text!r}.' if below else said}"


def read_given(density: "TableDensity", text: str | None) -> "str | dict[str, Value] | None":
    """Read evidence: a question, or ``'COL=VALUE,...'``.

    Raises:
        ValueError: If it is neither, or does not fit the columns.
    """
    from tailormade.estimator.events import event_boxes
    from tailormade.queries.asked import as_expression

    if text is None:
        return None
    if text.endswith(_FILES):
        raise ValueError(
            f"given: expected a question or 'COL=VALUE,...' for a table, got the file '{text}'; tailormade impute "
            "--method draw completes the rows of a file."
        )
    values = _assignments(text)
    if values is None:
        check_question(density, text, "given")
        return text
    try:
        event_boxes(density.schema, density.context, as_expression(values), "given")
    except (TypeError, ValueError) as error:
        raise ValueError(plain(str(error), text, "given")) from None
    return values


def _assignments(text: str) -> "dict[str, Value] | None":
    from tailormade.queries.language import parse_assignments

    try:
        return parse_assignments(text)
    except ValueError as error:
        if "got two for" in str(error):
            raise
        return None


def tell_evidence(
    density: "TableDensity",
    given: "str | dict[str, Value] | None",
    context: dict[str, list[Any]] | None,
    seed: int,
    *,
    quiet: bool,
) -> dict[str, float | None]:
    """Say how probable evidence is under the model.

    Returns:
        What ``--json`` says of it; nothing without evidence, ``None`` for single values of a density.

    Raises:
        ValueError: If it has probability 0.
    """
    if given is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the answer itself warns
        found = density.evidence(given, context=context, seed=seed).probability
    single = "is single values of columns without resolution, which have a density and no probability"
    told = single if found is None else f"has probability {probability_text(found)} under the model"
    say(f"what is given {told}", quiet)
    return {"given_probability": found}


def probability_text(found: "Probability") -> str:
    """Write a probability with the error of its computation, cut off at 0 and 1.

    Example:
        >>> from tailormade.estimator import Probability
        >>> [probability_text(Probability(p, s)) for p, s in ((0.5, 0.0), (0.25, 0.012), (0.99, 0.02))]
        ['0.5 (exact)', '0.25 ± 0.012', '0.99 (0.95 to 1)']
    """
    if not found.standard_error:
        return f"{found:.4g} (exact)"
    low, high = found.interval
    inside = 0 < low and high < 1
    return f"{found:.4g} ± {found.standard_error:.2g}" if inside else f"{found:.4g} ({low:.3g} to {high:.3g})"


def read_context(density: "TableDensity", text: str | None) -> dict[str, list[Any]] | None:
    """Read the context of draws or questions: one value for each context column.

    Raises:
        ValueError: If it is missing, not called for, or does not fit the columns.
    """
    from tailormade.queries.language import parse_assignments

    if density.context is None:
        if text is not None:
            raise ValueError(f"context: this model has no context, so none can be given; got '{text}'.")
        return None
    wanted = list(density.context.names)
    if text is None:
        words = ",".join(f"{name}=VALUE" for name in wanted)
        raise ValueError(f"context: this model needs the values of {wanted}: --context '{words}'.")
    try:
        values = parse_assignments(text)
        if set(values) != set(wanted):
            raise ValueError(f"expected one COL=VALUE for each of {wanted}, got '{text}'.")
        density.context.encode({name: [value] for name, value in values.items()})
    except (TypeError, ValueError) as error:
        raise ValueError(plain(str(error), text, "context")) from None
    return {name: [value] for name, value in values.items()}
