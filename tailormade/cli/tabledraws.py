"""Rows of a table, drawn block by block in its own values."""

import sys
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tailormade.estimator import TableDensity
    from tailormade.estimator.questions import Given
    from tailormade.processes import Team
    from tailormade.progress import Progress

_ROWS = 2**14  # drawn at once


def draw_tables(
    density: "TableDensity",
    n: int,
    given: "Given",
    context: "Mapping[str, Sequence[Any]] | None",
    seed: int,
    bar: "Progress",
    team: "Team",
) -> Iterator[Any]:
    """Draw n rows in blocks, each with noise of its own, the last one cut.

    Args:
        density: What they are drawn from.
        n: Number of rows.
        given: Evidence, or ``None``.
        context: One row, or ``None``.
        seed: Fixes the draws.
        bar: Told of every block.
        team: Processes that draw blocks in turn; all get all rows, which do not depend on how many there are.
    """
    from tailormade.random import derive

    size = min(n, _ROWS)
    starts = range(0, n, size)
    for first in range(0, len(starts), team.size):
        start = starts[min(first + team.rank, len(starts) - 1)]  # whoever is left over draws the last one again
        with warnings.catch_warnings() if start else nullcontext():
            if start:
                warnings.simplefilter("ignore")  # the first block has said it
            rows = density.sample_frame(size, given=given, context=context, seed=derive(seed, "sample", start))
        for block in _collected(team, rows.slice(0, n - start))[: len(starts) - first]:
            yield block
            bar.advance(block.num_rows)


def _collected(team: "Team", table: Any) -> list[Any]:  # noqa: ANN401 - pyarrow has no types
    """The tables of all processes, in the order of their ranks."""
    if team.size == 1:
        return [table]
    import pyarrow as pa
    import torch

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sent = torch.frombuffer(bytearray(sink.getvalue()), dtype=torch.uint8)
    return [pa.ipc.open_stream(pa.py_buffer(part.numpy())).read_all() for part in team.collect(sent)]


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
    from tailormade.processes import team
    from tailormade.progress import Progress

    if out is not None and out.suffix not in SUFFIXES:
        raise ValueError(f"{out}: expected a name ending in {' or '.join(SUFFIXES)} for rows of a table.")
    given, context = read_given(density, known[0]), read_context(density, known[1])
    notes = {"seed": seed, **tell_evidence(density, given, context, seed, quiet=quiet)}
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with team() as together, Progress("sample", n, "rows", enabled=shown) as bar:
        blocks = draw_tables(density, n, given, context, seed, bar, together)
        if together.first:
            put_tables(out, blocks, notes if as_json else None)
        else:
            deque(blocks, maxlen=0)  # draw, and write nothing
    if out is not None:
        emit({"out": str(out), "rows": n, **notes}, "", as_json)
        say(f"wrote {n} rows to {out} (seed {seed})", quiet)
