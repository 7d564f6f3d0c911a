"""A schema as a plain table, to be read and checked by a person."""

import textwrap
from collections.abc import Iterable, Sequence

from tailormade.tables.column import Column, shown

WIDTH = 109
_WIDEST = {"column": 20, "values": 34}


def describe(columns: Sequence[Column]) -> str:
    """Return one or more lines for each column: name, kind, values, whether cells are missing, and why.

    Example:
        >>> print(describe([Column("sex", "binary", ("f", "m"), why="2 distinct texts")]))
        column  kind    values       missing  why
        sex     binary  2: 'f', 'm'  no       2 distinct texts
    """
    rows = [("column", "kind", "values", "missing", "why")]
    rows += [(c.name, c.kind, values_of(c), _gaps(c), c.why) for c in columns]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    widths[0], widths[2] = min(widths[0], _WIDEST["column"]), min(widths[2], _WIDEST["values"])
    widths.append(WIDTH - sum(widths) - 2 * len(widths))
    return "\n".join(line for row in rows for line in _lines(row, widths))


def values_of(column: Column) -> str:
    """Say in a few words which values a column has.

    Example:
        >>> values_of(Column("age", "integer", step=1.0, low=0.0, atoms=(40.0,)))
        'step 1, at least 0, often 40'
    """
    if column.coded:
        unseen = ", or unseen" if column.unseen == "probability" else ""
        return f"{len(column.categories)}: {_some(map(shown, column.categories))}{unseen}"
    if not column.modelled:
        return ""
    parts = [] if column.step is None else [f"step {_period(column)}"]
    parts += [f"mostly {column.heap:g}"] if column.heap is not None else []
    parts += [f"{len(column.recurring)} that recur"] if column.recurring else []
    parts += [f"at least {shown(column.low)}"] if column.low is not None else []
    parts += [f"at most {shown(column.high)}"] if column.high is not None else []
    parts += [f"often {_some(map(shown, column.atoms))}"] if column.atoms else []
    return ", ".join(parts) or "any"


def _gaps(column: Column) -> str:
    return "modelled" if column.gaps == "model" else "yes" if column.missing else "no"


def _period(column: Column) -> str:
    names: dict[float, str] = {86400: "1 day", 3600: "1 hour", 60: "1 minute", 1: "1 second"}
    step = column.step or 0.0
    return names.get(step, f"{step:g} s") if column.dated else f"{step:g}"


def _some(values: Iterable[str]) -> str:
    listed = list(values)
    return ", ".join(listed[:4]) + (", ..." if len(listed) > 4 else "")


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [cell + [""] * (height - len(cell)) for cell in cells]
    lines = zip(*padded, strict=True)
    return ["  ".join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip() for line in lines]
