"""``tailormade show``: what is in a model, in words and pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tailormade.cli.common import Force, Json, Model, Quiet, Seed, check_output, emit, reproducible_seed, say

if TYPE_CHECKING:
    from tailormade.density import MADE
    from tailormade.estimator import TableDensity

Picture = Annotated[Path | None, typer.Option(show_default=False)]


def show(
    model: Model,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Picture of the network or its masks, or of what --kind names (.png). Of a flow: its samples, of two "
            "columns as contours."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Rows that --out compares the model of a table, or a flow, with; best ones it was not fitted to."
        ),
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
    context: Annotated[
        str | None,
        typer.Option(
            help="Where --out draws a conditional flow, if not at --data's: 'COL=VALUE,...'.", metavar="COL=VALUE,..."
        ),
    ] = None,
    samples: Annotated[Path | None, typer.Option(help="Picture of 100 samples (.png).")] = None,
    curves: Annotated[Path | None, typer.Option(help="Picture of the training curves (.png).")] = None,
    order: Annotated[int | None, typer.Option(help="Which of the model's orders to draw.", show_default="0")] = None,
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

    Example: tailormade show flow --data held_out.csv --out pairs.png --curves curves.png
    """
    import tailormade as tm
    from tailormade.cli.flowrefusal import refuse_options
    from tailormade.cli.flowshow import show_flow
    from tailormade.cli.showcurves import draw_curves
    from tailormade.cli.showwords import describe, words, words_text
    from tailormade.cli.tablepictures import check_request, draw_comparison
    from tailormade.cli.tables import as_table
    from tailormade.cli.tableshow import brief, describe_table, table_text
    from tailormade.verify.check import is_flow

    for path in (out, samples, curves):
        check_output(path, force, (".png",))
    check_output(schema_out, force, (".json",))
    check_request(data, kind, rows, out)
    if highlight is not None and (out is None or data is not None):
        raise ValueError("highlight: says what to draw of a network; name the picture with --out PNG, without --data.")
    density = tm.load(model)
    if is_flow(density):
        made = {"--kind": kind, "order": order, "highlight": highlight, "--schema-out": schema_out}
        refuse_options(density, {**made, "--samples": samples})
        show_flow(density, model, (out, curves), (data, context, rows), reproducible_seed(seed), as_json, quiet)
        return
    if context is not None:
        raise ValueError("context: says where a flow is drawn; expected a conditional flow, got a MADE; leave it out.")
    order = order or 0
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
        draw_curves(model, curves)
    for path in (out, samples, curves, schema_out):
        say(f"wrote {path}", quiet or path is None)
    if not as_json and any((out, samples, curves, schema_out)):
        return
    if table is None:
        emit(description, words_text(description), as_json)
    else:
        description = describe_table(table, description)
        emit(description, table_text(table, description, words(brief(description))), as_json)


def _write_schema(model: Path, table: "TableDensity | None", path: Path) -> None:
    import json

    from tailormade.cli.tables import whole_schema
    from tailormade.files import write_atomically

    if table is None:
        raise ValueError(f"--schema-out: {model} is a model of an array, which has no schema; fit a .csv or .parquet.")
    write_atomically(path, (json.dumps(whole_schema(table).to_dict(), indent=1) + "\n").encode())


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
