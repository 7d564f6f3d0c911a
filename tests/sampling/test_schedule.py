"""When each unit is final: small examples written out."""

import pytest
import torch

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Layout
from tailormade.masks import Degrees
from tailormade.sampling.schedule import create_schedule

BINARY = Layout([Bernoulli()] * 3)
MIXED = Layout([Bernoulli(), Categorical(3), Bernoulli(), Categorical(3)])


def degrees(inputs, *hidden):
    return Degrees(torch.tensor(inputs), tuple(torch.tensor(layer) for layer in hidden))


def units(of):
    return of.number.tolist(), of.degree.tolist(), of.ends.tolist()


def cut(of):
    """A slice as a pair."""
    return of.start, of.stop


def draws(schedule):
    return [(d.time, d.kind, cut(d.variables), cut(d.params), cut(d.inputs)) for d in schedule.draws]


def test_without_evidence_times_are_degrees():
    schedule = create_schedule(degrees([2, 3, 1], [2, 0, 1, 2, 1]), BINARY)
    assert schedule.steps == 3
    assert units(schedule.variables) == ([2, 0, 1], [1, 2, 3], [0, 1, 2, 3])
    assert units(schedule.inputs) == ([2, 0], [1, 2], [0, 1, 2, 2])
    assert units(schedule.hidden[0]) == ([1, 2, 4, 0, 3], [0, 1, 1, 2, 2], [1, 3, 5, 5])
    assert units(schedule.params) == ([2, 0, 1], [1, 2, 3], [0, 1, 2, 3])
    assert draws(schedule) == [
        (1, 0, (0, 1), (0, 1), (0, 1)),
        (2, 0, (1, 2), (1, 2), (1, 2)),
        (3, 0, (2, 3), (2, 3), (2, 2)),
    ]


def test_evidence_takes_no_time():
    schedule = create_schedule(degrees([2, 3, 1], [0, 1, 2]), BINARY, [2])
    assert schedule.steps == 2
    assert units(schedule.variables) == ([0, 1], [2, 3], [0, 1, 2])
    assert units(schedule.inputs) == ([2, 0], [1, 2], [1, 2, 2])
    assert units(schedule.hidden[0]) == ([0, 1, 2], [0, 1, 2], [2, 3, 3])
    assert units(schedule.params) == ([0, 1], [2, 3], [0, 1, 2])


def test_evidence_in_between():
    schedule = create_schedule(degrees([2, 3, 1], [2, 1]), BINARY, [0])
    assert units(schedule.variables) == ([2, 1], [1, 3], [0, 1, 2])
    assert units(schedule.inputs) == ([2, 0], [1, 2], [0, 2, 2])
    assert units(schedule.hidden[0]) == ([1, 0], [1, 2], [0, 2, 2])


def test_what_follows_the_last_draw_is_left_out():
    schedule = create_schedule(degrees([2, 3, 1], [1, 2]), BINARY, [1])
    assert schedule.steps == 2
    assert units(schedule.variables) == ([2, 0], [1, 2], [0, 1, 2])
    assert units(schedule.inputs) == ([2], [1], [0, 1, 1])
    assert units(schedule.hidden[0]) == ([0], [1], [0, 1, 1])


def test_everything_observed():
    schedule = create_schedule(degrees([2, 3, 1], [1, 2]), BINARY, [0, 1, 2])
    nothing = ([], [], [0])
    assert schedule.steps == 0
    assert all(units(u) == nothing for u in (schedule.variables, schedule.inputs, *schedule.hidden, schedule.params))
    assert schedule.draws == ()


def test_one_variable():
    schedule = create_schedule(degrees([1], [0, 0]), Layout([Categorical(4)]))
    assert units(schedule.hidden[0]) == ([0, 1], [0, 0], [2, 2])
    assert units(schedule.inputs) == ([], [], [0, 0])
    assert draws(schedule) == [(1, 0, (0, 1), (0, 4), (0, 0))]


def test_equal_degrees_are_drawn_together_by_conditional():
    schedule = create_schedule(degrees([1, 1, 1, 2]), MIXED)
    assert units(schedule.variables) == ([0, 2, 1, 3], [1, 1, 1, 2], [0, 3, 4])
    assert units(schedule.inputs) == ([0, 4, 1, 2, 3], [1] * 5, [0, 5, 5])
    assert units(schedule.params) == ([0, 4, 1, 2, 3, 5, 6, 7], [1] * 5 + [2] * 3, [0, 5, 8])
    assert draws(schedule) == [
        (1, 0, (0, 2), (0, 2), (0, 2)),
        (1, 1, (2, 3), (2, 5), (2, 5)),
        (2, 1, (3, 4), (5, 8), (5, 5)),
    ]


def test_inputs_of_one_draw_are_contiguous_beside_evidence():
    schedule = create_schedule(degrees([1, 2, 1, 1]), MIXED, [0])
    assert units(schedule.inputs) == ([4, 5, 6, 7, 0], [1] * 5, [0, 5, 5])
    assert draws(schedule)[:2] == [(1, 0, (0, 1), (0, 1), (0, 1)), (1, 1, (1, 2), (1, 4), (1, 4))]


@pytest.mark.parametrize("observed", [None, [3], [0, 2]], ids=str)
def test_units_are_spans(observed):
    schedule = create_schedule(degrees([1, 2, 3, 4], [3, 1, 2, 0]), MIXED, observed)
    for stage in (schedule.variables, schedule.inputs, *schedule.hidden, schedule.params):
        cuts = [cut(stage.span(t, t)) for t in range(schedule.steps + 1)]
        assert cuts[0][0] == 0
        assert [a for a, _ in cuts[1:]] == [b for _, b in cuts[:-1]]
        assert cuts[-1][1] == len(stage.number)
        assert cut(stage.span(0, schedule.steps)) == (0, len(stage.number))
