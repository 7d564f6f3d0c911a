"""The fit of a table by the recipe of :class:`tailormade.DensityEstimator`, but for what was asked for."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailormade.cli.jobs import SET_ASIDE, Flags, Job

if TYPE_CHECKING:
    from tailormade.density import MADE
    from tailormade.estimator import TableDensity
    from tailormade.tables import Schema
    from tailormade.training import FitConfig, Stream
    from tailormade.training.stream import Rows


def table_job(data: Path, context: str | None, schema: Path | None, unseen: str | None, flags: Flags) -> Job:
    """Return the fit of a table.

    Args:
        data: The file.
        context: Columns to condition on, with commas between them.
        schema: A JSON file that says what some columns are, or all.
        unseen: What categories are that never occurred: an ``'error'``, or of a small ``'probability'``.
        flags: What was asked for.

    Raises:
        ValueError: If the file, the schema or a column is not what it should be.
    """
    import copy

    from tailormade.cli.schemas import read_schema
    from tailormade.cli.streams import is_large
    from tailormade.cli.tables import encode
    from tailormade.estimator import TableDensity, fitting
    from tailormade.estimator.checks import warn_of_few_rows
    from tailormade.tables import read_table

    if is_large(data):
        return _large_job(data, context, schema, unseen, flags)
    table = read_table(data)
    names = _context_names(table.column_names, context)
    whole = read_schema(data, table, schema, unseen)
    variables, given = _divided(whole, names)
    rows, fed = encode(variables, given, table, data)
    x = rows.numpy()
    warn_of_few_rows(x)
    train, valid = fitting.split(x, flags.seed)
    model = _model(variables, 0 if fed is None else fed.shape[1], len(train), flags)
    model.metadata = _notes(TableDensity(model, variables, given), x)
    contexts = {
        "context": None if fed is None else fed[train],
        "valid_context": None if fed is None or not len(valid) else fed[valid],
    }
    job = Job(
        model, x[train], x[valid] if len(valid) else None, contexts, _config(len(train), flags),
        f"{data}: {len(train)} training and {len(valid)} validation rows of {x.shape[1]} columns"
        f"{' given ' + ', '.join(names) if names else ''}\n{whole.describe()}",
    )  # fmt: skip
    start = copy.deepcopy(model)
    return replace(job, finish=lambda: _compare(job, model, start, Path(flags.run["folder"])))


def _large_job(data: Path, context: str | None, schema: Path | None, unseen: str | None, flags: Flags) -> Job:
    """The fit of a table that stays on disk."""
    import copy

    from tailormade.cli.schemas import read_schema
    from tailormade.cli.streams import TableSource
    from tailormade.estimator import TableDensity
    from tailormade.estimator.context import ContextColumns
    from tailormade.tables.survey import sample_table
    from tailormade.training import Stream

    some = sample_table(data, flags.seed)
    names = _context_names(some.column_names, context)
    whole = read_schema(data, some, schema, unseen)
    variables, given = _divided(whole, names)
    source = TableSource(data, variables, given)
    stream = Stream(source, valid_fraction=SET_ASIDE, seed=flags.seed)
    model = _model(variables, 0 if given is None else ContextColumns(given).width, stream.rows, flags)
    model.metadata = _notes(TableDensity(model, variables, given), None)
    job = Job(
        model, stream, None, {}, _config(stream.rows, flags),
        f"{data}: {stream.rows} training and {stream.held} validation rows of {source.features} columns, read from disk"
        f"{' given ' + ', '.join(names) if names else ''}; schema from {some.num_rows} of {source.rows} rows\n"
        f"{whole.describe()}",
    )  # fmt: skip
    start = copy.deepcopy(model)
    return replace(job, finish=lambda: _compare_stream(stream, model, start, Path(flags.run["folder"])))


def _compare_stream(stream: "Stream", trained: "MADE", start: "MADE", folder: Path) -> None:
    """As :func:`_compare`, on the sample and the rows that a stream holds."""
    if stream.valid is not None and stream.sample is not None:
        _compare_on(stream.sample, stream.valid, trained, start, folder)


def _context_names(columns: list[str], context: str | None) -> list[str]:
    """Columns by name, or by number from 0."""
    words = [word.strip() for word in context.split(",")] if context else []
    numbered = {str(i): name for i, name in enumerate(columns)}
    return [word if word in columns else numbered.get(word, word) for word in words]


def _divided(whole: "Schema", names: list[str]) -> "tuple[Schema, Schema | None]":
    from tailormade.estimator import fitting

    try:
        return fitting.divide(whole, names)
    except ValueError as error:
        raise ValueError(f"context: {str(error).partition(': ')[2]}" if names else str(error)) from None


def _model(schema: "Schema", context: int, rows: int, flags: Flags) -> "MADE":
    """The recipe's model, rebuilt if something else was asked for."""
    from tailormade import MADE
    from tailormade.estimator import fitting
    from tailormade.random import derive

    seed = derive(flags.seed, "model")
    model = fitting.build(schema, context, rows, hidden_units="auto", orders=1, seed=seed)
    if not flags.architecture:
        return model
    options = {**model.config(), "conditionals": list(model.layout.conditionals), **flags.architecture}
    return MADE(**options, seed=seed)


def _config(rows: int, flags: Flags) -> "FitConfig":
    from tailormade.estimator import DensityEstimator, fitting

    config = fitting.config(rows, max_epochs=DensityEstimator().max_epochs, device=None, seed=flags.seed, progress=True)
    return replace(config, **flags.training, **flags.run)


def _notes(density: "TableDensity", x: Any) -> dict[str, Any]:  # noqa: ANN401 - encoded rows, None if on disk
    from tailormade.cli.tablescores import Digest

    digest = Digest()
    if x is not None:
        digest.add(x)
    notes = {"table": density.notes(), "columns": density.names, "fitted_rows": [digest.value()]}
    return notes if density.context is None else {**notes, "context_columns": list(density.context.names)}


def _compare(job: Job, trained: "MADE", start: "MADE", folder: Path) -> None:
    """Keep with the model what each column is worth on validation rows, and what its marginal is.

    Args:
        job: Done.
        trained: The model.
        start: The model as it was built.
        folder: Where the model is.
    """
    import torch

    if job.valid is None:
        return
    train, valid = torch.from_numpy(job.train), torch.from_numpy(job.valid)
    contexts = job.contexts["context"], job.contexts["valid_context"]
    _compare_on((train, contexts[0]), (valid, contexts[1]), trained, start, folder)


def _compare_on(train: "Rows", valid: "Rows", trained: "MADE", start: "MADE", folder: Path) -> None:
    import torch

    from tailormade import save
    from tailormade.cli.tablescores import mean_terms

    with torch.no_grad():
        for parameter in start.parameters():
            parameter.zero_()
    start.adapt(*train)  # without weights, the density of independent columns
    found, marginal = (mean_terms(model.to("cpu").eval(), *valid) for model in (trained, start))
    trained.metadata["column_scores"] = [
        {"column": name, "log_likelihood": a, "marginal": b}
        for name, a, b in zip(trained.metadata["columns"], found, marginal, strict=True)
    ]
    save(trained, folder)
