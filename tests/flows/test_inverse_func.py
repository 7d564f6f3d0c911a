"""The inverse under the transforms of ``torch.func``."""

import pytest
import torch
from flows.inverse_cases import FAST, arguments, inverted
from helpers import redraw
from torch.func import functional_call, grad, jacrev, stack_module_state, vmap

from tailormade.flows import MaskedAutoregressive
from tailormade.flows.inverse import invert


@pytest.fixture
def layer():
    return redraw(MaskedAutoregressive(4, 2, hidden_units=(8, 8), input_order="random", seed=0).double())


def given(layer, *batch):
    return [t.detach() for t in arguments(layer, *batch)]


class Through(torch.nn.Module):
    """The inverse by one engine, as a module."""

    def __init__(self, layer, engine):
        super().__init__()
        self.layer, self.engine = layer, engine

    def forward(self, y, context):
        return inverted(self.layer, self.engine, y, context)


def both(layer, engine, use):
    """Something made of the inverse, by an engine and by the loop."""
    return use(Through(layer, engine)), use(Through(layer, "loop"))


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("in_dims", [(0, 0), (1, None), (None, 1), (2, 0)], ids=str)
def test_vmap(layer, engine, in_dims):
    def moved(tensor, dim):
        return tensor[0] if dim is None else tensor.movedim(0, dim)

    y, context = (moved(t, dim) for t, dim in zip(given(layer, 5, 3), in_dims, strict=True))
    found, expected = both(layer, engine, lambda f: vmap(f, in_dims)(y, context))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("engine", FAST)
def test_vmap_of_vmap(layer, engine):
    y, context = given(layer, 5, 3)
    found, expected = both(layer, engine, lambda f: vmap(vmap(f, (0, None)), (0, 0))(y, context[:, 0]))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("engine", FAST)
def test_vmap_is_differentiable(layer, engine):
    y, context = arguments(layer, 5)
    found, expected = both(
        layer, engine, lambda f: torch.autograd.grad(vmap(f)(y, context).sin().sum(), [y, context, *layer.parameters()])
    )
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("with_grad", [True, False])
def test_jacobians(layer, engine, with_grad):
    y, context = given(layer, 1)
    with torch.set_grad_enabled(with_grad):
        found, expected = both(layer, engine, lambda f: jacrev(f, (0, 1))(y, context))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("with_grad", [True, False])
@pytest.mark.parametrize("rows", [1, 5])
def test_jacobians_of_each_row(layer, engine, with_grad, rows):
    y, context = given(layer, rows)
    with torch.set_grad_enabled(with_grad):
        found, expected = both(layer, engine, lambda f: vmap(jacrev(f))(y, context))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("with_grad", [True, False])
def test_gradients_of_each_row(layer, engine, with_grad):
    y, context = given(layer, 5)
    named = {name: p.detach() for name, p in Through(layer, engine).named_parameters()}

    def each(module):
        def loss(named, y, context):
            return functional_call(module, named, (y, context)).square().sum()

        return vmap(grad(loss), (None, 0, 0))(named, y, context)

    with torch.set_grad_enabled(with_grad):
        found, expected = both(layer, engine, each)
    for name in named:
        torch.testing.assert_close(found[name], expected[name])


@pytest.mark.parametrize("engine", FAST)
def test_an_ensemble(layer, engine):
    """Batched parameters: the definition serves."""
    other = redraw(MaskedAutoregressive(4, 2, hidden_units=(8, 8), input_order="random", seed=0).double(), seed=1)
    y, context = given(layer, 5)
    members = [Through(layer, engine), Through(other, engine)]
    parameters, buffers = stack_module_state(members)
    buffers = {name: value[0] for name, value in buffers.items()}

    def run(parameters):
        return functional_call(members[0], (parameters, buffers), (y, context))

    expected = torch.stack([member(y, context) for member in members])
    torch.testing.assert_close(vmap(run)(parameters), expected)


@pytest.mark.parametrize("engine", FAST)
def test_swapped_parameters_are_those_of_the_backward_pass(layer, engine):
    """A functional call has ended when the gradient is taken."""
    y, context = given(layer, 3)
    named = {name: (2 * p.detach()).requires_grad_() for name, p in Through(layer, engine).named_parameters()}
    found, expected = both(
        layer, engine, lambda f: torch.autograd.grad(functional_call(f, named, (y, context)).sum(), named.values())
    )
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the compiler, about its own ways
def test_compile(layer):
    """The compiler sees the definition."""
    y, context = arguments(layer, 3)

    def result(function):
        x = function(layer.network, layer.degrees, layer.bijection, y, context)
        return [x, *torch.autograd.grad(x.sin().sum(), [y, context, *layer.parameters()])]

    for found, expected in zip(result(torch.compile(invert)), result(invert), strict=True):
        torch.testing.assert_close(found, expected)


def test_inference_mode(layer):
    with torch.inference_mode():
        found, expected = both(layer, "compiled", lambda f: f(*given(layer, 3)))
    torch.testing.assert_close(found, expected)
