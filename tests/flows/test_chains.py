"""A few rows through a whole flow are those of the loop, layer by layer, with the weights as they are now."""

import copy
from dataclasses import replace

import pytest
import torch
from flows.inverse_cases import CONFIGURATIONS, arguments
from helpers import redraw

from tailormade import MAF
from tailormade.flows import Affine, MaskedAutoregressive
from tailormade.flows.layers import MaskedLayer
from tailormade.flows.layers.chains import Chains
from tailormade.flows.shift_and_log_scale import Unshift
from tailormade.sampling import use_engine
from tailormade.sampling.chain import Chain

AFFINE = [c for c in CONFIGURATIONS if isinstance(c.bijection, Affine | Unshift)]


def run(layers, z, context=None, engine="compiled"):
    with torch.no_grad(), use_engine(engine):
        if engine == "compiled":
            return Chains().to_data(layers, z, context)
        for layer in layers:
            z = layer.to_data(z, context)
        return z


@pytest.fixture
def ran(monkeypatch):
    """How many chains have run."""
    runs, own = [], Chain.run
    monkeypatch.setattr(Chain, "run", lambda self, *given: runs.append(self) or own(self, *given))
    return runs


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("configuration", AFFINE, ids=str)
def test_every_configuration(configuration, rows, ran):
    others = [replace(configuration, order=order) for order in ("random", "right-to-left")]
    layers = [MaskedLayer(c.layer()) for c in (configuration, *others)]
    given = arguments(layers[0].transform, rows)
    given = given if len(given) == 2 else (*given, None)
    found, expected = run(layers, *given), run(layers, *given, "loop")
    assert len(ran) == 1
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def flow(**options):
    return redraw(MAF(30, options.pop("context", 0), transforms=3, hidden_units=(20, 20), seed=0, **options), scale=0.3)


def draws(model, context=None, shape=(2,), engine="auto"):
    with use_engine(engine):
        return model(context).sample(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("normalisation", [None, "activation", "batch"])
@pytest.mark.parametrize("linear", [False, True])
def test_layers_between(normalisation, linear, ran):
    model = flow(normalisation=normalisation, linear=linear).double()
    torch.testing.assert_close(draws(model), draws(model, engine="loop"), rtol=1e-9, atol=1e-9)
    assert len(ran) == (1 if normalisation is None and not linear else 3)


@pytest.mark.parametrize(
    ("batch", "shape"), [((), ()), ((), (3,)), ((3,), ()), ((1,), (2,)), ((1, 3), ()), ((), (1, 2))]
)
def test_shapes_with_context(batch, shape, ran):
    model, context = flow(context=2), torch.randn(*batch, 2)
    found = draws(model, context, shape)
    assert found.shape == (*shape, *batch, 30)
    assert len(ran) == 1
    torch.testing.assert_close(found, draws(model, context, shape, "loop"), rtol=1e-4, atol=1e-4)


def grow(model):
    for parameter in model.parameters():
        parameter.data.mul_(1.5)


def turn(model):
    for transform in model.transforms:
        transform.table.inputs.data.copy_(transform.table.inputs.flip(1))
        for layer in range(transform.table.layers):
            getattr(transform.table, f"hidden_{layer}").data.copy_(getattr(transform.table, f"hidden_{layer}").flip(1))


def widen(model):
    model.double()


def load(model):
    model.load_state_dict({k: v.roll(1, -1) if k.endswith("bias") else v for k, v in model.state_dict().items()})


@pytest.mark.parametrize("change", [grow, turn, widen, load])
def test_nothing_is_stale(change, ran):
    model = flow()
    before = draws(model)
    change(model)
    found, expected = draws(model), draws(model, engine="loop")
    assert len(ran) == 2
    assert not torch.allclose(found.to(before.dtype), before, atol=1e-3)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_given_parameters_are_used(ran):
    model, z = flow(), torch.randn(1, 30)
    transform = model.transform()
    halves = {name: parameter.detach() / 2 for name, parameter in model.named_parameters()}
    halved = copy.deepcopy(model)
    halved.load_state_dict({**halved.state_dict(), **halves})
    with torch.no_grad():
        before, expected = transform(z), halved.transform()(z)
        found = torch.func.functional_call(_ToData(model), {f"flow.{k}": v for k, v in halves.items()}, (z,))
        assert torch.equal(transform(z), before)
    assert len(ran) == 4
    assert torch.equal(found, expected)


class _ToData(torch.nn.Module):
    def __init__(self, flow):
        super().__init__()
        self.flow = flow

    def forward(self, z):
        return self.flow.to_data(z)


def test_a_copy_has_its_own():
    model = flow()
    before = draws(model)
    other = copy.deepcopy(model)
    grow(other)
    assert torch.equal(draws(model), before)
    assert not torch.allclose(draws(other), before, atol=1e-3)


@pytest.mark.parametrize("case", ["gradients", "four rows", "torch", "loop", "splines", "few variables"])
def test_where_no_chain_serves(case, ran):
    model = flow(bijection="spline") if case == "splines" else flow()
    if case == "few variables":
        model = MAF(2, transforms=2, hidden_units=(8,), seed=0)
    if case == "gradients":
        model().rsample((2,)).sum().backward()
        assert all(p.grad is not None for p in model.transforms[0].parameters())
    else:
        draws(model, shape=(4,) if case == "four rows" else (2,), engine=case if case in ("torch", "loop") else "auto")
    assert not ran


def test_wrong_width():
    layer = MaskedLayer(MaskedAutoregressive(30, seed=0))
    with pytest.raises(ValueError, match="30"):
        run([layer], torch.zeros(1, 29))
