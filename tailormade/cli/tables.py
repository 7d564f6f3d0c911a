"""Models of tables on the command line: recognised by their notes, and fed from files block by block."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from tailormade.density import MADE
    from tailormade.estimator import TableDensity
    from tailormade.tables import Schema

_ROWS = 2**14  # in a block
_UNSEEN = "fit again with --unseen probability, which keeps a small probability for such categories"


def as_table(model: "MADE") -> "TableDensity | None":
    """Return a model as the density of a table, or ``None`` if it knows nothing of one."""
    from tailormade.estimator import TableDensity

    notes = model.metadata.get("table")
    if notes is None:
        return None
    context = None if notes["context"] is None else _schema(notes["context"])
    return TableDensity(model, _schema(notes["schema"]), context)


def _schema(notes: dict[str, Any]) -> "Schema":
    """Read a schema; rows come back as arrow tables, whatever frame was fitted."""
    from tailormade.tables import Schema

    return replace(Schema.from_dict(notes), backend="pyarrow")


def load_table(path: Path, verb: str) -> "TableDensity":
    """Load the density of a table.

    Args:
        path: Of the model.
        verb: What needs a table, for the message.

    Raises:
        ValueError: If there is no model, or it was fitted to an array.
    """
    import tailormade as tm
    from tailormade.cli.flowrefusal import refuse_flow

    model = tm.load(path)
    refuse_flow(model, path, verb)
    density = as_table(model)
    if density is None:
        raise ValueError(
            f"{path}: {verb} needs a model of a table, with a schema, got one of an array; fit a .csv or .parquet."
        )
    return density


class Block(NamedTuple):
    """Some rows of a file.

    Attributes:
        first: Number of the first one.
        table: As they are in the file.
        x: As the model sees them, shape ``(rows, D)``.
        context: Shape ``(rows, C)`` or ``None``.
    """

    first: int
    table: Any
    x: "Tensor"
    context: "Tensor | None"


def read_blocks(density: "TableDensity", path: Path, rows: int = _ROWS) -> Iterator[Block]:
    """Read a file block by block and check it against the schema of a model.

    Raises:
        ValueError: If a column is missing, or a value does not fit: named by row and column of the file.
    """
    from tailormade.tables import scan_table

    first = 0
    for table in scan_table(path, rows):
        if not first:
            _warn_of_strangers(density, path, table.column_names)
        yield Block(first, table, *encode(density.schema, density.context, table, path, first))
        first += table.num_rows


def encode(
    schema: "Schema",
    context: "Schema | None",
    table: Any,  # noqa: ANN401 - pyarrow has no types
    source: Path,
    first: int = 0,
) -> "tuple[Tensor, Tensor | None]":
    """Return rows and their context as a model sees them.

    Args:
        schema: Of the modelled columns.
        context: Of those that are conditioned on, or ``None``.
        table: The rows; columns that neither knows are left out.
        source: Where they are from, for the message.
        first: Number of the first one there.

    Raises:
        ValueError: If they do not fit.
    """
    import torch

    from tailormade.estimator.context import ContextColumns

    known = table.select([name for name in table.column_names if name in _names(schema, context)])
    try:
        x = torch.from_numpy(schema.encode(known, first=first))
        if context is None:
            return x, None
        context.encode(known, first=first)  # names the rows of the file
        return x, ContextColumns(context).encode(known)
    except (TypeError, ValueError) as error:
        said = str(error).removeprefix("table: ").replace("set unseen='probability'", _UNSEEN)
        raise ValueError(f"{source}: {said}") from None


def _names(schema: "Schema", context: "Schema | None") -> set[str]:
    """Names of all columns that were there in the fit, ignored ones among them."""
    return {column.name for column in (*schema.columns, *(() if context is None else context.columns))}


def whole_schema(density: "TableDensity") -> "Schema":
    """Return one schema of modelled and context columns together, as ``fit --schema`` takes it."""
    context = {} if density.context is None else {column.name: column for column in density.context.variables}
    return replace(density.schema, columns=tuple(context.get(c.name, c) for c in density.schema.columns))


def _warn_of_strangers(density: "TableDensity", path: Path, names: list[str]) -> None:
    from tailormade.tables import SchemaWarning

    extra = [name for name in names if name not in _names(density.schema, density.context)]
    if extra:
        warnings.warn(
            f"{path}: columns that the model does not know are ignored: {extra}.", SchemaWarning, stacklevel=2
        )


def count_rows(path: Path) -> int:
    """Return about how many rows a file has, for a progress bar: lines of a CSV, of which a row may have several."""
    if not path.is_file():
        return 0  # said where it is read
    if path.suffix == ".parquet":
        return _parquet_rows(path)
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(2**20), b""))


def _parquet_rows(path: Path) -> int:
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        return int(read_metadata(path).num_rows)
    except (ArrowException, OSError):
        return 0  # said where it is read


def check_flags(**flags: object) -> None:
    """Refuse options that are for models of arrays.

    Raises:
        ValueError: Naming the first that is given.
    """
    for name, value in flags.items():
        if value is not None:
            flag = f"--{name.replace('_', '-')}"
            raise ValueError(f"{flag}: expected a model of an array for this, got one of a table; leave it out.")
