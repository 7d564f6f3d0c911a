"""Activations, initialisers, regularisers and constraints by name or as callables, as Keras has them."""

import math

import pytest
import torch
from helpers import fill, masked_layers, poison, redraw
from torch import nn

from tailormade import AutoregressiveNetwork

X = torch.linspace(-3.0, 3.0, 25)
ACTIVATIONS = {
    "linear": X,
    "relu": X.clamp(min=0),
    "relu6": X.clamp(0, 6),
    "leaky_relu": torch.where(X > 0, X, 0.2 * X),  # 0.2 is Keras's slope
    "elu": torch.where(X > 0, X, X.exp() - 1),
    "selu": 1.05070098 * torch.where(X > 0, X, 1.67326324 * (X.exp() - 1)),
    "gelu": X * 0.5 * (1 + torch.erf(X / math.sqrt(2))),
    "silu": X * torch.sigmoid(X),
    "swish": X * torch.sigmoid(X),
    "mish": X * torch.tanh(torch.log1p(X.exp())),
    "tanh": torch.tanh(X),
    "sigmoid": torch.sigmoid(X),
    "hard_sigmoid": ((X + 3) / 6).clamp(0, 1),
    "softplus": torch.log1p(X.exp()),
    "softsign": X / (1 + X.abs()),
    "exponential": X.exp(),
}


def through(activation):
    """The activation as the network applies it: one input, one unit, weights of one; the second output shows it."""
    net = fill(AutoregressiveNetwork(1, 2, hidden_units=[1], activation=activation, use_bias=False), 1.0)
    return net(torch.stack([X, torch.zeros_like(X)], -1))[:, 1, 0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_names(name):
    torch.testing.assert_close(through(name), ACTIVATIONS[name], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("activation", [torch.tanh, nn.Tanh(), lambda x: x.tanh()], ids=["function", "module", "own"])
def test_activation_callables(activation):
    torch.testing.assert_close(through(activation), X.tanh())


def test_parameters_of_an_activation_are_the_networks():
    names = [
        name for name, _ in AutoregressiveNetwork(1, 2, hidden_units=[1], activation=nn.PReLU()).named_parameters()
    ]
    assert len([name for name in names if "activation" in name]) == 1


@pytest.mark.parametrize("mode", ["all_layers", "degree_zero"])
def test_glorot_is_on_the_full_shape(mode):
    net = AutoregressiveNetwork(2, 6, True, 5, mode, hidden_units=[40])
    weights = [layer.weight for layer in net.modules() if isinstance(layer, nn.Linear)]
    limits = torch.tensor([math.sqrt(6 / sum(w.shape)) for w in weights])
    largest = torch.stack([w.detach().abs().max() for w in weights])
    assert bool((largest <= limits).all())
    assert bool((largest > 0.9 * limits).all())


def test_biases_start_at_zero():
    net = AutoregressiveNetwork(2, 6, hidden_units=[4])
    assert all(bool((layer.bias == 0).all()) for layer, _ in masked_layers(net))


def in_place(weight):
    """An initialiser that returns nothing."""
    weight.fill_(1.0)


INITIALIZERS = {"name": "ones", "torch": nn.init.ones_, "in_place": in_place, "returned": torch.ones_like}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers(name):
    net = AutoregressiveNetwork(2, 3, hidden_units=[4], kernel_initializer=INITIALIZERS[name], bias_initializer="ones")
    assert all(bool((layer.weight == 1).all()) for layer, _ in masked_layers(net))
    assert all(bool((layer.bias == 1).all()) for layer, _ in masked_layers(net))


def regularized(**options):
    context = {"conditional": True, "conditional_event_shape": 2}
    return redraw(AutoregressiveNetwork(2, 3, hidden_units=[4], activation="tanh", **context, **options).double())


def test_no_regularizers_no_loss():
    assert float(regularized().regularization_loss()) == 0.0


@pytest.mark.parametrize(
    ("regularizer", "function"),
    [("l2", lambda w: 0.01 * w.square().sum()), ("l1", lambda w: 0.01 * w.abs().sum()), (torch.norm, torch.norm)],
    ids=["l2", "l1", "callable"],
)
def test_kernel_regularizer_sees_effective_weights_and_context_kernels(regularizer, function):
    net = regularized(kernel_regularizer=regularizer)
    expected = sum(function(weight) for _, weight in masked_layers(net))
    expected = expected + sum(function(layer.weight) for layer in net.network.context_layers)
    torch.testing.assert_close(net.regularization_loss(), expected, atol=1e-12, rtol=0)


def test_bias_regularizer():
    net = regularized(bias_regularizer="l2")
    expected = sum(0.01 * layer.bias.square().sum() for layer, _ in masked_layers(net))
    torch.testing.assert_close(net.regularization_loss(), expected, atol=1e-12, rtol=0)


def test_masked_entries_are_not_regularized():
    net = regularized(kernel_regularizer="l2", direct=True)
    before = net.regularization_loss()
    poison(net, 1e6)
    assert torch.equal(net.regularization_loss(), before)


def test_regularization_can_be_minimised():
    net = regularized(kernel_regularizer="l2", bias_regularizer="l2")
    net.regularization_loss().backward()
    assert all(p.grad is not None for p in net.parameters())
