"""The torch engine: runs a program with torch alone, on any device and in any type."""

from collections.abc import Iterable

import torch
from torch import Tensor

from tailormade.sampling.program import Activate, Carry, Instruction, Multiply, Program, Sample
from tailormade.sampling.source import Source
from tailormade.sampling.state import State


def run_blocked(source: Source, program: Program, weights: list[Tensor], state: State) -> None:
    """Run a whole program.

    Args:
        source: The density.
        program: Its program.
        weights: Sorted weights, one for each edge.
        state: Is changed in place; ``state.values`` holds the result.
    """
    execute(program.prologue, source, weights, state)
    for block in program.blocks:
        execute(block.outer, source, weights, state)
        execute(block.inner, source, weights, state)


def execute(instructions: Iterable[Instruction], source: Source, weights: list[Tensor], state: State) -> None:
    """Run instructions in sequence."""
    rows = state.rows
    for step in instructions:
        if isinstance(step, Multiply):
            rows[step.target].addmm_(weights[step.edge][step.rows, step.columns], rows[step.source])
        elif isinstance(step, Sample):
            _sample(step, source, state)
        elif isinstance(step, Activate):
            activation = source.network.activation
            rows[step.target] = rows[step.source] if activation is None else activation(rows[step.source])
        elif isinstance(step, Carry):
            rows[step.target] += rows[step.source]


def _sample(step: Sample, source: Source, state: State) -> None:
    draw = step.draw
    conditional = source.layout.blocks[draw.block].conditional
    raw = state.rows[step.params].unflatten(0, (-1, conditional.params)).permute(2, 0, 1)
    noise = state.noise[draw.variables, : conditional.noise].permute(2, 0, 1)
    values = conditional.sample(raw.to(noise.dtype), noise)
    state.values[draw.variables] = values.T
    if step.inputs.stop > step.inputs.start:
        codes = conditional.encode(values).flatten(1).T.to(state.rows.dtype)
        torch.div(codes - state.shift[step.inputs], state.scale[step.inputs], out=state.rows[step.inputs])
