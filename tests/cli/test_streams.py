"""Large files are fitted from disk: here files are made large by lowering what counts as large."""

import json

import numpy as np
import pyarrow as pa
import pytest
import torch
from pyarrow.parquet import write_table

import tailormade as tm
from tailormade.cli import run as command
from tailormade.training import streamdata


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch):
    monkeypatch.setattr(streamdata, "STREAMED", 1)


def run(capsys, *words):
    code = command([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def people(rows=600):
    rng = np.random.default_rng(0)
    ages = rng.integers(18, 80, rows)
    towns = np.array(["Ulm", "Bonn", "Kiel"])[rng.integers(0, 3, rows)].astype(object)
    towns[-1] = "Trier"  # a category that one late row has
    income = [None if i % 7 == 0 else float(v) for i, v in enumerate(np.round(rng.lognormal(8, 1, rows), 2))]
    return pa.table({"age": ages, "town": list(towns), "income": income})


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.parquet"
    write_table(people(), path, row_group_size=100)
    return path


SMALL = ("-q", "8", "--epochs", "2", "--seed", "1", "--quiet")


def test_a_large_table_is_fitted_scored_and_resumed(table, tmp_path, capsys):
    code, _, said = run(capsys, "fit", table, "--out", tmp_path / "m", *SMALL[:-1])
    assert code == 0, said
    assert "read from disk" in said
    assert "schema from 600 of 600 rows" in said
    code, out, said = run(capsys, "score", tmp_path / "m", table, "--json")
    assert code == 0
    assert json.loads(out)["rows"] == 600
    assert "rows the model was fitted to" in said
    assert len(tm.load(tmp_path / "m").metadata["column_scores"]) == 3
    code, _, said = run(capsys, "fit", table, "--out", tmp_path / "m", *SMALL[:-1], "--resume")
    assert code == 0
    assert "finished already" in said


def test_the_schema_of_a_sample_knows_rare_categories_ends_and_gaps(table, monkeypatch):
    from tailormade.tables import Schema, survey

    monkeypatch.setattr(survey, "SAMPLE_CELLS", 60)
    some = survey.sample_table(table)
    assert some.num_rows < 200
    assert "Trier" in some.column("town").to_pylist()
    assert None in some.column("income").to_pylist()
    ages = people().column("age").to_pylist()
    assert (min(ages), max(ages)) == (min(some.column("age").to_pylist()), max(some.column("age").to_pylist()))
    Schema.infer(some, {"age": "integer"}).encode(people())


def test_nan_is_a_missing_cell_to_the_sample(tmp_path):
    from tailormade.tables import survey

    path = tmp_path / "x.parquet"
    write_table(pa.table({"x": np.array([1.0, np.nan, 2.0] * 50), "y": [1, 2, None] * 50}), path, row_group_size=30)
    assert survey.sample_table(path).num_rows == 150


def test_a_row_that_contradicts_a_given_schema_is_named(table, tmp_path, capsys):
    said = {"town": {"kind": "categorical", "categories": ["Ulm", "Bonn", "Kiel"]}}
    (tmp_path / "s.json").write_text(json.dumps(said))
    code, _, said = run(capsys, "fit", table, "--out", tmp_path / "m", "--schema", tmp_path / "s.json", *SMALL)
    assert code == 2
    assert "'town' has 'Trier' in row 599" in said
    assert not (tmp_path / "m").exists()


def test_a_large_table_is_fitted_given_columns(table, tmp_path, capsys):
    code, _, said = run(capsys, "fit", table, "--out", tmp_path / "m", "--context", "town", *SMALL)
    assert code == 0, said
    assert tm.load(tmp_path / "m").features == 2


@pytest.mark.parametrize("suffix", ["npy", "parquet"])
@pytest.mark.parametrize(
    "options",
    [(), ("--conditional", "categorical"), ("--conditional", "mixture"), ("--model", "maf", "--transforms", "1")],
)
def test_large_files_of_numbers_are_fitted_and_scored(tmp_path, capsys, suffix, options):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 3)) if {"mixture", "maf"} & set(options) else rng.integers(0, 2, (500, 3))
    path = tmp_path / f"rows.{suffix}"
    if suffix == "npy":
        np.save(path, rows)
    else:
        write_table(pa.table({f"c{i}": c for i, c in enumerate(rows.T)}), path, row_group_size=100)
        options = options or ("--conditional", "bernoulli")
    code, _, said = run(capsys, "fit", path, "--out", tmp_path / "m", *options, *SMALL[:-1])
    assert code == 0, said
    assert "read from disk" in said
    code, out, said = run(capsys, "score", tmp_path / "m", path, "--json")
    assert code == 0, said
    result = json.loads(out)
    assert result["rows"] == 500
    assert "rows the model was fitted to" in said
    plain = tm.load(tmp_path / "m")
    with torch.no_grad():
        expected = float(plain.log_prob(torch.from_numpy(rows).float()).mean())
    assert result["log_likelihood"] == pytest.approx(expected, abs=1e-4)


def test_a_wrong_number_in_a_large_file_is_named(tmp_path, capsys):
    rows = np.zeros((500, 3))
    rows[321, 1] = 5
    np.save(tmp_path / "rows.npy", rows)
    code, _, said = run(capsys, "fit", tmp_path / "rows.npy", "--out", tmp_path / "m", *SMALL)
    assert code == 2
    assert "has 5 in row 321" in said
