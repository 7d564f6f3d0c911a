"""``MaskedLinear``: tfep's arguments, a plain product, and autograd's own derivatives."""

import copy
import pickle

import pytest
import torch
from helpers import redraw
from torch import nn

from tailormade import MaskedLinear

MASK = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]])


def layer(mask=MASK, **options):
    return redraw(MaskedLinear(3, 4, mask=mask, **options).double())


def test_the_product():
    masked, x = layer(), torch.randn(5, 3, dtype=torch.float64)
    expected = x @ (masked.weight * MASK).T + masked.bias
    torch.testing.assert_close(masked(x), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("mask", [MASK, MASK.bool(), MASK.float()], ids=["int", "bool", "float"])
def test_effective_weight_is_exactly_zero_where_masked(mask):
    assert torch.equal(layer(mask).effective_weight() != 0, MASK.bool())


def test_without_a_mask_it_is_a_linear_layer():
    masked, x = layer(None), torch.randn(5, 3, dtype=torch.float64)
    assert masked.mask is None
    assert torch.equal(masked(x), nn.functional.linear(x, masked.weight, masked.bias))


def test_without_a_bias():
    assert layer(bias=False).bias is None
    assert layer(bias=False)(torch.zeros(3, dtype=torch.float64)).tolist() == [0.0] * 4


@pytest.mark.parametrize("mask", [torch.tensor([1, 0, 1]), torch.tensor([[1], [0], [1], [1]]), torch.tensor(1)])
def test_masks_broadcast(mask):
    assert torch.equal(layer(mask).mask, mask.bool().expand(4, 3))


@pytest.mark.parametrize("shape", [(3, 4), (4, 2), (2, 4, 3)], ids=str)
def test_masks_that_do_not_broadcast(shape):
    with pytest.raises(ValueError, match=r"mask: expected a shape broadcastable to \(out, in\) = \(4, 3\), got"):
        MaskedLinear(3, 4, mask=torch.ones(shape))


def test_degrees_of_the_wrong_length():
    with pytest.raises(ValueError, match=r"degrees: expected one for each of 4 units, got shape \(3,\)"):
        MaskedLinear(3, 4, degrees=torch.arange(3))


@pytest.mark.parametrize("batch", [(), (0,), (5,), (2, 5), (2, 1, 5)], ids=str)
def test_any_batch_with_gradients(batch):
    masked = layer()
    x = torch.randn(*batch, 3, dtype=torch.float64, requires_grad=True)
    masked(x).sum().backward()
    assert masked(x).shape == (*batch, 4)
    assert x.grad.shape == x.shape
    assert bool((masked.weight.grad[~MASK.bool()] == 0).all())


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e30])
def test_masked_entries_are_never_used(value):
    masked, x = layer(), torch.randn(5, 3, dtype=torch.float64)
    before = masked(x)
    masked.weight.data[~MASK.bool()] = value
    masked(x).sum().backward()
    assert torch.equal(masked(x), before)
    assert bool((masked.weight.grad[~MASK.bool()] == 0).all())
    assert bool(masked.weight.grad.isfinite().all())


def functional(masked):
    """The layer as a function of all that it can be differentiated by."""
    return lambda x, weight, bias: torch.func.functional_call(masked, {"weight": weight, "bias": bias}, (x,))


def arguments(masked, *batch):
    x = torch.randn(*batch, 3, dtype=torch.float64, requires_grad=True)
    return x, masked.weight.detach().requires_grad_(), masked.bias.detach().requires_grad_()


@pytest.mark.parametrize("batch", [(), (2,), (2, 2)], ids=str)
def test_gradcheck(batch):
    masked = layer()
    assert torch.autograd.gradcheck(functional(masked), arguments(masked, *batch))


@pytest.mark.parametrize("batch", [(), (2,), (2, 2)], ids=str)
def test_gradgradcheck(batch):
    masked = layer()
    assert torch.autograd.gradgradcheck(functional(masked), arguments(masked, *batch))


def test_vmap_and_jacrev():
    masked, x = layer(), torch.randn(5, 3, dtype=torch.float64)
    torch.testing.assert_close(torch.func.vmap(masked)(x), masked(x), atol=1e-12, rtol=0)
    assert torch.equal(torch.func.jacrev(masked)(x[0]), masked.effective_weight())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_copies(copied):
    masked, x = layer(degrees=torch.arange(4)), torch.randn(5, 3, dtype=torch.float64)
    again = copied(masked)
    assert torch.equal(again(x), masked(x))
    assert torch.equal(again.degrees, masked.degrees)
    assert again.mask is not masked.mask


def test_state_dict_carries_mask_and_degrees():
    masked, other = layer(degrees=torch.arange(4)), layer(torch.ones(4, 3), degrees=torch.zeros(4))
    assert sorted(masked.state_dict()) == ["bias", "degrees", "mask", "weight"]
    other.load_state_dict(masked.state_dict())
    assert torch.equal(other.effective_weight(), masked.effective_weight())
    assert torch.equal(other.degrees, masked.degrees)


def test_a_float_mask_can_be_loaded():
    # tfep's and Pyro's checkpoints hold masks as floats
    state = {**layer().state_dict(), "mask": 1.0 - MASK.double()}
    masked = layer()
    masked.load_state_dict(state)
    assert torch.equal(masked.effective_weight() == 0, MASK.bool())


@pytest.mark.parametrize(("mask", "bias", "expected"), [(MASK, True, 10), (MASK, False, 6), (None, True, 16)])
def test_n_parameters(mask, bias, expected):
    assert MaskedLinear(3, 4, bias, mask).n_parameters() == expected


def test_another_mask_for_one_use():
    masked, other = layer(), ~MASK.bool()
    assert torch.equal(masked.effective_weight(other) != 0, other)
    assert torch.equal(masked.effective_weight() != 0, MASK.bool())


def test_repr_counts_the_mask():
    assert repr(MaskedLinear(3, 4, mask=MASK)) == (
        "MaskedLinear(in_features=3, out_features=4, bias=True, unmasked=6/12)"
    )
