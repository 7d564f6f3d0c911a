"""A program as a table of integers, which compiled loops can run: one row for each instruction."""

from collections.abc import Iterable

import numpy as np

from tailormade.conditionals import Bernoulli, Categorical
from tailormade.nn.options import ACTIVATIONS, Function
from tailormade.sampling.event import EventLayout, Kind
from tailormade.sampling.program import Activate, Carry, Instruction, Multiply, Program, Sample
from tailormade.sampling.schedule import Ints

MULTIPLY, ACTIVATE, CARRY, BERNOULLI, CATEGORICAL = range(5)
# x = (u - b) exp(-s(a)) of raw numbers b, a, by what s is; the argument of soft is the bits of its largest log-scale
AFFINE_EXP, AFFINE_SOFT, AFFINE_SOFTPLUS, AFFINE_CLAMP = range(5, 9)
AFFINE_FORWARD, OTHER = 9, 10  # x = u exp(a) + b; what there is no loop for
LANES = 128  # samples that go through an inner loop together

ACTIVATION_NUMBERS = {name: number for number, name in enumerate(ACTIVATIONS)}
_FAMILIES: dict[type, int] = {Bernoulli: BERNOULLI, Categorical: CATEGORICAL}
TABLE_COLUMNS = 7


def activation_number(function: Function | None) -> int | None:
    """Return the number of an activation, ``None`` if compiled loops do not have it."""
    if function is None:
        return ACTIVATION_NUMBERS["linear"]
    return next((ACTIVATION_NUMBERS[name] for name, known in ACTIVATIONS.items() if known is function), None)


def supports(layout: EventLayout) -> bool:
    """Return whether compiled loops can draw all conditionals of a layout."""
    return not layout.missing and all(_loop(kind)[0] != OTHER for kind in layout.kinds)


def _loop(kind: Kind) -> tuple[int, int]:
    """Return the number of the loop that draws a kind and its argument; a kind may name them as its ``loop``."""
    coded = isinstance(kind, Categorical) and kind.code is not None  # the loops write one-hot codes
    if type(kind) in _FAMILIES and not coded:
        return _FAMILIES[type(kind)], 0
    loop: tuple[int, int] = getattr(kind, "loop", (OTHER, 0))
    return loop


def create_table(instructions: Iterable[Instruction], program: Program, layout: EventLayout) -> Ints:
    """Return the table of some instructions, shape ``(instructions, 7)``."""
    sizes = [len(edge.target.units.number) * len(edge.source.units.number) for edge in program.edges]
    offsets = np.cumsum([0, *sizes]).tolist()
    strides = [len(edge.source.units.number) for edge in program.edges]
    rows = [_row(step, offsets, strides, layout) for step in instructions]
    return np.array(rows, dtype=np.int64).reshape(-1, TABLE_COLUMNS)


def _row(step: Instruction, offsets: list[int], strides: list[int], layout: EventLayout) -> tuple[int, ...]:
    if isinstance(step, Multiply):
        stride = strides[step.edge]
        offset = offsets[step.edge] + step.rows.start * stride + step.columns.start
        return (MULTIPLY, step.target.start, _length(step.target), step.source.start, _length(step.source), offset,
                stride)  # fmt: skip
    if isinstance(step, Sample):
        conditional = layout.kinds[step.draw.kind]
        number, argument = _loop(conditional)
        inputs = step.inputs.start if _length(step.inputs) else -1
        count, first = _length(step.draw.variables), step.draw.variables.start
        return (number, step.params.start, count, first, inputs, conditional.params, argument)
    kind = ACTIVATE if isinstance(step, Activate) else CARRY
    assert isinstance(step, Activate | Carry)
    return (kind, step.target.start, _length(step.target), step.source.start, 0, 0, 0)


def _length(rows: slice) -> int:
    return int(rows.stop - rows.start)
