"""What is known of one column, and the conditional that follows from it.

A column is either coded, its values being a few categories that the model sees as ``0..k-1`` (1), or numeric, and then
modelled after ``z = asinh((x - loc) / scale)`` (2), which is linear near the median and logarithmic in the tails.
``scale`` is a power of two, so that (2) costs no digits and rescaled tables give the same ``z`` to the last bit. A
resolution ``step`` turns the density into the probability of an interval, ``P(x - step/2 < X <= x + step/2)`` (3);
without one, the scale of a component is bounded below by ``scale / 2^12`` (4), so that no likelihood is bought with
spikes on values that happen to repeat.

A missing cell is NaN to the model, nothing is known of it, and only what was observed is modelled (5). If the missing
cells are to be modelled, one is a value of its own: a category more, or infinity beyond all numbers (6), so that
``log p`` of a row is that of its values and of which of them are missing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from tailormade.conditionals import Conditional
from tailormade.tables.checks import CODED, Value, check_column
from tailormade.tables.families import conditional_of


@dataclass(frozen=True)
class Column:
    """Describe one column of a table.

    Attributes:
        name: Its name.
        kind: One of ``KINDS``.
        categories: Of a coded column, the original values in the order of their codes.
        step: Resolution of a numeric column, ``None`` if none was found; seconds for dates.
        heap: A coarser resolution that most values have, a multiple of ``step``; ``None`` if there is none.
        recurring: Values of which the others hardly ever differ, though they are on no grid of their own; sorted.
        share: Of the values that are among those recurring.
        low: Lowest value there can be, ``None`` if there is no bound.
        high: Highest value there can be, ``None`` if there is no bound.
        loc: Centre of the numbers, their median.
        scale: Spread of the numbers, a power of two where it was inferred.
        atoms: Exact values that occur far more often than those beside them, sorted; at most 16.
        missing: Whether some cells were missing.
        gaps: What a missing cell is: not ``'observed'`` and so left out (5), or a value of its own to ``'model'`` (6).
            Where fields are read by name, text under ``missing`` says it, too: ``{"missing": "model"}``.
        unseen: What a category that never occurred is later: an ``'error'``, or one more category ``k`` with a small
            ``'probability'``.
        dtype: How the caller's column was typed, so that rows come back alike: ``'int64'``, ``'string'``,
            ``'category'``, ``'date'``, ``'datetime[us]'`` and so on.
        why: What was seen, and why this kind.

    Raises:
        ValueError: If a value is out of range, or contradicts the kind.
        TypeError: If a value has the wrong type.

    Example:
        >>> Column("size", "ordinal", categories=("S", "M", "L"), dtype="string").cardinality
        3
        >>> Column("sex", "binary", categories=("f", "m"), dtype="string").conditional()
        Bernoulli()
        >>> Column("sex", "binary", categories=("f", "m"), gaps="model").conditional()
        Categorical(categories=3, code=None)
    """

    name: str
    kind: str
    categories: tuple[Value, ...] = ()
    step: float | None = None
    low: float | None = None
    high: float | None = None
    loc: float = 0.0
    scale: float = 1.0
    atoms: tuple[float, ...] = ()
    missing: bool = False
    unseen: str = "error"
    dtype: str = "float64"
    why: str = ""
    gaps: str = "observed"
    heap: float | None = None
    recurring: tuple[float, ...] = ()
    share: float = 0.0

    def __post_init__(self) -> None:
        """Check what was given."""
        check_column(self)

    @property
    def coded(self) -> bool:
        """Whether the model sees codes ``0..k-1`` instead of the values themselves."""
        return self.kind in CODED

    @property
    def modelled(self) -> bool:
        """Whether the column is a variable of the model."""
        return self.kind != "ignored"

    @property
    def dated(self) -> bool:
        """Whether the values are dates or times, which the model sees as seconds since 1970."""
        return self.kind == "datetime" or self.dtype.startswith("date")

    @property
    def cardinality(self) -> int | None:
        """Number of codes, those of an unseen category and of a missing cell among them; ``None`` for numbers."""
        more = (self.unseen == "probability") + (self.gaps == "model")
        return len(self.categories) + more if self.coded else None

    @property
    def gap(self) -> float:
        """The number of a missing cell: NaN where it is not modelled, else the last code, or infinity."""
        if self.gaps == "observed":
            return math.nan
        return math.inf if self.cardinality is None else self.cardinality - 1.0

    def conditional(self, components: int = 10) -> Conditional:
        """Build the conditional of the variable.

        Args:
            components: Of the mixture, for numeric columns.

        Raises:
            ValueError: If the column is ignored.
        """
        if not self.modelled:
            raise ValueError(f"column '{self.name}': is ignored and has no conditional; give it another kind first.")
        return conditional_of(self, components)

    def rescaled(self, factor: float) -> "Column":
        """Return the column in other units, every value multiplied by ``factor``.

        Raises:
            ValueError: If the column is not numeric, or the factor not a positive number.

        Example:
            >>> Column("x", "continuous", step=0.5, loc=3.0).rescaled(1024).step
            512.0
        """
        if self.kind not in ("integer", "continuous") or not (math.isfinite(factor) and factor > 0):
            raise ValueError(
                f"column '{self.name}': expected an integer or continuous column and a positive factor, got a "
                f"{self.kind} one and {factor}."
            )
        given = {name: getattr(self, name) for name in ("step", "heap", "low", "high")}
        changes: dict[str, Any] = {name: None if value is None else factor * value for name, value in given.items()}
        changes |= {name: tuple(factor * v for v in getattr(self, name)) for name in ("atoms", "recurring")}
        changed = replace(self, **changes)
        return replace(changed, loc=factor * self.loc, scale=factor * self.scale)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON-ready values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Column":
        """Build a column from :meth:`to_dict`.

        Raises:
            ValueError: If a field is unknown or missing, or its value wrong.
        """
        known = [field.name for field in fields(cls)]
        if not {"name", "kind"} <= set(values) <= set(known):
            raise ValueError(f"column: expected fields {known} with name and kind among them, got {sorted(values)}.")
        arguments: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**with_policy(arguments))


def with_policy(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a column; text under ``missing`` is what becomes of missing cells, not whether there were any.

    Example:
        >>> with_policy({"missing": "model"}), with_policy({"missing": True})
        ({'gaps': 'model'}, {'missing': True})
    """
    if not isinstance(fields.get("missing"), str):
        return dict(fields)
    return {name: value for name, value in fields.items() if name != "missing"} | {"gaps": fields["missing"]}


def shown(value: Value) -> str:
    """Write a value as a person would.

    Example:
        >>> shown(3.0), shown("a"), shown(1484705.0), shown(1e-5)
        ('3', "'a'", '1484705', '1e-05')
    """
    if isinstance(value, str | bool):
        return repr(value)
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.6g}"
