"""Input orders, and their conversion to and from sequences."""

import numpy as np
import pytest
import torch

from tailormade.masks import create_input_order, order_from_sequence, sequence_from_order


@pytest.mark.parametrize(("order", "expected"), [("left-to-right", [1, 2, 3, 4]), ("right-to-left", [4, 3, 2, 1])])
def test_named_orders(order, expected):
    assert create_input_order(4, order).tolist() == expected


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", "random", [1]], ids=str)
def test_one_variable(order):
    assert create_input_order(1, order).tolist() == [1]


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor, lambda d: torch.tensor(d).float()])
def test_explicit_orders_of_any_kind(kind):
    order = create_input_order(3, kind([3, 1, 2]))
    assert order.tolist() == [3, 1, 2]
    assert order.dtype == torch.int64


@pytest.mark.parametrize("seed", range(5))
def test_random_order_is_a_permutation_that_the_generator_fixes(seed):
    first = create_input_order(7, "random", generator=torch.Generator().manual_seed(seed))
    again = create_input_order(7, "random", generator=torch.Generator().manual_seed(seed))
    assert first.sort().values.tolist() == list(range(1, 8))
    assert torch.equal(first, again)


def test_random_order_with_a_generator_leaves_the_default_one_alone():
    before = torch.get_rng_state()
    create_input_order(7, "random", generator=torch.Generator())
    assert torch.equal(torch.get_rng_state(), before)


def test_random_order_without_a_generator_is_governed_by_manual_seed():
    first = create_input_order(9, "random")
    torch.manual_seed(0)
    assert torch.equal(create_input_order(9, "random"), first)


@pytest.mark.parametrize("order", [[1, 1, 2], [2, 1, 2], [1, 1, 1], [3, 2, 1]], ids=str)
def test_groups_where_they_are_allowed(order):
    assert create_input_order(3, order, allow_groups=True).tolist() == order


WRONG = {
    "unknown_name": "sideways",
    "too_short": [1, 2],
    "too_long": [1, 2, 3, 4],
    "from_zero": [0, 1, 2],
    "gap": [1, 2, 4],
    "tie": [1, 1, 2],
    "fraction": [1.0, 2.5, 3.0],
    "matrix": [[1, 2, 3]],
    "scalar": 3,
    "empty": [],
    "none": None,
    "words": ["a", "b", "c"],
}


@pytest.mark.parametrize("case", WRONG)
def test_invalid_orders(case):
    with pytest.raises(ValueError, match="Invalid input order"):
        create_input_order(3, WRONG[case])


@pytest.mark.parametrize("case", [c for c in WRONG if c != "tie"])
def test_invalid_groups(case):
    with pytest.raises(ValueError, match="Invalid input order"):
        create_input_order(3, WRONG[case], allow_groups=True)


def test_the_message_says_what_was_expected():
    with pytest.raises(ValueError, match=r'"\[1, 1, 2\]".*a permutation of 1..D for D = 3 variables'):
        create_input_order(3, [1, 1, 2])


@pytest.mark.parametrize(("sequence", "order"), [([2, 0, 1], [2, 3, 1]), ([2, 0, 3, 1], [2, 4, 1, 3]), ([0], [1])])
def test_order_from_sequence(sequence, order):
    assert order_from_sequence(sequence).tolist() == order


@pytest.mark.parametrize("seed", range(10))
def test_order_and_sequence_are_inverse(seed):
    sequence = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
    order = order_from_sequence(sequence)
    assert torch.equal(sequence_from_order(order), sequence)
    assert torch.equal(order_from_sequence(sequence_from_order(order)), order)
    assert order[sequence].tolist() == [1, 2, 3, 4, 5, 6]  # variable sequence[k] is the k-th


def test_members_of_a_group_follow_each_other():
    assert sequence_from_order(torch.tensor([2, 1, 2, 1])).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("sequence", [[0, 0, 1], [1, 2, 3], [0, 2]], ids=["tie", "from_one", "gap"])
def test_sequences_that_are_no_permutation(sequence):
    with pytest.raises(ValueError, match="sequence: expected a permutation"):
        order_from_sequence(sequence)
