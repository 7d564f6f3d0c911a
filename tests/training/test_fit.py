"""The loop: what it minimises, keeps, writes and leaves alone."""

import json

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.training import score
from tailormade.training.run import Run


def rows(count=200, features=6, seed=0):
    """Rows of a noisy copy chain, so that there is something to learn."""
    g = torch.Generator().manual_seed(seed)
    x = torch.zeros(count, features, dtype=torch.uint8)
    x[:, 0] = torch.rand(count, generator=g) < 0.3
    for i in range(1, features):
        flip = torch.rand(count, generator=g) < 0.1
        x[:, i] = x[:, i - 1] ^ flip
    return x


def quick(**changes):
    options = {"max_epochs": 3, "batch_size": 20, "seed": 0, "progress": False, **changes}
    return tm.FitConfig(**options)


def model(**changes):
    options = {"hidden_units": (16,), "seed": 0, **changes}
    return tm.MADE(6, **options)


def weights(m):
    return torch.cat([p.detach().flatten() for p in m.parameters()])


def test_fit_learns_the_chain_to_near_its_entropy():
    m, test = model(), rows(5000, seed=9)
    tm.fit(m, rows(2000), rows(500, seed=1), config=quick(max_epochs=20, learning_rate=0.01))
    entropy = 0.6109 + 5 * 0.3251  # of a coin of 0.3 and of five flips of 0.1, in nats
    assert -score(m, test).log_likelihood == pytest.approx(entropy, abs=0.04)


def test_the_model_keeps_the_weights_of_the_best_epoch():
    m, valid = model(), rows(50, seed=1)
    history = tm.fit(m, rows(60), valid, config=quick(max_epochs=40, learning_rate=0.05, schedule="constant"))
    assert history.best_epoch < len(history.records)  # it overfits, so that there is a difference
    assert -score(m, valid).log_likelihood == pytest.approx(history.best_nll, abs=1e-5)
    assert not m.training


def test_patience_stops_early_and_zero_never_does():
    config = {"max_epochs": 40, "learning_rate": 0.05, "schedule": "constant"}
    early = tm.fit(model(), rows(60), rows(50, seed=1), config=quick(patience=3, **config))
    full = tm.fit(model(), rows(60), rows(50, seed=1), config=quick(patience=0, **config))
    assert early.stopped == "patience"
    assert len(early.records) == early.best_epoch + 3
    assert (full.stopped, len(full.records)) == ("max_epochs", 40)


def test_without_validation_rows_the_last_epoch_is_kept():
    history = tm.fit(model(), rows(), config=quick())
    assert history.best_epoch == 3
    assert all(record["valid_nll"] is None for record in history.records)


def test_same_seed_same_weights_and_another_seed_others():
    results = []
    for seed in (0, 0, 1):
        m = model(dropout=0.2)
        tm.fit(m, rows(), config=quick(seed=seed))
        results.append(weights(m))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


@pytest.mark.parametrize("orders", [1, 3, "any"])
def test_a_seeded_fit_leaves_every_global_generator_alone(orders):
    m = model(dropout=0.3, orders=orders, hidden_degrees="random")
    before = (torch.get_rng_state(), np.random.get_state()[1].copy())
    tm.fit(m, rows(), rows(50, seed=1), config=quick())
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])


def test_without_a_seed_manual_seed_governs_the_fit():
    results = []
    for seed in (5, 5, 6):
        m = model()
        torch.manual_seed(seed)
        tm.fit(m, rows(), config=quick(seed=None))
        results.append(weights(m))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def orders_used(m, config, steps):
    from tailormade.training.data import FitData

    run = Run(m, FitData(m, rows(), None, None, None), config)
    return [tuple(run._members(step)[0][0].inputs.tolist()) for step in range(steps)]


def test_several_orders_take_turns():
    m = model(orders=3)
    stored = [tuple(d.inputs.tolist()) for d in m.table]
    assert orders_used(m, quick(), 6) == stored * 2
    assert orders_used(m, quick(resample_every=2), 6) == [stored[0]] * 2 + [stored[1]] * 2 + [stored[2]] * 2


def test_any_order_draws_a_fresh_order_at_every_step():
    m = tm.MADE(6, hidden_units=(16,), orders="any", seed=0)
    used = orders_used(m, quick(), 60)
    assert len(set(used)) > 40  # of 720 orders; a short list of 16 would repeat
    assert used != orders_used(m, quick(seed=1), 60)
    held = orders_used(m, quick(resample_every=5), 10)
    assert len(set(held)) == 2


def test_training_lowers_the_loss_of_the_order_it_trains():
    m = model(orders=3, hidden_degrees="random")
    before = -score(m, rows()).components.mean(1)
    tm.fit(m, rows(), config=quick(max_epochs=10, learning_rate=0.02))
    assert bool((-score(m, rows()).components.mean(1) < before - 0.5).all())


