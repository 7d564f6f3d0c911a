"""The module: arguments, seeds, types and messages."""

import copy

import pytest
import torch
from flows.cases import build, values
from helpers import context_for

from tailormade.flows import Affine, MaskedAutoregressive
from tailormade.random import seeded


def test_same_seed_same_transform_and_no_trace():
    before = torch.get_rng_state()
    first, second = (MaskedAutoregressive(4, 2, input_order="random", seed=5) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])
    other = MaskedAutoregressive(4, 2, input_order="random", seed=6)
    assert not torch.equal(first.network.layers[0].weight, other.network.layers[0].weight)


def test_no_seed_draws_from_torchs_generator():
    with seeded(3):
        first, second = MaskedAutoregressive(4), MaskedAutoregressive(4)
    with seeded(3):
        again = MaskedAutoregressive(4)
    assert torch.equal(first.network.layers[0].weight, again.network.layers[0].weight)
    assert not torch.equal(first.network.layers[0].weight, second.network.layers[0].weight)


def test_using_a_transform_draws_nothing():
    layer = build("affine_five_variables")
    before = torch.get_rng_state()
    t = layer(context_for(layer, 3))
    t.inv(t(values(layer, 3)))
    assert torch.equal(before, torch.get_rng_state())


def test_a_new_transform_is_near_the_identity():
    x = torch.randn(200, 6)
    y, ladj = MaskedAutoregressive(6, seed=0)().call_and_ladj(x)
    assert 0 < (y - x).abs().max() < 0.1
    assert ladj.abs().max() < 0.1


def test_parameters_are_laid_out_by_variable():
    layer = build("affine_five_variables")
    x, context = values(layer, 4), context_for(layer, 4)
    raw = layer.params(x, context)
    assert raw.shape == (4, 5, 2)
    assert torch.equal(raw.flatten(-2), layer.network(x, context, layer.degrees))
    torch.testing.assert_close(layer(context)(x), x * layer.bijection.log_scale(raw[..., 1]).exp() + raw[..., 0])


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", [2, 3, 1], [1, 1, 2]])
def test_orders(order):
    layer = MaskedAutoregressive(3, input_order=order, hidden_units=(8,))
    expected = {"left-to-right": [1, 2, 3], "right-to-left": [3, 2, 1]}.get(str(order), order)
    assert layer.degrees.inputs.tolist() == expected


def test_types():
    double, x = build("affine_soft"), values(build("affine_soft"), 3)
    context = context_for(double, 3)
    expected = double(context)(x)
    low = copy.deepcopy(double).bfloat16()
    y, ladj = low(context.bfloat16()).call_and_ladj(x.bfloat16())
    assert y.dtype == ladj.dtype == torch.float32
    torch.testing.assert_close(y.double(), expected, rtol=0.1, atol=0.1)
    single = copy.deepcopy(double).float()
    assert single(context)(x).dtype == torch.float64  # values keep their digits in a network of float32
    torch.testing.assert_close(single(context)(x), expected, rtol=1e-5, atol=1e-5)


def test_rows_that_are_not_contiguous():
    layer = build("affine_five_variables")
    x, context = values(layer, 4), context_for(layer, 4)
    strided = x.T.contiguous().T
    assert not strided.is_contiguous()
    torch.testing.assert_close(layer(context)(strided), layer(context)(x))


def test_bad_arguments():
    with pytest.raises(ValueError, match="features, context: expected at least 1 and 0"):
        MaskedAutoregressive(0)
    with pytest.raises(TypeError, match="bijection: expected a bijection such as Affine"):
        MaskedAutoregressive(2, bijection="affine")
    with pytest.raises(ValueError, match="activation: unknown name 'softmax'"):
        MaskedAutoregressive(2, activation="softmax")
    with pytest.raises(ValueError, match="Invalid input order"):
        MaskedAutoregressive(2, input_order="sideways")
    with pytest.raises(ValueError, match="hidden_units: expected equal widths"):
        MaskedAutoregressive(4, hidden_units=(8, 9), residual=True)


def test_bad_values_and_contexts():
    layer, plain = build("affine_soft"), build("affine_without_context")
    with pytest.raises(ValueError, match="`context` must be passed"):
        layer()
    with pytest.raises(ValueError, match="context: given to a model that was built without one"):
        plain(torch.zeros(2))
    with pytest.raises(ValueError, match="final dimension of `context`"):
        layer(torch.zeros(3))
    with pytest.raises(ValueError, match="final dimension of `x`"):
        plain()(torch.zeros(4))
    with pytest.raises(ValueError, match="final dimension of `y`"):
        plain().inv(torch.zeros(4))
    with pytest.raises(ValueError, match="x: expected a floating-point tensor"):
        plain()(torch.zeros(3, dtype=torch.long))
    with pytest.raises(ValueError, match="does not broadcast"):
        layer(torch.zeros(4, 2))(torch.zeros(3, 3))


def test_description_names_the_bijection():
    assert f"bijection={Affine()}" in repr(MaskedAutoregressive(2))
