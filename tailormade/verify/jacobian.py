"""Rows of a Jacobian, by one batched backward pass."""

import torch
from torch import Tensor

ROWS = 512  # computed at once; drawn at random if there are more


def jacobian_rows(raw: Tensor, x: Tensor, chosen: Tensor) -> Tensor:
    """Return the chosen rows of ``∂ raw / ∂ x``.

    Args:
        raw: Outputs, shape ``(n,)``.
        x: Inputs, shape ``(m,)``, of which ``raw`` was computed.
        chosen: Indices of outputs, shape ``(k,)``.

    Returns:
        Shape ``(k, m)``.

    Example:
        >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> jacobian_rows(x.square(), x, torch.tensor([1]))
        tensor([[0., 4.]])
    """
    directions = torch.zeros(len(chosen), len(raw), dtype=raw.dtype)
    directions[torch.arange(len(chosen)), chosen] = 1
    if not raw.requires_grad:
        return torch.zeros(len(chosen), len(x))
    (rows,) = torch.autograd.grad(raw, x, directions, is_grads_batched=True, allow_unused=True)
    return torch.zeros(len(chosen), len(x)) if rows is None else rows
