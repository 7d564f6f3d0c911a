"""What every autoregressive transform must do, over the whole registry."""

import copy

import pytest
import torch
from flows.cases import BIJECTIONS, CASES, FEW, REAL, Pass, build, scores, values
from helpers import context_for

from tailormade.flows import MaskedAutoregressive


@pytest.fixture(params=CASES)
def layer(request):
    return build(request.param)


def relative(error, to):
    return (error.abs() / to.abs().clamp(min=1)).max().item()


def test_round_trip_in_float64(layer):
    t = layer(context_for(layer, 40))
    x, y = values(layer, 40), scores(layer, 40)
    assert relative(t.inv(t(x)) - x, x) < 1e-8
    assert relative(t(t.inv(y)) - y, y) < 1e-8
    assert not torch.allclose(t(x), x)


@pytest.mark.parametrize("name", CASES)
def test_round_trip_in_float32(name):
    layer = build(name).float()
    context = context_for(layer, 40)
    t, x, y = layer(context), values(layer, 40).float(), scores(layer, 40).float()
    assert t(x).dtype == t.inv(y).dtype == torch.float32
    assert relative(t.inv(t(x)) - x, x) < 1e-4
    assert relative(t(t.inv(y)) - y, y) < 1e-4


def test_log_determinant_is_that_of_the_jacobian(layer):
    context = context_for(layer)
    for x in values(layer, 4):
        jacobian = torch.func.jacrev(lambda x: layer(context).call_and_ladj(x)[0])(x)
        sign, expected = torch.linalg.slogdet(jacobian)
        assert sign == 1
        torch.testing.assert_close(layer(context).call_and_ladj(x)[1], expected, rtol=1e-9, atol=1e-9)


def test_log_determinant_of_the_inverse_is_its_negative(layer):
    t, y = layer(context_for(layer, 5)), scores(layer, 5)
    x = t.inv(y)
    torch.testing.assert_close(t.inv.log_abs_det_jacobian(y, x), -t.call_and_ladj(x)[1], rtol=1e-12, atol=1e-12)


def test_inverse_has_the_inverse_jacobian(layer):
    context, y = context_for(layer), scores(layer)
    x = layer(context).inv(y).detach()
    forward = torch.func.jacrev(lambda x: layer(context)(x))(x)
    backward = torch.func.jacrev(lambda y: layer(context).inv(y))(y)
    torch.testing.assert_close(backward @ forward, torch.eye(layer.features).double(), rtol=1e-7, atol=1e-7)


def test_batch_dimensions(layer):
    context, x = context_for(layer, 2, 1, 4), values(layer, 2, 3, 4)
    y, ladj = layer(context).call_and_ladj(x)
    assert (y.shape, ladj.shape) == (x.shape, x.shape[:-1])
    rows = None if context is None else context.expand(2, 3, 4, -1).reshape(24, -1)
    flat_y, flat_ladj = layer(rows).call_and_ladj(x.reshape(24, -1))
    torch.testing.assert_close(y.reshape(24, -1), flat_y)
    torch.testing.assert_close(ladj.reshape(24), flat_ladj)
    torch.testing.assert_close(layer(context).inv(y), x)


def test_empty_batch_and_no_batch(layer):
    for batch in ((0,), (), (3, 0)):
        t, x = layer(context_for(layer, *batch)), values(layer, *batch)
        y, ladj = t.call_and_ladj(x)
        assert (y.shape, ladj.shape, t.inv(y).shape) == (x.shape, torch.Size(batch), x.shape)


@pytest.mark.parametrize("name", REAL)
def test_far_values_give_finite_values_and_gradients(name):
    layer = build(name)
    alternating = (-1.0) ** torch.arange(layer.features)
    x = 1e3 * torch.stack([alternating.square(), -alternating.square(), alternating]).double().requires_grad_()
    y, ladj = layer(context_for(layer, 3)).call_and_ladj(x)
    gradients = torch.autograd.grad(y.sum() + ladj.sum(), [x, *layer.parameters()])
    assert all(bool(t.isfinite().all()) for t in (y, ladj, *gradients))


