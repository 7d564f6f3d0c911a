"""``tailormade impute``: what may be in the empty cells of a table?"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailormade.cli.common import Force, Json, Model, Quiet, Seed, check_output, emit, reproducible_seed, say

if TYPE_CHECKING:
    from tailormade.cli.tables import Block
    from tailormade.estimator import TableDensity


def impute(
    model: Model,
    data: Annotated[Path, typer.Argument(metavar="DATA", help=".csv or .parquet.", show_default=False)],
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.", show_default=False)],
    method: Annotated[
        str, typer.Option(help="mean, median or mode of draws (of categories always the most probable), or draw: one.")
    ] = "mean",
    draws: Annotated[int, typer.Option(help="Draws for each row with gaps.", min=1)] = 100,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fill the empty cells of DATA, each row's given what is there in it, and write the table.

    All other cells, the order of columns and their types stay as they are. For several imputations, repeat the command
    with --method draw and other seeds. A file of any size takes the same memory.

    Example: tailormade impute m titanic.csv --method median --out filled.csv
    """
    from tailormade.cli.tablefiles import SUFFIXES, put_tables
    from tailormade.cli.tables import count_rows, load_table, read_blocks
    from tailormade.estimator.imputing import check_method
    from tailormade.progress import Progress

    check_output(out, force, SUFFIXES)
    check_method(method)
    density = load_table(model, "impute")
    seed = reproducible_seed(seed)
    counts = {"rows": 0, "filled": 0}
    with Progress("impute", count_rows(data), "rows", enabled=not quiet) as bar:

        def filled() -> Iterator[Any]:
            for block in read_blocks(density, data):
                retype = data.suffix == ".csv" and out.suffix == ".parquet"  # the cells of a CSV are read as text
                yield _filled(density, block, method, draws, seed, retype=retype)
                counts["rows"] += len(block.x)
                counts["filled"] += int(density.schema.gaps(block.x.numpy()).sum())
                bar.advance(len(block.x))

        put_tables(out, filled(), None)
    emit({"out": str(out), **counts, "seed": seed}, "", as_json)
    say(f"filled {counts['filled']} cells of {counts['rows']} rows, wrote {out} (seed {seed})", quiet)


def _filled(density: "TableDensity", block: "Block", method: str, draws: int, seed: int, *, retype: bool) -> Any:  # noqa: ANN401 - an arrow table
    """A block with its gaps filled, its other cells and columns as they are."""
    from tailormade.random import derive
    from tailormade.tables.encode import category_sort

    table = _typed(density, block.table) if retype else block.table
    if not density.schema.gaps(block.x.numpy()).any():
        return table
    known = table.select([name for name in table.column_names if name in _fed(density)])
    found = density.impute(known, method=method, draws=draws, seed=derive(seed, "impute", block.first))
    for column in density.schema.variables:
        place = table.column_names.index(column.name)
        cells = _merged(table.column(place), found.column(column.name), truths=category_sort(column) == "truth")
        table = table.set_column(place, column.name, cells)
    return table


def _fed(density: "TableDensity") -> set[str]:
    return {*density.schema.names, *(() if density.context is None else density.context.names)}


def _merged(before: Any, after: Any, *, truths: bool) -> Any:  # noqa: ANN401 - columns of arrow tables
    """What was there, and the new where nothing was; columns of categories, or without any value, are all new."""
    import pyarrow as pa
    from pyarrow import compute

    if pa.types.is_dictionary(before.type) or pa.types.is_null(before.type):
        return after
    new = after.cast(before.type, safe=False)
    if truths and not pa.types.is_boolean(before.type):  # text, written as elsewhere in the command
        new = compute.utf8_capitalize(new)
    return compute.coalesce(before, new)


def _typed(density: "TableDensity", table: Any) -> Any:  # noqa: ANN401 - an arrow table
    """Give the columns that the model knows the types they had in the fit."""
    for schema in filter(None, (density.schema, density.context)):
        cells = schema.decode(schema.encode(table.select(list(schema.names))))
        for name in schema.names:
            table = table.set_column(table.column_names.index(name), name, cells.column(name))
    return table
