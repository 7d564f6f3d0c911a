"""Parquet files of numbers, whoever wrote them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tailormade.datasets import read_dataset


@pytest.fixture
def read(tmp_path):
    """Write a table and read it back."""

    def read(columns, names=None):
        table = pa.table(columns) if names is None else pa.table(columns, names=names)
        parquet.write_table(table, tmp_path / "x.parquet")
        return read_dataset(tmp_path / "x.parquet")

    return read


COLUMNS = {
    "whole numbers": (pa.array([0, 3]), [0, 3], np.int64),
    "small numbers": (pa.array([0, 3], pa.uint8()), [0, 3], np.uint8),
    "decimals": (pa.array([0.5, 3]), [0.5, 3], np.float64),
    "exact decimals": (pa.array([Decimal("0.50"), Decimal("3.25")]), [0.5, 3.25], np.float64),
    "truths": (pa.array([True, False]), [1, 0], np.uint8),
    "categories": (pa.array([7, 9]).dictionary_encode(), [7, 9], np.int64),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(name, read):
    column, values, dtype = COLUMNS[name]
    data = read({"a": column, "größe": column})
    assert data.columns == ("a", "größe")
    assert data.part("all").dtype == dtype
    np.testing.assert_array_equal(data.part("all"), np.stack([values, values], 1))


def test_pandas_index_is_no_column(read):
    data = read({"a": [0, 1], "__index_level_0__": [5, 9]})
    assert data.columns == ("a",)


def test_a_folder_named_like_a_column_adds_none(tmp_path):
    folder = tmp_path / "year=2020"
    folder.mkdir()
    parquet.write_table(pa.table({"a": [0, 1]}), folder / "x.parquet")
    assert read_dataset(folder / "x.parquet").columns == ("a",)


WRONG = {
    "text": ({"a": [1, 2], "b": ["1", "red"]}, "column 'b' has 'red' in row 1 .*code them as 0, 1, 2"),
    "categories of text": ({"a": pa.array(["red", "red"]).dictionary_encode()}, "column 'a' has 'red' in row 0"),
    "dates": ({"a": [date(2024, 1, 1)]}, "column 'a' has '2024-01-01' in row 0"),
    "lists": ({"a": [[1, 2], [3]]}, r"column 'a' has '\[1, 2\]' in row 0"),
    "an empty cell": ({"a": [1, 2], "b": [1, None]}, "column 'b' has an empty cell in row 1"),
    "empty cells only": ({"a": pa.nulls(2)}, "column 'a' has an empty cell in row 0"),
    "no number": ({"a": [1.0, 2.0], "b": [1.0, np.nan]}, "nan in row 1, column 1"),
    "no rows": ({"a": pa.array([], pa.int64())}, "expected at least one row .* got none"),
    "no columns": ({"__index_level_0__": [1, 2]}, "expected at least one row .* got none"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_table_of_numbers(name, read):
    columns, message = WRONG[name]
    with pytest.raises(ValueError, match=rf"x\.parquet: .*{message}"):
        read(columns)


def test_names_that_repeat(read):
    with pytest.raises(ValueError, match="a different name for each column"):
        read([[0], [1]], names=["a", "a"])


DAMAGE = {
    "cut": lambda data: data[:-20],
    "nearly nothing": lambda data: data[:5],
    "another file": lambda _: b"a,b\n0,1\n",
    "overwritten": lambda data: data[:500] + bytes(300) + data[800:],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file(name, tmp_path):
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"a": range(10_000)}), path)
    path.write_bytes(DAMAGE[name](path.read_bytes()))
    with pytest.raises(ValueError, match=r"x\.parquet: cannot be read as Parquet \(.*\); it may be truncated\.$"):
        read_dataset(Path(path))
