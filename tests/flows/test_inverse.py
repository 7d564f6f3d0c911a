"""The inverse by every engine is that of the loop, which is the definition."""

import pytest
import torch
from flows.cases import BIJECTIONS, build, scores
from flows.inverse_cases import CONFIGURATIONS, FAST, arguments, inverted
from helpers import redraw

from tailormade.flows import Affine, MaskedAutoregressive, inverse_problem
from tailormade.flows.bijections.affine import SCALES
from tailormade.flows.inverse import invert
from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling import draw, use_engine


def close(found, expected, tolerance):
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert bool(((found - expected).abs() <= tolerance * expected.abs().clamp(min=1)).all())


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_agreement(configuration, monkeypatch):
    configuration.cut(monkeypatch)
    layer = configuration.layer()
    given = arguments(layer, configuration.rows)
    expected = inverted(layer, "loop", *given)
    for engine in configuration.engines():
        close(inverted(layer, engine, *given), expected, 1e-10)
        with torch.no_grad():
            close(inverted(layer, engine, *given), expected, 1e-10)


@pytest.mark.parametrize("name", list(BIJECTIONS))
def test_every_bijection(name):
    layer = build(name, features=4, hidden_units=(10, 10))
    y, context = scores(layer, 6), arguments(layer, 6)[1]
    expected = inverted(layer, "loop", y, context)
    close(inverted(layer, "torch", y, context), expected, 1e-9)
    torch.testing.assert_close(layer(context)(expected), y, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("scale", SCALES)
def test_extreme_scales(engine, scale):
    layer = MaskedAutoregressive(4, hidden_units=(), bijection=Affine(scale), seed=0).double()
    with torch.no_grad():
        layer.network.layers[-1].weight.zero_()
        layer.network.layers[-1].bias.copy_(torch.tensor([0.0, -50.0, 1.0, -7.0, 2.0, 4.0, 3.0, 40.0]))
    y = arguments(layer, 3)[0]
    close(inverted(layer, engine, y), inverted(layer, "loop", y), 1e-10)


@pytest.mark.parametrize("engine", FAST)
def test_in_single_precision(engine):
    layer = redraw(MaskedAutoregressive(20, 2, hidden_units=(40, 40), seed=0), scale=0.1)
    given = arguments(layer, 50)
    close(inverted(layer, engine, *given), inverted(layer, "loop", *given), 1e-4)


@pytest.mark.parametrize("engine", ["loop", *FAST])
def test_types(engine):
    layer, y = MaskedAutoregressive(3, hidden_units=(4,), seed=0), torch.ones(2, 3)
    assert inverted(layer, engine, y).dtype == torch.float32
    with use_engine("torch" if engine == "compiled" else engine):  # compiled loops are of one type
        assert invert(layer.network, layer.degrees, layer.bijection, y.double()).dtype == torch.float64
        layer.bfloat16()
        assert invert(layer.network, layer.degrees, layer.bijection, y.bfloat16()).dtype == torch.float32


@pytest.mark.parametrize("engine", ["loop", *FAST])
@pytest.mark.parametrize("shapes", [((), ()), ((4,), ()), ((), (4,)), ((2, 3), (3,)), ((3,), (2, 1)), ((0, 2), (2,))])
def test_batches_broadcast(engine, shapes):
    layer = redraw(MaskedAutoregressive(3, 2, hidden_units=(8,), seed=0).double())
    y, context = arguments(layer, *shapes[0])[0], arguments(layer, *shapes[1], seed=1)[1]
    x = inverted(layer, engine, y, context)
    batch = torch.broadcast_shapes(*shapes)
    assert x.shape == (*batch, 3)
    torch.testing.assert_close(layer(context)(x), y.expand(*batch, 3), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("engine", FAST)
def test_fresh_weights(engine):
    layer = redraw(MaskedAutoregressive(5, 1, hidden_units=(9, 9), seed=0).double())
    given = arguments(layer, 3)
    before = inverted(layer, engine, *given)
    redraw(layer, seed=1)
    after = inverted(layer, engine, *given)
    assert not torch.allclose(after, before)
    close(after, inverted(layer, "loop", *given), 1e-10)


@pytest.fixture
def chosen(monkeypatch):
    """The engines that have drawn."""
    names = []

    def noted(source, noise, *, engine):
        names.append(engine)
        return draw(source, noise, engine=engine)

    monkeypatch.setattr(inverse_problem, "draw", noted)
    return names


def test_the_choice_of_the_engine(chosen):
    """Small transforms are not worth the loading of compiled loops, larger ones are from the first row on."""
    for layer in (MaskedAutoregressive(4, seed=0), MaskedAutoregressive(63, seed=0), build("spline", features=63)):
        inverted(layer, "auto", *(t.detach() for t in arguments(layer.requires_grad_(False), 1)))
    assert chosen == ["torch", "compiled", "torch"]


def test_compiled_loops_do_not_have_every_bijection():
    layer = build("spline")
    with pytest.raises(ValueError, match=r"^engine: expected one that can draw"):
        inverted(layer, "compiled", *arguments(layer, 2))


def test_an_activation_that_has_parameters_is_left_to_the_definition():
    """The sweep knows the parameters of layers alone."""
    activation = torch.nn.PReLU()
    network = MaskedNetwork([1] * 3, [2] * 3, [6], activation=activation)
    x = invert(network, create_degrees(3, (6,)), Affine(), torch.ones(4, 3))
    x.sum().backward()
    assert activation.weight.grad is not None


def test_what_noise_reaches():
    """Row i of dx/dy depends on y of no later degree, and does on its own."""
    layer = redraw(MaskedAutoregressive(4, hidden_units=(12,), input_order=[3, 1, 4, 2], seed=0).double())
    y = arguments(layer)[0].detach()
    jacobian = torch.stack([inverted(layer, "torch", y + 0.1 * e) - inverted(layer, "torch", y) for e in torch.eye(4)])
    order = layer.degrees.inputs
    assert torch.equal(jacobian.T != 0, order.unsqueeze(1) >= order)
