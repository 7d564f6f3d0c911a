"""Pictures of how the model of a table compares with the rows of a file, read block by block."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailormade.estimator import TableDensity


def check_request(data: Path | None, kind: str | None, rows: int | None, out: Path | None) -> None:
    """Check that options about a picture of a table go together, before a model is loaded.

    Raises:
        ValueError: Naming the one that is missing, or an unknown kind.
    """
    if kind is not None:
        _check_kind(kind)
    for flag, value in (("--kind", kind), ("-n", rows)):
        if value is not None and data is None:
            raise ValueError(f"{flag}: says how rows are drawn; name the file that they are in with --data FILE.")
    if data is not None and out is None:
        raise ValueError("--data: says what to compare the model with; name the picture with --out PNG.")


def _check_kind(kind: str) -> None:
    from tailormade.plots.tables import KINDS

    if kind not in KINDS:
        raise ValueError(f"--kind: expected one of {', '.join(KINDS)}, got '{kind}'.")


def draw_comparison(
    density: "TableDensity | None",
    data: Path,
    out: Path,
    kind: str | None,
    rows: int | None,
    seed: int,
    *,
    quiet: bool,
) -> None:
    """Draw how a model compares with the rows of a file.

    Args:
        density: The model, ``None`` if it is not one of a table.
        data: Rows with the columns that were fitted.
        out: The picture.
        kind: One of those there are; marginals if ``None``.
        rows: How many are drawn at most.
        seed: Fixes which, and what is sampled.
        quiet: Show no progress.

    Raises:
        ValueError: If the model is one of an array, or the file does not fit.
    """
    from tailormade.cli.tables import count_rows, read_blocks
    from tailormade.plots import save_figure
    from tailormade.plots.tables import ROWS, RowChoice, draw_encoded
    from tailormade.progress import Progress

    if density is None:
        raise ValueError("--data: expected a model of a table for this, got one of an array; leave it out.")
    chosen = RowChoice(rows or ROWS, seed)
    with Progress("read", count_rows(data), "rows", enabled=not quiet) as bar:
        for block in read_blocks(density, data):
            chosen.add(block.x, block.context)
            bar.advance(len(block.x))
    save_figure(draw_encoded(density.model, density.schema, chosen, kind=kind or "marginals", seed=seed), out)
