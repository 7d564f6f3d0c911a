"""The mean and the quantiles of a column on the command line, and as text."""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tailormade.estimator import TableDensity

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_DAY = 86400.0  # seconds


class Answer(NamedTuple):
    """What is known of a column.

    Attributes:
        result: JSON-ready.
        text: The same in words.
        estimated: Whether anything was drawn.
    """

    result: dict[str, Any]
    text: str
    estimated: bool


def check_asked(question: str | None, column: str | None) -> None:
    """Check that one thing is asked.

    Raises:
        ValueError: If it is nothing, or both.
    """
    if (question is None) == (column is None):
        found = "neither" if column is None else f"both '{question}' and --column {column}"
        raise ValueError(
            "QUESTION: expected a question, such as 'age > 50', or --column COL for its mean and quantiles, got "
            f"{found}."
        )


def ask_column(density: "TableDensity", column: str, **known: Any) -> Answer:  # noqa: ANN401 - as for expectation
    """Return mean and quantiles of a column.

    Args:
        density: What is asked.
        column: Of numbers, truth values or dates.
        **known: As for :meth:`TableDensity.expectation`.

    Raises:
        ValueError: If there is no such column, or it holds text.
    """
    mean = density.expectation(column, **known)
    found = dict(zip(QUANTILES, density.quantile(column, QUANTILES, **known), strict=True))
    dated = density.schema.column(column).dated
    shown = density.schema.decode_value(column, mean) if dated else float(mean)
    quantiles = {str(q): _ready(value) for q, value in found.items()}
    result = {"column": column, "mean": _ready(shown), "standard_error": mean.standard_error, "quantiles": quantiles}
    error = f"{mean.standard_error / _DAY:.2g} days" if dated else f"{mean.standard_error:.2g}"
    how = f"± {error}" if mean.standard_error else "(exact)"
    lines = [f"{column}: mean {_written(shown)} {how}", *(f"{q:6.0%}  {_written(v)}" for q, v in found.items())]
    return Answer(result, "\n".join(lines), bool(mean.standard_error))


def _ready(value: Any) -> Any:  # noqa: ANN401 - a number or a date
    return float(value) if isinstance(value, float) else str(value)


def _written(value: Any) -> str:  # noqa: ANN401 - a number or a date
    if not isinstance(value, float):
        return str(value)
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
