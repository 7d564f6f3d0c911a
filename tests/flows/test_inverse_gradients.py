"""Gradients through the inverse are exact: against the loop, the Jacobian, and finite differences."""

import pytest
import torch
from flows.cases import build, scores
from flows.inverse_cases import CONFIGURATIONS, FAST, arguments, gradients, inverted
from helpers import redraw
from torch.autograd import gradcheck, gradgradcheck
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.func import functional_call

from tailormade.flows import MaskedAutoregressive
from tailormade.sampling import use_engine

SMOOTH = {"features": 3, "context": 2, "hidden_units": (5, 5), "activation": "tanh", "input_order": "random", "seed": 2}


def small(**changes):
    return redraw(MaskedAutoregressive(**{**SMOOTH, **changes}).double(), scale=0.4)


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_agreement(configuration, monkeypatch):
    configuration.cut(monkeypatch)
    layer = configuration.layer()
    given = arguments(layer, configuration.rows)
    expected = gradients(layer, "loop", *given)
    for engine in configuration.engines():
        for found, right in zip(gradients(layer, engine, *given), expected, strict=True):
            torch.testing.assert_close(found, right, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("engine", FAST)
def test_the_sweep_solves_with_the_jacobian(engine):
    layer = small(features=6, hidden_units=(12, 12), residual=False, direct=True)
    y, context = arguments(layer)
    x = inverted(layer, engine, y, context)
    jacobian = torch.func.jacrev(lambda x: layer(context).call_and_ladj(x)[0])(x.detach())
    g = torch.linspace(-1, 1, 6).double()
    (found,) = torch.autograd.grad(x, y, g)
    torch.testing.assert_close(found, torch.linalg.solve(jacobian.T, g))


def as_function(layer, engine):
    """The inverse as a function of y, context and all parameters."""
    names = [name for name, _ in layer.named_parameters()]

    class Inverted(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self, *given):
            return inverted(self.layer, engine, *given)

    count = 2 if layer.context else 1

    def function(*tensors):
        named = {f"layer.{name}": tensor for name, tensor in zip(names, tensors[count:], strict=True)}
        return functional_call(Inverted(), named, tensors[:count])

    return function


SHAPES = [{}, {"hidden_units": (5, 5, 5), "residual": True, "direct": True}, {"hidden_units": ()},
          {"features": 1, "hidden_units": (4,)}, {"context": 0}]  # fmt: skip


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradcheck(engine, shape):
    layer = small(**shape)
    tensors = (*arguments(layer, 2), *(p.detach().requires_grad_() for p in layer.parameters()))
    assert gradcheck(as_function(layer, engine), tensors, fast_mode=True)
    assert gradgradcheck(as_function(layer, engine), tensors, fast_mode=True)


@pytest.mark.parametrize("name", ["spline", "cdf_normals", "affine_softplus"])
def test_gradcheck_of_other_bijections(name):
    layer = build(name, activation="tanh", hidden_units=(4,))
    given = (scores(layer, 2).requires_grad_(), arguments(layer, 2)[1])
    tensors = (*given, *(p.detach().requires_grad_() for p in layer.parameters()))
    assert gradcheck(as_function(layer, "torch"), tensors, fast_mode=True)


@pytest.mark.parametrize("engine", FAST)
def test_second_derivatives_are_those_of_the_loop(engine):
    layer = small()
    given = arguments(layer, 3)

    def second(engine):
        x = inverted(layer, engine, *given)
        (first,) = torch.autograd.grad(x.square().sum(), given[0], create_graph=True)
        return torch.autograd.grad(first.sin().sum(), [*given, *layer.parameters()], materialize_grads=True)

    for found, expected in zip(second(engine), second("loop"), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("engine", FAST)
def test_twice_through_one_graph(engine):
    layer = small()
    y, context = arguments(layer, 4)
    x = inverted(layer, engine, y, context)
    first, second = (torch.autograd.grad(x.sum(), [y, *layer.parameters()], retain_graph=True) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("engine", FAST)
def test_weights_changed_in_between_are_noticed(engine):
    layer = small()
    x = inverted(layer, engine, *arguments(layer, 4))
    redraw(layer, seed=1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        x.sum().backward()


@pytest.mark.parametrize("engine", FAST)
def test_only_what_is_asked_for(engine):
    layer = small().requires_grad_(False)
    y, context = arguments(layer, 4)
    assert not inverted(layer, engine, y.detach(), context.detach()).requires_grad
    inverted(layer, engine, y, context.detach()).sum().backward()
    assert y.grad is not None
    assert context.grad is None
    layer.network.layers[0].bias.requires_grad_(True)
    inverted(layer, engine, y.detach(), context.detach()).sum().backward()
    assert [p.grad is not None for p in layer.parameters()].count(True) == 1


@pytest.mark.parametrize("engine", FAST)
def test_a_density_of_samples(engine):
    """The log-density of an inverse flow: its log-determinant is differentiated at the solved point."""
    layer = small()
    transform = layer.network

    def log_density(y, context, *parameters):
        named = dict(zip([name for name, _ in transform.named_parameters()], parameters, strict=True))
        with torch.nn.utils.stateless._reparametrize_module(transform, named):
            base = Independent(Normal(torch.zeros(3).double(), 1.0), 1)
            return TransformedDistribution(base, layer(context), validate_args=False).log_prob(y)

    tensors = (*arguments(layer, 2), *(p.detach().requires_grad_() for p in transform.parameters()))
    with use_engine(engine):
        assert gradcheck(log_density, tensors)


@pytest.mark.parametrize("engine", FAST)
def test_single_precision(engine):
    layer = redraw(MaskedAutoregressive(20, 2, hidden_units=(40, 40), seed=0), scale=0.1)
    given = arguments(layer, 50)
    for found, expected in zip(gradients(layer, engine, *given), gradients(layer, "loop", *given), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
