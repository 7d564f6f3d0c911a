"""``tailormade fit`` on tables: schema, recipe, options."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from cli.table_store import people

import tailormade as tm
from tailormade.cli.tables import as_table
from tailormade.estimator import DensityEstimator, TableDensity
from tailormade.store import load_header
from tailormade.tables import Schema, read_table

SHORT = ["--epochs", "2", "--seed", "1"]


def test_a_table_is_fitted_without_flags_but_the_epochs(call, tables):
    outcome = call("fit", tables / "people.csv", "--out", "m", *SHORT)
    assert outcome.status == 0
    assert "135 training and 15 validation rows of 5 columns" in outcome.err
    assert "left out as identifiers: ['name']" in outcome.err
    lines = outcome.err.splitlines()
    assert any(line.split()[:3] == ["sex", "binary", "2:"] for line in lines)
    fit = load_header("m")["metadata"]["fit"]
    said = f"m: validation log-likelihood {-fit['best_nll']:.3f} nats a row at epoch {fit['best_epoch']} of 2\n"
    assert outcome.out == said


def test_it_is_the_fit_of_the_estimator(tables):
    frame = read_table(tables / "people.csv")
    with pytest.warns(UserWarning, match="identifiers"):
        made = DensityEstimator(max_epochs=2, random_state=1).fit(frame)
    found = TableDensity.load(tables / "m")
    np.testing.assert_allclose(found.score_samples(frame), made.score_samples(frame), rtol=1e-5)
    assert found.schema == made.schema_


def test_quiet(call, tables):
    outcome = call("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet")
    assert (outcome.status, outcome.err) == (0, "")


OPTIONS = {
    "-q 8,4": {"hidden_units": [8, 4]},
    "-n 3": {"orders": 3},
    "-n any": {"orders": "any"},
    "--dropout 0.5": {"dropout": 0.5},
    "--activation tanh": {"activation": "tanh"},
    "--no-direct": {"direct": False},
}


@pytest.mark.parametrize("words", OPTIONS)
def test_options_reach_the_model(words, done, tables):
    done("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet", *words.split())
    model = tm.load("m")
    assert OPTIONS[words].items() <= model.config().items()
    assert model.missing
    assert as_table(model).names == ["sex", "age", "job", "children", "member"]


@pytest.mark.parametrize("words", ["--batch-size 7", "--learning-rate 0.1", "--weight-decay 1"])
def test_options_reach_the_training(words, done, tables):
    done("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet", *words.split())
    name, value = words.split()
    identity = load_header("m")["metadata"]["identity"]
    assert identity[name[2:].replace("-", "_")] == float(value)


def test_parquet_is_the_same_table(done, tables):
    import pyarrow.parquet as parquet

    parquet.write_table(read_table(tables / "people.csv"), "people.parquet")
    done("fit", "people.parquet", "--out", "m", *SHORT, "--quiet")
    assert Path("m/model.safetensors").read_bytes() == (tables / "m" / "model.safetensors").read_bytes()


@pytest.mark.parametrize("columns", ["sex, children", "1,4"], ids=["names", "numbers"])
def test_context(columns, done, tables):
    done("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet", "--context", columns)
    table = as_table(tm.load("m"))
    assert table.names == ["age", "job", "member"]
    assert table.context.names == ("sex", "children")


def test_corrections_of_the_schema(done, tables):
    Path("s.json").write_text(json.dumps({"children": {"kind": "categorical"}, "name": "ignored"}))
    done("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet", "--schema", "s.json")
    assert as_table(tm.load("m")).schema.column("children").kind == "categorical"


def test_a_whole_schema_that_show_wrote(done, tables):
    done("show", tables / "m", "--schema-out", "s.json")
    schema = Schema.from_dict(json.loads(Path("s.json").read_text())).replace("age", low=0.0)
    Path("s.json").write_text(json.dumps(schema.to_dict()))
    done("fit", tables / "people.csv", "--out", "m", *SHORT, "--quiet", "--schema", "s.json")
    assert as_table(tm.load("m")).schema == schema


def test_a_small_table_has_no_validation_rows(done):
    Path("x.csv").write_text(people(40))
    assert done("fit", "x.csv", "--out", "m", *SHORT, "--quiet").startswith("m: training log-likelihood ")
    assert "column_scores" not in load_header("m")["metadata"]


def test_few_rows_are_warned_about(call):
    Path("x.csv").write_text(people(40))
    outcome = call("fit", "x.csv", "--out", "m", *SHORT)
    assert outcome.err.count("warning: the fit has 40 rows: a density of so few says little about other rows") == 1


def test_progress_says_what_it_shows(call, tables, monkeypatch):
    monkeypatch.setattr("tailormade.progress._LINE_SECONDS", 0.0)
    err = call("fit", tables / "people.csv", "--out", "m", *SHORT).err
    assert "epoch 1  train, parts of rows " in err
    assert '"train, parts of rows" is the NLL of the other cells' in " ".join(call("fit", "--help").out.split())


UNSEEN = {
    "people.csv --unseen perhaps": "--unseen: expected error or probability, got 'perhaps'.",
    "answers.csv --unseen error --conditional bernoulli": "--unseen: expected a table",
    "people.csv --unseen error --schema s.json": "s.json: is a whole schema, which says of each column what is unseen",
}


@pytest.mark.parametrize("words", UNSEEN)
def test_categories_never_seen(words, refused, done, tables):
    done("show", tables / "m", "--schema-out", "s.json")
    data, *options = words.split()
    assert UNSEEN[words] in refused("fit", tables / data, "--out", "x", *SHORT, "--quiet", *options)


def test_numbers_of_an_array_by_request(done, tables):
    done("fit", tables / "answers.csv", "--out", "m", *SHORT, "--quiet", "--conditional", "bernoulli")
    assert as_table(tm.load("m")) is None


def test_a_table_in_an_archive_by_request(done):
    np.savez("x.npz", data=np.random.default_rng(0).normal(size=(40, 2)), columns=["height", "weight"])
    done("fit", "x.npz", "--out", "m", *SHORT, "--quiet", "--conditional", "table")
    assert as_table(tm.load("m")).names == ["height", "weight"]


def test_resume_ends_in_the_same_model(done, call, tables, monkeypatch):
    words = ["fit", tables / "people.csv", "--epochs", "3", "--checkpoint-seconds", "0", "--quiet"]
    done(*words, "--out", "whole", "--seed", "1")
    run = importlib.import_module("tailormade.training.run").Run
    epoch = run._epoch

    def interrupted(self, number, progress):
        if number == 2:
            raise KeyboardInterrupt
        epoch(self, number, progress)

    with monkeypatch.context() as patch:
        patch.setattr(run, "_epoch", interrupted)
        assert call(*words, "--out", "m", "--seed", "1").status == 1
    done(*words, "--out", "m", "--resume")
    assert Path("m/model.safetensors").read_bytes() == Path("whole/model.safetensors").read_bytes()


BAD = {
    "a,b\n1,\n2,\n": "x.csv: column 'b'",
    "": "x.csv: ",
    "a,b\n": "x.csv: expected at least one row",
    "a,a\n1,2\n": "x.csv: expected a different name for each column, got ['a'] more than once",
    "a,b\n1,2\n3\n": "x.csv: ",
    "a;b\n0;1\n1;1\n": "x.csv: expected cells separated by commas",
    "a,b\n1,2\n3,inf\n": "x.csv: column 'b'",
}


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_bad_tables(text, refused):
    Path("x.csv").write_text(text)
    assert BAD[text] in refused("fit", "x.csv", "--out", "m", *SHORT)


SCHEMAS = {
    "{": "cannot be read as JSON",
    "[1]": "expected fields by column",
    '{"agee": "integer"}': "there is no column 'agee'; did you mean 'age'?",
    '{"age": {"kind": "big"}}': "age",
    '{"columns": []}': "columns: expected at least one that is modelled",
}


@pytest.mark.parametrize("text", SCHEMAS)
def test_bad_schemas(text, call, tables):
    Path("s.json").write_text(text)
    outcome = call("fit", tables / "people.csv", "--out", "m", *SHORT, "--schema", "s.json")
    assert outcome.status == 2
    assert outcome.err.startswith("tailormade: s.json: ")
    assert SCHEMAS[text] in outcome.err
    assert not Path("m").exists()


OPTIONS_REFUSED = {
    "--schema no.json": "--schema: expected a JSON file, found none at no.json.",
    "--key a": "--key: expected a model of an array for this, got one of a table; leave it out.",
    "--recipe best": "--recipe: expected a model of an array for this, got one of a table; leave it out.",
    "--valid-fraction 0.2": "--valid-fraction: expected a model of an array",
    "--context agee": "--context: there is no column 'agee'; did you mean 'age'?",
    "--context sex,age,job,children,member": "--context: ",
}


@pytest.mark.parametrize("words", OPTIONS_REFUSED)
def test_options_that_do_not_fit(words, call, tables):
    outcome = call("fit", tables / "people.csv", "--out", "m", *SHORT, *words.split())
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1].startswith(f"tailormade: {OPTIONS_REFUSED[words]}"), outcome.err
    assert not Path("m").exists()


def test_a_schema_is_not_for_arrays(refused, tables):
    Path("s.json").write_text("{}")
    np.save("x.npy", np.eye(4))
    assert "--schema: expected a table" in refused("fit", "x.npy", "--out", "m", "--schema", "s.json")
