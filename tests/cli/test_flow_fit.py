"""``tailormade fit --model maf|iaf``: from columns of numbers to a flow."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.store import load_header

TINY = ["--epochs", "1", "-q", "4", "--transforms", "1", "--seed", "1"]


def fitted(done, data, *options):
    """The header of a flow that was fitted with options."""
    done("fit", data, "--out", "m", "--model", "maf", *TINY, *options)
    return load_header("m")


def test_the_best_validation_likelihood_is_printed_and_kept(done, call, flows):
    outcome = call("fit", flows / "all.csv", "--model", "maf", "--out", "m", *TINY)
    result = load_header("m")["metadata"]["fit"]
    expected = f"m: validation log-likelihood {-result['best_nll']:.3f} nats a row at epoch 1 of 1\n"
    assert (outcome.status, outcome.out) == (0, expected)
    assert "all.csv: 270 training and 30 validation rows of 4 variables" in outcome.err
    assert "MAF of 1 transform(s), seed 1" in outcome.err


def test_columns_of_a_csv_are_kept(flows):
    for name, columns, context in (("all", 4, None), ("season", 3, ["season"])):
        notes = load_header(flows / name)["metadata"]
        assert notes["columns"] == ["width", "height", "heat", "season"][:columns]
        assert notes.get("context_columns") == context


@pytest.mark.parametrize("kind", ["maf", "iaf"])
def test_the_kind_is_what_was_asked_for(kind, done, flows):
    done("fit", flows / "pair.npy", "--out", "m", "--model", kind, *TINY)
    assert load_header("m")["kind"] == kind.upper()


OPTIONS = {
    "": {"transforms": 1, "hidden_units": [4], "orders": "reversed", "normalisation": None, "linear": False},
    "--transforms 3": {"transforms": 3},
    "--bijection affine": {"bijection": {"family": "Affine"}},
    "--bijection spline": {"bijection": {"family": "RationalQuadraticSpline"}},
    "--base normal": {"base": {"kind": "NormalBase"}},
    "--base student": {"base": {"kind": "StudentBase"}},
    "--base mixture": {"base": {"kind": "MixtureBase"}},
    "--base made": {"base": {"kind": "MADE", "hidden_units": [4]}},
    "--normalisation batch": {"normalisation": "batch"},
    "--normalisation activation": {"normalisation": "activation"},
    "--normalisation none": {"normalisation": None},
    "--linear": {"linear": True},
    "--input-order fixed": {"orders": "fixed"},
    "--activation tanh": {"activation": "tanh"},
    "-q 6,6,6 --residual": {"hidden_units": [6, 6, 6], "residual": True},
    "--context 1": {"features": 1, "context": 1},
}


@pytest.mark.parametrize("words", OPTIONS)
def test_options(words, done, flows):
    config = fitted(done, flows / "pair.npy", *words.split())["config"]
    for name, value in OPTIONS[words].items():
        found = {key: config[name][key] for key in value} if isinstance(value, dict) else config[name]
        assert found == value, name


def test_defaults_of_training(done, flows):
    identity = fitted(done, flows / "pair.npy")["metadata"]["identity"]
    names = ("batch_size", "learning_rate", "weight_decay", "max_epochs")
    assert [identity[name] for name in names] == [256, 1e-3, 1e-4, 1]


def test_a_parquet_file_is_the_same_as_a_csv(done, flows):
    from pyarrow import csv, parquet

    parquet.write_table(csv.read_csv(flows / "all.csv"), "all.parquet")
    for data in (flows / "all.csv", Path("all.parquet")):
        done("fit", data, "--out", data.suffix[1:], "--model", "maf", *TINY)
    x = torch.from_numpy(np.loadtxt(flows / "all.csv", delimiter=",", skiprows=1))
    a, b = (tm.load(name).log_prob(x) for name in ("csv", "parquet"))
    assert torch.equal(a, b)


def test_a_better_fit_than_independent_normals(done, flows):
    x = np.load(flows / "pair.npy")
    done("fit", flows / "pair.npy", "--model", "maf", "--out", "m", "-q", "16", "--epochs", "30", "--seed", "1")
    found = json.loads(done("score", "m", flows / "pair.npy", "--json"))["log_likelihood"]
    assert found > -0.5 * np.log(2 * np.pi * np.e * x.var(0)).sum() + 0.5


def test_the_same_seed_gives_the_same_flow(done, flows):
    for name in "ab":
        done("fit", flows / "pair.npy", "--model", "maf", "--out", name, *TINY)
    assert Path("a/model.safetensors").read_bytes() == Path("b/model.safetensors").read_bytes()


def test_a_fit_that_was_cut_off_ends_in_the_same_weights(done, flows, monkeypatch):
    words = ["fit", flows / "pair.npy", "--model", "maf", *TINY, "--epochs", "3", "--normalisation", "batch"]
    words = [*words, "--checkpoint-seconds", "0", "--quiet"]
    done(*words, "--out", "whole")
    record = tm.training.run.Run._record

    def cut(run, epoch, nll):
        if epoch == 2:
            raise KeyboardInterrupt
        return record(run, epoch, nll)

    with monkeypatch.context() as patched:
        patched.setattr("tailormade.training.run.Run._record", cut)
        from tailormade.cli import run

        assert run([str(word) for word in (*words, "--out", "m")]) == 1
    done(*words, "--out", "m", "--resume")
    a, b = (tm.load(name).state_dict() for name in ("whole", "m"))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_finished_fit_has_nothing_to_resume(call, flows):
    shutil.copytree(flows / "pair", "m")
    words = ["--transforms", "2", "--epochs", "4", "-q", "12", "--learning-rate", "0.01", "--seed", "1"]
    outcome = call("fit", flows / "pair.npy", "--model", "maf", "--out", "m", *words, "--resume")
    assert (outcome.status, "nothing to resume" in outcome.err) == (0, True)


def test_few_values_are_warned_of(call):
    x = np.random.default_rng(0).normal(size=(300, 2)).round(2)
    x[:, 1] = x[:, 1] > 0
    np.savetxt("x.csv", x, delimiter=",", header="length,sex", comments="", fmt="%g")
    outcome = call("fit", "x.csv", "--model", "maf", "--out", "m", *TINY)
    assert outcome.status == 0
    assert "warning: x.csv: fewer than 20 different values in columns ['sex']" in outcome.err
    assert "fit without --model" in outcome.err


def test_many_values_are_not_warned_of(call, flows):
    assert "warning" not in call("fit", flows / "all.csv", "--model", "maf", "--out", "m", *TINY).err


def test_an_array_of_numbers_by_mixtures_of_normals(done, flows):
    words = ["--conditional", "mixture", "--epochs", "20", "-q", "8", "--batch-size", "20", "--seed", "1"]
    done("fit", flows / "pair.npy", "--out", "m", *words)
    model = tm.load("m")
    x = np.load(flows / "pair.npy")
    assert [type(c).__name__ for c in model.layout.conditionals] == ["NormalMixture"] * 2
    assert model.layout.conditionals[1].loc == pytest.approx(x[:, 1].mean(), rel=0.05)
    text = done("score", "m", flows / "pair.npy", "--quiet")
    assert float(text.split()[1]) > -0.5 * np.log(2 * np.pi * np.e * x.var(0)).sum() + 0.5
    assert "bits" not in text


def test_help_says_of_which_models_a_flag_is(call):
    shown = " ".join(call("fit", "--help").out.split("Options:")[1].split())
    for flag in ("--transforms", "--bijection", "--base", "--normalisation", "--linear"):
        assert "Flows alone:" in shown.split(f" {flag} ", 1)[1][:60], flag
    for flag in ("--num-masks", "--resample-every", "--samples", "--conditional", "--hidden-degrees", "--dropout"):
        assert "MADE alone:" in shown.split(f" {flag} ", 1)[1][:60], flag
    for flag in ("--schema", "--unseen"):
        assert "Tables of a MADE:" in shown.split(f" {flag} ", 1)[1][:60], flag
