"""All engines give the samples of the plain loop, for every model of the registry and for large ones."""

import pytest
import torch
from helpers import context_for, redraw
from sampling.drawing import FAST, drawn, evidence_on, noise_for, sampled, source_of

from tailormade import MADE, Bernoulli, Categorical


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("observed", [(), (1, -1)], ids=str)
def test_every_model(model, engine, observed):
    noise, order = noise_for(model, 9), len(model.table) - 1
    evidence = evidence_on(model, 9, {i % model.features for i in observed}) if observed else None
    source = source_of(model, 9, order)
    assert torch.equal(drawn(engine, source, noise, evidence), drawn("loop", source, noise, evidence))


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("rows", [1, 3, 4, 130])
@pytest.mark.parametrize("observed", [(), range(0, 150, 7)], ids=["", "evidence"])
def test_several_blocks_at_the_sizes_in_use(engine, rows, observed):
    events = [Bernoulli(), Categorical(3), Categorical(4)] * 50
    options = {"hidden_units": (90, 90), "residual": True, "direct": True, "input_order": "random", "seed": 0}
    model = redraw(MADE(150, 3, conditionals=events, **options).double())
    source, noise = source_of(model, rows), noise_for(model, rows)
    evidence = evidence_on(model, rows, observed) if observed else None
    assert torch.equal(drawn(engine, source, noise, evidence), drawn("loop", source, noise, evidence))


@pytest.mark.parametrize("engine", FAST)
def test_no_rows(engine):
    model = MADE(3, hidden_units=(4,), seed=0).double()
    assert drawn(engine, source_of(model), noise_for(model, 0)).shape == (0, 3)


@pytest.mark.parametrize("engine", FAST)
def test_any_order_that_is_asked_for(engine):
    model = redraw(MADE(7, 2, hidden_units=(20, 20), orders="any", direct=True, seed=0).double())
    dist = model(context_for(model, 200), order=[3, 1, 7, 2, 6, 4, 5])
    assert torch.equal(sampled(engine, dist, 1), sampled("loop", dist, 1))
