"""Masks and degrees of other projects, as literals."""

import pytest
import torch

from tailormade.masks import (
    Degrees,
    adjacency_masks,
    create_autoregressive_mask,
    create_degrees,
    create_hidden_degrees,
    order_from_sequence,
)

TFP_EQUAL = {
    "1-[2]": (1, [2], [[0, 0]]),
    "2-[3]": (2, [3], [[1, 1, 1]]),
    "3-[4,4]": (3, [4, 4], [[1, 1, 2, 2], [1, 1, 2, 2]]),
    "3-[5,3]": (3, [5, 3], [[1, 1, 1, 2, 2], [1, 1, 2]]),
    "4-[16]": (4, [16], [[1] * 5 + [2] * 6 + [3] * 5]),
    "5-[2]": (5, [2], [[2, 3]]),
    "9-[5,5]": (9, [5, 5], [[2, 3, 4, 6, 7], [2, 3, 4, 6, 7]]),
    "10-[4]": (10, [4], [[2, 4, 6, 8]]),
}


def rows(mask):
    """A mask (out, in) as strings of its transpose, the way TFP prints it."""
    return ["".join(str(int(entry)) for entry in row) for row in mask.T]


def repeated(mask, params):
    """The output mask with each variable's row repeated for its params, interleaved."""
    return mask.repeat_interleave(params, 0)


@pytest.mark.parametrize("case", TFP_EQUAL)
@pytest.mark.parametrize("reverse", [False, True], ids=["ltr", "rtl"])
def test_tfp_equal_degrees(case, reverse):
    features, widths, expected = TFP_EQUAL[case]
    order = torch.arange(1, features + 1)
    hidden = create_hidden_degrees(order.flip(0) if reverse else order, widths)
    assert [layer.tolist() for layer in hidden] == expected


def test_tfp_second_layer_keeps_to_what_the_first_can_pass_on():
    # lo = 2, because no unit of degree 1 is there to be seen
    hidden = create_hidden_degrees(torch.arange(1, 6), [2, 10])
    assert [layer.tolist() for layer in hidden] == [[2, 3], [2, 2, 2, 2, 2, 3, 3, 3, 4, 4]]


def test_tfp_equal_masks():
    first, middle, last = create_degrees(3, (4, 4)).masks()
    assert rows(first) == ["1111", "0011", "0000"]
    assert rows(middle) == ["1111", "1111", "0011", "0011"]
    assert rows(repeated(last, 2)) == ["001111", "001111", "000011", "000011"]


def test_tfp_random_masks_of_seed_1():
    hidden = [[2, 1, 2, 2]] * 2
    first, middle, last = create_degrees(3, (4, 4), input_order=[2, 3, 1], hidden_degrees=hidden).masks()
    assert rows(first) == ["1011", "0000", "1111"]
    assert rows(middle) == ["1011", "1111", "1011", "1011"]
    assert rows(repeated(last, 2)) == ["001100", "111100", "001100", "001100"]


def test_pyro_masks_of_permutation_2_0_1_with_one_context():
    order = order_from_sequence([2, 0, 1])
    assert order.tolist() == [2, 3, 1]
    below, hidden = torch.cat([torch.zeros(1, dtype=torch.long), order]), torch.tensor([0, 1, 1, 2])
    first = create_autoregressive_mask(below, hidden, strictly_less=False, dtype=torch.int)
    last = create_autoregressive_mask(hidden, order, dtype=torch.int)
    skip = create_autoregressive_mask(below, order, dtype=torch.int)
    assert rows(first.T) == ["1111", "0001", "0000", "0111"]
    assert first.T.tolist() == [[1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 0, 1]]
    assert last.T.tolist() == [[1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    assert skip.T.tolist() == [[1, 0, 0, 1], [1, 1, 0, 1], [1, 0, 0, 0]]


def test_pyro_masks_from_explicit_hidden_degrees():
    degrees = create_degrees(3, (4,), input_order=order_from_sequence([2, 0, 1]), hidden_degrees=[[0, 1, 1, 2]])
    first, last = degrees.masks()
    assert first.int().tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 1], [1, 0, 1]]
    assert last.int().tolist() == [[1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    assert degrees.direct_mask().int().tolist() == [[0, 0, 1], [1, 0, 1], [0, 0, 0]]


def test_zuko_masks_of_a_strictly_lower_adjacency():
    lower = torch.ones(4, 4).tril(-1).bool()
    first, last = (mask.int().tolist() for mask in adjacency_masks(lower, [5]))
    assert first == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    assert last == [[0, 0, 0, 0, 0], [1, 0, 0, 1, 0], [1, 1, 0, 1, 1], [1, 1, 1, 1, 1]]


DEPENDENCIES = {
    "tfp_order_3_1_2": (torch.tensor([3, 1, 2]), ["011", "000", "010"]),
    "pyro_permutation_2_0_3_1": (order_from_sequence([2, 0, 3, 1]), ["0010", "1011", "0000", "1010"]),
}


@pytest.mark.parametrize("case", DEPENDENCIES)
def test_allowed_dependencies(case):
    order, expected = DEPENDENCIES[case]
    assert rows(Degrees(order).direct_mask().T) == expected


@pytest.mark.parametrize("features", [1, 2, 5])
def test_without_hidden_layers_the_one_mask_is_strict(features):
    (mask,) = create_degrees(features, ()).masks()
    assert mask.int().tolist() == torch.ones(features, features).tril(-1).int().tolist()
