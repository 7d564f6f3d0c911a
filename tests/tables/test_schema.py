"""Columns by name, changes, overrides and JSON."""

import json
import warnings

import numpy as np
import pyarrow as pa
import pytest
from tables.cases import CASES, SMALL, TABLES

from tailormade.tables import Column, Schema, SchemaWarning


def test_columns_are_found_by_name(small):
    table = pa.table(SMALL)
    np.testing.assert_array_equal(small.encode(table.select(["sex", "size"])), small.encode(table))


def test_the_order_of_columns_is_the_callers(small):
    like = pa.table(SMALL).select(["sex", "name", "size"])
    assert small.decode(small.encode(like), like=like).column_names == ["sex", "size"]
    assert small.decode(small.encode(like), like=like.select(["size"])).column_names == ["size", "sex"]


def test_other_columns_are_passed_through_if_so_wished(small):
    like = pa.table({"note": ["n"] * 40, **SMALL})
    x = small.encode(like.drop_columns("note"))
    assert small.decode(x, like=like, passthrough=True).equals(like)
    with pytest.raises(ValueError, match="array: expected 40 rows, as the table has, got 3"):
        small.decode(x[:3], like=like, passthrough=True)


def test_names_and_indices(small):
    assert small.names == ("size", "sex")
    assert small.indices(["sex", "size"]) == [1, 0]
    assert [c.name for c in small.columns] == ["name", "size", "sex"]
    assert small.column("name").kind == "ignored"


@pytest.mark.parametrize(
    ("name", "hint"), [("siz", "did you mean 'size'"), ("zzz", r"expected one of \['size', 'sex'\]")]
)
def test_unknown_columns(small, name, hint):
    with pytest.raises(ValueError, match=f"columns: there is no column '{name}'; {hint}"):
        small.indices([name])
    with pytest.raises(ValueError, match=f"column: there is no column '{name}'"):
        small.replace(name, kind="ignored")
    with pytest.raises(ValueError, match=f"overrides: there is no column '{name}'"):
        Schema.infer(SMALL, {name: "ignored"})


def test_missing_columns(small):
    with pytest.raises(
        ValueError, match=r"table: expected columns \['size', 'sex'\], but \['sex'\] are missing; add them"
    ):
        small.encode({"size": [3.0]})


def test_extra_columns_are_named_and_ignored(small):
    with pytest.warns(SchemaWarning, match=r"columns that the schema does not know are ignored: \['note'\]"):
        x = small.encode({"note": ["n"], "sex": ["m"], "size": [8.0]})
    assert x.tolist() == [[8.0, 1.0]]


def test_ignored_columns_may_come_or_not(small):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert small.encode(SMALL).shape == small.encode({k: SMALL[k] for k in ("sex", "size")}).shape == (40, 2)


@pytest.mark.parametrize("table", TABLES)
def test_json(table):
    schema = Schema.infer(TABLES[table])
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict(), allow_nan=False))) == schema


@pytest.mark.parametrize("values", [{}, {"columns": None}, {"columns": {}}], ids=str)
def test_json_that_is_refused(values):
    with pytest.raises(ValueError, match="schema: expected a list of columns"):
        Schema.from_dict(values)


def test_schemas_that_are_refused():
    number, ignored = Column("x", "continuous"), Column("y", "ignored")
    with pytest.raises(ValueError, match=r"columns: expected a different name for each, got \['x'\] more than once"):
        Schema((number, number))
    with pytest.raises(
        ValueError, match=r"columns: expected at least one that is modelled, but \['y'\] are all ignored"
    ):
        Schema((ignored,))


def test_replace_leaves_the_rest(small):
    changed = small.replace("size", kind="integer", step=1)
    assert changed.columns[1].kind == "integer"
    assert (changed.columns[0], changed.columns[2]) == (small.columns[0], small.columns[2])
    with pytest.raises(ValueError, match="column: expected fields"):
        small.replace("size", colour="red")
    with pytest.raises(ValueError, match="column 'size': its name is that in the table"):
        small.replace("size", name="length")


def test_an_ordinal_column_becomes_an_integer_without_further_arguments():
    schema = Schema.infer({"x": CASES["grades"].values}).replace("x", kind="integer")
    assert schema.columns[0].step == 1
    assert schema.encode({"x": [7]}).tolist() == [[7.0]]


@pytest.mark.parametrize("override", ["integer", {"kind": "integer"}, {"kind": "integer", "low": -5.0}], ids=str)
def test_overrides(override):
    schema = Schema.infer({"x": CASES["grades"].values, "y": CASES["words"].values}, {"x": override})
    assert schema.columns[0].kind == "integer"
    assert schema.columns[0].low == (-5.0 if "low" in override else None)
    assert schema.columns[1] == Schema.infer({"y": CASES["words"].values}).columns[0]


def test_overrides_that_are_refused():
    with pytest.raises(ValueError, match=r"overrides: column 'x': kind: expected one of .*got 'number'"):
        Schema.infer({"x": [1, 2]}, {"x": "number"})
    with pytest.raises(ValueError, match="column: expected fields"):
        Schema.infer({"x": [1, 2]}, {"x": {"bins": 3}})
    with pytest.raises(ValueError, match=r"unseen: expected one of \['error', 'probability'\], got 'ignore'"):
        Schema.infer({"x": [1, 2]}, unseen="ignore")


def test_one_column_decides_for_itself_what_unseen_means():
    schema = Schema.infer({"x": ["a", "b"], "y": ["a", "b"]}, {"x": {"unseen": "error"}}, unseen="probability")
    assert [c.unseen for c in schema.columns] == ["error", "probability"]


def test_conditionals_are_those_of_the_variables(small):
    small = small.replace("size", kind="ordinal", categories=(1, 2), unseen="probability")
    assert small.conditionals() == [column.conditional() for column in small.columns[1:]]


def test_a_single_column_of_row_numbers_is_kept():
    assert Schema.infer({"id": list(range(50))}).columns[0].kind == "integer"
    assert Schema.infer(np.stack([np.arange(50), np.arange(50) % 7], 1)).columns[0].kind == "integer"


@pytest.mark.parametrize("table", TABLES)
def test_describe(table):
    schema = Schema.infer(TABLES[table])
    lines = schema.describe().splitlines()
    assert max(map(len, lines)) <= 110
    starts = {line.split("  ")[0] for line in lines}
    assert set(schema.names) | {"column"} <= starts | {""}
