"""The checks pass on good models, whatever their architecture, and say what they measured."""

import re

import pytest
import torch
from helpers import redraw

from tailormade import MADE, Bernoulli, Categorical
from tailormade.verify import check_autoregressive, check_normalised, check_round_trip, check_sampler, verify

MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)]
GOOD = {
    "one order": {"features": 5},
    "three orders": {"features": 5, "orders": 3},
    "any order": {"features": 4, "orders": "any"},
    "context": {"features": 4, "context": 2},
    "context, three orders": {"features": 4, "context": 2, "orders": 3, "direct": True},
    "categories": {"features": 4, "conditionals": MIXED, "orders": 2},
    "one category": {"features": 3, "conditionals": [Categorical(1), Bernoulli(), Categorical(1)]},
    "one variable": {"features": 1},
    "one variable, context": {"features": 1, "context": 1, "conditionals": Categorical(3)},
    "thirteen variables": {"features": 13},
    "twenty variables, three orders": {"features": 20, "orders": 3, "input_order": "random"},
    "twenty variables, context": {"features": 20, "context": 3},
    "eight categories": {"features": 8, "conditionals": Categorical(5)},
    "groups": {"features": 4, "input_order": [1, 2, 2, 1]},
    "one group": {"features": 3, "input_order": [1, 1, 1]},
    "no hidden layer": {"features": 4, "hidden_units": ()},
    "too narrow": {"features": 6, "hidden_units": (2,)},
    "residual": {"features": 4, "hidden_units": (8, 8), "residual": True, "direct": True},
    "random degrees": {"features": 4, "hidden_degrees": "random", "orders": 3},
    "dropout": {"features": 4, "dropout": 0.5},
    "wider than the rows looked at": {"features": 600, "hidden_units": (8,)},
}
FIGURES = {
    "autoregressive": r"largest forbidden derivative 0 in \d+ Jacobian rows over \d+ order\(s\); 0 forbidden paths",
    "normalised": r"probabilities of .* sum to 1 within (0|\d(\.\d)?e-\d\d)$",
    "sampler": r"\d+ samples from each of \d+ order\(s\) deviate by \d\.\d\d standard errors at most$",
    "save and load": r"log-probabilities of a saved and loaded copy differ by 0$",
}


def build(name):
    # dropout stays on: a check that forgot to turn it off would fail
    return redraw(MADE(**{"hidden_units": (16,), "seed": 3, "activation": "tanh", **GOOD[name]})).train()


@pytest.mark.parametrize("name", GOOD)
def test_good_models_pass(name):
    checks = verify(build(name))
    assert [check.name for check in checks] == list(FIGURES)
    for check in checks:
        assert check, check
        assert re.match(FIGURES[check.name], check.figure), check.figure
        assert str(check) == f"ok      {check.name:<15} {check.figure}"


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_other_types_pass(dtype):
    assert all(verify(build("context, three orders").to(dtype)))


@pytest.mark.parametrize("seed", range(5))
def test_seeds_make_no_difference(seed):
    assert all(verify(build("three orders"), seed=seed))


def test_the_same_seed_gives_the_same_figures():
    model = build("context, three orders")
    assert verify(model, seed=4) == verify(model, seed=4) != verify(model, seed=5)


def test_checks_leave_model_and_generators_alone():
    model, before = build("dropout"), torch.get_rng_state()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    verify(model)
    assert torch.equal(torch.get_rng_state(), before)
    assert model.training
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_lost_dependencies_are_counted():
    # units of degrees 1 and 3 of 1..5: what has degree 2, 4 or 5 hides from its successor
    assert re.search(r"0 forbidden paths, [1-9]\d* dependencies lost", check_autoregressive(build("too narrow")).figure)
    assert "0 dependencies lost" in check_autoregressive(build("one order")).figure


def test_every_order_has_its_jacobian_rows():
    assert "in 15 Jacobian rows over 3 order(s)" in check_autoregressive(build("three orders")).figure
    assert "in 64 Jacobian rows over 16 order(s)" in check_autoregressive(build("any order")).figure
    assert "in 512 Jacobian rows" in check_autoregressive(build("wider than the rows looked at")).figure


ENUMERATED = {
    "one order": "32 states of 5 variables",
    "categories": "48 states of 4 variables",
    "one category": "2 states of 3 variables",
    "thirteen variables": "the last 12 variables given a random prefix, 1 order(s)",
    "eight categories": "the last 5 variables given a random prefix, 1 order(s)",
    "twenty variables, three orders": "the last 12 variables given a random prefix, 3 order(s)",
}


@pytest.mark.parametrize("name", ENUMERATED)
def test_what_is_enumerated(name):
    assert f"probabilities of {ENUMERATED[name]} sum to 1" in check_normalised(build(name)).figure


def test_a_variable_too_large_to_enumerate_stands_alone():
    model = MADE(2, conditionals=Categorical(4100), hidden_units=(2,), seed=0)
    assert "the last 1 variables" in check_normalised(model).figure


@pytest.mark.parametrize(("name", "rows"), [("one order", 5000), ("wider than the rows looked at", 333)])
def test_how_much_is_sampled(name, rows):
    assert f"{rows} samples from each of 1 order(s)" in check_sampler(build(name)).figure


def test_metadata_survives_the_round_trip():
    model = build("one order")
    model.metadata = {"columns": list("abcde")}
    assert check_round_trip(model)
    assert model.metadata == {"columns": list("abcde")}
