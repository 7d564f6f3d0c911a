"""Every kind of frame gives the same schema and the same numbers, and gets its rows back."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tables.cases import CASES, FRAMES, PLAIN, TABLES, column

from tailormade.tables import Schema

SCHEMAS = {name: Schema.infer(pa.table(data)) for name, data in TABLES.items()}
DATA = {name: SCHEMAS[name].encode(pa.table(data)) for name, data in TABLES.items()}


@pytest.fixture(params=list(TABLES))
def table(request):
    return request.param


@pytest.fixture(params=list(FRAMES))
def make(request):
    return FRAMES[request.param]


def untyped(schema):
    """A schema without the types: pandas has floats where integers are missing, and objects."""
    return [
        {
            **c,
            "dtype": None,
            "categories": [*map(str, map(float, c["categories"]))]
            if c["dtype"][:3] in ("int", "flo")
            else c["categories"],
        }
        for c in schema.to_dict()["columns"]
    ]


def test_all_frames_have_the_same_schema(table, make):
    found = Schema.infer(make(TABLES[table]))
    assert untyped(found) == untyped(SCHEMAS[table])
    assert table == "incomplete" or found == SCHEMAS[table]


def test_all_frames_have_the_same_numbers(table, make):
    np.testing.assert_array_equal(SCHEMAS[table].encode(make(TABLES[table])), DATA[table])


def test_numbers_are_the_callers_own(table):
    x = dict(zip(SCHEMAS[table].names, DATA[table].T, strict=True))
    for_one = pa.table(TABLES[table]).column("cents").to_numpy()
    np.testing.assert_array_equal(x["cents"], for_one)


@pytest.mark.parametrize("name", PLAIN)
def test_missing_cells_are_nan(name):
    x = Schema.infer({"x": column(CASES[name].values, missing=True)}).encode(
        {"x": column(CASES[name].values, missing=True)}
    )
    np.testing.assert_array_equal(np.isnan(x[:, 0]), np.arange(len(x)) % 7 == 3)


def test_rows_come_back(table):
    data = TABLES[table]
    back = SCHEMAS[table].decode(DATA[table]).to_pydict()
    assert back == data


def test_rows_come_back_in_the_callers_kind(table):
    like = pl.DataFrame(TABLES[table])
    assert SCHEMAS[table].decode(DATA[table], like=like).equals(like)
    like = pa.table(TABLES[table])
    assert SCHEMAS[table].decode(DATA[table], like=like).equals(like)


def test_rows_come_back_in_pandas(table):
    like = pd.DataFrame(TABLES[table])
    back = SCHEMAS[table].decode(DATA[table], like=like)
    pd.testing.assert_frame_equal(back, like)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_kind_of_frame_is_remembered(kind):
    frame = FRAMES[kind](TABLES["complete"])
    schema = Schema.from_dict(json.loads(json.dumps(Schema.infer(frame).to_dict())))
    assert type(schema.decode(DATA["complete"][:3])) is type(frame)
