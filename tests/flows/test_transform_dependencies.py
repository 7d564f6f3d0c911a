"""Output i depends on variables before i, on all of them, and on the context, whatever is done to the weights."""

import pytest
import torch
from flows.cases import CASES, build, values
from helpers import context_for, jacobian, pattern, poison

from tailormade.flows import MaskedAutoregressive
from tailormade.masks import audit

DEPENDENT = [name for name in CASES if not name.startswith("cdf") or name.startswith("cdf_normals")]


def allowed(layer):
    order = layer.degrees.inputs
    return order[:, None] > order[None, :]


@pytest.mark.parametrize("name", DEPENDENT)
def test_parameters_see_all_variables_before_and_no_other(name):
    layer = build(name)
    x, context = values(layer), context_for(layer)
    sizes = [layer.bijection.params] * layer.features
    assert torch.equal(pattern(lambda x: layer.params(x, context).flatten(), x, sizes), allowed(layer))


@pytest.mark.parametrize("name", CASES)
def test_values_depend_on_no_variable_after(name):
    layer = build(name)
    context = context_for(layer)
    nonzero = jacobian(lambda x: layer(context).call_and_ladj(x)[0], values(layer)) != 0
    assert not bool((nonzero & ~allowed(layer) & ~torch.eye(layer.features).bool()).any())


@pytest.mark.parametrize("name", CASES)
def test_masks_realise_every_dependency(name):
    layer = build(name)
    found = audit(layer)
    assert len(found.lost) == len(found.forbidden) == layer.lost == 0
    assert torch.equal(found.realised, allowed(layer))
    assert found.context_reaches is None or bool(found.context_reaches.all())


@pytest.mark.parametrize("name", [n for n in DEPENDENT if "one_variable" not in n])
def test_context_reaches_every_variable(name):
    layer = build(name)
    if not layer.context:
        return
    x = values(layer)
    sizes = [layer.bijection.params] * layer.features
    reached = pattern(lambda c: layer.params(x, c).flatten(), context_for(layer), sizes, [1] * layer.context)
    assert bool(reached.all())


def test_context_reaches_the_first_variable_by_no_straight_line():
    for name, curved in (("affine_five_variables", True), ("affine_no_hidden_layer", False)):
        layer = build(name)
        first = int(layer.degrees.inputs.argmin())
        at = layer.params(values(layer), torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]).double())[:, first]
        assert bool(((at[0] - 2 * at[1] + at[2]).abs() > 1e-6).any()) == curved


@pytest.mark.parametrize("value", [torch.inf, torch.nan, 1e30])
def test_masked_weights_are_not_used_whatever_is_written_into_them(value):
    for name in ("affine_residual", "affine_direct", "spline"):
        layer = build(name)
        context, x = context_for(layer, 3), values(layer, 3)
        before = layer(context).call_and_ladj(x)
        poison(layer, value)
        torch.testing.assert_close(layer(context).call_and_ladj(x), before, rtol=0, atol=0)
        torch.testing.assert_close(layer(context).inv(before[0]), x)


def test_training_does_not_break_the_masks():
    layer = build("affine_residual")
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.1, weight_decay=0.1)
    for step in range(3):
        y, ladj = layer(context_for(layer, 16)).call_and_ladj(values(layer, 16, seed=step))
        optimiser.zero_grad()
        (y.square().sum(-1) / 2 - ladj).mean().backward()
        optimiser.step()
    x, sizes = values(layer), [layer.bijection.params] * layer.features
    context = context_for(layer)
    assert torch.equal(pattern(lambda x: layer.params(x, context).flatten(), x, sizes), allowed(layer))


def test_lost_dependencies_are_reported():
    layer = MaskedAutoregressive(6, hidden_units=(2,))
    assert layer.lost > 0
    with pytest.raises(ValueError, match="hidden_units: layers of"):
        MaskedAutoregressive(6, hidden_units=(2,), strict=True)
