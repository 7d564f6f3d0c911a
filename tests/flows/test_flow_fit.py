"""Fitting flows: they learn, their statistics are those of all rows, and a resumed fit ends in the same weights."""

import math

import pytest
import torch
from flows.flow_cases import made
from torch.distributions import MultivariateNormal

import tailormade as tm
from tailormade.flows import RationalQuadraticSpline
from tailormade.training import score
from tailormade.training.run import Run

KINDS = {
    "maf": (tm.MAF, {}),
    "iaf": (tm.IAF, {"bijection": RationalQuadraticSpline(4, 3.0)}),
    "batch": (tm.MAF, {"normalisation": "batch"}),
    "activation": (tm.MAF, {"normalisation": "activation", "linear": True, "orders": "random"}),
    "student": (tm.MAF, {"base": "student"}),
    "made": (tm.MAF, {"base": "made"}),
}


def bent(count=800, seed=0):
    """x2 ~ N(0, 2²), x1 = ε + x2²/4, in units of their own: a gaussian falls short of it by 0.55 nats."""
    noise = torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))
    second = 2 * noise[:, 1]
    return 20 + 3 * torch.stack([noise[:, 0] + second.square() / 4, second], -1)


def new(name, seed=0):
    kind, options = KINDS[name]
    if options.get("base") == "made":
        options = {"base": made(2)}
    return kind(2, transforms=2, hidden_units=(16,), seed=seed, **options)


def config(folder=None, **changes):
    options = {"max_epochs": 3, "batch_size": 100, "seed": 1, "checkpoint_seconds": 0, **changes}
    return tm.FitConfig(folder=folder, progress=False, **options)


def gaussian(train, test):
    return float(MultivariateNormal(train.mean(0), train.T.cov()).log_prob(test).mean())


@pytest.mark.parametrize("name", ["maf", "iaf", "batch", "made"])
def test_a_fitted_flow_is_better_than_a_gaussian(name):
    flow, test = new(name), bent(500, 7)
    epochs = 6 if name == "iaf" else 25
    history = tm.fit(flow, bent(), bent(300, 1), config=config(max_epochs=epochs, learning_rate=0.01))
    assert not flow.training
    assert score(flow, test).log_likelihood > gaussian(bent(), test) + 0.2
    assert -score(flow, bent(300, 1)).log_likelihood == pytest.approx(history.best_nll, abs=1e-5)


def learn_wave(kind):
    """How far the fit of x ~ N(sin 3c, 0.1) stays below the truth, in nats."""

    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        c = 6 * torch.rand(4000, 1, generator=generator) - 3
        return torch.sin(3 * c) + 0.1 * torch.randn(4000, 1, generator=generator), c

    x, c = draw(0)
    flow = kind(1, 1, transforms=2, hidden_units=(64, 64), seed=0)
    tm.fit(flow, x, context=c, config=config(max_epochs=30, learning_rate=5e-3))
    truth = -0.5 * math.log(2 * math.pi * math.e * 0.1**2)
    return truth - score(flow, *draw(1)).log_likelihood


def test_a_wave_in_the_context_is_learnt_by_the_first_variable():
    assert learn_wave(tm.MAF) < 0.05


@pytest.mark.slow
def test_a_wave_in_the_context_is_learnt_by_an_iaf():
    assert learn_wave(tm.IAF) < 0.05


def test_statistics_of_the_kept_weights_are_those_of_all_training_rows():
    flow, train = new("batch"), bent()
    tm.fit(flow, train, bent(100, 1), config=config())
    before = {name: value.clone() for name, value in flow.state_dict().items()}
    flow.settle(train)
    for name, value in flow.state_dict().items():
        assert torch.allclose(value, before[name], atol=1e-5), name
    deviation = flow.to_noise(train)[0].detach().std(0)
    last = flow.stack.layers[-1]
    assert torch.allclose(deviation, last.log_scale.detach().exp(), rtol=1e-2)


