"""The torch engine: runs a program with torch alone, on any device and in any type."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from tailormade.sampling.program import Activate, Carry, Instruction, Multiply, Program, Sample
from tailormade.sampling.source import Source
from tailormade.sampling.state import State

Choose = Callable[[int, Tensor, Tensor], Tensor | None]


def run_blocked(
    source: Source, program: Program, weights: list[Tensor], state: State, choose: Choose | None = None
) -> None:
    """Run a whole program.

    Args:
        source: The density.
        program: Its program.
        weights: Sorted weights, one for each edge.
        state: Is changed in place; ``state.values`` holds the result.
        choose: Says what a variable is drawn to be, by its number, its raw parameters ``(n, params)`` and the values
            ``(n,)`` that it would have; ``None`` ends the run there.
    """
    execute(program.prologue, source, weights, state)
    for block in program.blocks:
        execute(block.outer, source, weights, state)
        if not execute(block.inner, source, weights, state, choose):
            return


def execute(
    instructions: Iterable[Instruction],
    source: Source,
    weights: list[Tensor],
    state: State,
    choose: Choose | None = None,
) -> bool:
    """Run instructions in sequence; return whether the run goes on."""
    rows = state.rows
    for step in instructions:
        if isinstance(step, Multiply):
            rows[step.target].addmm_(weights[step.edge][step.rows, step.columns], rows[step.source])
        elif isinstance(step, Sample):
            if not _sample(step, source, state, choose):
                return False
        elif isinstance(step, Activate):
            activation = source.network.activation
            rows[step.target] = rows[step.source] if activation is None else activation(rows[step.source])
        elif isinstance(step, Carry):
            rows[step.target] += rows[step.source]
    return True


def _sample(step: Sample, source: Source, state: State, choose: Choose | None) -> bool:
    draw = step.draw
    conditional = source.layout.kinds[draw.kind]
    shape = draw.variables.stop - draw.variables.start, conditional.params
    raw = state.rows[step.params].unflatten(0, shape).permute(2, 0, 1)
    noise = state.noise[draw.variables, : conditional.noise].permute(2, 0, 1)
    values = conditional.sample(raw.to(noise.dtype), noise)
    if state.fixed is not None:
        fixed = state.fixed[draw.variables].T
        values = torch.where(fixed.isnan(), values, fixed)
    if choose is not None:
        numbers = state.numbers[draw.variables]
        chosen = [choose(int(i), raw[:, j], values[:, j]) for j, i in enumerate(numbers)]
        if any(value is None for value in chosen):
            return False
        values = torch.stack([value for value in chosen if value is not None], 1)
    state.values[draw.variables] = values.T
    if step.inputs.stop > step.inputs.start:
        codes = source.layout.encode_drawn(draw.kind, values).flatten(1).T.to(state.rows.dtype)
        torch.div(codes - state.shift[step.inputs], state.scale[step.inputs], out=state.rows[step.inputs])
    return True
