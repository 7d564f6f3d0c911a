"""Ancestral sampling against a loop written out, one variable at a time."""

import pytest
import torch
from helpers import context_for
from registry import CASES, named
from sampling.drawing import noise_for

from tailormade import MADE, Bernoulli
from tailormade.masks import sequence_from_order
from tailormade.sampling import sample_ancestral


def by_hand(model, degrees, context, noise):
    """Each variable in turn from its own conditional; what comes later starts at values that must not matter."""
    x = torch.tensor([c.cardinality - 1.0 for c in model.layout.conditionals]).double().repeat(len(noise), 1)
    for i in sequence_from_order(degrees.inputs).tolist():
        raw = model.params(x, context, degrees).split(model.layout.param_sizes, -1)[i]
        x[:, i] = model.layout.conditionals[i].sample(raw, noise[:, i])
    return x


@torch.no_grad()
@pytest.mark.parametrize("component", [0, -1], ids=["first", "last"])
def test_every_order_of_every_model(model, component):
    degrees, context, noise = model.table[component], context_for(model, 20), noise_for(model, 20)
    samples = sample_ancestral(model.sampling_source(degrees, context).params(), model.layout, degrees, noise)
    assert torch.equal(samples, by_hand(model, degrees, context, noise))


@torch.no_grad()
@pytest.mark.parametrize("model", [*named(CASES, "3", "context2"), *named(CASES, "any", "context0")], indirect=True)
def test_mixtures_sample_each_row_from_its_component(model):
    context, noise = context_for(model, 20), noise_for(model, 20)
    which = torch.arange(20) % len(model.table)
    samples = model(context).from_noise(noise, which, torch.Size([20]))
    rows = [
        by_hand(model, model.table[int(k)], None if context is None else context[i : i + 1], noise[i : i + 1])
        for i, k in enumerate(which)
    ]
    assert torch.equal(samples, torch.cat(rows))


def test_no_rows():
    model = MADE(3, hidden_units=(4,))
    params = model.sampling_source(model.table[0], None).params()
    assert sample_ancestral(params, model.layout, model.table[0], torch.zeros(0, 3, 1)).shape == (0, 3)


def test_one_pass_for_each_degree():
    model = MADE(6, hidden_units=(8,), conditionals=Bernoulli(), input_order=[1, 2, 3, 1, 2, 3], seed=0)
    calls = []

    def params(x):
        calls.append(x.clone())
        return model.sampling_source(model.table[0], None).params()(x)

    sample_ancestral(params, model.layout, model.table[0], torch.rand(4, 6, 1))
    assert len(calls) == 3
    assert bool((calls[0] == 0).all())
    assert bool((calls[1][:, [1, 2, 4, 5]] == 0).all())