def test_files_of_a_fit(tmp_path):
    m = model()
    history = tm.fit(m, rows(), rows(50, seed=1), config=quick(folder=tmp_path / "m"))
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["history.csv", "history.jsonl", "model.safetensors"]
    lines = (tmp_path / "m" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.records
    assert (tmp_path / "m" / "history.csv").read_text().splitlines()[
        0
    ] == "epoch,train_nll,valid_nll,learning_rate,seconds"
    assert torch.equal(tm.load(tmp_path / "m").log_prob(rows()), m.log_prob(rows()))


def test_an_old_model_stays_until_the_new_one_is_done(tmp_path, monkeypatch):
    old = model(seed=7)
    tm.save(old, tmp_path / "m")

    def broken(self, epoch, progress):
        if epoch == 2:
            raise RuntimeError("power cut")
        return epoch_of(self, epoch, progress)

    epoch_of = Run._epoch
    monkeypatch.setattr(Run, "_epoch", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        tm.fit(model(), rows(), rows(50, seed=1), config=quick(folder=tmp_path / "m", checkpoint_seconds=0))
    assert torch.equal(tm.load(tmp_path / "m").log_prob(rows()), old.eval().log_prob(rows()))


def test_ctrl_c_leaves_the_best_weights_in_model_and_folder(tmp_path, monkeypatch):
    def interrupted(self, epoch, progress):
        if epoch == 2:
            raise KeyboardInterrupt
        return epoch_of(self, epoch, progress)

    epoch_of = Run._epoch
    monkeypatch.setattr(Run, "_epoch", interrupted)
    m, valid = model(), rows(50, seed=1)
    with pytest.raises(KeyboardInterrupt):
        tm.fit(m, rows(), valid, config=quick(folder=tmp_path / "m"))
    stored = json.loads(json.dumps(tm.load(tmp_path / "m").metadata))["fit"]
    assert stored["stopped"] == "interrupted"
    assert -score(m, valid).log_likelihood == pytest.approx(stored["best_nll"], abs=1e-5)


def test_a_loss_that_is_not_finite_stops_the_fit_and_names_the_parameter():
    m = model()
    with torch.no_grad():
        m.network.layers[0].weight[3, 0] = torch.inf
    with pytest.raises(FloatingPointError, match=r"step 0: the loss is nan.*network\.layers\.0\.weight"):
        tm.fit(m, rows(), config=quick())


BAD = {
    "width": (rows()[:, :5], r"train: expected 6 columns.* got 5"),
    "value": (np.full((3, 6), 2), r"train: column 0 has 2 in row 0 .*expected 0 or 1"),
    "nan": (np.full((3, 6), np.nan), r"train: column 0 has nan in row 0"),
    "empty": (np.zeros((0, 6)), r"train: expected a table of shape \(rows, variables\)"),
    "vector": (np.zeros(6), r"train: expected a table of shape"),
    "text": (np.array([["a"] * 6]), r"train: expected numbers, got an array of type <U1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_rows_are_refused_before_any_work(name):
    data, message = BAD[name]
    m = model()
    before = weights(m)
    with pytest.raises(ValueError, match=message):
        tm.fit(m, data, config=quick())
    assert torch.equal(weights(m), before)


def test_bad_context_is_refused():
    given = tm.MADE(6, 2, hidden_units=(16,), seed=0)
    with pytest.raises(ValueError, match="context: expected 2 columns of context"):
        tm.fit(given, rows(), config=quick())
    with pytest.raises(ValueError, match=r"context: expected shape \(200, 2\), got \(200, 3\)"):
        tm.fit(given, rows(), context=np.zeros((200, 3)), config=quick())
    with pytest.raises(ValueError, match="context: expected finite numbers"):
        tm.fit(given, rows(), context=np.full((200, 2), np.nan), config=quick())
    with pytest.raises(ValueError, match="context: given, but the model has no context"):
        tm.fit(model(), rows(), context=np.zeros((200, 1)), config=quick())


BAD_CONFIG = {
    "max_epochs": (0, "max_epochs: expected at least 1, got 0"),
    "learning_rate": (-1.0, "learning_rate: expected a positive number"),
    "warmup": (1.0, "warmup: expected a fraction"),
    "schedule": ("step", "schedule: expected 'cosine' or 'constant', got 'step'"),
    "resume": (True, "resume: expected a folder"),
}


@pytest.mark.parametrize("name", BAD_CONFIG)
def test_bad_settings_are_refused(name):
    value, message = BAD_CONFIG[name]
    with pytest.raises(ValueError, match=message):
        tm.FitConfig(**{name: value})


@pytest.mark.parametrize(
    ("field", "value", "kind", "message"),
    [
        ("max_epochs", "a", TypeError, "max_epochs: expected a number, got 'a'"),
        ("learning_rate", None, TypeError, "learning_rate: expected a number, got None"),
        ("seed", "a", TypeError, "seed: expected a whole number"),
        ("device", "foo", ValueError, "device: expected one of torch's, such as 'cpu' or 'cuda:0', got 'foo'"),
    ],
)
def test_settings_of_a_wrong_kind(field, value, kind, message):
    with pytest.raises(kind, match=message):
        tm.FitConfig(**{field: value})
