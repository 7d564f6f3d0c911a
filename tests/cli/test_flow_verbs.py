"""``tailormade score``, ``check`` and ``show`` of a flow."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm

PNG = b"\x89PNG"


def numbers(flows):
    return torch.tensor(np.loadtxt(flows / "all.csv", delimiter=",", skiprows=1))


@pytest.mark.parametrize("name", ["all", "iaf"])
def test_score(name, done, flows):
    with torch.no_grad():
        logs = tm.load(flows / name).log_prob(numbers(flows)).double()
    text = done("score", flows / name, flows / "all.csv", "--out", "s.npy")
    error = float(logs.std()) / len(logs) ** 0.5
    assert text == f"log-likelihood      {logs.mean():.3f} ± {error:.3f} nats a row (300 rows: all)\n"
    assert np.load("s.npy") == pytest.approx(logs.numpy(), abs=1e-5)


def test_score_at_contexts(done, flows):
    x = numbers(flows)
    with torch.no_grad():
        expected = float(tm.load(flows / "season").log_prob(x[:, :3], x[:, 3:].float()).mean())
    found = json.loads(done("score", flows / "season", flows / "all.csv", "--json"))
    assert found["log_likelihood"] == pytest.approx(expected, abs=1e-5)
    assert (found["rows"], found["bits_per_dim"]) == (300, None)


def test_rows_that_were_fitted_are_told(call, flows):
    assert "no measure of how it does on new ones" in call("score", flows / "all", flows / "all.csv").err


@pytest.mark.parametrize("name", ["all", "season"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_named_columns_may_be_in_any_order_beside_others(name, suffix, call, flows):
    from pyarrow import csv, parquet

    table = csv.read_csv(flows / "all.csv")
    other = table.select(["season", "heat", "width", "height"]).add_column(1, "note", [["text"] * len(table)])
    csv.write_csv(other, "x.csv")
    parquet.write_table(other, "x.parquet")
    expected = call("score", flows / name, flows / "all.csv", "--out", "a.npy")
    outcome = call("score", flows / name, f"x.{suffix}", "--out", "b.npy")
    assert outcome.out == expected.out
    assert np.array_equal(np.load("a.npy"), np.load("b.npy"))
    assert "no measure of how it does on new ones" in outcome.err  # the same rows as those of the fit


def test_pictures_take_columns_in_any_order(done, flows):
    lines = (flows / "all.csv").read_text().splitlines()
    Path("x.csv").write_text(
        "\n".join(",".join([*line.split(",")[::-1], "9" if i else "id"]) for i, line in enumerate(lines))
    )
    for data, out in ((flows / "all.csv", "a.png"), ("x.csv", "b.png")):
        done("show", flows / "all", "--data", data, "--out", out, "--seed", "1")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_other_columns_are_refused(refused, flows):
    Path("x.csv").write_text("width,height,heat,reason\n1,2,3,4\n")
    assert "x.csv: expected the columns ['width', 'height'" in refused("score", flows / "all", "x.csv")


CHECKS = {
    "pair": ["autoregressive", "normalised", "log-determinant", "inverse", "save and load"],
    "iaf": ["autoregressive", "log-determinant", "inverse", "save and load"],
    "season": ["autoregressive", "log-determinant", "inverse", "save and load"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_good_flows_pass(name, done, flows):
    lines = done("check", flows / name).splitlines()
    passed = [line[8:].rpartition("  ")[0] or line[8:] for line in lines if line.startswith("ok    ")]
    assert len(passed) == len(CHECKS[name])
    assert all(line[8:].startswith(check) for line, check in zip(lines, CHECKS[name], strict=False))
    skipped = [line for line in lines if line.startswith("skipped")]
    assert skipped == ([] if name == "pair" else ["skipped normalised      integrated up to 2 variables only"])


def test_a_broken_flow_fails(call, flows, monkeypatch):
    monkeypatch.setattr("tailormade.flows.stacked.Flow.to_data", lambda self, z, context=None: z)
    outcome = call("check", flows / "all")
    assert (outcome.status, outcome.err) == (1, "")
    assert any(line.startswith("FAILED  inverse") for line in outcome.out.splitlines())


def test_check_json(done, flows):
    found = json.loads(done("check", flows / "all", "--json"))
    assert found["passed"] is True
    assert found["checks"][-1] == {
        "name": "normalised",
        "passed": None,
        "figure": "skipped: integrated up to 2 variables only",
    }
    assert done("check", flows / "all", "--quiet") == ""


def test_show_words(done, flows):
    found = dict(line.split(maxsplit=1) for line in done("show", flows / "all").splitlines() if " " in line.strip())
    assert found["model"] == "MAF"
    assert found["transforms"] == "2"
    assert found["bijection"].startswith("RationalQuadraticSpline(")
    assert found["base"] == "NormalBase"
    assert found["columns"] == "width height heat season"
    assert "left-to-right right-to-left" in done("show", flows / "all")


def test_names_that_the_command_gives(done, flows):
    assert "names              x0 x1 (counted from 0)" in done("show", flows / "pair")


def test_show_json(done, flows):
    found = json.loads(done("show", flows / "season", "--json"))
    assert (found["model"], found["variables"], found["context"]) == ("MAF", 3, 1)
    assert found["input_orders"] == [[1, 2, 3], [3, 2, 1]]
    assert found["context_columns"] == ["season"]
    assert found["parameters"] == sum(p.numel() for p in tm.load(flows / "season").parameters())


def test_drawn_orders_are_told_by_their_degrees(done, flows):
    words = ["--epochs", "1", "-q", "4", "--transforms", "1", "--input-order", "random", "--seed", "2"]
    done("fit", flows / "all.csv", "--model", "maf", "--out", "m", *words)
    order = tm.load("m").transforms[0].degrees.inputs.tolist()
    assert order not in ([1, 2, 3, 4], [4, 3, 2, 1])
    assert f"input orders       {'-'.join(map(str, order))}" in done("show", "m")


PICTURES = {
    "contours": ["pair"],
    "contours and data": ["pair", "--data", "pair.npy"],
    "pairs": ["all"],
    "pairs and data": ["all", "--data", "all.csv", "-n", "50"],
    "at the contexts of data": ["season", "--data", "all.csv"],
    "at a context": ["season", "--context", "season=2"],
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name, call, flows):
    model, *words = PICTURES[name]
    words = [flows / word if "." in word and "=" not in word else word for word in words]
    outcome = call("show", flows / model, "--out", "p.png", "--seed", "1", *words)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "wrote p.png\n")
    assert Path("p.png").read_bytes().startswith(PNG)


def test_training_curves_beside_samples(call, flows):
    outcome = call("show", flows / "pair", "--out", "p.png", "--curves", "c.png")
    assert outcome.err.splitlines() == ["wrote p.png", "wrote c.png"]
    assert Path("p.png").read_bytes() != Path("c.png").read_bytes()


@pytest.mark.parametrize("verb", ["fit", "score", "sample", "show", "probability"])
def test_help_says_what_a_flow_can(verb, done):
    assert "flow" in done(verb, "--help")
