"""Two-sided: a density's conditionals depend on exactly the variables and the context that the audit names."""

import pytest
import torch
from helpers import context_for, jacobian, pattern
from registry import CASES, named

from tailormade import MADE, Bernoulli, Categorical
from tailormade.masks import audit, count_lost

CONTEXTUAL = named(CASES, "context2")
WITH_HIDDEN = [n for n in CONTEXTUAL if "none" not in n.split("-")]
NARROW = [*named(CASES, "one_narrow", without=("direct",)), *named(CASES, "three_narrow", without=("direct",))]
WIDE = [*named(CASES, "one_wide"), *named(CASES, "three_wide"), *named(CASES, "none"), *named(CASES, "direct")]


def point(model):
    """Network inputs of no event in particular: the network is differentiable in what it encodes."""
    return torch.linspace(-1.0, 1.2, sum(model.layout.input_sizes), dtype=torch.float64)


def dependence(model, k):
    """Which variable's parameters depend on which variable, under component ``k``."""
    degrees, context = model.table[k], context_for(model)
    sizes = model.layout.param_sizes, model.layout.input_sizes
    return pattern(lambda x: model.network(x, context, degrees), point(model), *sizes)


@pytest.mark.parametrize("component", [0, -1], ids=["first", "last"])
def test_dependence_is_what_the_audit_says(model, component):
    found = audit(model, component=component)
    assert torch.equal(dependence(model, component), found.realised)
    assert len(found.forbidden) == 0


@pytest.mark.parametrize("component", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("model", WIDE, indirect=True)
def test_wide_or_direct_networks_realise_all_that_the_order_allows(model, component):
    found = audit(model, component=component)
    assert torch.equal(found.realised, found.allowed)
    assert model.lost == 0


def test_the_count_is_the_audits(model):
    lost = [len(audit(model, component=k).lost) for k in range(len(model.table))]
    assert sum(lost) == model.lost
    assert lost == [count_lost(degrees, direct=model.network.direct is not None)[0] for degrees in model.table]


@pytest.mark.parametrize("model", [n for n in NARROW if "ternary" not in n and "groups" not in n], indirect=True)
def test_narrow_networks_lose_something(model):
    assert model.lost > 0


@pytest.mark.parametrize("model", CONTEXTUAL, indirect=True)
def test_context_reaches_every_variable_in_every_order(model):
    x, degrees = point(model), model.table[-1]
    found = pattern(
        lambda c: model.network(x, c, degrees), context_for(model), model.layout.param_sizes, [model.context]
    )
    assert bool(found.all())
    assert bool(audit(model, component=-1).context_reaches.all())


def curvature(model, component):
    """Second difference along the context of the parameters of the variables that come first."""
    degrees, x = model.table[component], torch.zeros(model.features).double()
    raw = [model.params(x, context_for(model) + step, degrees) for step in (-1.0, 0.0, 1.0)]
    bend = (raw[0] - 2 * raw[1] + raw[2]).detach().abs().split(model.layout.param_sizes, -1)
    return torch.stack([part.max() for part in bend])[degrees.inputs == 1]


@pytest.mark.parametrize("component", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize("model", WITH_HIDDEN, indirect=True)
def test_context_bends_the_first_variable(model, component):
    assert bool((curvature(model, component) > 1e-8).all())


@pytest.mark.parametrize("model", [n for n in CONTEXTUAL if n not in WITH_HIDDEN], indirect=True)
def test_without_a_hidden_layer_context_is_affine(model):
    assert bool((curvature(model, 0) < 1e-12).all())


def test_context_that_cannot_reach_is_not_lost_in_silence():
    # no unit of degree 0: the first variable would ignore the context
    with pytest.raises((UserWarning, ValueError), match="context"):
        MADE(3, context=2, hidden_units=(8,), hidden_degrees=[[1, 1, 1, 1, 2, 2, 2, 2]])


def test_residual_blocks_keep_their_degrees_when_orders_are_drawn():
    model = MADE(5, hidden_units=(8, 8), residual=True, orders="any", hidden_degrees="random", seed=1)
    drawn = model.draw(torch.Generator().manual_seed(2))
    assert all(torch.equal(layer, drawn.hidden[0]) for layer in drawn.hidden)
    assert all(torch.equal(layer, row.hidden[0]) for row in model.table for layer in row.hidden)


def test_categories_enter_as_one_variable():
    model = MADE(2, conditionals=[Categorical(3), Bernoulli()], hidden_units=(8,), activation="tanh", seed=0).double()
    raw = jacobian(lambda x: model.network(x, None, model.table[0]), point(model))
    assert raw.shape == (4, 4)
    assert bool((raw[:3] == 0).all())
    assert bool((raw[3, :3] != 0).all())
    assert float(raw[3, 3]) == 0
