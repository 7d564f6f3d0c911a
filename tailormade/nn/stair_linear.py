r"""A masked linear map that computes no more than its staircase, and its first derivatives likewise.

    y = x (M ∘ W)ᵀ + b,    x̄ = ȳ (M ∘ W),    W̄ = M ∘ (ȳᵀ x),    b̄ = Σ ȳ                                     (1)

Each is taken block by block (:mod:`tailormade.nn.stairs`) into memory that is written once. Rows and columns that are
not in the order of degrees are put so first, those of the weight once for all three products. A derivative that is to
be differentiated again is that of the definition.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.compiler import is_compiling
from torch.nn import functional

from tailormade.nn.bits import keep, keep_
from tailormade.nn.kept_masks import transformed
from tailormade.nn.stairs import Block, Order, Stairs, Steps

_LEAST_WEIGHTS = 2**17  # below, what is saved is less than what calls of torch cost
_LEAST_ROWS = 80  # below, putting weights in order costs more than it saves: measured


class StairWeight(NamedTuple):
    """A weight ``(out, in)`` that is not masked, and the staircase of its mask."""

    weight: Tensor
    stairs: Stairs


Factor = Tensor | StairWeight  # what x is multiplied by: a weight that is masked, or one that is to be


def multiply(x: Tensor, factor: Factor, bias: Tensor | None = None) -> Tensor:
    """Return ``x Wᵀ + b`` of x ``(*, in)`` for a factor W, shape ``(*, out)``."""
    if isinstance(factor, StairWeight):
        return stair_linear(x, factor.weight, bias, factor.stairs)
    return functional.linear(x, factor, bias)


def large_enough(weight: Tensor) -> bool:
    """Return whether a weight is so large that its staircase can pay."""
    return weight.numel() >= _LEAST_WEIGHTS


def stairs_serve(x: Tensor, weight: Tensor) -> bool:
    """Return whether :func:`stair_linear` can take inputs of a network, here and now."""
    if is_compiling() or transformed() or weight.device.type != "cpu":
        return False
    if torch.is_autocast_enabled("cpu") or forward_ad._current_level >= 0:  # products in another type, or dual numbers
        return False
    return x.dtype == weight.dtype and weight.dtype in (torch.float32, torch.float64) and x.numel() > 0


def worth_stairs(x: Tensor, weight: Tensor, stairs: Stairs) -> bool:
    """Return whether a product by stairs is faster for as many rows as x ``(*, in)`` has."""
    return large_enough(weight) and (
        (stairs.rows is None and stairs.columns is None) or x.shape[:-1].numel() >= _LEAST_ROWS
    )


def stair_linear(x: Tensor, weight: Tensor, bias: Tensor | None, stairs: Stairs) -> Tensor:
    """Return (1) of x ``(*, in)``, shape ``(*, out)``.

    Args:
        x: Shape ``(*, in)``.
        weight: Shape ``(out, in)``, not masked.
        bias: Shape ``(out,)`` or ``None``.
        stairs: The mask.

    Example:
        >>> from tailormade.nn.stairs import create_stairs
        >>> stairs = create_stairs(torch.tensor([1, 2]), torch.tensor([2, 1]), output=False)
        >>> weight = torch.tensor([[1.0, 2.0], [3.0, torch.nan]])
        >>> stair_linear(torch.ones(1, 2), weight, None, stairs)
        tensor([[3., 3.]])
    """
    rows, columns = stairs.rows, stairs.columns
    x_sorted = _ordered(x.reshape(-1, x.shape[-1]), 1, columns)
    bias = None if bias is None else _ordered(bias, 0, rows)
    out = _stair_linear(x_sorted, _ordered(_ordered(weight, 0, rows), 1, columns), bias, stairs.steps)
    out = _ordered(out, 1, None if rows is None else Order(rows.back, rows.there))
    return out.reshape(*x.shape[:-1], len(weight))


class _StairLinear(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None, steps: Steps) -> Tensor:
        out = x.new_empty(len(x), len(weight))
        for block in steps.row_blocks:
            _add(out[:, block.rows], x, weight[block.rows].T, block, bias)
        return out

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401 - autograd's
        x, weight, bias, ctx.steps = inputs
        ctx.save_for_backward(x, weight)
        ctx.biased = bias is not None

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - autograd's
        (x, weight), steps = ctx.saved_tensors, ctx.steps
        for_bias = g.sum(0) if ctx.biased else None
        if torch.is_grad_enabled() or batched(g):
            return *_by_definition(g, x, weight, steps, ctx.needs_input_grad), for_bias, None
        for_x = _for_x(g, weight, steps) if ctx.needs_input_grad[0] else None
        for_weight = _for_weight(g, x, steps) if ctx.needs_input_grad[1] else None
        return for_x, for_weight, for_bias, None


class _Permuted(torch.autograd.Function):
    """``index_select`` of all there is, whose derivative need not add what is chosen twice."""

    @staticmethod
    def forward(tensor: Tensor, dim: int, order: Order) -> Tensor:
        return tensor.index_select(dim, order.there)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401 - autograd's
        _, ctx.dim, ctx.order = inputs

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - autograd's
        return g.index_select(ctx.dim, ctx.order.back), None, None


def _ordered(tensor: Tensor, dim: int, order: Order | None) -> Tensor:
    ordered: Tensor = tensor if order is None else _permuted(tensor, dim, order)
    return ordered


def batched(g: Tensor) -> bool:
    """Return whether many gradients come at a time: the vmap of ``is_grads_batched`` cannot write into memory."""
    functorch = torch._C._functorch
    return transformed() or bool(functorch.is_legacy_batchedtensor(g) or functorch.is_batchedtensor(g))


def _add(out: Tensor, x: Tensor, weight: Tensor, block: Block, bias: Tensor | None) -> None:
    """Put ``x weight`` into a block of columns of ``out``, both parts of (3) there."""
    full, rim = block.full, block.rim
    if bias is not None and full.start < full.stop:
        torch.addmm(bias[block.rows].expand(out.shape), x[:, full], weight[full], out=out)
    elif full.start < full.stop:
        torch.mm(x[:, full], weight[full], out=out)
    elif bias is not None:
        out.copy_(bias[block.rows].expand(out.shape))
    else:
        out.zero_()
    if rim.start < rim.stop:
        out.addmm_(x[:, rim], keep(weight[rim], block.bits))


def _for_x(g: Tensor, weight: Tensor, steps: Steps) -> Tensor:
    out = g.new_empty(len(g), weight.shape[1])
    for block in steps.column_blocks:
        _add(out[:, block.rows], g, weight[:, block.rows], block, None)
    return out


def _for_weight(g: Tensor, x: Tensor, steps: Steps) -> Tensor:
    out = g.new_empty(g.shape[1], x.shape[1])
    for block in steps.row_blocks:
        end, part = block.rim.stop, out[block.rows]
        if end:
            torch.mm(g.T[block.rows], x[:, :end], out=part[:, :end])
        keep_(part[:, block.rim], block.bits.T)
        part[:, end:].zero_()
    return out


def _by_definition(
    g: Tensor, x: Tensor, weight: Tensor, steps: Steps, needed: tuple[bool, ...]
) -> tuple[Tensor | None, Tensor | None]:
    """Derivatives for x and the weight; of many gradients at a time those for the weight are large, if not needed."""
    mask = steps.mask()
    for_x = functional.linear(g, weight.where(mask, 0.0).T) if needed[0] else None
    return for_x, (g.T @ x).where(mask, 0.0) if needed[1] else None


_stair_linear: Callable[..., Any] = _StairLinear.apply  # torch has no types for it
_permuted: Callable[..., Any] = _Permuted.apply  # nor for it
