"""The order that answers a query: evidence first, as far as groups allow, and nothing else moved."""

import pytest
import torch

from tailormade import MADE
from tailormade.queries import comes_first

MOVED = {  # an order, what is observed, the order that answers
    "first": ([1, 2, 3, 4], [0], [1, 2, 3, 4]),
    "last": ([1, 2, 3, 4], [3], [2, 3, 4, 1]),
    "two": ([1, 2, 3, 4], [3, 1], [3, 1, 4, 2]),
    "shuffled": ([2, 4, 1, 3], [0], [1, 4, 2, 3]),
    "shuffled_two": ([2, 4, 1, 3], [1, 3], [4, 2, 3, 1]),
    "nothing": ([2, 4, 1, 3], [], [2, 4, 1, 3]),
    "everything": ([2, 4, 1, 3], [0, 1, 2, 3], [2, 4, 1, 3]),
    "whole_group": ([1, 1, 2, 2, 3], [2, 3], [2, 2, 1, 1, 3]),
    "part_of_a_group": ([1, 1, 2, 2, 3], [3], [2, 2, 1, 1, 3]),
    "whole_before_part": ([1, 1, 2, 2, 3], [0, 4], [2, 2, 3, 3, 1]),
    "two_parts": ([1, 1, 2, 2, 3], [1, 2], [1, 1, 2, 2, 3]),
    "most_of_a_group_before_half_of_one": ([1, 1, 2, 2, 2], [0, 2, 3], [2, 2, 1, 1, 1]),
    "one_group": ([1, 1, 1], [2], [1, 1, 1]),
    "one_variable": ([1], [0], [1]),
}


def asked(order, observed, **options):
    model = MADE(len(order), hidden_units=(6,), orders="any", input_order=order, seed=0, **options)
    return model, torch.zeros(len(order), dtype=torch.bool).index_fill(0, torch.tensor(observed).long(), True)


@pytest.mark.parametrize("case", MOVED)
def test_evidence_moves_first_and_the_rest_keeps_its_sequence(case):
    order, observed, expected = MOVED[case]
    model, mask = asked(order, observed)
    assert model.source.evidence_first([model.table[0]], mask).inputs.tolist() == expected


@pytest.mark.parametrize("rule", ["equal", "random"])
def test_hidden_degrees_and_the_table_are_left_alone(rule):
    model, mask = asked([2, 4, 1, 3], [1], hidden_degrees=rule)
    before = model.table.inputs.clone()
    found = model.evidence_first(mask)
    assert all(torch.equal(a, b) for a, b in zip(found.hidden, model.table[0].hidden, strict=True))
    assert torch.equal(model.table.inputs, before)
    assert found.inputs.dtype == torch.int64


@pytest.mark.parametrize("seed", range(20))
def test_the_evidence_comes_first_wherever_there_are_no_groups(seed):
    generator = torch.Generator().manual_seed(seed)
    order = (torch.randperm(9, generator=generator) + 1).tolist()
    observed = torch.nonzero(torch.rand(9, generator=generator) < 0.5).flatten().tolist()
    model, mask = asked(order, observed)
    found = model.evidence_first(mask)
    assert found.inputs.sort().values.tolist() == list(range(1, 10))
    assert comes_first(found, mask)
    for part in (mask, ~mask):
        assert torch.equal(found.inputs[part].argsort(), model.table[1].inputs[part].argsort())


def test_stored_orders_take_turns_and_the_first_is_the_last():
    model, mask = asked(list(range(1, 10)), [2, 5, 7])
    for turn, stored in enumerate([*list(model.table)[1:], model.table[0]]):
        found = model.evidence_first(mask, turn)
        assert all(torch.equal(found.inputs[p].argsort(), stored.inputs[p].argsort()) for p in (mask, ~mask))


def test_after_the_stored_orders_others_are_drawn():
    model, mask = asked(list(range(1, 10)), [2, 5, 7])
    found = [tuple(model.evidence_first(mask, turn).inputs.tolist()) for turn in range(40)]
    assert len(set(found)) == 40
    assert found[20] == tuple(model.evidence_first(mask, 20).inputs.tolist())


COMES_FIRST = {
    "first": ([1, 2, 3], [0, 1], True),
    "not_first": ([1, 2, 3], [1], False),
    "last": ([1, 2, 3], [2], False),
    "by_degree": ([3, 1, 2], [1, 2], True),
    "not_by_degree": ([3, 1, 2], [0, 1], False),
    "nothing": ([1, 2, 3], [], True),
    "everything": ([1, 2, 3], [0, 1, 2], True),
    "within_a_group": ([1, 2, 2, 3], [0, 1], True),
    "within_two_groups": ([1, 1, 2, 2], [0, 2], False),
    "one_group": ([1, 1, 1], [1], True),
}


@pytest.mark.parametrize("case", COMES_FIRST)
def test_coming_first_means_before_all_that_is_conditioned_on_it(case):
    order, observed, expected = COMES_FIRST[case]
    model, mask = asked(order, observed)
    assert comes_first(model.table[0], mask) is expected
