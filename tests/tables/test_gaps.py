"""Missing cells that are modelled: what the schema says of them, and the numbers they have."""

import json

import numpy as np
import pandas as pd
import pytest

from tailormade.conditionals import Bernoulli, Categorical, MaybeMissing, Ordinal, PointMasses
from tailormade.tables import Column, Schema

MODEL = {"missing": "model"}
FRAME = pd.DataFrame(
    {
        "word": ["a", None, "b", "a"],
        "grade": pd.Series([1, 2, None, 3], dtype="Int64"),
        "size": [1.5, 2.5, np.nan, 0.25],
        "day": pd.to_datetime(["2020-01-01", "2020-01-03", None, "2020-01-02"]),
        "truth": pd.Series([True, None, False, True], dtype="boolean"),
        "whole": [1.0, 2.0, 3.0, 4.5],
    }
)
POLICIES = {name: MODEL for name in FRAME} | {"grade": {"kind": "ordinal", **MODEL}}


@pytest.fixture(scope="module")
def schema():
    return Schema.infer(FRAME, POLICIES)


def test_by_default_only_what_is_observed_is_modelled():
    schema = Schema.infer(FRAME)
    assert {column.gaps for column in schema.columns} == {"observed"}
    assert np.isnan(schema.encode(FRAME)).sum() == 5


def test_missing_cells_have_numbers_of_their_own(schema):
    x = schema.encode(FRAME)
    assert x[:, 0].tolist() == [0, 2, 1, 0]
    assert x[:, 1].tolist() == [0, 1, 3, 2]
    assert x[:, 2].tolist() == [1.5, 2.5, np.inf, 0.25]
    assert np.isinf(x[:, 3]).tolist() == [False, False, True, False]
    assert x[:, 4].tolist() == [1, 2, 0, 1]
    assert np.array_equal(schema.gaps(x), FRAME.isna())
    assert schema.encode_value("size", None) == np.inf


def test_rows_come_back_with_their_gaps(schema):
    pd.testing.assert_frame_equal(schema.decode(schema.encode(FRAME)), FRAME)
    assert schema.decode_value("word", 2) is schema.decode_value("size", np.inf) is None


def test_conditionals(schema):
    word, grade, size, day, truth, _ = schema.conditionals(2)
    assert (word, grade, truth) == (Categorical(3), Categorical(4), Categorical(3))
    assert isinstance(size, MaybeMissing)
    assert day == MaybeMissing(Schema.infer(FRAME).column("day").conditional(2))


def test_unseen_and_missing_are_two_codes():
    column = Column("c", "categorical", ("a", "b"), dtype="string", unseen="probability", gaps="model")
    schema = Schema((column,))
    assert column.cardinality == 4
    assert schema.encode({"c": ["b", "new", None]}).ravel().tolist() == [1, 2, 3]
    assert schema.decode([[1.0], [2.0], [3.0]], like={}).to_pydict() == {"c": ["b", None, None]}


@pytest.mark.parametrize(
    ("column", "observed", "modelled"),
    [
        (Column("c", "binary", ("a", "b")), Bernoulli(), Categorical(3)),
        (Column("c", "ordinal", (1, 2, 3)), Ordinal(3), Categorical(4)),
        (Column("c", "constant", ("a",)), Categorical(1), Categorical(2)),
    ],
    ids=["binary", "ordinal", "constant"],
)
def test_a_missing_cell_is_a_category_more(column, observed, modelled):
    assert column.conditional() == observed
    assert Schema((column,)).replace("c", missing="model").columns[0].conditional() == modelled


def test_atoms_stay_atoms():
    conditional = Column("x", "continuous", atoms=(0.0,), gaps="model").conditional(2)
    assert isinstance(conditional, MaybeMissing)
    assert isinstance(conditional.base, PointMasses)


def test_a_schema_as_json(schema):
    again = Schema.from_dict(json.loads(json.dumps(schema.to_dict())))
    assert again == schema
    assert Schema.from_dict({"columns": [{"name": "x", "kind": "continuous", "missing": "model"}]}).columns == (
        Column("x", "continuous", gaps="model"),
    )


def test_files_from_before_there_was_a_policy():
    columns = [{k: v for k, v in column.to_dict().items() if k != "gaps"} for column in Schema.infer(FRAME).columns]
    assert Schema.from_dict({"columns": columns}).columns == Schema.infer(FRAME).columns


def test_a_policy_does_not_say_whether_cells_are_missing(schema):
    assert [column.missing for column in schema.columns] == [True] * 5 + [False]
    back = schema.replace("size", missing="observed")
    assert (back.column("size").gaps, back.column("size").missing) == ("observed", True)


def test_describe_says_it(schema):
    lines = schema.replace("size", missing="observed").describe().splitlines()
    assert [line.split("  modelled  ")[0].split()[0] for line in lines if "  modelled  " in line] == [
        "word", "grade", "day", "truth", "whole",
    ]  # fmt: skip
    assert "  yes  " in next(line for line in lines if line.startswith("size"))


def test_an_unknown_policy():
    with pytest.raises(ValueError, match=r"column 'size': missing: expected one of \['observed', 'model'\], got 'mode"):
        Schema.infer(FRAME, {"size": {"missing": "modelled"}})


def test_infinities_are_refused_all_the_same(schema):
    with pytest.raises(ValueError, match="column 'size' has inf in row 1"):
        schema.encode(FRAME.assign(size=[1.0, np.inf, 2.0, 3.0]))


def test_twin_columns_are_still_found():
    x = np.random.default_rng(0).normal(size=60)
    x[:5] = np.nan
    with pytest.warns(UserWarning, match="determine each other: 'a' and 'b'"):
        Schema.infer({"a": x, "b": 3 * x}, {"a": MODEL, "b": MODEL})
