"""Is a value one that the density can have produced?"""

from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.conditionals import Layout


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
