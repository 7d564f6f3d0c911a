"""Programs: every weight is used once, nothing is read before it is final, and how much there is to do."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest
from sampling.configurations import CONFIGURATIONS

from tailormade import Bernoulli
from tailormade.conditionals import Layout
from tailormade.masks import Degrees, create_degrees
from tailormade.sampling.program import Activate, Carry, Multiply, Program, Sample, create_program
from tailormade.sampling.schedule import create_schedule

DENSE = 2 * 784 * 500


class Case(NamedTuple):
    """A program and what it was made from."""

    program: Program
    degrees: Degrees
    layout: Layout
    drawn: np.ndarray

    @property
    def steps(self):
        blocks = [i for block in self.program.blocks for i in (*block.outer, *block.inner)]
        return [*self.program.prologue, *blocks]


@pytest.fixture(params=CONFIGURATIONS[::3], ids=str)
def case(request):
    c, model = request.param, request.param.model()
    degrees = model.table[c.number % len(model.table)]
    observed = c.observed(degrees.inputs)
    schedule = create_schedule(degrees, model.layout, observed)
    direct = model.network.direct is not None
    program = create_program(schedule, residual=c.residual, direct=direct, width=c.block)
    drawn = ~np.isin(np.arange(c.features), [] if observed is None else observed)
    return Case(program, degrees, model.layout, drawn)


def allowed(case):
    """Of each edge, the entries that the masks allow."""
    below, above = (np.array(sizes) for sizes in (case.layout.input_sizes, case.layout.param_sizes))
    masks = [mask.numpy() for mask in (*case.degrees.masks(), case.degrees.direct_mask())]
    for i, mask in enumerate(masks):
        mask = mask.repeat(below, 1) if i in (0, len(masks) - 1) else mask
        masks[i] = mask.repeat(above, 0) if i >= len(masks) - 2 else mask
    return masks[: len(case.program.edges)]


def needed(case):
    """Of each edge, the targets that something depends on."""
    last = max(case.degrees.inputs.numpy()[case.drawn], default=0)
    layers = [layer.numpy() < last for layer in case.degrees.hidden]
    return [*layers, *[case.drawn.repeat(case.layout.param_sizes)] * 2][: len(case.program.edges)]


def uses(case):
    """How often each entry of each weight is multiplied."""
    counts = [np.zeros(mask.shape, int) for mask in allowed(case)]
    for step in case.steps:
        if isinstance(step, Multiply):
            source, target = case.program.edges[step.edge]
            counts[step.edge][np.ix_(target.units.number[step.rows], source.units.number[step.columns])] += 1
    return counts


def test_every_weight_is_used_once(case):
    for count, mask, rows in zip(uses(case), allowed(case), needed(case), strict=True):
        assert count.max(initial=0) <= 1
        assert bool((count[mask & rows[:, None]] == 1).all())
        assert not count[~rows].any()


def test_without_evidence_nothing_forbidden_is_touched(case):
    if case.drawn.all():
        assert all(not count[~mask].any() for count, mask in zip(uses(case), allowed(case), strict=True))


def test_multiply_adds_are_counted(case):
    assert case.program.multiply_adds == sum(int(count.sum()) for count in uses(case))


def test_rows_of_the_state(case):
    """Products name the rows of the units that they name in the weight, and no two stages share rows."""
    for step in case.steps:
        if isinstance(step, Multiply):
            source, target = case.program.edges[step.edge]
            assert step.target == target.rows(step.rows, activated=False)
            assert step.source == source.rows(step.columns, activated=True)
    taken = [r for s in case.program.stages for start in {s.z, s.a} for r in range(start, start + len(s.units.number))]
    assert sorted(taken) == list(range(case.program.height))


def rows(span):
    return set(range(span.start, span.stop))


def known(case):
    """Rows of the inputs that are observed: final from the start."""
    inputs, seen = case.program.schedule.inputs.number, ~case.drawn.repeat(case.layout.input_sizes)
    return set(np.flatnonzero(seen[inputs]).tolist())


def test_nothing_is_read_before_it_is_final_nor_changed_afterwards(case):
    final, used = known(case), set()  # rows that may be read, and sums that have been read
    for step in case.steps:
        if isinstance(step, Sample):
            assert not rows(step.params) & used
            assert not rows(step.inputs) & final
            used, final = used | rows(step.params), final | rows(step.inputs)
        elif isinstance(step, Activate):
            assert not rows(step.source) & used
            used, final = used | rows(step.source), final | rows(step.target)
        elif isinstance(step, Carry):
            assert rows(step.source) <= used  # the stream: activated, and its sum kept
            assert not rows(step.target) & used
        else:
            assert rows(step.source) <= final
            assert not rows(step.target) & used


def test_every_unit_is_finished_once(case):
    program, steps = case.program, case.steps
    hidden = [r for s in program.stages[1:-1] for r in range(s.a, s.a + len(s.units.number))]
    activated = Counter(r for i in steps if isinstance(i, Activate) for r in rows(i.target))
    assert activated == Counter(hidden)
    values = Counter(v for i in steps if isinstance(i, Sample) for v in rows(i.draw.variables))
    assert values == Counter(range(int(case.drawn.sum())))
    inputs = [r for i in steps if isinstance(i, Sample) for r in rows(i.inputs)]
    assert sorted([*inputs, *known(case)]) == list(range(len(program.schedule.inputs.number)))


def mnist_sized(width):
    schedule = create_schedule(create_degrees(784, (500,)), Layout([Bernoulli()] * 784))
    return create_program(schedule, residual=False, direct=False, width=width)


@pytest.mark.parametrize("width", [1, 2, 3, 10, 32, 64, 100, 391, 392, 783, 784])
def test_half_of_a_dense_pass(width):
    assert 0.4 * DENSE < mnist_sized(width).multiply_adds < 0.6 * DENSE


@pytest.mark.parametrize(("width", "blocks"), [(1, 784), (32, 25), (64, 13), (784, 1), (10_000, 1)])
def test_number_of_blocks(width, blocks):
    assert len(mnist_sized(width).blocks) == blocks


def test_most_of_the_work_is_in_large_products():
    program = mnist_sized(32)
    outer = sum((m.rows.stop - m.rows.start) * (m.columns.stop - m.columns.start) for b in program.blocks
                for m in b.outer)  # fmt: skip
    assert outer > 0.9 * program.multiply_adds


@pytest.mark.parametrize(("hidden", "carried"), [(1, 0), (3, 1), (5, 2), (7, 3)])
def test_every_residual_block_is_carried_once(hidden, carried):
    degrees = create_degrees(3, (4,) * (hidden // 2 + 1), residual=True)
    schedule = create_schedule(degrees, Layout([Bernoulli()] * 3))
    program = create_program(schedule, residual=True, direct=False, width=3)
    carries = [i for i in program.blocks[0].inner if isinstance(i, Carry)]
    assert sum(len(rows(i.target)) for i in carries) == 4 * carried
    assert program.height == 2 + 4 * (hidden + carried) + 3  # what a stream carries on is kept beside its activations
