"""``tailormade show``: what is in a model, in words and pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailormade.cli.common import Force, Json, Model, Quiet, Seed, check_output, emit, reproducible_seed, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tailormade.density import MADE
    from tailormade.estimator import TableDensity

Picture = Annotated[Path | None, typer.Option(show_default=False)]


def show(
    model: Model,
    out: Annotated[
        Path | None, typer.Option(help="Picture of the network or its masks, or of what --kind names (.png).")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Rows that --out compares the model of a table with, best ones it was not fitted to."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="What --out compares: 'marginals', each column; 'dependence', each pair of columns; 'calibration', "
            "whether probabilities are right.",
            show_default="marginals",
        ),
    ] = None,
    rows: Annotated[int | None, typer.Option("-n", help="Rows compared at most.", min=1, show_default="5000")] = None,
    samples: Annotated[Path | None, typer.Option(help="Picture of 100 samples (.png).")] = None,
    curves: Annotated[Path | None, typer.Option(help="Picture of the training curves (.png).")] = None,
    order: Annotated[int, typer.Option(help="Which of the model's orders to draw.")] = 0,
    highlight: Annotated[
        int | None, typer.Option(help="Draw one output's path back to its inputs (number of the variable, from 0).")
    ] = None,
    schema_out: Annotated[
        Path | None, typer.Option(help="Write the schema of a table, to be edited and given to fit --schema (.json).")
    ] = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what is in MODEL, and draw it.

    For a model of a table: its schema, and what each column is worth on validation rows beside its marginal. Where a
    file is asked for, it is written instead, and one line says where.

    Example: tailormade show m --out masks.png --samples samples.png --curves curves.png

    Example: tailormade show m --data held_out.csv --kind calibration --out calibration.png
    """
    import tailormade as tm
    from tailormade.cli.tablepictures import check_request, draw_comparison
    from tailormade.cli.tables import as_table
    from tailormade.cli.tableshow import brief, describe_table, table_text

    for path in (out, samples, curves):
        check_output(path, force, (".png",))
    check_output(schema_out, force, (".json",))
    check_request(data, kind, rows, out)
    if highlight is not None and (out is None or data is not None):
        raise ValueError("highlight: says what to draw of a network; name the picture with --out PNG, without --data.")
    density = tm.load(model)
    table, description = as_table(density), describe(density, order)
    if schema_out is not None:
        _write_schema(model, table, schema_out)
    if data is not None and out is not None:
        draw_comparison(table, data, out, kind, rows, reproducible_seed(seed), quiet=quiet)
    elif out is not None:
        _draw_model(density, order, highlight, out)
    if samples is not None:
        _draw_samples(density, reproducible_seed(seed), samples)
    if curves is not None:
        _draw_curves(model, curves)
    for path in (out, samples, curves, schema_out):
        say(f"wrote {path}", quiet or path is None)
    if not as_json and any((out, samples, curves, schema_out)):
        return
    if table is None:
        emit(description, _text(description), as_json)
    else:
        description = describe_table(table, description)
        emit(description, table_text(table, description, _words(brief(description))), as_json)


def _write_schema(model: Path, table: "TableDensity | None", path: Path) -> None:
    import json

    from tailormade.cli.tables import whole_schema
    from tailormade.files import write_atomically

    if table is None:
        raise ValueError(f"--schema-out: {model} is a model of an array, which has no schema; fit a .csv or .parquet.")
    write_atomically(path, (json.dumps(whole_schema(table).to_dict(), indent=1) + "\n").encode())


def describe(model: "MADE", order: int = 0) -> dict[str, Any]:
    """Return what is in a model as JSON-ready values."""
    from tailormade.masks import count_lost

    if not 0 <= order < len(model.table):
        raise ValueError(f"order: expected 0..{len(model.table) - 1}, got {order}.")
    config = model.config()
    lost, allowed = count_lost(model.table[order], direct=config["direct"])
    kinds: dict[str, int] = {}
    for c in model.layout.conditionals:
        kinds[str(c)] = kinds.get(str(c), 0) + 1
    return {
        "variables": model.features,
        "context": model.context,
        "conditionals": kinds,
        "hidden_units": config["hidden_units"],
        "activation": config["activation"],
        "residual": config["residual"],
        "direct": config["direct"],
        "dropout": config["dropout"],
        "orders": model.orders,
        "input_order": model.table[order].inputs.tolist(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "dependencies": allowed,
        "lost_dependencies": lost,
        "fit": model.metadata.get("fit"),
        "columns": model.metadata.get("columns"),
        "context_columns": model.metadata.get("context_columns"),
    }


def _text(description: dict[str, Any]) -> str:
    lines = _words(description)
    if description["columns"] is None:
        names = _short([f"x{i}" for i in range(description["variables"])])
        lines.append(f"{'names':<18} {names} (counted from 0; pictures count from 1)")
    return "\n".join(lines)


def _words(description: "Mapping[str, Any]") -> list[str]:
    """A line for each entry that says something."""
    told = {name: value for name, value in description.items() if not (value is None or value == [] or value is False)}
    return [f"{name.replace('_', ' '):<18} {_short(value)}" for name, value in told.items()]


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v:.4g}" if isinstance(v, float) else f"{k}: {v}" for k, v in value.items())
    if isinstance(value, list):
        words = [str(v) for v in value]
        return " ".join(words) if len(words) <= 16 else " ".join([*words[:12], "...", *words[-2:]])
    return str(value)


def _draw_model(model: "MADE", order: int, highlight: int | None, path: Path) -> None:
    from tailormade.plots import draw_model, save_figure

    save_figure(draw_model(model, order=order, highlight=highlight), path)


def _draw_samples(model: "MADE", seed: int, path: Path) -> None:
    from tailormade.plots import draw_rows, save_figure
    from tailormade.random import generator

    if model.context:
        raise ValueError("samples: this model is conditional; use `tailormade sample MODEL --context ... --out x.png`.")
    if not all(c.cardinality is not None for c in model.layout.conditionals):
        raise ValueError("samples: rows with numbers are no pictures; use `tailormade sample MODEL --out x.csv`.")
    save_figure(draw_rows(model().sample((100,), generator=generator(seed, "sample"))), path)


def _draw_curves(folder: Path, path: Path) -> None:
    from tailormade.plots import save_figure, training_curves
    from tailormade.training.history import read_history

    save_figure(training_curves(read_history(folder)), path)
