"""``tailormade impute``: gaps filled, everything else as it was."""

import csv
import json
from pathlib import Path

import pytest
from cli.table_store import HEADER, people

import tailormade.cli.tables
from tailormade.tables import read_table


def cells(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("method", ["mean", "median", "mode", "draw"])
def test_gaps_are_filled_and_the_rest_stays(method, call, tables):
    outcome = call("impute", tables / "m", tables / "people.csv", "--out", "f.csv", "--method", method, "--draws", "9")
    assert (outcome.status, outcome.out) == (0, "")
    before, after = cells(tables / "people.csv"), cells("f.csv")
    pairs = [pair for rows in zip(before, after, strict=True) for pair in zip(*rows, strict=True)]
    assert all(old in ("", new) for old, new in pairs)
    assert all(new for _, new in pairs)
    gaps = sum(old == "" for old, _ in pairs)
    assert gaps > 30
    assert f"filled {gaps} cells of 150 rows, wrote f.csv (seed " in outcome.err


def test_values_are_possible(done, tables):
    done("impute", tables / "m", tables / "people.csv", "--out", "f.csv", "--quiet", "--draws", "9")
    table = read_table("f.csv")
    assert set(table["job"].to_pylist()) == {"clerk", "nurse", "cook, head"}
    assert all(0 < age < 80 for age in table["age"].to_pylist())


@pytest.mark.parametrize("method", ["mean", "median"])
def test_numbers_have_as_many_digits_as_the_others(method, done, tables):
    done("impute", tables / "m", tables / "people.csv", "--out", "f.csv", "--quiet", "--draws", "7", "--method", method)
    ages = [row[2] for row in cells("f.csv")[1:]]
    assert all(len(age.partition(".")[2]) <= 1 for age in ages), ages


def test_truth_values_are_written_as_the_others(done, tables):
    Path("x.csv").write_text(f"{HEADER}\nx,male,40.5,clerk,1,\nx,male,40.5,clerk,1,True\n")
    done("impute", tables / "m", "x.csv", "--out", "f.csv", "--quiet")
    assert {row[-1] for row in cells("f.csv")[1:]} <= {"True", "False"}


def test_order_of_columns_and_columns_nobody_knows(done, tables):
    Path("x.csv").write_text("shoe,member,age,job,children,sex\n43,True,,clerk,1,male\n,True,50,clerk,1,male\n")
    done("impute", tables / "m", "x.csv", "--out", "f.csv", "--quiet")
    rows = cells("f.csv")
    assert rows[0] == ["shoe", "member", "age", "job", "children", "sex"]
    assert [row[0] for row in rows[1:]] == ["43", ""]
    assert rows[1][2] != ""
    assert rows[2] == ["", "True", "50", "clerk", "1", "male"]


def test_parquet_keeps_its_types(done, tables):
    import pyarrow as pa
    import pyarrow.parquet as parquet

    table = read_table(tables / "people.csv")
    table = table.set_column(3, "job", table["job"].dictionary_encode())
    table = table.set_column(2, "age", table["age"].cast(pa.float32()))
    parquet.write_table(table, "x.parquet")
    done("impute", tables / "m", "x.parquet", "--out", "f.parquet", "--quiet")
    found = parquet.read_table("f.parquet")
    assert found.schema.types == parquet.read_table("x.parquet").schema.types
    assert found.column_names == table.column_names
    assert sum(column.null_count for column in found.columns) == 0


def test_csv_to_parquet_has_the_types_of_the_fit(done, tables):
    done("impute", tables / "m", tables / "people.csv", "--out", "f.parquet", "--quiet")
    types = {field.name: str(field.type) for field in read_table("f.parquet").schema}
    assert (types["age"], types["children"], types["member"], types["job"]) == ("double", "int64", "bool", "string")


@pytest.mark.parametrize("method", ["mean", "draw"])
def test_seeds(method, done, tables):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        words = ["--method", method, "--draws", "3", "--seed", seed, "--quiet"]
        done("impute", tables / "m", tables / "people.csv", "--out", f"{name}.csv", *words)
    a, b, c = (Path(f"{name}.csv").read_text() for name in "abc")
    assert a == b != c


def test_blocks_are_written_one_under_the_other(done, tables, monkeypatch):
    monkeypatch.setattr(tailormade.cli.tables.read_blocks, "__defaults__", (40,))
    result = json.loads(done("impute", tables / "m", tables / "people.csv", "--out", "f.csv", "--json"))
    assert result["rows"] == 150
    assert [row[0] for row in cells("f.csv")] == [row[0] for row in cells(tables / "people.csv")]


def test_a_conditional_model(done, tables):
    done("impute", tables / "given", tables / "people.csv", "--out", "f.csv", "--quiet")
    assert all(map(all, cells("f.csv")))


def test_a_table_without_gaps(done, tables):
    text = f"{HEADER}\nx,male,40.5,clerk,1,True\n"
    Path("x.csv").write_text(text)
    assert json.loads(done("impute", tables / "m", "x.csv", "--out", "f.csv", "--json"))["filled"] == 0
    assert Path("f.csv").read_text() == text


BAD = {
    "--method best": "method: expected one of draw, mean, median, mode, got 'best'",
    "--out f.txt": "f.txt: expected a name ending in one of .csv, .parquet",
    "--draws 0": "'--draws'",
}


@pytest.mark.parametrize("words", BAD)
def test_options_that_do_not_fit(words, refused, tables):
    given = {"--out": "f.csv", **dict([words.split()])}
    assert BAD[words] in refused("impute", tables / "m", tables / "people.csv", *[w for o in given.items() for w in o])


def test_nothing_is_overwritten(refused, tables):
    Path("f.csv").write_text("mine")
    assert "f.csv: exists already" in refused("impute", tables / "m", tables / "people.csv", "--out", "f.csv")


def test_a_cell_that_does_not_fit_leaves_no_file(refused, tables):
    Path("x.csv").write_text(people(30) + "x,male,old,clerk,1,True\n")
    line = refused("impute", tables / "m", "x.csv", "--out", "f.csv", "--quiet")
    assert "x.csv: column 'age' has 'old' in row 30 (counted from 0)" in line


def test_a_model_of_an_array(refused, store, tables):
    line = refused("impute", store / "one", tables / "people.csv", "--out", "f.csv")
    assert "impute needs a model of a table, with a schema, got one of an array" in line
