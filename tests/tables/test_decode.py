"""From numbers of a model to cells."""

import numpy as np
import pyarrow as pa
import pytest
from tables.cases import MIXED

from tailormade.tables import Column, Schema


def test_codes_out_of_range(small):
    with pytest.raises(ValueError, match=r"column 'sex' has 2 in row 1, expected a code in 0\.\.1"):
        small.decode([[1.0, 0.0], [1.0, 2.0]])
    with pytest.raises(ValueError, match=r"array: expected shape \(rows, 2\), got \(3,\)"):
        small.decode([1.0, 2.0, 3.0])


def test_single_precision_is_put_on_the_grid():
    schema = Schema.infer(
        {"x": [i / 100 for i in range(200)], "n": [(7 * i) % 200 for i in range(200)]}, {"n": "integer"}
    )
    x = np.float32([[0.29, 17.0], [1.07, 18.0]]).astype(np.float64)
    assert schema.decode(x).to_pydict() == {"x": [0.29, 1.07], "n": [17, 18]}


def test_single_precision_is_put_on_the_atoms():
    schema = Schema((Column("x", "continuous", atoms=(8.05,)),))
    assert schema.decode(np.float32([[8.05], [8.06]])).column("x").to_pylist() == [8.05, float(np.float32(8.06))]


def test_values_between_the_grid_stay():
    schema = Schema.infer({"x": [i / 100 for i in range(200)]})
    assert schema.decode([[0.2934]]).to_pydict() == {"x": [0.2934]}


def test_what_the_type_cannot_hold_is_cut_off():
    schema = Schema.infer(pa.table({"x": pa.array(range(5, 100), pa.int8())}), {"x": "integer"})
    assert schema.decode([[1e6], [-1e6]]).to_pydict() == {"x": [127, -128]}


def test_single_values(small):
    assert [small.encode_value("sex", v) for v in ("f", "m")] == [0.0, 1.0]
    assert small.decode_value("sex", 1.0) == "m"
    assert small.encode_value("size", 8) == small.decode_value("size", 8.0) == 8.0
    assert small.decode_value("size", float("nan")) is None
    with pytest.raises(ValueError, match="column 'sex' has 'x' in row 0"):
        small.encode_value("sex", "x")


def test_dates_as_single_values():
    schema = Schema.infer({"day": MIXED["day"]})
    assert schema.encode_value("day", "2020-01-02") == 18263 * 86400
    assert str(schema.decode_value("day", 18263 * 86400.0)) == "2020-01-02"
