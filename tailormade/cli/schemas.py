"""What the columns of a file are: inferred, and corrected by a JSON file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailormade.tables import Schema


def read_schema(
    data: Path,
    table: Any,  # noqa: ANN401 - an arrow table
    path: Path | None,
    unseen: str | None,
) -> "Schema":
    """Infer a schema, with what a JSON file says of some columns, or take a whole one from it.

    Args:
        data: Where the table is from, for messages.
        table: The table.
        path: The JSON file, or ``None``.
        unseen: What categories are that never occurred, where the file does not say it; an error if ``None``.

    Raises:
        ValueError: If the file cannot be read, or does not fit the table.
    """
    from tailormade.tables import Schema
    from tailormade.tables.checks import UNSEEN

    if unseen not in (None, *UNSEEN):
        raise ValueError(f"--unseen: expected {' or '.join(UNSEEN)}, got '{unseen}'.")
    said = {} if path is None else _json(path)
    try:
        if isinstance(said.get("columns"), list):
            _check_alone(unseen, path)
            return Schema.from_dict(said)
        return Schema.infer(table, overrides=said, unseen=unseen or "error")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{data if path is None else path}: {str(error).removeprefix('table: ')}") from None


def _check_alone(unseen: str | None, path: Path | None) -> None:
    if unseen is not None:
        raise ValueError(f"is a whole schema, which says of each column what is unseen; leave out --unseen {unseen}.")


def _json(path: Path) -> dict[str, Any]:
    import json

    if not path.is_file():
        raise ValueError(f"--schema: expected a JSON file, found none at {path}.")
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error}).") from None
    if not isinstance(said, dict) or not all(isinstance(value, dict | str | list) for value in said.values()):
        raise ValueError(f'{path}: expected fields by column, such as {{"zip": {{"kind": "categorical"}}}}.')
    return said