def test_rows_held_out_are_scored_by_stored_statistics(monkeypatch):
    calls = []
    settle, record = tm.MAF.settle, Run._record
    monkeypatch.setattr(tm.MAF, "settle", lambda self, *a: (calls.append("settle"), settle(self, *a)))
    monkeypatch.setattr(Run, "_record", lambda self, *a: (calls.append("valid"), record(self, *a))[1])
    tm.fit(new("batch"), bent(), bent(100, 1), config=config(max_epochs=2))
    assert calls == ["settle", "valid"] * 2


def test_a_made_base_is_trained_jointly():
    flow = new("made")
    flow.adapt(bent())
    before = flow.base.network.layers[0].weight.clone()
    bias = flow.base.network.layers[-1].bias.clone()
    tm.fit(flow, bent(), config=config(max_epochs=1, adapt=False))
    assert not torch.equal(before, flow.base.network.layers[0].weight)
    assert not torch.equal(bias, flow.base.network.layers[-1].bias)


def test_a_conditional_base_is_fitted_given_the_context():
    x = bent(400)
    c = (x[:, :1] > x[:, :1].median()).float()
    flow = tm.MAF(2, 1, transforms=1, hidden_units=(8,), base=made(2, 1), seed=0)
    tm.fit(flow, x, context=c, config=config(max_epochs=10, learning_rate=0.01))
    right = score(flow, x, c).log_likelihood
    assert right > score(flow, x, 1 - c).log_likelihood + 0.5


def test_adapt_can_be_turned_off():
    flow = new("maf")
    tm.fit(flow, bent(), config=config(max_epochs=1, adapt=False))
    assert flow.stack.layers[0].scale.tolist() == [1, 1]


@pytest.mark.parametrize("name", KINDS)
def test_a_resumed_fit_ends_in_the_same_weights(name, tmp_path, monkeypatch):
    train, valid = bent(200), bent(80, 1)
    calm = new(name)
    tm.fit(calm, train, valid, config=config(tmp_path / "calm"))
    epoch_of = Run._epoch

    def stopping(self, number, progress):
        if number == 2:
            raise RuntimeError("cut off")
        epoch_of(self, number, progress)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_epoch", stopping)
        with pytest.raises(RuntimeError, match="cut off"):
            tm.fit(new(name), train, valid, config=config(tmp_path / "cut"))
    resumed = new(name, seed=5)  # other weights and orders: the checkpoint's are taken
    tm.fit(resumed, train, valid, config=config(tmp_path / "cut", resume=True))
    for key, value in calm.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[key]), key
    files = [(tmp_path / which / "model.safetensors").read_bytes() for which in ("calm", "cut")]
    assert files[0] == files[1]
    again = new(name, seed=6)
    tm.fit(again, train, valid, config=config(tmp_path / "cut", resume=True))
    assert torch.equal(again.log_prob(valid), calm.log_prob(valid))


def test_another_kind_of_flow_is_refused_when_resuming(tmp_path):
    tm.fit(new("maf"), bent(200), config=config(tmp_path / "m"))
    with pytest.raises(ValueError, match="another model"):
        tm.fit(new("batch"), bent(200), config=config(tmp_path / "m", resume=True))


def test_same_seed_same_weights_and_no_global_draw():
    before, results = torch.get_rng_state(), []
    for seed in (1, 1, 2):
        flow = new("maf")
        tm.fit(flow, bent(200), config=config(seed=seed))
        results.append(torch.cat([p.detach().flatten() for p in flow.parameters()]))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_bad_rows_are_refused_before_any_work():
    flow, rows = new("maf"), bent(10)
    with pytest.raises(ValueError, match="train: expected 2 columns, as the model has that many variables, got 1"):
        tm.fit(flow, rows[:, :1], config=config())
    rows[3, 1] = torch.nan
    with pytest.raises(ValueError, match=r"train: column 1 has nan in row 3 .*expected a finite number"):
        tm.fit(flow, rows, config=config())
    with pytest.raises(ValueError, match="context: given, but the model has no context"):
        tm.fit(flow, bent(10), context=bent(10), config=config())


def test_a_constant_column_has_no_density():
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    x[:, 1] = 7.0
    with pytest.raises(ValueError, match="train: column 1 has the same value in every row, so that it has no density"):
        tm.fit(tm.MAF(2, transforms=1, hidden_units=(4,), seed=0), x, config=tm.FitConfig(max_epochs=1, progress=False))
