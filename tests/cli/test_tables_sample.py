"""``tailormade sample`` on tables: rows in original values, with evidence and context."""

import json
from pathlib import Path

import numpy as np
import pytest

import tailormade.cli.tabledraws
from tailormade.estimator import DensityEstimator, TableDensity
from tailormade.tables import read_table

NAMES = ["sex", "age", "job", "children", "member"]


def test_rows_on_stdout(done, tables):
    text = done("sample", tables / "m", "-n", "30", "--seed", "1")
    Path("s.csv").write_text(text)
    assert text.splitlines()[0] == ",".join(NAMES)
    table = read_table("s.csv")
    assert table.num_rows == 30
    assert set(table["sex"].to_pylist()) == {"female", "male"}
    assert set(table["job"].to_pylist()) <= {"clerk", "nurse", "cook, head"}
    assert {str(kind) for kind in table.schema.types} == {"string", "double", "int64", "bool"}


@pytest.mark.parametrize("name", ["s.csv", "s.parquet"])
def test_every_format_holds_the_same_rows(name, call, done, tables):
    outcome = call("sample", tables / "m", "-n", "30", "--seed", "1", "--out", name)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines()[-1] == f"wrote 30 rows to {name} (seed 1)"
    found = json.loads(done("sample", tables / "m", "-n", "30", "--seed", "1", "--json"))
    assert found["columns"] == NAMES
    assert [list(row.values()) for row in read_table(name).to_pylist()] == found["rows"]


def test_blocks_are_written_one_under_the_other(done, tables, monkeypatch):
    monkeypatch.setattr(tailormade.cli.tabledraws, "_ROWS", 7)
    for name, n in (("a.csv", 20), ("b.csv", 9)):
        done("sample", tables / "m", "-n", n, "--seed", "1", "--out", name)
    text = done("sample", tables / "m", "-n", "20", "--seed", "1")
    rows = json.loads(done("sample", tables / "m", "-n", "20", "--seed", "1", "--json"))["rows"]
    assert text == Path("a.csv").read_text()
    assert text.startswith(Path("b.csv").read_text())
    assert len(rows) == 20
    assert len({tuple(row) for row in rows}) > 14  # two blocks of seven rows, were the third one a copy


GIVEN = {
    "age > 45 and sex == female": lambda row: row["age"] > 45 and row["sex"] == "female",
    "age=50.5, job='cook, head'": lambda row: (row["age"], row["job"]) == (50.5, "cook, head"),
    "sex=female, age > 45": lambda row: row["sex"] == "female" and row["age"] > 45,
    "sex=male": lambda row: row["sex"] == "male",
    "children in [0, 3] or member == true": lambda row: row["children"] in (0, 3) or row["member"],
}


@pytest.mark.parametrize("given", GIVEN)
def test_evidence_holds_in_every_row(given, done, tables):
    done("sample", tables / "m", "-n", "40", "--seed", "1", "--given", given, "--out", "s.parquet")
    rows = read_table("s.parquet").to_pylist()
    assert len(rows) == 40
    assert all(map(GIVEN[given], rows))
    assert len({tuple(row.values()) for row in rows}) > 2


def test_context(done, tables):
    text = done("sample", tables / "given", "-n", "5", "--seed", "1", "--context", "sex=male")
    assert text.splitlines()[0] == "age,job,children,member"
    other = done("sample", tables / "given", "-n", "5", "--seed", "1", "--context", "sex=female")
    assert other != text


def test_a_density_that_was_fitted_to_another_kind_of_frame(done, tables):
    frame = read_table(tables / "people.csv").drop_columns(["name"]).to_pandas()
    DensityEstimator(max_epochs=1, random_state=1).fit(frame).save("m")
    assert done("sample", "m", "-n", "2", "--seed", "1").splitlines()[0] == ",".join(NAMES)


BAD = {
    "--given age>": "--given: expected a value",
    "--given agee=3": "--given: expected a column of the table, got 'agee'; did you mean 'age'?",
    "--given job=smith": "--given: column 'job' expected one of its categories, got 'smith'",
    "--given age=1,age=2": "--given: expected one value for each column, got two for 'age'",
    "--given rows.csv": "--given: expected a question or 'COL=VALUE,...' for a table, got the file 'rows.csv'",
    "--given age<3&&age>5": "--given: ",
    "--context sex=male": "--context: this model has no context",
    "--order 0": "--order: expected a model of an array",
    "--out s.png": "s.png: expected a name ending in .csv or .parquet for rows of a table.",
    "--out s.npy": "s.npy: expected a name ending in .csv or .parquet for rows of a table.",
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_drawn(words, refused, tables):
    assert BAD[words] in refused("sample", tables / "m", *words.split())


def test_evidence_that_cannot_be(refused, tables):
    assert "given: expected an event that can happen" in refused(
        "sample", tables / "m", "--given", "age < 30 and age > 40"
    )


def test_how_probable_evidence_is_said(call, done, tables):
    words = ["sample", tables / "m", "-n", "2", "--seed", "1", "--given", "sex=female"]
    expected = TableDensity.load(tables / "m").probability("sex == female", seed=0)
    assert f"what is given has probability {expected:.4g} (exact) under the model\n" in call(*words).err
    for more in ([], ["--out", "s.csv"]):
        assert json.loads(done(*words, "--json", *more))["given_probability"] == pytest.approx(float(expected))
    assert "given_probability" not in json.loads(done(*words[:-2], "--json"))


def test_single_values_of_a_density(call, done):
    rows = np.random.default_rng(0).normal(size=(60, 2))
    Path("x.csv").write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows.tolist()))
    done("fit", "x.csv", "--out", "m", "--epochs", "1", "--seed", "1", "--quiet")
    outcome = call("sample", "m", "-n", "3", "--seed", "1", "--given", "b=0.123456789", "--json")
    assert "what is given is single values of columns without resolution" in outcome.err
    found = json.loads(outcome.out)
    assert found["given_probability"] is None
    assert [row[1] for row in found["rows"]] == [0.123456789] * 3


def test_evidence_the_model_knows_nothing_of(call, tables, monkeypatch):
    monkeypatch.setattr(tailormade.cli.tabledraws, "_ROWS", 2)
    outcome = call("sample", tables / "m", "-n", "5", "--seed", "1", "--given", "age > 300")
    assert outcome.status == 0
    assert outcome.err.count("warning: --given: this has a probability of about") == 1


CONTEXTS = {
    None: "--context: this model needs the values of ['sex']: --context 'sex=VALUE'.",
    "job=clerk": "--context: expected one COL=VALUE for each of ['sex'], got 'job=clerk'.",
    "sex=x": "--context: column 'sex' has 'x' in row 0",
    "sex": "--context: expected '=', got the end of 'sex'.",
}


@pytest.mark.parametrize("text", CONTEXTS)
def test_contexts_that_do_not_fit(text, refused, tables):
    assert CONTEXTS[text] in refused("sample", tables / "given", *([] if text is None else ["--context", text]))
