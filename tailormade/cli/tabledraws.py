"""Rows of a table, drawn block by block in its own values."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tailormade.estimator import TableDensity
    from tailormade.estimator.questions import Given
    from tailormade.progress import Progress

_ROWS = 2**14  # drawn at once


def draw_tables(
    density: "TableDensity",
    n: int,
    given: "Given",
    context: "Mapping[str, Sequence[Any]] | None",
    seed: int,
    bar: "Progress",
) -> Iterator[Any]:
    """Draw n rows in blocks, each with noise of its own, the last one cut.

    Args:
        density: What they are drawn from.
        n: Number of rows.
        given: Evidence, or ``None``.
        context: One row, or ``None``.
        seed: Fixes the draws.
        bar: Told of every block.
    """
    from tailormade.random import derive

    size = min(n, _ROWS)
    for start in range(0, n, size):
        with warnings.catch_warnings() if start else nullcontext():
            if start:
                warnings.simplefilter("ignore")  # the first block has said it
            rows = density.sample_frame(size, given=given, context=context, seed=derive(seed, "sample", start))
        yield rows.slice(0, n - start)
        bar.advance(min(size, n - start))


def sample_table(
    density: "TableDensity",
    n: int,
    out: Path | None,
    known: tuple[str | None, str | None],
    seed: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw rows of a table, and write or print them.

    Args:
        density: What they are drawn from.
        n: Number of rows.
        out: A file, or ``None`` for stdout.
        known: Evidence and context, as typed.
        seed: Fixes the draws.
        as_json: Print JSON.
        quiet: Print nothing but the result.

    Raises:
        ValueError: If evidence or context do not fit, or the file is of another kind.
    """
    from tailormade.cli.common import emit, say
    from tailormade.cli.questions import read_context, read_given, tell_evidence
    from tailormade.cli.tablefiles import SUFFIXES, put_tables
    from tailormade.progress import Progress

    if out is not None and out.suffix not in SUFFIXES:
        raise ValueError(f"{out}: expected a name ending in {' or '.join(SUFFIXES)} for rows of a table.")
    given, context = read_given(density, known[0]), read_context(density, known[1])
    notes = {"seed": seed, **tell_evidence(density, given, context, seed, quiet=quiet)}
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with Progress("sample", n, "rows", enabled=shown) as bar:
        put_tables(out, draw_tables(density, n, given, context, seed, bar), notes if as_json else None)
    if out is not None:
        emit({"out": str(out), "rows": n, **notes}, "", as_json)
        say(f"wrote {n} rows to {out} (seed {seed})", quiet)
