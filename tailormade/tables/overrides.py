"""What the caller says of some columns, put over what was inferred."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from tailormade.tables.column import Column, with_policy
from tailormade.tables.frames import Table
from tailormade.tables.infer import infer_column

Override = str | Mapping[str, Any]


def check_known(names: Sequence[str], known: Sequence[str], argument: str) -> None:
    """Refuse names that are not known, and suggest the nearest.

    Raises:
        ValueError: Naming the first of them.
    """
    for name in names:
        if name not in known:
            nearest = get_close_matches(str(name), known, 1)
            hint = f"did you mean '{nearest[0]}'?" if nearest else f"expected one of {list(known)}."
            raise ValueError(f"{argument}: there is no column '{name}'; {hint}")


def fields_of(override: Override) -> dict[str, Any]:
    """Return an override as fields of a column; text alone is its kind."""
    return {"kind": override} if isinstance(override, str) else dict(override)


def overridden(name: str, table: Table, override: Override, identifiers: bool) -> Column:
    """Infer a column, with some of its fields given.

    Raises:
        ValueError: If the values do not allow the kind, or a field is unknown or wrong.
    """
    changes = fields_of(override)
    column = infer_column(name, table.column(name), changes.pop("kind", None), identifiers=identifiers)
    return changed(column, changes) if changes else column


def changed(column: Column, changes: Mapping[str, Any]) -> Column:
    """Return a column with some of its fields changed, its name not among them.

    Raises:
        ValueError: If a field is unknown or wrong.
    """
    if "name" in changes:
        raise ValueError(f"column '{column.name}': its name is that in the table; rename it there.")
    values = {**column.to_dict(), **with_policy(changes)}
    lists = {name: tuple(values[name]) for name in ("categories", "atoms", "recurring")}
    return Column.from_dict({**values, **lists})
