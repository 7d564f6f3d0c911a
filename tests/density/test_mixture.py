"""Several orders: the mixture of the densities of each, and densities of orders that are asked for."""

import math

import pytest
import torch
from helpers import context_for, every_state, pattern, redraw
from registry import CASES, named

import tailormade as tm
from tailormade import MADE
from tailormade.density.distribution import log_mean_exp

MIXTURES = [*named(CASES, "3"), *named(CASES, "any")]
ANY = named(CASES, "any", without=("groups",))


@pytest.mark.parametrize("model", MIXTURES, indirect=True)
def test_the_mixture_is_the_mean_of_the_components_probabilities(model):
    context, states = context_for(model), every_state(model)
    each = torch.stack([model(context, order=k).log_prob(states) for k in range(len(model.table))])
    mixture = model(context).log_prob(states)
    torch.testing.assert_close(mixture.exp(), each.exp().mean(0), atol=1e-12, rtol=0)
    torch.testing.assert_close(model(context).component_log_prob(states), each, atol=1e-12, rtol=0)


@pytest.mark.parametrize("model", [n for n in MIXTURES if "groups" not in n and "one_" not in n], indirect=True)
def test_components_differ(model):
    logs = model(context_for(model)).component_log_prob(every_state(model))
    assert not torch.allclose(logs, logs[0])


def test_the_models_log_prob_is_the_distributions(model):
    context, states = context_for(model), every_state(model)
    torch.testing.assert_close(model.log_prob(states, context), model(context).log_prob(states), atol=1e-12, rtol=0)


def test_log_mean_exp_survives_what_exp_does_not():
    logs = torch.tensor([[-1000.0, -2000.0], [-1000.0, -2000.0], [-1001.0, -2000.0]]).double()
    expected = torch.tensor([-1000.0 + math.log((2 + math.exp(-1)) / 3), -2000.0], dtype=torch.float64)
    torch.testing.assert_close(log_mean_exp(logs), expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("model", ANY, indirect=True)
def test_an_order_that_is_asked_for_is_the_one_that_is_used(model):
    order = torch.arange(model.features, 0, -1)
    (degrees,) = model(context_for(model), order=order).components
    assert torch.equal(degrees.inputs, order)
    x = torch.linspace(-1.0, 1.2, sum(model.layout.input_sizes), dtype=torch.float64)
    sizes, context = (model.layout.param_sizes, model.layout.input_sizes), context_for(model)
    found = pattern(lambda v: model.network(v, context, degrees), x, *sizes)
    assert not bool((found & ~torch.ones_like(found).triu(1)).any())


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", "random", [2, 3, 1], torch.tensor([3, 1, 2])])
def test_orders_of_any_kind(order):
    model = MADE(3, hidden_units=(8,), orders="any", seed=0)
    assert sorted(model(order=order).components[0].inputs.tolist()) == [1, 2, 3]


@pytest.mark.parametrize(("orders", "count"), [(1, 1), (5, 5), ("any", 16)])
def test_the_first_component_has_the_input_order(orders, count):
    model = MADE(6, hidden_units=(8,), orders=orders, input_order=[2, 4, 6, 1, 3, 5], seed=0)
    assert len(model.table) == count
    assert model.table[0].inputs.tolist() == [2, 4, 6, 1, 3, 5]
    assert all(row.inputs.sort().values.tolist() == [1, 2, 3, 4, 5, 6] for row in model.table)


@pytest.mark.parametrize("listed", [[[3, 1, 2]], ["left-to-right", [3, 1, 2]], ["random"] * 5], ids=len)
def test_a_model_of_any_order_stores_the_orders_that_are_listed(listed, tmp_path):
    model = MADE(3, hidden_units=(8,), orders="any", input_order=listed, seed=0)
    given = [order for order in listed if isinstance(order, list)]
    assert len(model.table) == len(model().components) == len(listed)
    assert [row.inputs.tolist() for row in model.table if row.inputs.tolist() in given] == given
    tm.save(model, tmp_path / "m")
    assert torch.equal(tm.load(tmp_path / "m").table.inputs, model.table.inputs)


def test_listed_orders_of_any_order_have_as_many_groups():
    words = r"^input_order: expected orders with as many groups each for orders='any', got \[2, 3\]\.$"
    with pytest.raises(ValueError, match=words):
        MADE(3, hidden_units=(8,), orders="any", input_order=[[1, 2, 3], [1, 1, 2]], seed=0)


def test_the_other_components_are_drawn():
    model = MADE(6, hidden_units=(8,), orders=5, seed=0)
    assert len({tuple(row.inputs.tolist()) for row in model.table}) > 1
    assert all(torch.equal(row.hidden[0], model.table[0].hidden[0]) for row in model.table)


def test_random_hidden_degrees_are_drawn_for_every_order():
    model = MADE(6, hidden_units=(8,), orders=5, hidden_degrees="random", seed=0)
    assert len({tuple(row.hidden[0].tolist()) for row in model.table}) > 1


def test_groups_are_permuted_as_groups():
    model = MADE(4, hidden_units=(8,), orders=6, input_order=[1, 1, 2, 3], seed=0)
    assert all(row.inputs[0] == row.inputs[1] for row in model.table)
    assert all(row.inputs.unique().tolist() == [1, 2, 3] for row in model.table)


@pytest.mark.parametrize("rule", ["equal", "random"])
def test_drawing_an_order_is_what_the_generator_says(rule):
    model = MADE(6, hidden_units=(8,), orders="any", hidden_degrees=rule, seed=0)
    draws = [str(model.draw(torch.Generator().manual_seed(s))) for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_a_drawn_order_is_a_density():
    model = redraw(MADE(4, hidden_units=(8,), orders="any", seed=0).double())
    degrees = model.draw(torch.Generator().manual_seed(1))
    total = model.component_log_prob(every_state(model), None, degrees).logsumexp(0)
    torch.testing.assert_close(total, torch.zeros(()).double(), atol=1e-10, rtol=0)


WRONG = {
    "too_large": (3, 3, r"order: expected 0..2, got 3"),
    "negative": (3, -1, r"order: expected 0..2, got -1"),
    "not_any": (3, [3, 1, 2], "only one with orders='any' can be asked for an arbitrary order"),
    "not_a_permutation": ("any", [1, 1, 2], "order: expected the degrees 1..3"),
    "wrong_length": ("any", [1, 2], "Invalid input order"),
    "unknown": ("any", "sideways", "Invalid input order"),
}


@pytest.mark.parametrize("case", WRONG)
def test_orders_the_model_was_not_built_for(case):
    orders, order, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        MADE(3, hidden_units=(8,), orders=orders, seed=0)(order=order)
