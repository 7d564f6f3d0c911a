"""Questions, evidence and context of a table on the command line, checked against its schema, errors in one line."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailormade.estimator import TableDensity
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
    from tailormade.estimator.questions import model_boxes
    from tailormade.queries.language import parse

    try:
        model_boxes(density.schema, parse(text))
    except (TypeError, ValueError) as error:
        raise ValueError(_plain(str(error), text, name)) from None


def _plain(message: str, text: str, name: str) -> str:
    """The first line of a message, which may show the text below with the place marked."""
    first, *below = message.splitlines()
    said = first.partition(": ")[2] if first.startswith(("question:", "given:")) else first
    return f"{name}: {said.removesuffix('.') + f' of {text!r}.' if below else said}"


def read_given(density: "TableDensity", text: str | None) -> "str | dict[str, Value] | None":
    """Read evidence: a question, or ``'COL=VALUE,...'``.

    Raises:
        ValueError: If it is neither, or does not fit the columns.
    """
    from tailormade.estimator.questions import as_expression, model_boxes

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
        model_boxes(density.schema, as_expression(values))
    except (TypeError, ValueError) as error:
        raise ValueError(_plain(str(error), text, "given")) from None
    return values


def _assignments(text: str) -> "dict[str, Value] | None":
    from tailormade.queries.language import parse_assignments

    try:
        return parse_assignments(text)
    except ValueError as error:
        if "got two for" in str(error):
            raise
        return None


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
        raise ValueError(f"context: this model needs the values of {wanted}: --context '{wanted[0]}=VALUE,...'.")
    try:
        values = parse_assignments(text)
        if set(values) != set(wanted):
            raise ValueError(f"expected one COL=VALUE for each of {wanted}, got '{text}'.")
        density.context.encode({name: [value] for name, value in values.items()})
    except (TypeError, ValueError) as error:
        raise ValueError(_plain(str(error), text, "context")) from None
    return {name: [value] for name, value in values.items()}
