"""Columns of a table on one side, variables of a density on the other."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tailormade.conditionals import Conditional
from tailormade.tables.checks import UNSEEN
from tailormade.tables.column import Column
from tailormade.tables.decode import decode_column
from tailormade.tables.describe import describe
from tailormade.tables.encode import encode_column
from tailormade.tables.frames import Frame, Table, backend_of, table_of
from tailormade.tables.overrides import Override, changed, check_known, fields_of, overridden
from tailormade.tables.rebuild import frame_like, frame_of
from tailormade.tables.relations import SchemaWarning, warn_of

Array = NDArray[Any]


@dataclass(frozen=True)
class Schema:
    """Say how the columns of a table become the variables of a density.

    Ignored columns are known but no variables: the D variables are the others, in their order. Values are the caller's
    own numbers, codes ``0..k-1`` of categories, and seconds since 1970; NaN is a missing cell, where missing cells are
    modelled it is one more code, or infinity.

    Attributes:
        columns: All columns, in the order of the table.
        backend: What kind of frame :meth:`decode` returns if it is not told; it does not count in comparisons.

    Raises:
        ValueError: If two columns have one name, or no column is modelled.

    Example:
        >>> schema = Schema.infer({"colour": ["red", "green", "red"], "size": [1.5, None, 2.0]})
        >>> schema.encode({"size": [3.0], "colour": ["green"]}).tolist()
        [[0.0, 3.0]]
        >>> schema.decode([[1.0, 2.5]], like={}).to_pylist()
        [{'colour': 'red', 'size': 2.5}]
    """

    columns: tuple[Column, ...]
    backend: str = field(default="pyarrow", compare=False)

    def __post_init__(self) -> None:
        """Check that the columns make up a table."""
        object.__setattr__(self, "columns", tuple(self.columns))
        names = [column.name for column in self.columns]
        repeated = sorted(name for name, count in Counter(names).items() if count > 1)
        if repeated:
            raise ValueError(f"columns: expected a different name for each, got {repeated} more than once.")
        if not self.variables:
            raise ValueError(f"columns: expected at least one that is modelled, but {names} are all ignored.")

    @classmethod
    def infer(
        cls,
        frame: Frame,
        overrides: Mapping[str, Override] | None = None,
        *,
        names: Sequence[str] | None = None,
        unseen: str = "error",
    ) -> "Schema":
        """Tell from a table what its columns are.

        Args:
            frame: A data frame, a 2-D array, or a mapping from names to columns.
            overrides: For some columns a kind, or a mapping from fields of :class:`Column` to values; the
                rest is inferred.
            names: Of the columns of an array.
            unseen: ``'error'`` or ``'probability'``, for all columns.

        Returns:
            The schema. Identifiers, constants and columns that repeat others are warned about.

        Raises:
            ValueError: If the table is empty, names repeat, a column has no values or infinite ones, or an override
                does not fit.
            TypeError: If it is no table, or a column holds something there is no kind for.

        Example:
            >>> Schema.infer({"x": [0, 1, 2, 5]}, {"x": {"kind": "continuous", "step": 0.5}}).columns[0].step
            0.5
        """
        if unseen not in UNSEEN:
            raise ValueError(f"unseen: expected one of {list(UNSEEN)}, got {unseen!r}.")
        table, changes = table_of(frame, names), dict(overrides or {})
        check_known(list(changes), table.column_names, "overrides")
        identifiers = table.num_columns > 1 and (names is not None or backend_of(frame) != "numpy")
        said = {name: {"unseen": unseen, **fields_of(changes.get(name, {}))} for name in table.column_names}
        columns = [overridden(name, table, fields, identifiers) for name, fields in said.items()]
        schema = cls(tuple(columns), backend_of(frame))
        x = schema._encoded(table)
        warn_of(schema.columns, np.where(schema.gaps(x), np.nan, x))
        return schema

    @property
    def variables(self) -> tuple[Column, ...]:
        """The columns that are modelled."""
        return tuple(column for column in self.columns if column.modelled)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(column.name for column in self.variables)

    def indices(self, names: Sequence[str]) -> list[int]:
        """Return the positions of variables.

        Raises:
            ValueError: If there is no such variable.
        """
        check_known(names, self.names, "columns")
        return [self.names.index(name) for name in names]

    def column(self, name: str) -> Column:
        """Return one of the columns by its name.

        Raises:
            ValueError: If there is none of that name.
        """
        check_known([name], [column.name for column in self.columns], "column")
        return next(column for column in self.columns if column.name == name)

    def replace(self, name: str, /, **changes: Any) -> "Schema":  # noqa: ANN401 - fields of a column
        """Return a schema in which one column is changed.

        Args:
            name: Of the column.
            **changes: Fields of :class:`Column`.

        Raises:
            ValueError: If there is no such column or field, or a value contradicts the kind.

        Example:
            >>> Schema((Column("x", "continuous"),)).replace("x", low=0.0, step=0.5).columns[0].low
            0.0
        """
        new = changed(self.column(name), changes)
        return replace(self, columns=tuple(new if c.name == name else c for c in self.columns))

    def conditionals(self, components: int = 10) -> list[Conditional]:
        """Return the conditional of every variable.

        Args:
            components: Of the mixtures of numeric columns.
        """
        return [column.conditional(components) for column in self.variables]

    def encode(self, frame: Frame, *, first: int = 0) -> Array:
        """Return a table as the numbers of a model, float64, shape ``(rows, D)``.

        Columns are found by their names, whatever their order; those of an array without names by position. Columns
        that the schema does not know are ignored with a warning.

        Args:
            frame: As for :meth:`infer`.
            first: Number of the first row, for the messages.

        Raises:
            ValueError: If a column is missing, or a cell does not fit: named by row and column.
            TypeError: If a column holds values of a wrong type.
        """
        table = table_of(frame, self._names_for(frame))
        there = set(table.column_names)
        missing = [name for name in self.names if name not in there]
        if missing:
            raise ValueError(
                f"table: expected columns {list(self.names)}, but {missing} are missing; add them, with empty cells if "
                "their values are not known."
            )
        known = {c.name for c in self.columns}
        extra = [name for name in table.column_names if name not in known]
        if extra:
            warnings.warn(f"columns that the schema does not know are ignored: {extra}.", SchemaWarning, stacklevel=2)
        return self._encoded(table, first)

    def _encoded(self, table: Table, first: int = 0) -> Array:
        columns = [encode_column(column, table.column(column.name), first) for column in self.variables]
        return np.stack(columns, 1)

    def _names_for(self, frame: Frame) -> list[str]:
        """The names of an array's columns: those of all columns, or of the variables if there are just so many."""
        shape = np.shape(frame) if backend_of(frame) == "numpy" else ()
        modelled_only = len(shape) == 2 and shape[1] == len(self.names)
        return list(self.names) if modelled_only else [column.name for column in self.columns]

    def gaps(self, array: Array) -> Array:
        """Return which cells of encoded rows are missing, modelled or not, boolean, shape ``(rows, D)``.

        Example:
            >>> schema = Schema((Column("a", "continuous"), Column("b", "continuous", gaps="model")))
            >>> schema.gaps(schema.encode({"a": [1.0, None], "b": [None, 2.0]})).tolist()
            [[False, True], [True, False]]
        """
        return np.asarray(np.isnan(array) | (array == np.array([column.gap for column in self.variables])))

    def encode_value(self, name: str, value: object) -> float:
        """Return the number of a model for one value of one variable.

        Raises:
            ValueError: If there is no such variable, or the value does not fit it.
            TypeError: If it has a wrong type.
        """
        column = self.variables[self.indices([name])[0]]
        return float(encode_column(column, table_of({name: [value]}).column(name))[0])

    def decode(self, array: Any, like: Frame | None = None, *, passthrough: bool = False) -> Frame:  # noqa: ANN401 - as numpy reads
        """Return the numbers of a model as a table of the caller's kind, types and order of columns.

        Args:
            array: Shape ``(rows, D)``; NaN becomes a missing cell.
            like: A frame whose kind, types and order are wanted; by default those the schema was inferred from.
            passthrough: Whether the columns of ``like`` that are no variables are copied, which needs as many rows.

        Returns:
            A frame. Integers and booleans with missing cells have the nullable type of its kind.

        Raises:
            ValueError: If the array has a wrong shape, or a code is out of range.
        """
        import pyarrow as pa

        numbers = np.asarray(array, dtype=np.float64)
        if numbers.ndim != 2 or numbers.shape[1] != len(self.names):
            raise ValueError(f"array: expected shape (rows, {len(self.names)}), got {numbers.shape}.")
        cells = {c.name: decode_column(c, numbers[:, i]) for i, c in enumerate(self.variables)}
        if like is None:
            return frame_of(pa.table(cells), self.backend)
        return frame_like(cells, like, self._names_for(like), passthrough)

    def decode_value(self, name: str, number: float) -> Any:  # noqa: ANN401 - a value of the table
        """Return the value of one variable for one number of a model, ``None`` if it is missing."""
        column = self.variables[self.indices([name])[0]]
        return decode_column(column, np.array([number]))[0].as_py()

    def describe(self) -> str:
        """Return a plain table of the columns: kind, values, missing cells, and why."""
        return describe(self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return the schema as JSON-ready values."""
        return {"columns": [column.to_dict() for column in self.columns], "backend": self.backend}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Schema":
        """Build a schema from :meth:`to_dict`.

        Raises:
            ValueError: If something is missing, unknown or wrong.
        """
        if not isinstance(values.get("columns"), list):
            raise ValueError(f"schema: expected a list of columns, got {sorted(values)}.")
        return cls(tuple(Column.from_dict(c) for c in values["columns"]), str(values.get("backend", "pyarrow")))