@pytest.mark.parametrize("name", [n for n in REAL if n.startswith("spline")])
def test_tails_of_a_spline_are_the_identity(name):
    layer = build(name)
    x = torch.tensor([1e3, -1e3, 50.0, -50.0, 6.0]).double()[: layer.features]
    t = layer(context_for(layer))
    assert torch.equal(t(x), x)
    assert torch.equal(t.inv(x), x)
    assert t.log_abs_det_jacobian(x, t(x)) == 0


def test_gradients(layer):
    module = Pass(layer)
    x, context = values(layer, 2).requires_grad_(), context_for(layer, 2)
    inputs = (x,) if context is None else (x, context.requires_grad_())
    assert torch.autograd.gradcheck(module, inputs)
    assert torch.autograd.gradgradcheck(module, inputs, fast_mode=True)


@pytest.mark.parametrize("name", [*BIJECTIONS, "affine_residual", "affine_direct", "affine_no_hidden_layer"])
def test_gradients_of_parameters(name):
    layer = build(name)
    module, x, context = Pass(layer), values(layer, 2), context_for(layer, 2)
    names = [n for n, _ in module.named_parameters()]

    def function(*parameters):
        return torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (x, context))

    parameters = tuple(p.detach().clone().requires_grad_() for p in module.parameters())
    assert torch.autograd.gradcheck(function, parameters, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, parameters, fast_mode=True)


def test_gradients_through_the_inverse(layer):
    y, context = scores(layer, 2).requires_grad_(), context_for(layer, 2)
    inputs = (y,) if context is None else (y, context.requires_grad_())
    assert torch.autograd.gradcheck(lambda y, context=None: layer(context).inv(y), inputs, fast_mode=True)


def test_vmap_gives_the_batch(layer):
    context, x, y = context_for(layer, 6), values(layer, 6), scores(layer, 6)

    def both(x, y, context=None):
        return *layer(context).call_and_ladj(x), layer(context).inv(y)

    arguments = (x, y) if context is None else (x, y, context)
    for got, expected in zip(torch.func.vmap(both)(*arguments), both(*arguments), strict=True):
        torch.testing.assert_close(got, expected)


def test_vmap_over_contexts_alone(layer):
    x, y = values(layer), scores(layer)
    if not layer.context:
        return
    contexts = context_for(layer, 4)
    got = torch.func.vmap(lambda c: (layer(c)(x), layer(c).inv(y)))(contexts)
    torch.testing.assert_close(got, (layer(contexts)(x), layer(contexts).inv(y)))


def test_copies_are_independent(layer):
    context, x = context_for(layer, 3), values(layer, 3)
    t = layer(context)
    y = t(x)
    for other in (copy.deepcopy(layer)(context), copy.deepcopy(t)):
        assert torch.equal(other(x), y)
        with torch.no_grad():
            for parameter in other.module.parameters():
                parameter.add_(1.0)
        assert not torch.equal(other(x), y)
    assert torch.equal(layer(context)(x), y)


@pytest.mark.parametrize("name", CASES)
def test_state_dict_round_trip(name):
    layer, other = build(name), build(name, seed=8)
    other.load_state_dict(layer.state_dict())
    context, x = context_for(layer, 3), values(layer, 3)
    assert torch.equal(other(context)(x), layer(context)(x))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the compiler itself uses
@pytest.mark.parametrize("name", FEW)
def test_compiles_without_a_graph_break(name):
    layer = build(name)
    context, x = context_for(layer, 5), values(layer, 5)
    torch._dynamo.reset()
    compiled = torch.compile(Pass(layer), fullgraph=True)
    torch.testing.assert_close(compiled(x, context), Pass(layer)(x, context))


def test_parameters_that_are_zero_are_the_identity():
    for bijection in [b for name, b in BIJECTIONS.items() if not name.startswith("cdf")]:
        layer = MaskedAutoregressive(3, bijection=bijection, hidden_units=(8,)).double()
        torch.nn.init.zeros_(layer.network.layers[-1].weight)
        x = values(layer, 20)
        y, ladj = layer().call_and_ladj(x)
        torch.testing.assert_close((y, ladj), (x, torch.zeros(20).double()), rtol=1e-12, atol=1e-12)
