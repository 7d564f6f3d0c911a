"""``tailormade show`` and ``check`` on tables."""

import json
from pathlib import Path

import numpy as np
import pytest

import tailormade as tm
from tailormade.cli.tables import as_table
from tailormade.estimator import fitting
from tailormade.tables import Schema, read_table


def test_the_schema_and_what_each_column_is_worth(done, tables):
    text = done("show", tables / "m")
    table = as_table(tm.load(tables / "m"))
    assert table.schema.describe() in text
    lines = text.split("\n\n")[-1].splitlines()
    assert lines[1].split() == ["column", "model", "marginal", "gain"]
    assert [line.split()[0] for line in lines[2:]] == [*table.names, "all"]
    assert float(lines[-1].split()[1]) == pytest.approx(-table.model.metadata["fit"]["best_nll"], abs=5e-4)


def test_figures_are_those_of_validation_rows(done, tables):
    found = json.loads(done("show", tables / "m", "--json"))
    table, frame = as_table(tm.load(tables / "m")), read_table(tables / "people.csv")
    train, valid = fitting.split(table.schema.encode(frame), 1)
    expected = table.score_columns(frame.take(valid)).mean(0)
    assert [row["column"] for row in found["column_scores"]] == table.names
    np.testing.assert_allclose([row["log_likelihood"] for row in found["column_scores"]], expected, rtol=1e-6)
    member = np.array(frame["member"].to_pylist())
    share = (member[train].sum() + 0.5) / (len(train) + 1)  # a smoothed frequency
    marginal = np.where(member[valid], np.log(share), np.log(1 - share)).mean()
    assert found["column_scores"][-1]["marginal"] == pytest.approx(marginal, abs=1e-6)


def test_the_schema_as_a_file(call, tables):
    outcome = call("show", tables / "given", "--schema-out", "s.json", "--json")
    assert outcome.err == "wrote s.json\n"
    schema = Schema.from_dict(json.loads(Path("s.json").read_text()))
    assert schema.names == ("sex", "age", "job", "children", "member")
    assert schema.to_dict() == json.loads(outcome.out)["schema"]


@pytest.mark.parametrize("options", [["--out", "p.png"], ["--schema-out", "s.json"], ["--curves", "c.png"]], ids=str)
def test_one_line_says_where_a_file_is(options, call, tables):
    outcome = call("show", tables / "m", *options)
    assert (outcome.status, outcome.out, outcome.err) == (0, "", f"wrote {options[1]}\n")
    assert Path(options[1]).is_file()


def test_context_columns_are_named(done, tables):
    assert "conditioned on: sex\n" in done("show", tables / "given")


def test_pictures_of_rows_with_numbers(refused, tables):
    assert "rows with numbers are no pictures" in refused("show", tables / "m", "--samples", "s.png")


def test_a_schema_of_an_array(refused, store):
    assert "--schema-out: " in refused("show", store / "one", "--schema-out", "s.json")


@pytest.mark.parametrize("name", ["m", "given"])
def test_checks_that_need_enumeration_are_skipped(name, done, tables):
    lines = done("check", tables / name).splitlines()
    assert lines[0].startswith("ok      autoregressive  largest forbidden derivative 0 ")
    assert lines[1] == "ok      save and load   log-probabilities of a saved and loaded copy differ by 0"
    assert lines[2].startswith("ok      agreement       joint density and marginal times conditional differ by ")
    assert [line.split(maxsplit=1)[0] for line in lines[3:]] == ["skipped"] * 2
    assert all(line.endswith("not enumerable") for line in lines[3:])
    assert done("check", tables / name, "--quiet") == ""
    found = json.loads(done("check", tables / name, "--json"))
    assert (found["passed"], [c["passed"] for c in found["checks"]]) == (True, [True, True, True, None, None])
    figures = found["checks"][2]
    assert figures["rows"] * figures["splits"] == 8000
    assert 0 <= figures["mean"] <= figures["mean_absolute"]


@pytest.mark.parametrize("options", [[], ["--context", "a"]], ids=str)
def test_tables_of_categories_pass_every_check(options, done, tables):
    done("fit", tables / "answers.csv", "--out", "m", "--epochs", "2", "--seed", "1", "--quiet", *options)
    assert [line.split()[0] for line in done("check", "m").splitlines()] == ["ok"] * 5
