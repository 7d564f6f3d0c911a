"""Tables whose missing cells are modelled, from the schema file to the answers."""

import csv
import io
import json
from pathlib import Path

import pytest

SCHEMA = {"age": {"missing": "model"}, "job": {"missing": "model"}}


def read(path):
    """Rows of a CSV."""
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture
def fitted(done, tables):
    """The name of a model, with two columns whose gaps are modelled."""
    Path("s.json").write_text(json.dumps(SCHEMA))
    done("fit", tables / "people.csv", "--out", "m", "--schema", "s.json", "--epochs", "2", "--seed", "1", "--quiet")
    return "m"


def test_the_schema_option_reaches_the_model(fitted, done):
    lines = done("show", fitted).splitlines()
    assert [line.split()[0] for line in lines if "  modelled  " in line] == ["age", "job"]
    done("show", fitted, "--schema-out", "whole.json")
    assert {c["name"]: c["gaps"] for c in json.loads(Path("whole.json").read_text())["columns"]}["age"] == "model"


def test_a_schema_that_was_written_is_read(fitted, done, tables):
    done("show", fitted, "--schema-out", "whole.json")
    done("fit", tables / "people.csv", "--out", "n", "--schema", "whole.json", "--epochs", "1", "--quiet")
    assert [line.split()[0] for line in done("show", "n").splitlines() if "  modelled  " in line] == ["age", "job"]


def test_rows_have_gaps(fitted, done):
    rows = list(csv.DictReader(io.StringIO(done("sample", fitted, "-n", "400", "--seed", "1", "--quiet"))))
    assert len(rows) == 400
    gaps = {name: sum(row[name] == "" for row in rows) for name in rows[0]}
    assert 20 < gaps["age"] < 200
    assert 20 < gaps["job"] < 200
    assert gaps["sex"] == gaps["children"] == 0


def test_questions(fitted, done):
    found = [
        json.loads(done("probability", fitted, f"age is {words}missing", "--seed", "0", "--json", "--quiet"))
        for words in ("", "not ")
    ]
    assert 0.05 < found[0]["probability"] < 0.5
    assert sum(answer["probability"] for answer in found) == pytest.approx(1, abs=1e-3)


def test_all_gaps_are_filled(fitted, done, tables):
    before = read(tables / "people.csv")
    said = json.loads(
        done(
            "impute",
            fitted,
            tables / "people.csv",
            "--out",
            "f.csv",
            "--draws",
            "5",
            "--seed",
            "1",
            "--json",
            "--quiet",
        )
    )
    after = read(Path("f.csv"))
    gaps = [(i, name) for i, row in enumerate(before) for name in row if row[name] == ""]
    assert said["filled"] == len(gaps) > 0
    assert all(after[i][name] != "" for i, name in gaps)
    assert all(
        row[name] == after[i][name] for i, row in enumerate(before) for name in ("sex", "job") if row[name] != ""
    )


def test_an_unknown_policy(refused, tables, tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "s.json"
    path.write_text(json.dumps({"age": {"missing": "keep"}}))
    line = refused("fit", tables / "people.csv", "--out", "m", "--schema", path)
    assert "column 'age': missing: expected one of ['observed', 'model'], got 'keep'" in line
