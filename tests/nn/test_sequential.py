"""``MaskedSequential`` passes degrees from layer to layer."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from tailormade import MaskedLinear, MaskedSequential
from tailormade.masks import LostDependencyWarning, audit


def stack(*widths, **options):
    layers = [MaskedLinear(a, b) for a, b in pairwise(widths)]
    return MaskedSequential(*layers, **options)


def masks(net):
    return [layer.mask.int().tolist() for layer in net.masked_layers()]


def test_it_sets_tfps_masks():
    assert masks(stack(3, 4, 6)) == [
        [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]],
        [[0] * 4, [0] * 4, [1, 1, 0, 0], [1, 1, 0, 0], [1] * 4, [1] * 4],
    ]


def test_it_is_a_sequential():
    net = MaskedSequential(MaskedLinear(3, 4), nn.ELU(), MaskedLinear(4, 3))
    x = torch.randn(5, 3)
    assert torch.equal(net(x), net[2](net[1](net[0](x))))
    assert len(net) == 3


def test_the_order_counts():
    (mask,) = masks(stack(3, 3, input_order=[3, 1, 2]))
    assert mask == [[0, 1, 1], [0, 0, 0], [0, 1, 0]]


def test_groups():
    (mask,) = masks(stack(3, 3, input_order=[2, 1, 1]))
    assert mask == [[0, 1, 1], [0, 0, 0], [0, 0, 0]]


def test_a_given_mask_stays_and_counts_by_the_largest_degree():
    first = MaskedLinear(3, 2, mask=torch.tensor([[1, 0, 0], [1, 1, 0]]))
    net = MaskedSequential(first, MaskedLinear(2, 3))
    assert masks(net) == [[[1, 0, 0], [1, 1, 0]], [[0, 0], [1, 0], [1, 1]]]


def test_given_degrees_set_the_masks_on_both_sides():
    first = MaskedLinear(3, 2, degrees=torch.tensor([2, 1]))
    assert masks(MaskedSequential(first, MaskedLinear(2, 3))) == [
        [[1, 1, 0], [1, 0, 0]],
        [[0, 0], [0, 1], [1, 1]],
    ]


def test_output_degrees_may_be_given():
    # chunks instead of interleaved outputs: shifts of all variables, then scales
    last = MaskedLinear(2, 4, degrees=torch.tensor([1, 2, 1, 2]))
    net = MaskedSequential(MaskedLinear(2, 2), last)
    assert masks(net)[1] == [[0, 0], [1, 1], [0, 0], [1, 1]]


def test_random_degrees_and_order_come_from_the_generator():
    nets = [
        stack(6, 9, 6, input_order="random", hidden_degrees="random", generator=torch.Generator().manual_seed(s))
        for s in (1, 1, 2)
    ]
    assert masks(nets[0]) == masks(nets[1])
    assert masks(nets[0]) != masks(nets[2])


def test_wide_stacks_lose_nothing():
    found = audit(stack(4, 9, 7, 8))
    assert torch.equal(found.realised, found.allowed)


def test_narrow_stacks_warn():
    with pytest.warns(LostDependencyWarning, match="lose 1 of 6"):
        stack(4, 2, 4)


def test_strict_raises():
    with pytest.raises(ValueError, match="lose 1 of 6"):
        stack(4, 2, 4, strict=True)


def test_loading_brings_the_other_order():
    net, other = stack(3, 8, 3, input_order=[3, 1, 2]), stack(3, 8, 3)
    other.load_state_dict(net.state_dict())
    x = torch.randn(5, 3)
    assert torch.equal(other(x), net(x))
    assert torch.equal(audit(other).allowed, audit(net).allowed)


def test_one_variable():
    assert masks(stack(1, 3, 2)) == [[[0]] * 3, [[1] * 3] * 2]


def test_without_a_masked_layer():
    with pytest.raises(ValueError, match="layers: expected at least one MaskedLinear, got none"):
        MaskedSequential(nn.Linear(3, 3))


def test_outputs_must_be_a_multiple_of_the_inputs():
    with pytest.raises(ValueError, match="a multiple of 3 outputs, one set of parameters for each variable, got 4"):
        stack(3, 5, 4)


@pytest.mark.parametrize(("options", "message"), [
    ({"input_order": [1, 2]}, "Invalid input order"),
    ({"hidden_degrees": "spread"}, "Invalid hidden order"),
])  # fmt: skip
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        stack(3, 5, 3, **options)
