"""``tailormade sample``: new rows."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tailormade.cli.common import Force, Json, Model, Quiet, Seed, check_output, emit, reproducible_seed, say

_SUFFIXES = (".npy", ".csv", ".parquet", ".png")
_PICTURE_ROWS = 2500  # 50 x 50 images on ten inches: 30 dots for one


def sample(
    model: Model,
    n: Annotated[int, typer.Option("-n", help="Number of rows.", min=1)] = 10,
    out: Annotated[
        Path | None, typer.Option(help=".npy, .csv, .parquet, or .png for a picture.", show_default="stdout")
    ] = None,
    context: Annotated[
        str | None, typer.Option(help="Context of a conditional model: 'COL=VALUE,...'.", metavar="COL=VALUE,...")
    ] = None,
    given: Annotated[
        str | None,
        typer.Option(
            help="Known values, -n rows for each row of them: 'COL=VALUE,...', a .csv of some columns, or an "
            ".npy with NaN. Of a table: values, questions such as 'age > 50 or sex == Female', or both: "
            "'COL=VALUE, age > 50'. Of a flow: any of these.",
            metavar="COL=VALUE,...|FILE|QUESTION",
        ),
    ] = None,
    particles: Annotated[
        int | None,
        typer.Option(help="Weighted draws an order, where --given is estimated.", min=2, show_default="1000"),
    ] = None,
    orders: Annotated[
        int | None,
        typer.Option(help="Orders that answer --given together, of a model of any order.", min=1, show_default="1"),
    ] = None,
    order: Annotated[int | None, typer.Option(help="Draw from one order.", show_default="the mixture")] = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw rows from MODEL; without --out they are printed as CSV.

    Any number of rows takes the same memory, except in a picture. With the same --seed, every format holds the same
    rows, and a larger -n begins with those of a smaller one (for a mixture of orders, of one that is at least 16384).
    --given draws the rest of a row from what is known; it is exact where that comes first in every order of MODEL, as
    in one fitted with -n any, and says so where it is not, and how many weighted draws the rows are chosen from.
    Several processes, started by torchrun or accelerate launch, share the rows of a table, which are those of one
    process; of an array or a flow the first process draws all.

    Example: tailormade sample m -n 5 --given 'x0=1,x3=0' --seed 1
    """
    import tailormade as tm
    from tailormade.cli.contexts import read_numbers
    from tailormade.cli.draws import draw_blocks, put_rows, types_of
    from tailormade.cli.evidence import PARTICLES, answers, check_asked, notes, tell
    from tailormade.cli.flowdraws import sample_flow
    from tailormade.cli.flowrefusal import refuse_options
    from tailormade.cli.tabledraws import sample_table
    from tailormade.cli.tables import as_table, check_flags
    from tailormade.processes import rank
    from tailormade.progress import Progress
    from tailormade.queries.observed import variable_names
    from tailormade.random import generator
    from tailormade.verify.check import is_flow

    check_output(out, force, _SUFFIXES)
    check_asked(given, particles, orders)
    density = tm.load(model)
    table, seed = as_table(density), reproducible_seed(seed)
    if table is not None:
        check_flags(particles=particles, orders=orders, order=order)
        sample_table(table, n, out, (given, context), seed, as_json=as_json, quiet=quiet)
        return
    if rank() > 0:
        return  # one stream of random numbers is drawn from
    if is_flow(density):
        refuse_options(density, {"--orders": orders, "order": order})
        _check_picture(out, n)
        known = read_numbers(density, context)
        sample_flow(density(known), n, out, given, particles, seed, as_json=as_json, quiet=quiet)
        return
    whole = density(read_numbers(density, context), order)
    found = [] if given is None else answers(whole, given, particles or PARTICLES, orders or 1, seed)
    if found:
        tell(found, n, quiet=quiet)
    said, densities = notes(found) if found else {}, found or [whole]
    total = n * len(densities)
    _check_picture(out, total)
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with Progress("sample", total, "rows", enabled=shown) as bar:
        blocks = draw_blocks(densities, n, generator(seed, "sample"), bar)
        put_rows(out, blocks, variable_names(density), types_of(density), total, said if as_json else None)
    if out is not None:
        emit({"out": str(out), "rows": total, "seed": seed, **said}, "", as_json)
        say(f"wrote {total} rows to {out} (seed {seed})", quiet)


def _check_picture(out: Path | None, n: int) -> None:
    if out is not None and out.suffix == ".png" and n > _PICTURE_ROWS:
        raise ValueError(f"-n: expected at most {_PICTURE_ROWS} rows for a picture, got {n}; lower it, or write .npy.")
