"""Files that are too large to be held in memory: which they are, and how they are fitted and scored from disk."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailormade.cli.rows import FitRows
    from tailormade.conditionals import Conditional
    from tailormade.density import MADE
    from tailormade.flows import Flow
    from tailormade.tables import Schema
    from tailormade.training import Scores, Stream
    from tailormade.training.likelihood import Component
    from tailormade.training.stream import Part


def is_large(path: Path) -> bool:
    """Tell whether the rows of a file stay on disk: a .npy, or a .parquet as float64, of 512 MiB or more."""
    from tailormade.rowblocks import open_parquet
    from tailormade.training.streamdata import STREAMED

    if not path.is_file() or path.suffix not in (".npy", ".parquet"):
        return False
    if path.suffix == ".npy":
        return path.stat().st_size >= STREAMED
    try:
        with open_parquet(path) as file:
            return bool(8 * file.metadata.num_rows * file.metadata.num_columns >= STREAMED)
    except ValueError:
        return False  # said where it is read


class TableSource:
    """Rows of a Parquet file, encoded by the schema of a model.

    Args:
        path: The file.
        schema: Of the modelled columns.
        context: Of those that are conditioned on, or ``None``.
    """

    def __init__(self, path: Path, schema: "Schema", context: "Schema | None") -> None:
        from tailormade.rowblocks import group_starts, open_parquet

        with open_parquet(path) as file:
            self.rows, self.groups = file.metadata.num_rows, file.metadata.num_row_groups
            self._starts, self._width = group_starts(file.metadata), file.metadata.num_columns
        self.path, self.source, self.schema, self.context = path, str(path), schema, context
        self.features = len(schema.names)

    def read(self, group: int) -> "Iterator[Part]":
        """Read one row group, part by part.

        Raises:
            ValueError: If a value does not fit: named by row and column of the file.
        """
        import pyarrow as pa

        from tailormade.cli.tables import encode
        from tailormade.rowblocks import read_group
        from tailormade.training.stream import Part

        first = self._starts[group]
        for batch in read_group(self.path, group, self._width):
            x, fed = encode(self.schema, self.context, pa.Table.from_batches([batch]), self.path, first)
            yield Part(first, x, fed)
            first += batch.num_rows


def stream_rows(
    path: Path, context: str | None, conditional: str | None, valid_fraction: float, seed: int
) -> "FitRows":
    """Return the rows of a large file of numbers for a fit that reads them from disk.

    Args:
        path: The file.
        context: Columns to condition on, with commas between them.
        conditional: Of all variables; ``None`` for a flow.
        valid_fraction: Share of the rows to hold out.
        seed: Fixes which.

    Raises:
        ValueError: If the file or a column is not what it should be; values are checked when the fit begins.
    """
    from tailormade.cli.rows import FitRows
    from tailormade.training import NumberSource, Stream

    words = [word.strip() for word in context.split(",")] if context else []
    stream = Stream.open(path, context=words, valid_fraction=valid_fraction, seed=seed)
    source = stream.source
    if not isinstance(source, NumberSource) or not source.features:
        raise ValueError("context: expected at least one column to be left as a variable, got all of them.")
    columns = source.blocks.columns
    names = columns or tuple(f"x{i}" for i in range(source.blocks.width))
    given = [names[i] if columns else str(i) for i in source.given]
    conditionals = [] if conditional is None else _conditionals(stream, conditional)
    return FitRows(
        str(path), conditionals, stream, None, None, None, [names[i] for i in source.variables], given,
        None if columns is None else list(columns), [],
    )  # fmt: skip


def _conditionals(stream: "Stream", name: str) -> "list[Conditional]":
    """The conditionals of all variables, by a pass over the rows where they depend on the values."""
    import numpy as np

    from tailormade.cli.rows import families

    width = stream.source.features
    if name not in ("categorical", "mixture"):
        return families(stream.source.source, [np.zeros((1, width))], name)
    largest, total, squares = np.full(width, -np.inf), np.zeros(width), np.zeros(width)
    for _, x, _ in stream.parts():
        values = x.double().numpy()
        largest = np.maximum(largest, values.max(0))
        total, squares = total + values.sum(0), squares + (values**2).sum(0)
    if name == "categorical":
        return families(stream.source.source, [largest[None]], name)
    mean = total / stream.source.rows
    spread = np.sqrt(np.maximum(squares / stream.source.rows - mean**2, 0))
    return families(stream.source.source, [np.stack([mean - spread, mean + spread])], name)


def score_large(density: "MADE | Flow", path: Path, orders: "Sequence[Component]") -> "tuple[Scores, bool]":
    """Score a large file of numbers part by part.

    Args:
        density: What its rows are scored by.
        path: The file.
        orders: Components to average over.

    Returns:
        Scores of all rows, and whether the fit has seen these rows.

    Raises:
        ValueError: If columns or values do not fit.
    """
    import torch

    from tailormade.datasets import Dataset
    from tailormade.rowblocks import open_blocks
    from tailormade.training import NumberSource, Scores, score
    from tailormade.training.data import check_context, check_rows

    blocks = open_blocks(path)
    first = next(blocks.read(0)).rows
    top = Dataset({"all": first}, blocks.columns, str(path))
    known = density.metadata.get("all_columns")
    if known and top.columns and list(top.columns) != list(known):
        raise ValueError(f"{path}: expected the columns {list(known)} in this order, got {list(top.columns)}.")
    source = NumberSource(blocks, top.column_numbers(density.metadata.get("context_columns") or []))
    digest, found = hashlib.sha256(), []
    for group in range(source.groups):
        for part in source.read(group):
            check_rows(density, str(path), part.x, part.first)
            check_context(str(path), part.context, len(part.x), density.context)
            digest.update(part.x.contiguous().numpy().tobytes())
            found.append(score(density, part.x, part.context, components=orders).components)
    scores = Scores(torch.cat(found, 1), density.features)
    return scores, digest.hexdigest() in density.metadata.get("fitted_rows", [])
