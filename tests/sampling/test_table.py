"""Programs as tables of integers: a small one written out, and the numbers that stand for things."""

import torch
from sampling.drawing import two_numbers

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Layout
from tailormade.masks import Degrees
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import table
from tailormade.sampling.program import create_program
from tailormade.sampling.schedule import create_schedule
from tailormade.sampling.table import ACTIVATE, BERNOULLI, CARRY, CATEGORICAL, MULTIPLY


def test_a_small_table():
    layout = Layout([Bernoulli(), Categorical(3)])
    degrees = Degrees(torch.tensor([1, 2]), (torch.tensor([1, 1, 0]),) * 3)
    schedule = create_schedule(degrees, layout)
    program = create_program(schedule, residual=True, direct=True, width=2)
    inputs, first, stream, inner, last, params = 0, 1, 4, 7, 10, 13  # where rows of the state begin
    weights = [0, 3, 12, 21, 33]  # where the weight of each edge begins
    assert program.height == params + 4
    assert table.create_table(program.blocks[0].inner, program, layout).tolist() == [
        [BERNOULLI, params, 1, 0, inputs, 1, 0],
        [MULTIPLY, first + 1, 2, inputs, 1, weights[0] + 1, 1],
        [ACTIVATE, stream + 1, 2, first + 1, 0, 0, 0],
        [MULTIPLY, inner + 1, 2, stream + 1, 2, weights[1] + 4, 3],
        [ACTIVATE, inner + 1, 2, inner + 1, 0, 0, 0],
        [MULTIPLY, last + 1, 2, inner + 1, 2, weights[2] + 4, 3],
        [CARRY, last + 1, 2, first + 1, 0, 0, 0],
        [ACTIVATE, last + 1, 2, last + 1, 0, 0, 0],
        [MULTIPLY, params + 1, 3, last + 1, 2, weights[3] + 4, 3],
        [MULTIPLY, params + 1, 3, inputs, 1, weights[4] + 1, 1],
        [CATEGORICAL, params + 1, 1, 1, -1, 3, 0],
    ]


def test_no_instructions():
    layout = Layout([Bernoulli()])
    program = create_program(create_schedule(Degrees(torch.tensor([1])), layout), residual=False, direct=False, width=1)
    assert table.create_table((), program, layout).shape == (0, table.TABLE_COLUMNS)


def test_numbers_that_are_compiled_in():
    """The cache of the loops goes by the dates of the kernels' files: whoever changes these must change those too."""
    assert [MULTIPLY, ACTIVATE, CARRY, BERNOULLI, CATEGORICAL] == [0, 1, 2, 3, 4]
    affine = [table.AFFINE_EXP, table.AFFINE_SOFT, table.AFFINE_SOFTPLUS, table.AFFINE_CLAMP, table.AFFINE_FORWARD]
    assert [*affine, table.OTHER] == [5, 6, 7, 8, 9, 10]
    assert (table.LANES, table.TABLE_COLUMNS) == (128, 7)
    assert list(table.ACTIVATION_NUMBERS.items()) == [
        ("linear", 0), ("relu", 1), ("relu6", 2), ("leaky_relu", 3), ("elu", 4), ("selu", 5), ("gelu", 6), ("silu", 7),
        ("swish", 8), ("mish", 9), ("tanh", 10), ("sigmoid", 11), ("hard_sigmoid", 12), ("softplus", 13),
        ("softsign", 14), ("exponential", 15),
    ]  # fmt: skip


def test_the_number_of_a_function():
    numbers = [table.activation_number(f) for f in (None, ACTIVATIONS["tanh"], ACTIVATIONS["swish"], torch.sin)]
    assert numbers == [0, 10, 7, None]


def test_supported_conditionals(unregistered):
    layouts = [Layout([Bernoulli(), Categorical(1)]), Layout([Bernoulli(), two_numbers()])]
    assert [table.supports(layout) for layout in layouts] == [True, False]
