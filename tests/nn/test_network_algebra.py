"""What the network computes, against the formulas written out by hand; parameter counts; dropout."""

import pytest
import torch
from helpers import redraw

from tailormade import AutoregressiveNetwork
from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.nn.options import ACTIVATIONS

X = torch.randn(5, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
C = torch.randn(5, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
LAYERS, STREAM = [7, 6], [7, 7, 7]


def built(units, **options):
    net = AutoregressiveNetwork(2, 4, hidden_units=units, input_order=[3, 1, 4, 2], activation="tanh", **options)
    return redraw(net.double())


def contextual(units, mode, **options):
    options = {"conditional": True, "conditional_event_shape": 3, "conditional_input_layers": mode, **options}
    return built(units, **options)


def layer(net, i, h):
    """Layer ``i`` from its raw weight and a mask written out from the degrees."""
    order = net.degrees.inputs
    degrees = [order, *net.degrees.hidden, order.repeat_interleave(2)]
    last = i == len(degrees) - 2
    below, above = degrees[i][None, :], degrees[i + 1][:, None]
    weight, bias = net.network.layers[i].weight, net.network.layers[i].bias
    return h @ (weight * (below < above if last else below <= above)).T + bias


def context(net, i):
    return C @ net.network.context_layers[i].weight.T


def assert_output(out, h):
    torch.testing.assert_close(out, h.reshape(5, 4, 2), atol=1e-12, rtol=0)


def test_plain():
    net = built(LAYERS)
    assert_output(net(X), layer(net, 2, torch.tanh(layer(net, 1, torch.tanh(layer(net, 0, X))))))


@pytest.mark.parametrize("activation", [None, "linear"])
def test_no_activation_is_linear(activation):
    net = redraw(AutoregressiveNetwork(2, 4, hidden_units=LAYERS, activation=activation).double())
    assert_output(net(X), layer(net, 2, layer(net, 1, layer(net, 0, X))))


def test_all_layers_add_context_before_every_activation_and_to_the_output():
    net = contextual(LAYERS, "all_layers")
    h = torch.tanh(layer(net, 0, X) + context(net, 0))
    h = torch.tanh(layer(net, 1, h) + context(net, 1))
    assert_output(net(X, C), layer(net, 2, h) + context(net, 2))
    assert len(net.network.context_layers) == 3


@pytest.mark.parametrize("mode", ["first_layer", "degree_zero"])
@pytest.mark.filterwarnings("ignore:.*ignore the context")
def test_other_modes_add_context_to_the_first_layer_only(mode):
    net = contextual(LAYERS, mode)
    h = torch.tanh(layer(net, 0, X) + context(net, 0))
    assert_output(net(X, C), layer(net, 2, torch.tanh(layer(net, 1, h))))
    assert len(net.network.context_layers) == 1


def test_residual_blocks():
    net = built(STREAM, residual=True)
    h = layer(net, 0, X)
    h = h + layer(net, 2, torch.tanh(layer(net, 1, torch.tanh(h))))
    h = h + layer(net, 4, torch.tanh(layer(net, 3, torch.tanh(h))))
    assert_output(net(X), layer(net, 5, torch.tanh(h)))


def test_direct_connection():
    net, plain = built(LAYERS, direct=True), built(LAYERS)
    plain.load_state_dict({k: v for k, v in net.state_dict().items() if "direct" not in k})
    order = net.degrees.inputs
    mask = order[None, :] < order.repeat_interleave(2)[:, None]
    assert_output(net(X), plain(X).flatten(1) + X @ (net.network.direct.weight * mask).T)


def test_without_bias():
    net = built(LAYERS, use_bias=False)
    assert [name for name, _ in net.named_parameters() if name.endswith("bias")] == []
    assert bool((net(torch.zeros_like(X)) == 0).all())


def test_context_layers_have_no_bias():
    names = [name for name, _ in contextual(LAYERS, "all_layers").named_parameters()]
    assert sorted(n for n in names if "context" in n) == [f"network.context_layers.{i}.weight" for i in range(3)]


def count(net):
    return sum(parameter.numel() for parameter in net.parameters())


def test_parameter_count_is_the_dense_one():
    net = AutoregressiveNetwork(3, 4, hidden_units=[10, 7, 10])
    assert count(net) == 5 * 10 + 11 * 7 + 8 * 10 + 11 * 12 == 339


@pytest.mark.parametrize(("mode", "extra"), [("all_layers", 2 * (10 + 7 + 12)), ("degree_zero", 2 * 10)])
def test_parameter_count_with_context(mode, extra):
    net = AutoregressiveNetwork(3, 4, True, 2, mode, hidden_units=[10, 7])
    assert count(net) == 5 * 10 + 11 * 7 + 8 * 12 + extra


def test_dropout_in_training_only():
    net = built(LAYERS, dropout=0.5)
    net.eval()
    assert torch.equal(net(X), net(X))
    net.train()
    assert not torch.equal(net(X), net(X))


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("residual", [False, True])
def test_without_gradients_the_values_are_the_same_and_nothing_is_written_over(name, residual):
    degrees = create_degrees(3, [8, 8, 8], residual=residual)
    widths = [len(layer) for layer in degrees.hidden]
    net = MaskedNetwork([1] * 3, [2] * 3, widths, activation=ACTIVATIONS[name], residual=residual)
    x = torch.randn(5, 3)
    expected, before = net(x, None, degrees), x.clone()
    with torch.no_grad():
        assert torch.equal(net(x, None, degrees), expected)
        assert torch.equal(net(x, None, degrees), expected)
    assert torch.equal(x, before)
