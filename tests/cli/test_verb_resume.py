"""``tailormade fit --resume``: fits that were finished, cut off or never begun."""

import importlib
from pathlib import Path

import pytest

import tailormade as tm

SHORT = ["--epochs", "2", "-q", "8"]


def test_a_finished_fit_is_not_resumed(call, store):
    text = call("fit", store / "parts.npz", "--out", "m", *SHORT, "--seed", "1").out
    before = Path("m/model.safetensors").read_bytes()
    outcome = call("fit", store / "parts.npz", "--out", "m", *SHORT, "--seed", "1", "--resume")
    assert (outcome.status, outcome.out) == (0, text)
    assert outcome.err.splitlines()[-1] == "m: this fit was finished already; nothing to resume."
    assert Path("m/model.safetensors").read_bytes() == before


@pytest.mark.parametrize("flags", ["--epochs 9", "--input-order random", "-q 7", "--dropout 0.1", "--seed 2"])
def test_a_finished_fit_with_other_flags_is_refused(flags, call, refused, store):
    call("fit", store / "parts.npz", "--out", "m", *SHORT, "--seed", "1")
    words = {**dict(zip(SHORT[::2], SHORT[1::2], strict=True)), "--seed": "1"}
    words[flags.split()[0]] = flags.split()[1]
    outcome = call("fit", store / "parts.npz", "--out", "m", *[w for pair in words.items() for w in pair], "--resume")
    assert outcome.status == 2
    assert "was made with another" in outcome.err


def test_a_model_no_fit_left_is_not_resumed(call, store):
    tm.save(tm.MADE(5, hidden_units=(4,), seed=0), "m")
    outcome = call("fit", store / "parts.npz", "--out", "m", *SHORT, "--resume")
    assert outcome.status == 2
    assert "holds a model that no fit left there" in outcome.err


def test_resume_of_nothing_starts(done, store):
    done("fit", store / "parts.npz", "--out", "m", *SHORT, "--resume")
    assert tm.load("m").metadata["fit"]["epochs"] == 2


def test_resume_ends_in_the_same_model(done, call, store, monkeypatch):
    # cut off in the third of five epochs; the seed, which also divides the rows, is read from the checkpoint
    words = ["fit", store / "table.npy", "--epochs", "5", "-q", "8", "--checkpoint-seconds", "0"]
    done(*words, "--out", "whole", "--seed", "1")
    with monkeypatch.context() as patch:
        _stop_after(patch, 2)
        assert call(*words, "--out", "m", "--seed", "1").status != 0
    assert Path("m/checkpoint.safetensors").is_file()
    done(*words, "--out", "m", "--resume")
    assert Path("m/model.safetensors").read_bytes() == Path("whole/model.safetensors").read_bytes()
    assert not Path("m/checkpoint.safetensors").exists()


def test_resume_with_other_settings(refused, call, store, monkeypatch):
    words = ["fit", store / "parts.npz", "--out", "m", *SHORT, "--checkpoint-seconds", "0"]
    with monkeypatch.context() as patch:
        _stop_after(patch, 1)
        assert call(*words).status != 0
    line = refused(*words, "--resume", "--batch-size", "7", "--quiet")
    assert "resume: the checkpoint in m was made with another batch_size (100 there, 7 now)" in line
    assert "Give the same settings and data, or start anew" in line


def _stop_after(monkeypatch, epochs):
    run = importlib.import_module("tailormade.training.run").Run
    epoch = run._epoch

    def interrupted(self, number, progress):
        if number == epochs:
            raise KeyboardInterrupt
        epoch(self, number, progress)

    monkeypatch.setattr(run, "_epoch", interrupted)
