"""``tailormade score`` on tables: rows in the units of their columns, in blocks, missing cells left out."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli.table_store import HEADER, people

import tailormade.cli.tables
from tailormade.estimator import TableDensity
from tailormade.tables import read_table


@pytest.fixture
def new():
    """Rows the model has not seen."""
    Path("new.csv").write_text(people(60, seed=7))
    return "new.csv"


@pytest.mark.parametrize("name", ["m", "given", "three"])
def test_the_same_as_the_library(name, done, tables, new):
    result = json.loads(done("score", tables / name, new, "--json", "--out", "s.npy"))
    expected = TableDensity.load(tables / name).score_samples(read_table(new))
    np.testing.assert_allclose(np.load("s.npy"), expected, rtol=1e-5)
    assert result["rows"] == 60
    assert result["log_likelihood"] == pytest.approx(expected.mean())
    assert result["standard_error"] == pytest.approx(expected.std(ddof=1) / 60**0.5)
    assert {"bits_per_dim", "part", "orders", "single_order"} <= set(result)


def test_blocks_make_no_difference(done, tables, new, monkeypatch):
    whole = json.loads(done("score", tables / "m", new, "--json", "--columns-out", "a.csv"))
    monkeypatch.setattr(tailormade.cli.tables.read_blocks, "__defaults__", (7,))
    parts = json.loads(done("score", tables / "m", new, "--json", "--columns-out", "b.csv"))
    assert parts == pytest.approx(whole)
    assert Path("a.csv").read_text().splitlines()[0] == "column,log_likelihood"


def test_columns_add_up(done, tables, new):
    result = json.loads(done("score", tables / "m", new, "--json", "--columns-out", "c.csv"))
    rows = [line.split(",") for line in Path("c.csv").read_text().splitlines()[1:]]
    assert [name for name, _ in rows] == ["sex", "age", "job", "children", "member"]
    assert sum(float(value) for _, value in rows) == pytest.approx(result["log_likelihood"], rel=1e-6)


def test_bits_of_numbers_say_nothing(done, tables, new):
    assert json.loads(done("score", tables / "m", new, "--json"))["bits_per_dim"] is None
    assert done("score", tables / "m", new, "--quiet").splitlines()[0].startswith("log-likelihood")
    assert "bits" not in done("score", tables / "m", new)


def test_bits_of_categories(done, tables):
    done("fit", tables / "answers.csv", "--out", "a", "--epochs", "1", "--seed", "1", "--quiet")
    result = json.loads(done("score", "a", tables / "answers.csv", "--json"))
    assert result["bits_per_dim"] == pytest.approx(-result["log_likelihood"] / 4 / np.log(2))
    assert "bits" not in done("score", "a", tables / "answers.csv")


def test_categories_never_seen_have_a_remedy(refused, done, tables):
    Path("x.csv").write_text(f"{HEADER}\nx,male,40.5,smith,1,True\n")
    line = refused("score", tables / "m", "x.csv")
    assert "Correct the cell, leave it empty, or fit again with --unseen probability" in line
    words = ["--epochs", "1", "--seed", "1", "--quiet", "--unseen", "probability"]
    done("fit", tables / "people.csv", "--out", "u", *words)
    assert json.loads(done("score", "u", "x.csv", "--json"))["log_likelihood"] < 0


def test_columns_in_any_order(done, tables):
    Path("a.csv").write_text(f"{HEADER}\nx,male,40.5,clerk,1,True\n")
    Path("b.csv").write_text("member,job,children,sex,age\nTrue,clerk,1,male,40.5\n")
    assert done("score", tables / "m", "a.csv", "--quiet") == done("score", tables / "m", "b.csv", "--quiet")


def test_rows_of_the_fit_are_recognised(call, tables, new):
    assert "these are rows the model was fitted to" in call("score", tables / "m", tables / "people.csv").err
    assert "these are rows the model was fitted to" not in call("score", tables / "m", new).err


def test_columns_nobody_knows(call, tables):
    Path("x.csv").write_text(f"{HEADER},shoe\nx,male,40.5,clerk,1,True,43\n")
    outcome = call("score", tables / "m", "x.csv")
    assert outcome.status == 0
    assert outcome.err.count("x.csv: columns that the model does not know are ignored: ['shoe']") == 1
    assert outcome.err.count("warning") == 1


CELLS = {
    "x,male,40.5,smith,1,True": "x.csv: column 'job' has 'smith' in row 20 (counted from 0), a category never seen",
    "x,male,old,clerk,1,True": "x.csv: column 'age' has 'old' in row 20 (counted from 0), expected a number",
    "x,male,40.5,clerk,-9.5,True": "x.csv: column 'children' has -9.5 in row 20 (counted from 0)",
    "x,male,40.5,clerk,1,perhaps": "x.csv: column 'member' has 'perhaps' in row 20 (counted from 0)",
}


@pytest.mark.parametrize("line", CELLS)
def test_cells_that_do_not_fit(line, refused, tables, monkeypatch):
    monkeypatch.setattr(tailormade.cli.tables.read_blocks, "__defaults__", (7,))
    good = "x,male,40.5,clerk,1,True\n"
    Path("x.csv").write_text(f"{HEADER}\n" + 20 * good + line + "\n" + good)
    assert CELLS[line] in refused("score", tables / "m", "x.csv", "--out", "s.csv")


def test_a_context_cell_that_does_not_fit(refused, tables, monkeypatch):
    monkeypatch.setattr(tailormade.cli.tables.read_blocks, "__defaults__", (2,))
    Path("x.csv").write_text(f"{HEADER}\n" + 3 * "x,male,40.5,clerk,1,True\n" + "x,other,40.5,clerk,1,True\n")
    assert "column 'sex' has 'other' in row 3" in refused("score", tables / "given", "x.csv")


def test_a_missing_column(refused, tables):
    Path("x.csv").write_text("sex,age,children,member\nmale,40.5,1,True\n")
    assert "x.csv: expected columns" in (line := refused("score", tables / "m", "x.csv"))
    assert "['job'] are missing" in line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--reconstruction", "--reconstruction: expected a model of an array"),
        ("--split test", "--split: expected a model of an array"),
        ("--columns-out c.npy", "expected a name ending in one of .csv"),
    ],
)
def test_options_that_do_not_fit(words, expected, refused, tables, new):
    assert expected in refused("score", tables / "m", new, *words.split())


def test_columns_of_an_array(refused, store):
    words = ["score", store / "one", store / "parts.npz", "--columns-out", "c.csv"]
    assert "--columns-out: expected a model of a table" in refused(*words)
