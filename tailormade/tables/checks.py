"""What a column must be: kinds that exist, values that go with the kind, numbers that are numbers."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailormade.tables.column import Column

KINDS = ("binary", "categorical", "ordinal", "integer", "continuous", "datetime", "constant", "ignored")
CODED = ("binary", "categorical", "ordinal", "constant")
UNSEEN = ("error", "probability")
GAPS = ("observed", "model")
MOST_ATOMS = 16

Value = str | bool | int | float


def check_column(column: "Column") -> None:
    """Refuse a column whose fields contradict each other.

    Raises:
        ValueError: If a value is out of range, or contradicts the kind.
        TypeError: If the name is no text.
    """
    if not isinstance(column.name, str) or not column.name:
        raise TypeError(f"name: expected a column's name, got {column.name!r}.")
    _one_of(column, "kind", KINDS)
    _one_of(column, "unseen", UNSEEN)
    if column.gaps not in GAPS:
        raise _fail(column, "missing", f"one of {list(GAPS)}", column.gaps)
    if column.kind in CODED:
        _check_categories(column)
    elif column.kind != "ignored":
        _check_numbers(column)


def _fail(column: "Column", field: str, expected: str, got: object) -> ValueError:
    return ValueError(f"column '{column.name}': {field}: expected {expected}, got {got!r}.")


def _one_of(column: "Column", field: str, known: tuple[str, ...]) -> None:
    if getattr(column, field) not in known:
        raise _fail(column, field, f"one of {list(known)}", getattr(column, field))


def _check_categories(column: "Column") -> None:
    values, exactly = column.categories, {"binary": 2, "constant": 1}.get(column.kind)
    if exactly is not None and len(values) != exactly:
        raise _fail(column, "categories", f"{exactly} of them for a {column.kind} column", values)
    if not values:
        raise _fail(column, "categories", f"at least one for a {column.kind} column (give them with the kind)", values)
    sorts = {str if isinstance(v, str) else bool if isinstance(v, bool) else float for v in values}
    if len(sorts) > 1 or len(set(values)) < len(values) or not all(isinstance(v, Value) for v in values):
        raise _fail(column, "categories", "different strings, booleans or numbers, all of one type", values)


def _check_numbers(column: "Column") -> None:
    for field in ("loc", "scale", "step", "low", "high"):
        value = getattr(column, field)
        optional = field in ("step", "low", "high")
        if not (value is None and optional) and not (
            _is_number(value) and (value > 0 or field not in ("scale", "step"))
        ):
            positive = "a positive number" if field in ("scale", "step") else "a finite number"
            raise _fail(column, field, f"{positive} or None" if optional else positive, value)
    if column.kind == "integer" and column.step is None:
        raise _fail(column, "step", "a positive number for an integer column, such as 1", None)
    _check_heap(column)
    _check_recurring(column)
    low, high = _bounds(column)
    if low > high:
        raise _fail(column, "low", f"at most high ({column.high})", column.low)
    _check_atoms(column, low, high)


def _check_heap(column: "Column") -> None:
    if column.heap is None:
        return
    if column.kind not in ("integer", "continuous") or column.step is None:
        raise _fail(column, "heap", "None, or an integer or continuous column that has a step", column.heap)
    ratio = column.heap / column.step if _is_number(column.heap) else 0.0
    if round(ratio) < 2 or abs(ratio - round(ratio)) > 1e-6 * ratio:
        raise _fail(column, "heap", f"a multiple of its step {column.step:g}", column.heap)


def _check_recurring(column: "Column") -> None:
    values = column.recurring
    if not values:
        return
    if column.kind not in ("integer", "continuous") or column.step is None or column.heap is not None:
        raise _fail(column, "recurring", "none, or an integer or continuous column with a step and no heap", values)
    if not all(_is_number(v) for v in values) or list(values) != sorted(set(values)):
        raise _fail(column, "recurring", "different numbers, sorted", values)
    if not (_is_number(column.share) and 0 < column.share <= 1):
        raise _fail(column, "share", "a probability above 0", column.share)


def _check_atoms(column: "Column", low: float, high: float) -> None:
    atoms = column.atoms
    if not all(_is_number(a) and low <= a <= high for a in atoms) or list(atoms) != sorted(set(atoms)):
        raise _fail(column, "atoms", f"different numbers between {low} and {high}, sorted", atoms)
    if len(atoms) > MOST_ATOMS:
        raise _fail(column, "atoms", f"at most {MOST_ATOMS}", atoms)


def _bounds(column: "Column") -> tuple[float, float]:
    return (
        -math.inf if column.low is None else column.low,
        math.inf if column.high is None else column.high,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
