"""A fit that was cut off and resumed ends in the same weights as one that was not."""

import pytest
import torch

import tailormade as tm
from tailormade.training.checkpoint import CHECKPOINT_FILE
from tailormade.training.run import Run

EPOCHS = 4


def data(seed=0, count=90):
    g = torch.Generator().manual_seed(seed)
    return torch.randint(2, (count, 5), generator=g), torch.randn(count, 2, generator=g)


def build(orders, context, seed=0):
    return tm.MADE(5, context, hidden_units=(12,), orders=orders, hidden_degrees="random", dropout=0.3, seed=seed)


def config(folder, **changes):
    options = {"max_epochs": EPOCHS, "batch_size": 20, "resample_every": 3, "checkpoint_seconds": 0, **changes}
    return tm.FitConfig(folder=folder, progress=False, **{"seed": 1, **options})


def fit(model, folder, **changes):
    x, c = data()
    valid, valid_c = data(1, 40)
    contexts = {"context": c, "valid_context": valid_c} if model.context else {}
    return tm.fit(model, x, valid, **contexts, config=config(folder, **changes))


def cut_off(monkeypatch, model, folder, epoch, **changes):
    """Run ``epoch`` epochs and fail like a machine that stops."""

    def stopping(self, number, progress):
        if number == epoch:
            raise RuntimeError("cut off")
        original(self, number, progress)

    original = Run._epoch
    with monkeypatch.context() as patch:
        patch.setattr(Run, "_epoch", stopping)
        with pytest.raises(RuntimeError, match="cut off"):
            fit(model, folder, **changes)


@pytest.mark.parametrize("orders", [1, 3, "any"])
@pytest.mark.parametrize("context", [0, 2], ids=["joint", "conditional"])
@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("average", [0, 1.5])
def test_resumed_equals_uninterrupted(tmp_path, monkeypatch, orders, context, epoch, average):
    calm = build(orders, context)
    history = fit(calm, tmp_path / "calm", average_epochs=average)
    cut_off(monkeypatch, build(orders, context), tmp_path / "cut", epoch, average_epochs=average)
    resumed = build(orders, context)
    again = fit(resumed, tmp_path / "cut", resume=True, average_epochs=average)
    for name, value in calm.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    figures = [(r["epoch"], r["train_nll"], r["valid_nll"], r["learning_rate"]) for r in history.records]
    assert figures == [(r["epoch"], r["train_nll"], r["valid_nll"], r["learning_rate"]) for r in again.records]
    assert (tmp_path / "calm/model.safetensors").read_bytes() == (tmp_path / "cut/model.safetensors").read_bytes()


def test_resumed_equals_uninterrupted_where_evidence_comes_first(tmp_path, monkeypatch):
    options = {"evidence_first": True, "stored_orders": 0.3}
    calm, resumed = build("any", 2), build("any", 2)
    fit(calm, tmp_path / "calm", **options)
    cut_off(monkeypatch, build("any", 2), tmp_path / "cut", 2, **options)
    fit(resumed, tmp_path / "cut", resume=True, **options)
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in calm.state_dict().items())


def test_resuming_takes_the_orders_of_the_checkpoint(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(3, 0, seed=0), tmp_path / "m", 2)
    other = build(3, 0, seed=5)
    fit(other, tmp_path / "m", resume=True)
    assert torch.equal(other.table.inputs, build(3, 0, seed=0).table.inputs)


def test_resume_without_a_checkpoint_starts_anew(tmp_path):
    assert len(fit(build(1, 0), tmp_path / "m", resume=True).records) == EPOCHS


def test_an_unseeded_fit_resumes_with_the_seed_it_had_drawn(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2, seed=None)
    seed = tm.training.checkpoint.read_checkpoint(tmp_path / "m").history.seed
    assert fit(build(1, 0), tmp_path / "m", seed=None, resume=True).seed == seed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.5}, r"another learning_rate \(0.002 there, 0.5 now\)"),
        ({"max_epochs": 9}, r"another max_epochs \(4 there, 9 now\)"),
    ],
)
def test_other_settings_are_refused(tmp_path, monkeypatch, changes, message):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2)
    with pytest.raises(ValueError, match=message):
        fit(build(1, 0), tmp_path / "m", resume=True, **changes)


def test_other_data_or_another_architecture_are_refused(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2)
    with pytest.raises(ValueError, match=r"was made with another data\. Give the same"):
        tm.fit(build(1, 0), data(7)[0], data(1, 40)[0], config=config(tmp_path / "m", resume=True))
    with pytest.raises(ValueError, match="was made with another model"):
        fit(build(3, 0), tmp_path / "m", resume=True)


def test_a_damaged_checkpoint_is_refused(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2)
    file = tmp_path / "m" / CHECKPOINT_FILE
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match="the file is damaged"):
        fit(build(1, 0), tmp_path / "m", resume=True)


def test_what_a_killed_writer_left_is_removed(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2)
    (tmp_path / "m" / ".model.safetensors.1234.tmp").write_text("half")
    (tmp_path / ".m.5678.tmp").mkdir()
    (tmp_path / ".other.5678.tmp").mkdir()  # another model's
    fit(build(1, 0), tmp_path / "m", resume=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".other.5678.tmp", "m"]
    assert sorted(p.name for p in (tmp_path / "m").iterdir()) == ["history.csv", "history.jsonl", "model.safetensors"]


def test_a_new_fit_removes_the_checkpoint_of_an_old_one(tmp_path, monkeypatch):
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 2)
    cut_off(monkeypatch, build(1, 0), tmp_path / "m", 0)
    assert not (tmp_path / "m" / CHECKPOINT_FILE).exists()
