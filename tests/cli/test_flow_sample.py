"""``tailormade sample`` and ``tailormade probability`` of a flow: what they print, write and say."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.random import generator

GIVEN = {"plain": [], "value": ["--given", "width=3.1"], "question": ["--given", "width > 3 and heat < 14"]}
GIVEN["both"] = ["--given", "width = 3.1, heat < 14"]


def table(text):
    names, *rows = text.splitlines()
    return names.split(","), np.array([row.split(",") for row in rows], dtype=float)


@pytest.mark.parametrize("name", ["all", "iaf"])
def test_rows_are_those_of_the_density(name, done, flows):
    names, rows = table(done("sample", flows / name, "-n", 5, "--seed", 3))
    expected = tm.load(flows / name)().sample((1000,), generator=generator(3, "sample"))[:5]
    assert names == ["width", "height", "heat", "season"]
    assert rows == pytest.approx(expected.numpy())


def test_names_of_columns_without_any(done, flows):
    assert table(done("sample", flows / "pair", "-n", 2, "--seed", 3))[0] == ["x0", "x1"]


def test_rows_at_a_context(done, flows):
    names, rows = table(done("sample", flows / "season", "-n", 4, "--context", "season=2", "--seed", 3))
    density = tm.load(flows / "season")(torch.tensor([2.0]))
    assert names == ["width", "height", "heat"]
    assert rows == pytest.approx(density.sample((1000,), generator=generator(3, "sample"))[:4].numpy())


@pytest.mark.parametrize("given", GIVEN)
def test_more_rows_begin_with_the_fewer(given, done, flows):
    few, many = (done("sample", flows / "all", "-n", n, "--seed", 3, "--quiet", *GIVEN[given]) for n in (7, 1100))
    assert len(many.splitlines()) == 1101
    assert many.startswith(few)


@pytest.mark.parametrize("given", GIVEN)
def test_every_format_holds_the_same_rows(given, done, call, flows):
    from pyarrow.parquet import read_table

    words = ["sample", flows / "all", "-n", 9, "--seed", 3, *GIVEN[given]]
    for suffix in ("npy", "csv", "parquet"):
        assert f"wrote 9 rows to s.{suffix} (seed 3)" in call(*words, "--out", f"s.{suffix}").err
    names, rows = table(Path("s.csv").read_text())
    frame = read_table("s.parquet")
    assert (frame.column_names, frame.num_rows) == (names, 9)
    assert np.array_equal(np.load("s.npy"), rows.astype(np.load("s.npy").dtype))
    assert np.array_equal(np.stack([c.to_numpy() for c in frame.columns], 1).astype(float), np.load("s.npy"))
    assert table(done(*words, "--quiet"))[1] == pytest.approx(rows)


def test_single_values_stay_and_say_how_they_are_answered(call, flows):
    outcome = call("sample", flows / "all", "-n", 300, "--given", "width=3.1, heat=12.5", "--seed", 1)
    _, rows = table(outcome.out)
    assert (rows[:, 0] == 3.1).all()
    assert (rows[:, 2] == 12.5).all()
    assert len(np.unique(rows[:, 1])) > 150
    assert "given 2 of 4 variables: estimated from 1000 weighted draws (effective sample size " in outcome.err
    assert "warning" not in outcome.err


@pytest.mark.parametrize("text", ["width=3.1, heat > 12.5", "heat > 12.5 and width == 3.1"])
def test_values_and_conditions(text, done, call, flows):
    words = ["sample", flows / "all", "-n", 200, "--given", text, "--seed", 1]
    outcome = call(*words)
    _, rows = table(outcome.out)
    assert (rows[:, 0] == 3.1).all()
    assert (rows[:, 2] > 12.5).all()
    assert "given 1 of 4 variables and a condition: estimated from 1000 weighted draws" in outcome.err
    found = json.loads(done(*words, "--json", "--quiet"))
    assert (found["exact"], len(found["rows"])) == (False, 200)
    words = ["probability", flows / "all", "heat > 13", "--json", "--quiet", "--given"]
    known, unknown = (json.loads(done(*words, given))["probability"] for given in (text, "width=3.1"))
    assert known > unknown + 0.1


def test_what_comes_first_is_exact(done, call, flows):
    words = ["--epochs", "1", "-q", "8", "--transforms", "1", "--seed", "2", "--quiet"]
    done("fit", flows / "all.csv", "--model", "maf", "--out", "m", *words)
    assert call("sample", "m", "--given", "width=3.1", "--seed", 1).err == "given 1 of 4 variables: exact\n"
    found = json.loads(done("sample", "m", "--given", "width=3.1", "--seed", 1, "--json", "--quiet"))
    assert (found["exact"], found["effective_sample_size"], found["log_evidence_error"]) == (True, None, 0)
    outcome = call("sample", "m", "--given", "width=3.1, heat > 12", "--seed", 1)
    assert outcome.err.startswith("given 1 of 4 variables, the rest of what is given has probability 0.")
    assert outcome.err.endswith(" under the model; rows are exact\n")


def test_rows_of_a_file_one_after_another(done, call, flows):
    Path("given.csv").write_text("heat,width\n11,3\n12,3.5\n")
    outcome = call("sample", flows / "all", "-n", 3, "--given", "given.csv", "--seed", 1)
    assert table(outcome.out)[1][:, [0, 2]].tolist() == [[3, 11]] * 3 + [[3.5, 12]] * 3
    assert "the least of 2 rows" in outcome.err
    np.save("given.npy", np.array([[3, np.nan, 11, np.nan], [3.5, np.nan, 12, np.nan]]))
    assert done("sample", flows / "all", "-n", 3, "--given", "given.npy", "--seed", 1, "--quiet") == outcome.out


def test_few_draws_are_warned_of(call, flows):
    words = ["sample", flows / "all", "-n", 5, "--given", "width=3", "--particles", 3, "--seed", 1]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = call(*words)
    assert not caught
    assert "warning: of 3 weighted draws " in outcome.err
    assert "Raise --particles, or give values nearer to the data." in outcome.err
    assert call(*words, "--quiet").err == ""


def test_json_of_values(done, flows):
    found = json.loads(done("sample", flows / "all", "-n", 2, "--given", "width=3.1", "--seed", 1, "--json", "--quiet"))
    assert found["exact"] is False
    assert found["effective_sample_size"] > 300
    assert 0 < found["log_evidence_error"] < 0.2
    assert found["columns"] == ["width", "height", "heat", "season"]
    assert [row[0] for row in found["rows"]] == [3.1, 3.1]


def test_json_of_a_question(done, call, flows):
    words = ["sample", flows / "all", "-n", 2, "--given", "width > 3", "--seed", 1]
    found = json.loads(done(*words, "--json", "--quiet", "--out", "s.csv"))
    assert (found["exact"], found["rows"], found["out"]) == (True, 2, "s.csv")
    assert 0.2 < found["given_probability"] < 0.8
    assert "what is given has probability 0." in call(*words).err


def test_probability(done, call, flows):
    outcome = call("probability", flows / "all", "width > 3", "--seed", 1)
    value, sign, error = outcome.out.split()
    assert (outcome.status, sign) == (0, "±")
    found = json.loads(done("probability", flows / "all", "width > 3", "--seed", 1, "--json", "--quiet"))
    assert found["probability"] == pytest.approx(float(value), abs=1e-4)
    assert found["standard_error"] == pytest.approx(float(error), rel=0.05)
    wide = json.loads(done("probability", flows / "all", "height > 9", "--given", "width=3.6", "--json", "--quiet"))
    thin = json.loads(done("probability", flows / "all", "height > 9", "--given", "width<2.5", "--json", "--quiet"))
    assert wide["probability"] > thin["probability"]


def test_probability_at_a_context(done, flows):
    words = ["probability", flows / "season", "heat > 12", "--context"]
    assert done(*words, "season=0", "--quiet") != done(*words, "season=4", "--quiet")
