"""Shapes in and out of ``AutoregressiveNetwork``, broadcasting both ways, and what is refused at a call."""

from itertools import product

import pytest
import torch
from helpers import pattern, redraw

from tailormade import AutoregressiveNetwork

BATCHES = [(), (1,), (5,), (4, 1), (4, 5)]


def network(params=2, features=3, context=0, **options):
    options = {"hidden_units": [8], "activation": "tanh", **options}
    extra = {"conditional": True, "conditional_event_shape": context} if context else {}
    return redraw(AutoregressiveNetwork(params, features, **extra, **options))


@pytest.mark.parametrize("batch", [*BATCHES, (0,), (2, 0, 3)], ids=str)
def test_batches(batch):
    net, x = network(), torch.randn(*batch, 3)
    assert net(x).shape == (*batch, 3, 2)
    assert net.compute_output_shape(x.shape) == net(x).shape


@pytest.mark.parametrize("mode", ["all_layers", "degree_zero"])
@pytest.mark.parametrize(("x_batch", "c_batch"), list(product(BATCHES, BATCHES)), ids=str)
def test_x_and_context_broadcast_both_ways(x_batch, c_batch, mode):
    net = network(context=2, conditional_input_layers=mode)
    x, c = torch.randn(*x_batch, 3), torch.randn(*c_batch, 2)
    batch = torch.broadcast_shapes(x_batch, c_batch)
    assert net(x, c).shape == (*batch, 3, 2)
    torch.testing.assert_close(net(x, c), net(x.expand(*batch, 3), c.expand(*batch, 2)))


def test_a_row_does_not_depend_on_its_batch():
    net, x, c = network(context=2).double(), torch.randn(5, 3).double(), torch.randn(5, 2).double()
    torch.testing.assert_close(net(x, c)[2], net(x[2], c[2]), atol=1e-12, rtol=0)


def test_context_by_name_or_position():
    net, x, c = network(context=2), torch.randn(5, 3), torch.randn(5, 2)
    assert torch.equal(net(x, conditional_input=c), net(x, c))


@pytest.mark.parametrize("units", [[], [4]], ids=["none", "one"])
def test_no_params(units):
    assert network(0, hidden_units=units)(torch.zeros(5, 3)).shape == (5, 3, 0)


def test_params_per_variable():
    net, x = network([1, 0, 3], activation=None), torch.randn(5, 3)
    assert net(x).shape == (5, 4)
    assert net.compute_output_shape((5, 3)) == (5, 4)
    assert [part.shape for part in net.split(net(x))] == [(5, 1), (5, 0), (5, 3)]
    assert torch.equal(torch.cat(net.split(net(x)), -1), net(x))


def test_params_per_variable_are_interleaved():
    net = network([2, 1, 3], input_order=[3, 1, 2]).double()
    found = pattern(net, torch.randn(3, dtype=torch.float64), [2, 1, 3])
    assert found.int().tolist() == [[0, 1, 1], [0, 0, 0], [0, 1, 0]]


def test_split_of_equal_params():
    net, x = network(), torch.randn(5, 3)
    assert torch.equal(torch.stack(net.split(net(x)), -2), net(x))


@pytest.mark.parametrize("features", [1, 2])
@pytest.mark.parametrize("units", [[], [1], [4, 4]], ids=str)
def test_small_events(features, units):
    assert network(3, features, hidden_units=units)(torch.zeros(5, features)).shape == (5, features, 3)


def test_one_variable_is_constant():
    net = network(3, 1, hidden_units=[4])
    assert torch.equal(net(torch.zeros(1)), net(torch.ones(1)))


def test_event_shape_is_inferred_at_the_first_call():
    net = network(features=None)
    assert net.event_shape is None
    assert net(torch.zeros(5, 3)).shape == (5, 3, 2)
    assert net.event_shape == [3]


def test_the_order_is_checked_when_the_event_is_known():
    with pytest.raises(ValueError, match="Invalid input order"):
        network(features=None, input_order=[2, 1])(torch.zeros(5, 3))


def test_before_the_first_call_there_are_no_degrees():
    with pytest.raises(ValueError, match="event_shape: unknown until the first call"):
        _ = network(features=None).degrees


def test_evaluation_mode_set_before_the_first_call_counts():
    net, x = network(features=None, dropout=0.5).eval(), torch.randn(5, 3)
    assert torch.equal(net(x), net(x))


def test_build_may_be_called_instead():
    net = network(features=None)
    net.build(3)
    assert net.event_shape == [3]
    assert net.params == 2


@pytest.mark.parametrize("features", [3, None])
def test_the_last_dimension_is_checked(features):
    net = network(features=features)
    net(torch.zeros(5, 3))
    with pytest.raises(ValueError, match=r"Invalid final dimension of `input_shape`\. Expected `3`, but got `4`"):
        net(torch.zeros(5, 4))


CALLS = {
    "scalar": ((torch.tensor(1.0), torch.zeros(2)), "expected at least one dimension, got a scalar"),
    "integers": ((torch.zeros(5, 3).long(), torch.zeros(5, 2)), "expected a floating-point tensor, got torch.int64"),
    "no_context": ((torch.zeros(5, 3),), "`conditional_input` must be passed as a named argument"),
    "context_width": ((torch.zeros(5, 3), torch.zeros(5, 3)), "`conditional_input`. Expected `2`, but got `3`"),
    "batches": (
        (torch.zeros(5, 3), torch.zeros(4, 2)),
        r"batch shape \(4,\) does not broadcast with that of x, \(5,\)",
    ),
    "integer_context": ((torch.zeros(5, 3), torch.zeros(5, 2).int()), "conditional_input: expected a floating-point"),
}


@pytest.mark.parametrize("case", CALLS)
def test_calls_that_are_refused(case):
    arguments, message = CALLS[case]
    with pytest.raises(ValueError, match=message):
        network(context=2)(*arguments)


def test_context_given_to_an_unconditional_network():
    with pytest.raises(ValueError, match="conditional_input: given to a"):
        network()(torch.zeros(5, 3), torch.zeros(5, 2))


@pytest.mark.parametrize("which", [0, 1], ids=["x", "context"])
def test_validate_args_refuses_nan(which):
    net = network(context=2, validate_args=True)
    values = [torch.zeros(5, 3), torch.zeros(5, 2)]
    net(*values)
    values[which][0, 0] = float("nan")
    with pytest.raises(ValueError, match="expected no NaN"):
        net(*values)


def test_float64_goes_into_a_float32_network():
    net, x, c = network(context=2), torch.randn(5, 3).double(), torch.randn(5, 2).double()
    assert net(x, c).dtype == torch.float32
    assert torch.equal(net(x, c), net(x.float(), c.float()))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_networks_of_other_types(dtype):
    net = network(context=2).to(dtype)
    assert net(torch.zeros(5, 3, dtype=dtype), torch.zeros(5, 2, dtype=dtype)).dtype == dtype


def test_inputs_need_not_be_contiguous():
    net, x = network(), torch.randn(3, 5)
    torch.testing.assert_close(net(x.T), net(x.T.contiguous()))
