r"""What a unit's bias adds up over the inputs that it sees, without a mask of full size.

    s_o = Σ_i [d(i) < e(o)] U_oi,    Ū_oi = [d(i) < e(o)] s̄_o                                                (1)

Rows are taken some at a time, so that the bits of their mask (:mod:`tailormade.nn.bits`) stay in the cache: with a new
order in each step a mask would be made, written and read for one use each way.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from tailormade.nn.bits import create_bits, keep
from tailormade.nn.stair_linear import batched

_ENTRIES = 2**17  # of a mask at a time: measured


def seen_sum(weight: Tensor, below: Tensor, ends: Tensor) -> Tensor:
    """Return (1), shape ``(out,)``.

    Args:
        weight: U, float32 or float64 on a CPU, shape ``(out, in)``.
        below: Degrees d of the units below, shape ``(in,)``.
        ends: The first degree e that a unit above does not see, shape ``(out,)``.

    Example:
        >>> seen_sum(torch.tensor([[1.0, 2.0], [torch.nan, 4.0]]), torch.tensor([2, 1]), torch.tensor([3, 2]))
        tensor([3., 4.])
    """
    total: Tensor = _seen_sum(weight, below.int(), ends.int())
    return total


class _SeenSum(torch.autograd.Function):
    @staticmethod
    def forward(weight: Tensor, below: Tensor, ends: Tensor) -> Tensor:
        return torch.cat([keep(weight[rows], bits).sum(1) for rows, bits in _parts(below, ends)])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401 - autograd's
        _, ctx.below, ctx.ends = inputs

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - autograd's
        below, ends = ctx.below, ctx.ends
        if torch.is_grad_enabled() or batched(g):
            return g.unsqueeze(1).where(below < ends.unsqueeze(1), 0.0), None, None
        out = g.new_empty(len(ends), len(below))
        for rows, bits in _parts(below, ends):
            keep(g[rows].unsqueeze(1), bits, out=out[rows])
        return out, None, None


def _parts(below: Tensor, ends: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Some rows of the mask at a time, and their bits."""
    step = max(1, _ENTRIES // max(1, len(below)))
    for start in range(0, len(ends), step):
        rows = slice(start, start + step)
        yield rows, create_bits(below, ends[rows].unsqueeze(1))


_seen_sum: Callable[..., Any] = _SeenSum.apply  # torch has no types for it
