"""Decay of direct weights towards their start."""

import copy

import numpy as np
import pytest
import torch
from training.test_resume import cut_off

import tailormade as tm
from tailormade.training.anchor import Anchor


def one_hot(rows=300, seed=0):
    """Two categories of four values as one-hot codes."""
    draws = np.random.default_rng(seed).integers(0, 4, (rows, 2))
    return torch.from_numpy(np.eye(4)[draws].reshape(rows, 8))


def build(**options):
    return tm.MADE(8, **{"hidden_units": (8,), "direct": True, "dropout": 0.3, "seed": 0, **options})


def fitted(**changes):
    model, x = build(), one_hot()
    config = tm.FitConfig(**{"max_epochs": 20, "batch_size": 300, "seed": 0, "progress": False, **changes})
    tm.fit(model, x, config=config)
    return model


def test_strong_decay_ends_at_the_start():
    model, x = fitted(weight_decay=50.0, schedule="constant", learning_rate=0.01), one_hot()
    start, _ = model.direct_start(x)
    known = start != 0
    assert known.any()
    torch.testing.assert_close(model.network.direct.weight[known], start[known].float(), atol=0.05, rtol=0)
    assert model.network.direct.weight[~known].abs().max() < 0.05
    assert model.network.layers[0].weight.abs().max() < 0.05


def test_without_adapting_there_is_no_start_to_decay_to():
    model = fitted(weight_decay=50.0, schedule="constant", learning_rate=0.01, adapt=False)
    assert model.network.direct.weight.abs().max() < 0.05


@pytest.mark.parametrize("rows", [one_hot(), torch.bernoulli(torch.full((300, 8), 0.5))], ids=["codes", "independent"])
def test_one_step_is_that_of_the_formula(rows):
    model = build()
    model.adapt(rows)
    weight = model.network.direct.weight
    with torch.no_grad():
        weight.add_(torch.randn(8, 8, generator=torch.Generator().manual_seed(0)))
    before, start = weight.detach().clone(), model.direct_start(rows)
    start = torch.zeros(8, 8) if start is None else start[0]
    optimizer = torch.optim.AdamW([weight], lr=0.1, weight_decay=0.3)
    weight.grad = torch.zeros_like(weight)
    optimizer.step()
    Anchor(model, rows, 0.3).update(0.1)
    expected = before - 0.1 * 0.3 * (before - start.float())
    torch.testing.assert_close(weight.detach(), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("model", [build(direct=False), build(orders=2), tm.MAF(8, transforms=1, hidden_units=(8,))])
def test_models_without_a_start_are_left_alone(model):
    before = copy.deepcopy(model.state_dict())
    Anchor(model, one_hot(), 0.3).update(0.1)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_resumed_fit_decays_to_the_same_start(tmp_path, monkeypatch):
    x, weights = one_hot(), []
    monkeypatch.setattr("training.test_resume.data", lambda seed=0, count=90: (x[seed * 100 :][:count], None))
    for cut in (False, True):
        model = build()
        if cut:
            cut_off(monkeypatch, build(), tmp_path / "m", 2, weight_decay=3.0)
        config = tm.FitConfig(
            max_epochs=4, batch_size=20, resample_every=3, checkpoint_seconds=0, seed=1, progress=False,
            weight_decay=3.0, folder=tmp_path / ("m" if cut else "whole"), resume=cut,
        )  # fmt: skip
        tm.fit(model, x[:90], x[100:140], config=config)
        weights.append(model.state_dict())
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
