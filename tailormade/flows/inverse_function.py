"""The inverse as a function that autograd and ``torch.func`` differentiate: see :mod:`~tailormade.flows.inverse`."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tailormade.flows.inverse_problem import Grads, Problem


class Inverse(torch.autograd.Function):
    """x of the rows y, by an engine: of problem, engine, whether gradients are wanted, y, context and parameters."""

    @staticmethod
    def forward(  # noqa: D102 - autograd's
        problem: Problem, engine: str, recorded: bool, y: Tensor, context: Tensor | None, *params: Tensor
    ) -> Tensor:
        x: Tensor = problem.at(params, problem.draw, y, context, engine, recorded)
        return x

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401, D102 - autograd's
        ctx.problem = inputs[0]
        ctx.save_for_backward(*inputs[3:])

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Grads:  # noqa: ANN401, D102 - autograd's
        tensors, tapes = ctx.saved_tensors, ctx.problem.tapes
        if torch.is_grad_enabled() or sum(tape.rows.shape[1] for tape in tapes) != len(g) or not tapes:
            return None, None, None, *_by_definition(ctx.problem, g, tensors)
        wanted = any(ctx.needs_input_grad[5:])
        return None, None, None, *pull_back(ctx.problem, wanted, g, *tensors[1:])

    @staticmethod
    def vmap(  # noqa: D102 - autograd's
        info: Any,  # noqa: ANN401 - autograd's
        in_dims: tuple[int | None, ...],
        problem: Problem,
        engine: str,
        recorded: bool,
        *tensors: Tensor | None,
    ) -> tuple[Tensor, int]:
        if any(dim is not None for dim in in_dims[5:]):
            return torch.vmap(lambda *t: _define(problem, t), in_dims[3:])(*tensors), 0
        rows = [_rows(t, dim, info.batch_size) for t, dim in zip(tensors[:2], in_dims[3:5], strict=True)]
        x: Tensor = solve(problem, engine, recorded, *rows, *tensors[2:])
        return x.unflatten(0, (info.batch_size, -1)), 0


class _PullBack(torch.autograd.Function):
    """Derivatives with respect to y, context and parameters, which are not differentiable again."""

    @staticmethod
    def forward(problem: Problem, wanted: bool, g: Tensor, context: Tensor | None, *params: Tensor) -> Grads:
        grads: Grads = problem.at(params, problem.pull_back, g, context, wanted)
        return grads

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Grads) -> None:  # noqa: ANN401 - autograd's
        """Keep nothing."""

    @staticmethod
    def vmap(
        info: Any,  # noqa: ANN401 - autograd's
        in_dims: tuple[int | None, ...],
        problem: Problem,
        wanted: bool,
        *tensors: Tensor | None,
    ) -> tuple[Grads, Any]:
        """Sweep once for each member of a batch."""
        members = (_members(t, dim, info.batch_size) for t, dim in zip(tensors, in_dims[2:], strict=True))
        each = [pull_back(problem, wanted, *given) for given in zip(*members, strict=True)]
        grads = [None if parts[0] is None else torch.stack(parts) for parts in zip(*each, strict=True)]
        return tuple(grads), tuple(None if grad is None else 0 for grad in grads)


def _rows(tensor: Tensor | None, dim: int | None, batch: int) -> Tensor | None:
    """Make rows of a batch dimension."""
    if tensor is None:
        return None
    batched = tensor.expand(batch, *tensor.shape) if dim is None else tensor.movedim(dim, 0)
    return batched.flatten(0, 1)


def _members(tensor: Tensor | None, dim: int | None, batch: int) -> Sequence[Tensor | None]:
    """Return the members of a batch dimension."""
    return [tensor] * batch if tensor is None or dim is None else tensor.unbind(dim)


def _define(problem: Problem, tensors: tuple[Tensor | None, ...]) -> Tensor:
    x: Tensor = problem.at(tensors[2:], problem.loop, *tensors[:2])  # type: ignore[arg-type]  # parameters exist
    return x


def _by_definition(problem: Problem, g: Tensor, tensors: tuple[Tensor | None, ...]) -> list[Tensor | None]:
    """Differentiate the loop, so that the result can be differentiated again."""

    def solve(*some: Tensor) -> Tensor:
        rest = iter(some)
        return _define(problem, tuple(None if t is None else next(rest) for t in tensors))

    grads = iter(torch.func.vjp(solve, *(t for t in tensors if t is not None))[1](g))
    return [None if t is None else next(grads) for t in tensors]


solve: Callable[..., Any] = Inverse.apply  # torch has no types for it
pull_back: Callable[..., Any] = _PullBack.apply
