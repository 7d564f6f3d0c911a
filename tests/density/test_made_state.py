"""State dicts and copies: what was drawn at random comes back with the weights."""

import copy
import pickle

import pytest
import torch
from helpers import context_for, every_state, fill
from registry import CASES, named

from tailormade import MADE, Bernoulli, Categorical

COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda model: pickle.loads(pickle.dumps(model))}


def logs(model):
    return model.log_prob(every_state(model), context_for(model)).detach()


@pytest.mark.parametrize("how", COPIES)
def test_copies_are_equal_and_independent(model, how):
    again, before = COPIES[how](model), logs(model)
    assert torch.equal(logs(again), before)
    fill(again, 0.1)
    assert all(bool((p != 0.1).any()) for p in model.parameters() if p.numel())


@pytest.mark.parametrize("activation", ["relu", "linear", "leaky_relu", "elu"])
def test_pickling_whatever_the_activation(activation):
    model = MADE(3, hidden_units=(4,), activation=activation)
    assert torch.equal(logs(COPIES["pickle"](model)), logs(model))


OPTIONS = {
    "random_order": {"input_order": "random"},
    "random_degrees": {"input_order": "random", "hidden_degrees": "random"},
    "orders": {"orders": 3, "residual": True, "hidden_units": (8, 8)},
    "any": {"orders": "any", "direct": True},
    "context": {"context": 2, "orders": 2},
    "mixed": {"conditionals": [Bernoulli(), Categorical(3), Bernoulli(), Categorical(2), Bernoulli()]},
}


@pytest.mark.parametrize("case", OPTIONS)
def test_a_model_of_another_seed_becomes_the_one_it_loads(case):
    options = {"hidden_units": (8,), "features": 5, **OPTIONS[case]}
    model, other = MADE(seed=1, **options), MADE(seed=2, **options)
    model.adapt(torch.bernoulli(torch.full((20, 5), 0.3)), context_for(model, 20))
    assert not torch.equal(logs(other), logs(model))
    other.load_state_dict(model.state_dict())
    assert torch.equal(logs(other), logs(model))
    assert [str(row) for row in other.table] == [str(row) for row in model.table]


@pytest.mark.parametrize("model", named(CASES, "3", "three_wide"), indirect=True)
def test_state_dicts_hold_orders_degrees_and_scales(model):
    names = set(model.state_dict())
    assert {"table.inputs", "table.hidden_0", "input_shift", "input_scale", "context_shift", "context_scale"} <= names


def test_degrees_stay_integers_when_the_model_is_cast():
    model = MADE(5, hidden_units=(8,), seed=0)
    before = str(model.table[0])
    assert str(model.half().bfloat16().double().table[0]) == before


def test_a_state_dict_can_be_saved_without_pickled_code(tmp_path):
    model, other = (MADE(5, hidden_units=(8,), input_order="random", seed=s) for s in (1, 2))
    torch.save(model.state_dict(), tmp_path / "state.pt")
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert torch.equal(logs(other), logs(model))
