"""The integers of a chain: many programs as one table, on one state, one vector of weights and one of values."""

from collections.abc import Iterator, Sequence

import numpy as np

from tailormade.nn import MaskedNetwork
from tailormade.sampling.event import EventLayout
from tailormade.sampling.gradients import masked_layers
from tailormade.sampling.plan import Plan
from tailormade.sampling.program import Instruction, Multiply, Program, Sample
from tailormade.sampling.schedule import Ints
from tailormade.sampling.table import TABLE_COLUMNS, create_table


def chain_table(plans: Sequence[Plan], layouts: Sequence[EventLayout], features: int) -> Ints:
    """Return the instructions of all programs, each with its own part of the state, the weights and the values.

    Variable i of the k-th program is drawn from number ``k D + i`` of the noise into number ``k D + i`` of the values.

    Args:
        plans: Of one block each.
        layouts: Of the same.
        features: Number of variables D.

    Returns:
        Shape ``(instructions, 8)``; the last column of a product is the number of its weight, in which it reads.
    """
    tables, height, edges = [np.empty((0, TABLE_COLUMNS + 1), dtype=np.int64)], 0, 0
    for k, (plan, layout) in enumerate(zip(plans, layouts, strict=True)):
        program = plan.program
        steps = [*program.prologue, *(s for block in program.blocks for s in (*block.outer, *block.inner))]
        table = create_table(steps, program, layout)
        drawn = program.schedule.variables.number + k * features
        for step, row in zip(steps, table.tolist(), strict=True):
            edge = step.edge if isinstance(step, Multiply) else 0
            tables.append(np.array([(*moved, edges + edge) for moved in _moved(step, row, height, drawn)]))
        height += program.height
        edges += len(program.edges)
    return np.concatenate(tables)


def _moved(step: Instruction, row: list[int], height: int, drawn: Ints) -> list[list[int]]:
    """One instruction with its part of the state and the values, one for each variable if it draws several."""
    kind, target, count, source, size, offset, stride = row
    if isinstance(step, Multiply):
        own = step.rows.start * stride + step.columns.start  # in its weight, not in all of them
        return [[kind, target + height, count, source + height, size, own, stride]]
    if not isinstance(step, Sample):
        return [[kind, target + height, count, source + height, size, offset, stride]]
    # of a draw: params, count, first of the variables, inputs (-1 for none), params of each, argument
    inputs = [-1 if size < 0 else size + height + i for i in range(count)]
    variables = drawn[source : source + count].tolist()
    return [[kind, target + height + i * offset, 1, variables[i], inputs[i], offset, stride] for i in range(count)]


def starts(networks: Sequence[MaskedNetwork], programs: Sequence[Program]) -> Ints:
    """Return where each row of the state finds its bias among a zero and all biases of all networks, layer by layer."""
    return np.concatenate([np.array(part, dtype=np.int64) for part in _starts(networks, programs)])


def _starts(networks: Sequence[MaskedNetwork], programs: Sequence[Program]) -> Iterator[Ints]:
    first = 1
    for network, program in zip(networks, programs, strict=True):
        rows = np.zeros(program.height, dtype=np.int64)
        for layer, stage in zip(masked_layers(network), program.stages[1:], strict=False):
            if layer.bias is not None:
                rows[stage.z : stage.z + len(stage.units.number)] = first + stage.units.number
                first += len(layer.bias)
        yield rows
