"""The context of a conditional model of numbers on the command line: ``'COL=VALUE,...'``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from tailormade.training.likelihood import Model


def read_numbers(model: "Model", text: str | None) -> "Tensor | None":
    """Read one number for each context column.

    Args:
        model: What they are the context of.
        text: As typed, or ``None``.

    Returns:
        Shape ``(C,)``; ``None`` for a model without context.

    Raises:
        ValueError: If it is missing, not called for, or not a number for each column.
    """
    import torch

    if text is not None and not model.context:
        raise ValueError(f"context: this model has no context, so none can be given; got '{text}'.")
    wanted = model.metadata.get("context_columns") or [str(i) for i in range(model.context)]
    if text is None:
        if model.context:
            raise ValueError(f"context: this model needs the values of {wanted}: --context '{wanted[0]}=VALUE,...'.")
        return None
    pairs = [word.partition("=") for word in text.split(",")]
    values = {name.strip(): value for name, _, value in pairs}
    if set(values) != set(wanted) or len(pairs) != len(wanted):
        raise ValueError(f"context: expected one NAME=VALUE for each of {wanted}, got '{text}'.")
    try:
        numbers = [float(values[name]) for name in wanted]
    except ValueError:
        raise ValueError(f"context: expected numbers as values, got '{text}'.") from None
    return torch.tensor(numbers)
