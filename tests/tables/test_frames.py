"""What is a table and what is not."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from tailormade.tables import backend_of, table_of

FRAMES = {
    "pandas": pd.DataFrame({"a": [1.0, 2.0]}),
    "polars": pl.DataFrame({"a": [1.0, 2.0]}),
    "pyarrow": pa.table({"a": [1.0, 2.0]}),
    "numpy": np.array([[1.0], [2.0]]),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_the_kind_of_a_frame(kind):
    assert backend_of(FRAMES[kind]) == kind


@pytest.mark.parametrize("kind", FRAMES)
def test_tables(kind):
    assert table_of(FRAMES[kind], ["a"]).to_pydict() == {"a": [1.0, 2.0]}


@pytest.mark.parametrize("rows", [[[1, 2], [3, 4]], ((1, 2), (3, 4))], ids=["lists", "tuples"])
def test_nested_lists_are_arrays(rows):
    assert backend_of(rows) == "numpy"
    assert table_of(rows).to_pydict() == {"x0": [1, 3], "x1": [2, 4]}


@pytest.mark.parametrize(
    "array", [np.array([["a", "b"]]), np.array([[None, "b"]], dtype=object)], ids=["text", "object"]
)
def test_arrays_of_text(array):
    assert table_of(array).to_pylist() == [{"x0": array[0, 0], "x1": "b"}]


NO_TABLES = {
    "lazy": (pl.LazyFrame({"a": [1]}), "got a lazy LazyFrame; call .collect"),
    "sparse": (sparse.csr_array(np.eye(2)), "got a sparse csr_array; call .toarray"),
    "number": (3, "expected a table in memory: .* got int"),
    "text": ("a.csv", "expected a table in memory: .* got str"),
    "series": (pd.Series([1, 2]), "expected a table in memory: .* got Series"),
    "mixed": (pd.DataFrame({"a": [1, "b"]}), "expected values of one type in each column, got others"),
    "mixed array": (np.array([[1], ["b"]], dtype=object), "expected values of one type in each column, got others"),
}


@pytest.mark.parametrize("case", NO_TABLES)
def test_what_is_no_table(case):
    frame, message = NO_TABLES[case]
    with pytest.raises(TypeError, match=f"table: {message}" if not message.startswith("got") else message):
        table_of(frame)


BAD_TABLES = {
    "no rows": (pl.DataFrame({"a": [], "b": []}), r"table: expected at least one row, got an empty table with columns"),
    "no rows in an array": (np.zeros((0, 2)), "table: expected at least one row"),
    "no columns": (pd.DataFrame(), "table: expected at least one column, got none"),
    "no columns in an array": (np.zeros((2, 0)), "table: expected at least one column, got none"),
    "twice in pandas": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "table: expected a different name for each column"),
    "twice in pyarrow": (pa.table([[1], [2]], names=["a", "a"]), "table: expected a different name for each column"),
    "one dimension": (
        np.zeros(3),
        r"table: expected a 2-D array of rows and columns, got shape \(3,\). Reshape your data",
    ),
    "three dimensions": (np.zeros((3, 2, 1)), "table: expected a 2-D array of rows and columns"),
    "complex": (np.zeros((3, 2), dtype=complex), "table: Complex data not supported, expected real numbers"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_tables_that_are_refused(case):
    frame, message = BAD_TABLES[case]
    with pytest.raises(ValueError, match=message):
        table_of(frame)


def test_arrays_of_another_width():
    with pytest.raises(ValueError, match=r"table: expected 2 columns \(a, b\), got 3"):
        table_of(np.zeros((2, 3)), ["a", "b"])
