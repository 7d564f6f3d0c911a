"""``tailormade sample``: new rows."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tailormade.cli.common import Force, Json, Model, Quiet, Seed, check_output, emit, reproducible_seed, say
from tailormade.cli.given import read_given, variable_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from tailormade.density import MADE, MADEDistribution
    from tailormade.queries import Given

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
            ".npy with NaN.",
            metavar="COL=VALUE,...|FILE",
        ),
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
    in one fitted with -n any, and says so where it is not.

    Example: tailormade sample m -n 5 --given 'x0=1,x3=0' --seed 1
    """
    import tailormade as tm
    from tailormade.cli.draws import draw_blocks, put_rows, types_of
    from tailormade.progress import Progress
    from tailormade.random import generator

    check_output(out, force, _SUFFIXES)
    density = tm.load(model)
    seed = reproducible_seed(seed)
    densities = _densities(density, context, order, given, seed, quiet=quiet)
    total = n * len(densities)
    _check_picture(out, total)
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with Progress("sample", total, "rows", enabled=shown) as bar:
        blocks = draw_blocks(densities, n, generator(seed, "sample"), bar)
        put_rows(out, as_json, blocks, variable_names(density), types_of(density), total)
    if out is not None:
        emit({"out": str(out), "rows": total, "seed": seed}, "", as_json)
        say(f"wrote {total} rows to {out} (seed {seed})", quiet)


def _densities(
    model: "MADE", context: str | None, order: int | None, given: str | None, seed: int, *, quiet: bool
) -> "Sequence[MADEDistribution | Given]":
    """The density, or what it becomes for each row of evidence."""
    density = model(_context(model, context), order)
    if given is None:
        return [density]
    rows = read_given(given, model)
    try:
        answers = [density.given(row, rows.observed, seed=seed) for row in rows.values]
    except ValueError as error:
        raise ValueError(str(error).replace("x:", "given:", 1)) from None
    how = "exact" if answers[0].exact else "resampled by weight"
    say(f"given {len(rows.observed)} of {model.features} variables: {answers[0].describes}; {how}", quiet)
    return answers


def _check_picture(out: Path | None, n: int) -> None:
    if out is not None and out.suffix == ".png" and n > _PICTURE_ROWS:
        raise ValueError(f"-n: expected at most {_PICTURE_ROWS} rows for a picture, got {n}; lower it, or write .npy.")


def _context(model: "MADE", text: str | None) -> "Tensor | None":
    import torch

    if text is not None and not model.context:
        raise ValueError(f"context: this model has no context, so none can be given; got '{text}'.")
    wanted = model.metadata.get("context_columns") or [str(i) for i in range(model.context)]
    if text is None:
        if model.context:
            raise ValueError(f"context: this model needs the values of {wanted}: --context '{wanted[0]}=VALUE,...'.")
        return None
    pairs = [word.partition("=") for word in text.split(",")]
    values = {name.strip(): value for name, _, value in pairs}
    if set(values) != set(wanted) or len(pairs) != len(wanted):
        raise ValueError(f"context: expected one NAME=VALUE for each of {wanted}, got '{text}'.")
    try:
        numbers = [float(values[name]) for name in wanted]
    except ValueError:
        raise ValueError(f"context: expected numbers as values, got '{text}'.") from None
    return torch.tensor(numbers)
