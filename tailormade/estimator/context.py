"""Context columns: from a table to what a network is conditioned on."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tailormade.conditionals import Layout
from tailormade.estimator.checks import check_known
from tailormade.queries.asked import by_column
from tailormade.tables import Schema


class ContextColumns:
    """Encode the columns that a density is conditioned on.

    Categories become one-hot codes and numbers standardised ones, as for modelled columns; a missing cell is a code of
    zeros with its flag set, so that incomplete contexts are contexts too.

    Args:
        schema: Of the context columns.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._layout = Layout(schema.conditionals(), missing=True)

    @property
    def width(self) -> int:
        """Width C of the context."""
        return sum(self._layout.input_sizes)

    def encode(self, frame: Any) -> Tensor:  # noqa: ANN401 - any data frame
        """Return the context of each row, shape ``(rows, C)``.

        Args:
            frame: Rows, in which other columns do not matter.

        Raises:
            ValueError: If a column is missing or a value does not fit.
        """
        return self._layout.encode(torch.from_numpy(self.schema.encode(frame))).float()

    def encode_given(self, context: Any) -> Tensor:  # noqa: ANN401 - any data frame, or values by column
        """Return what a user gave as context, shape ``(rows, C)``: a frame, or one value or a list for each column.

        Raises:
            ValueError: If a column is missing or unknown, or a value does not fit.
            TypeError: If it is no frame and no values by column.
        """
        values = by_column(context)
        frame = context if values is None else _rows(values)
        if isinstance(context, Mapping):
            check_known("context", list(frame), self.schema.names)
        try:
            return self.encode(frame)
        except (TypeError, ValueError) as error:
            raise type(error)(f"context: {str(error).removeprefix('table: ')}") from None


def _rows(values: Mapping[Any, Any]) -> dict[str, list[Any]]:
    """Values by column as columns of rows."""
    return {str(name): list(v) if _several(v) else [v] for name, v in values.items()}


def _several(value: Any) -> bool:  # noqa: ANN401 - what a user gave
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes)
