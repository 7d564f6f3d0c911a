"""Frequencies of all states against their enumerated probabilities, by every engine."""

import pytest
import torch
from helpers import context_for, every_state, redraw
from sampling.drawing import counted, drawn, sampled, source_of

from tailormade import MADE, Bernoulli, Categorical
from tailormade.sampling import Evidence

N = 20_000
RARE = 1e-4  # a p-value below this is no chance
ENGINES = ["loop", "torch", "compiled"]
MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4), Categorical(2), Bernoulli()]
MODELS = {
    "ten_bits": {"features": 10, "hidden_units": (20,), "input_order": "random"},
    "mixed": {"features": 6, "conditionals": MIXED, "hidden_units": (20, 20)},
    "mixture": {"features": 6, "conditionals": MIXED, "hidden_units": (15,), "orders": 3, "direct": True},
    "ties": {"features": 6, "conditionals": MIXED, "hidden_units": (9,), "input_order": [2, 1, 2, 3, 1, 3]},
    "residual": {"features": 8, "hidden_units": (12, 12), "residual": True, "context": 2, "input_order": "random"},
    "one": {"features": 1, "conditionals": Categorical(5), "hidden_units": (3,)},
}


def create(name, **changes):
    return redraw(MADE(**{**MODELS[name], **changes}, seed=3).double(), scale=1.0)


def p_value(expected, observed):
    """Of Pearson's test: at least 5 expected in each cell, the rare ones together."""
    assert int(observed[expected == 0].sum()) == 0
    assert float(observed.sum()) == pytest.approx(float(expected.sum())) == N
    rare = expected < 5
    expected, observed = (torch.cat([t[~rare], t[rare].sum(0, keepdim=True)]) for t in (expected, observed))
    expected, observed = expected[expected > 0], observed[expected > 0]
    statistic = ((observed - expected).square() / expected).sum()
    return float(torch.special.gammaincc(torch.tensor((len(expected) - 1) / 2).double(), statistic / 2))


def probabilities(model, context=None):
    return model(context).log_prob(every_state(model)).detach().exp()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", list(MODELS))
def test_all_states(name, engine):
    model = create(name)
    context = context_for(model)
    samples = sampled(engine, model(context), N)
    assert p_value(N * probabilities(model, context), counted(model, samples)) > RARE


def given_first(model, first):
    """Evidence on the variables of the lowest degrees, and how often each state is expected given it."""
    value, states = every_state(model)[-1], every_state(model)
    evidence = Evidence(value.expand(N, -1), model.table[0].inputs <= first)
    joint = probabilities(model) * (states == value)[:, evidence.observed].all(1)
    return evidence, N * joint / joint.sum()


def noise_of(model):
    return torch.rand(N, model.features, 1, generator=torch.Generator().manual_seed(2)).double()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("name", ["ten_bits", "mixed", "ties"])
def test_all_states_given_evidence_that_comes_first(name, first, engine):
    model = create(name)
    evidence, expected = given_first(model, first)
    samples = drawn(engine, source_of(model), noise_of(model), evidence)
    assert p_value(expected, counted(model, samples)) > RARE


@pytest.mark.parametrize("name", ["ten_bits", "mixed", "mixture"])
def test_the_test_notices_other_weights(name):
    model, other = create(name), create(name)
    other.network.layers[-1].bias.data += 0.1
    assert p_value(N * probabilities(model), counted(model, sampled("torch", other(), N))) < RARE


@pytest.mark.parametrize("name", ["ten_bits", "mixed", "ties"])
def test_the_test_notices_evidence_that_is_only_written_over(name):
    model = create(name)
    evidence, expected = given_first(model, 2)
    samples = evidence.clamp(drawn("torch", source_of(model), noise_of(model)))
    assert p_value(expected, counted(model, samples)) < RARE
