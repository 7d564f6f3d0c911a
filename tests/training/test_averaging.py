"""What a fit leaves behind with averaged weights is their average, and training goes on without it."""

import pytest
import torch
from torch import nn

import tailormade as tm
from tailormade.training.averaging import Average


def values_of(layer, values, horizon):
    average = Average(layer, horizon)
    for step, value in enumerate(values):
        nn.init.constant_(layer.weight, value)
        average.update(step)
    return average


@pytest.mark.parametrize(("horizon", "expected"), [(10, 4.0), (3, 4.0), (2, 4.5), (1, 7.0)])
def test_the_mean_of_all_steps_then_a_moving_average(horizon, expected):
    layer = nn.Linear(1, 1, bias=False)
    with values_of(layer, [2.0, 3.0, 7.0] if horizon > 2 else [1.0, 3.0, 7.0], horizon).applied():
        assert layer.weight.item() == pytest.approx(expected)
    assert layer.weight.item() == 7.0


def test_no_horizon_changes_nothing():
    layer = nn.Linear(1, 1, bias=False)
    with values_of(layer, [2.0, 3.0], 0).applied():
        assert layer.weight.item() == 3.0


def test_weights_come_back_when_what_is_done_with_the_average_fails():
    layer = nn.Linear(1, 1, bias=False)
    with pytest.raises(RuntimeError), values_of(layer, [2.0, 4.0], 5).applied():
        raise RuntimeError
    assert layer.weight.item() == 4.0


def rows():
    return torch.randint(2, (64, 4), generator=torch.Generator().manual_seed(0))


def fitted(**changes):
    model = tm.MADE(4, hidden_units=(8,), seed=0)
    steady = {"schedule": "constant", "patience": 0, "progress": False, "seed": 1}
    config = tm.FitConfig(max_epochs=3, batch_size=16, **steady, **changes)
    return model, tm.fit(model, rows(), config=config)


def test_a_fit_leaves_the_average_of_all_steps_if_it_remembers_them_all(monkeypatch):
    seen = []
    original = Average.update

    def update(self, step):
        original(self, step)
        seen.append({name: p.detach().clone() for name, p in self.parameters.items()})

    monkeypatch.setattr(Average, "update", update)
    model, _ = fitted(average_epochs=100)
    assert len(seen) == 12
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter, torch.stack([step[name] for step in seen]).mean(0))


def test_training_itself_is_not_touched():
    plain, averaged = (fitted(average_epochs=epochs)[1] for epochs in (0, 2))
    assert [r["train_nll"] for r in plain.records] == [r["train_nll"] for r in averaged.records]


def test_a_negative_horizon_is_refused():
    with pytest.raises(ValueError, match="average_epochs: expected at least 0, got -1"):
        tm.FitConfig(average_epochs=-1)
