"""Is a value one that conditionals can have produced?"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.layout import Layout


class EventSupport(Constraint):
    """Every variable within the support of its own conditional."""

    event_dim = 1

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.is_discrete = all(c.support.is_discrete for c in layout.conditionals)

    def check(self, value: Tensor) -> Tensor:
        """Return whether every event is in the support, shape ``(*)``."""
        return self.layout.in_support(value).all(-1)


def check_values(layout: Layout, name: str, x: Tensor, columns: Sequence[str] | None = None, first: int = 0) -> None:
    """Check that every value is within the support of its conditional.

    Args:
        layout: The conditionals.
        name: What to call ``x`` in the message.
        x: Values, shape ``(*, D)``.
        columns: Names of the variables, for the message.
        first: Number of the first row, for the message.

    Raises:
        ValueError: Naming the first wrong value, its row and column, and what was expected.
    """
    wrong = ~layout.in_support(x)
    if not bool(wrong.any()):
        return
    *_, row, column = [0, *torch.nonzero(wrong.reshape(-1, wrong.shape[-1]))[0].tolist()]
    conditional = layout.conditionals[column]
    value = x.reshape(-1, x.shape[-1])[row, column].item()
    raise ValueError(
        f"{name}: column {repr(columns[column]) if columns else column} has {value:g} in row {first + row} (counted "
        f"from 0), expected {conditional.describe()} ({type(conditional).__name__})."
    )


def check_part(
    layout: Layout, name: str, x: Tensor, variables: Sequence[int], columns: Sequence[str] | None = None
) -> None:
    """Check values ``(*, U)`` of some of the variables of a layout.

    Args:
        layout: The conditionals of all variables.
        name: What to call ``x`` in the message.
        x: Values, shape ``(*, U)``.
        variables: Which variables they are of.
        columns: Names of all variables, for the message.

    Raises:
        ValueError: As :func:`check_values` does.
    """
    if len(variables):
        names = [str(i) if columns is None else columns[i] for i in variables]
        check_values(layout.part(variables), name, x, names)
