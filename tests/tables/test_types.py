"""The types of the caller's columns are those of the rows that come back."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tables.cases import CASES

from tailormade.tables import Column, Schema, table_of

TYPES = {
    "float32": [0.5, 0.25, 1e6, 0.125],
    "int8": [1, 5, 100, 7],
    "Int64": [1, None, 100, 7],
    "boolean": [True, None, False, True],
    "string": ["a", None, "b", "a"],
    "category": ["a", None, "b", "a"],
    "datetime64[s]": ["2020-01-01", "2021-01-01", "2020-01-03", "2020-07-01"],
    "datetime64[ns]": ["2020-01-01", "2021-01-01", "2020-01-03", "2020-07-01"],
    "datetime64[us, Europe/Berlin]": ["2020-01-01", "2021-01-01", "2020-01-03", "2020-07-01"],
    "int64[pyarrow]": [1, None, 100, 7],
    "object": ["a", "c", "b", "a"],
}


@pytest.mark.parametrize("categories", [[1, 2, 5], [0.5, 1.5, 2.5], [True, False], ["b", "a"]], ids=str)
@pytest.mark.parametrize("ordered", [True, False])
def test_categories_of_pandas_are_kept(categories, ordered):
    values = pd.Categorical([*categories, None, categories[0]], categories=categories, ordered=ordered)
    frame = pd.DataFrame({"x": values, "y": np.arange(len(values)) / 2 + 0.25})
    schema = Schema.infer(frame)
    pd.testing.assert_frame_equal(schema.decode(schema.encode(frame), like=frame), frame)


@pytest.mark.parametrize("dtype", TYPES)
def test_types_of_pandas_are_kept(dtype):
    frame = pd.DataFrame({"x": pd.Series(TYPES[dtype], dtype=dtype), "y": [0.5, 1.5, 2.5, 7.0]})
    schema = Schema.infer(frame)
    pd.testing.assert_frame_equal(schema.decode(schema.encode(frame), like=frame), frame)


@pytest.mark.parametrize(
    "dtype", [pl.Float32, pl.Int8, pl.UInt64, pl.Boolean, pl.String, pl.Categorical, pl.Date], ids=str
)
def test_types_of_polars_are_kept(dtype):
    source = ["a", "b", "a"] if dtype in (pl.String, pl.Categorical) else [1, 0, 1]
    frame = pl.DataFrame({"x": pl.Series(source).cast(dtype), "y": [1.5, 2.5, 7.0]})
    schema = Schema.infer(frame)
    back = schema.decode(schema.encode(frame), like=frame)
    assert back.schema == frame.schema
    assert back.equals(frame)


@pytest.mark.parametrize(
    "kind",
    [
        pa.float32(),
        pa.int16(),
        pa.large_string(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.timestamp("ms"),
        pa.decimal128(30, 2),
    ],
    ids=str,
)
def test_types_of_pyarrow_are_kept(kind):
    texts = pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    cells = pa.array(["a", "b", "a"] if texts else [3, 4, 5])
    cells = cells.dictionary_encode() if pa.types.is_dictionary(kind) else cells
    table = pa.table({"x": cells.cast(kind, safe=False), "y": [1.5, 2.5, 7.0]})
    schema = Schema.infer(table)
    back = schema.decode(schema.encode(table), like=table)
    assert back.schema == table.schema
    assert back.to_pydict() == table.to_pydict()


@pytest.mark.parametrize(
    ("dtype", "missing"), [("int64", "Int64"), ("bool", "boolean"), ("float64", "float64"), ("str", "str")]
)
def test_missing_cells_make_types_nullable(dtype, missing):
    frame = pd.DataFrame({"x": pd.Series([1, 0, 1, 1]).astype(dtype), "y": [0.5, 1.5, 2.5, 7.0]})
    schema = Schema.infer(frame)
    x = schema.encode(frame)
    x[1, 0] = np.nan
    back = schema.decode(x, like=frame)
    assert back["x"].dtype == missing
    assert back["x"].isna().tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    "like",
    [
        pl.DataFrame({"x": [1], "y": [0.5]}, schema={"x": pl.Int16, "y": pl.Float32}),
        pa.table({"x": pa.array([1], pa.int16()), "y": pa.array([0.5], pa.float32())}),
        pd.DataFrame({"x": [1], "y": [0.5]}).astype({"x": "int16", "y": "float32"}),
    ],
    ids=["polars", "pyarrow", "pandas"],
)
def test_types_are_those_of_the_frame_not_of_the_schema(like):
    schema = Schema.infer({"x": [5, 7, 9], "y": [0.5, 1.5, 2.5]})
    back = table_of(schema.decode([[6.0, 1.5]], like=like))
    assert [field.type for field in back.schema] == [pa.int16(), pa.float32()]
    assert back.to_pylist() == [{"x": 6, "y": 1.5}]


ARRAYS = {
    "float64": np.array([[0.5, 3.0], [1.25, 5.0], [7.0, np.nan]]),
    "float32": np.array([[0.5, 3.0], [1.25, 5.0], [7.0, 8.0]], dtype=np.float32),
    "int64": np.array([[5, 3], [1, 5], [7, 8]]),
    "bool": np.array([[True, False], [False, True]]),
    "object": np.array([["a", 3], ["b", 5], [None, 8]], dtype=object),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back(name):
    array = ARRAYS[name]
    schema = Schema.infer(array)
    assert schema.names == ("x0", "x1")
    back = schema.decode(schema.encode(array), like=array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_an_array_of_whole_numbers_with_missing_cells_is_one_of_floats():
    array = ARRAYS["int64"]
    schema = Schema.infer(array)
    back = schema.decode([[5.0, np.nan], [1.0, 5.0]], like=array)
    np.testing.assert_array_equal(back, np.array([[5.0, np.nan], [1.0, 5.0]]))


@pytest.mark.parametrize(("kind", "ordered"), [("ordinal", True), ("categorical", False)])
def test_declared_orders_come_back(kind, ordered):
    schema = Schema((Column("x", kind, ("S", "M", "L"), dtype="category"),))
    assert schema.decode([[0.0], [2.0]]).schema.field("x").type.ordered == ordered


def test_an_array_gives_the_numbers_of_a_frame():
    names = ["counts", "cents", "grades"]
    frame = pa.table({name: [float(v) for v in CASES[name].values] for name in names})
    array = np.stack([column.to_numpy() for column in frame.columns], 1)
    assert Schema.infer(array, names=names) == Schema.infer(frame)
    np.testing.assert_array_equal(Schema.infer(frame).encode(array), Schema.infer(frame).encode(frame))


def test_names_and_numbers_of_pandas_columns_need_not_be_text():
    frame = pd.DataFrame({0: [0.5, 1.5, 3.0], 1: ["a", "b", "a"]})
    schema = Schema.infer(frame)
    assert schema.names == ("0", "1")
    pd.testing.assert_frame_equal(schema.decode(schema.encode(frame), like=frame), frame)


def test_the_index_of_pandas_is_no_column():
    frame = pd.DataFrame({"a": [0.5, 1.5, 3.0]}, index=["x", "y", "z"])
    schema = Schema.infer(frame)
    assert schema.names == ("a",)
    assert schema.decode(schema.encode(frame), like=frame, passthrough=True).index.tolist() == ["x", "y", "z"]
