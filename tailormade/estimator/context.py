"""Context columns: from a table to what a network is conditioned on."""

from typing import Any

import torch
from torch import Tensor

from tailormade.conditionals import Layout
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

        Raises:
            ValueError: If a column is missing or a value does not fit.
        """
        return self._layout.encode(torch.from_numpy(self.schema.encode(frame))).float()
