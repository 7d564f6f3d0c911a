"""The command on several processes: one result, one voice."""

import json
from pathlib import Path

import numpy as np
import pytest
from processes import together

from tailormade.cli import run

FIT = ["--epochs", "3", "-q", "8", "--seed", "1", "--dropout", "0", "--json"]


@pytest.fixture
def several(tmp_path):
    """Run the command in a number of processes; return what each left, by rank."""

    def several(*words, size=2):
        return together(["-m", "tailormade", *map(str, words)], size, tmp_path)

    return several


@pytest.mark.slow
def test_fit_and_score_give_what_one_process_gives(several, done, store):
    alone = json.loads(done("fit", store / "parts.npz", "--out", "alone", *FIT))
    (status, out, err), (second, *silent) = several("fit", store / "parts.npz", "--out", "m", *FIT, size=2)
    assert (status, second, silent) == (0, 0, ["", ""]), err
    assert "model: " in err
    found = json.loads(out)
    assert found["best_nll"] == pytest.approx(alone["best_nll"], abs=1e-5)
    assert sorted(p.name for p in Path("m").iterdir()) == ["history.csv", "history.jsonl", "model.safetensors"]
    words = ["score", "m", store / "parts.npz", "--split", "all", "--json", "--out"]
    expected = done(*words, "one.npy")
    (status, out, err), *others = several(*words, "three.npy", size=3)
    assert (status, others) == (0, [(0, "", "")] * 2), err
    assert json.loads(out)["log_likelihood"] == pytest.approx(json.loads(expected)["log_likelihood"], abs=1e-6)
    np.testing.assert_allclose(np.load("three.npy"), np.load("one.npy"), atol=1e-6)


@pytest.mark.slow
def test_an_unseeded_fit_has_one_seed(several, store):
    (status, out, err), _ = several("fit", store / "parts.npz", "--out", "m", "--epochs", 1, "-q", 4, "--json")
    assert status == 0, err
    assert json.loads(out)["seed"] >= 0


@pytest.mark.slow
def test_tables_are_scored_and_sampled_alike(several, done, tables):
    expected = done("score", tables / "m", tables / "people.csv", "--out", "one.npy", "--json")
    (status, out, err), other = several("score", tables / "m", tables / "people.csv", "--out", "two.npy", "--json")
    assert (status, other) == (0, (0, "", "")), err
    assert json.loads(out)["log_likelihood"] == pytest.approx(json.loads(expected)["log_likelihood"], abs=1e-6)
    np.testing.assert_allclose(np.load("two.npy"), np.load("one.npy"), atol=1e-5)
    words = ["sample", tables / "m", "-n", 40000, "--seed", 3, "--out"]  # three blocks
    done(*words, "one.csv")
    (status, _, err), other = several(*words, "two.csv")
    assert (status, other) == (0, (0, "", "")), err
    assert Path("two.csv").read_bytes() == Path("one.csv").read_bytes()


@pytest.mark.slow
def test_a_mistake_is_said_once_and_ends_all(several, store):
    found = several("fit", store / "parts.npz", "--out", "m", "--epochs", 0, size=3)
    assert [(status, out) for status, out, _ in found] == [(2, "")] * 3
    assert "".join(err for _, _, err in found).count("tailormade: ") == 1
    assert not Path("m").exists()


def test_in_other_verbs_the_rest_is_idle(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    assert run(["probability", "no such model", "x > 1"]) == 0
    assert capsys.readouterr() == ("", "")
