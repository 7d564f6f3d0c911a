"""The model of a table in words: its schema, and where it earns its nats."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailormade.estimator import TableDensity

_BRIEF = ("variables", "context", "hidden_units", "activation", "dropout", "orders", "parameters", "fit")


def describe_table(density: "TableDensity", description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in a model of a table as JSON-ready values: of any model, its schema, and its columns' scores."""
    from tailormade.cli.tables import whole_schema

    scores = density.model.metadata.get("column_scores")
    return {**description, "schema": whole_schema(density).to_dict(), "column_scores": scores}


def table_text(density: "TableDensity", description: Mapping[str, Any], words: Sequence[str]) -> str:
    """Say what is in a model of a table.

    Args:
        density: The model.
        description: From :func:`describe_table`.
        words: A line for each entry of the description that is told, in front.
    """
    from tailormade.cli.tables import whole_schema

    parts = ["\n".join(words), whole_schema(density).describe()]
    if description["context_columns"]:
        parts.append(f"conditioned on: {', '.join(description['context_columns'])}")
    scores = description["column_scores"]
    none = "no figures by column: the fit had too few rows to set some aside, or was cut off"
    parts.append(none if scores is None else _scores_text(scores))
    return "\n\n".join(parts)


def brief(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a description that are told of a table in words."""
    return {name: description[name] for name in _BRIEF if description[name] != 0}


def _scores_text(scores: Sequence[Mapping[str, Any]]) -> str:
    """A line for each column: its mean term in the first order, that of its marginal, and what the model gains."""
    sums = {name: sum(row[name] for row in scores) for name in ("log_likelihood", "marginal")}
    rows = [*scores, {"column": "all", **sums}]
    width = max(len(row["column"]) for row in rows)
    head = f"{'column':<{width}}  {'model':>9}  {'marginal':>9}  {'gain':>9}"
    lines = [
        f"{row['column']:<{width}}  {row['log_likelihood']:9.3f}  {row['marginal']:9.3f}  "
        f"{row['log_likelihood'] - row['marginal']:9.3f}"
        for row in rows
    ]
    return "\n".join(["log-likelihood of validation rows by column, given those before it, nats a row", head, *lines])
