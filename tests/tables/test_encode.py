"""Cells that fit, and those that do not: named by row and column."""

import numpy as np
import pyarrow as pa
import pytest
from tables.cases import CASES, MIXED

from tailormade.tables import Schema

WRONG = {
    "text for a number": (
        {"size": ["big", "1"]},
        "column 'size' has 'big' in row 0 .counted from 0., expected a number",
    ),
    "text in the second row": (
        {"size": ["1", "big"]},
        "column 'size' has 'big' in row 1 .counted from 0., expected a nu",
    ),
    "infinity": ({"size": [1.0, np.inf]}, "column 'size' has inf in row 1 .counted from 0., expected a finite number"),
    "unseen": (
        {"sex": ["m", "x"]},
        "column 'sex' has 'x' in row 1 .*a category never seen; expected one of 'f', 'm'. C",
    ),
    "unseen number": (
        {"sex": [1, 2]},
        "column 'sex' has '1' in row 0 .*a category never seen; expected one of 'f', 'm'",
    ),
    "not whole": (
        {"n": [1.0, 1.5]},
        "column 'n' has 1.5 in row 1 .*, expected a whole number at least 0 .integer.; corr",
    ),
    "too low": ({"n": [1, -1]}, "column 'n' has -1.0 in row 1 .counted from 0., expected a whole number at least 0"),
    "unseen grade": (
        {"grade": [3, 4.5]},
        "column 'grade' has 4.5 in row 1 .*a category never seen; expected one of 3, 4,",
    ),
    "no truth": ({"flag": ["true", "perhaps"]}, "column 'flag' has 'perhaps' in row 1 .*, expected true or false"),
    "no date": ({"day": ["2020-01-01", "soon"]}, "column 'day' has 'soon' in row 1 .*, expected a date such as"),
}
ANYTHING = Schema.infer(MIXED)


@pytest.mark.parametrize("case", WRONG)
def test_cells_that_do_not_fit(case):
    cells, message = WRONG[case]
    row = pa.table(MIXED).slice(0, 2).to_pydict()
    with pytest.raises(ValueError, match=message):
        ANYTHING.encode({**row, **cells})


def test_rows_are_counted_from_the_first():
    row = pa.table(MIXED).slice(0, 2).to_pydict()
    with pytest.raises(ValueError, match="column 'sex' has 'x' in row 1001 "):
        ANYTHING.encode({**row, "sex": ["m", "x"]}, first=1000)
    with pytest.raises(ValueError, match="column 'size' has 'big' in row 1001 "):
        ANYTHING.encode({**row, "size": ["1", "big"]}, first=1000)


@pytest.mark.parametrize(
    ("name", "cells"), [("size", MIXED["day"]), ("day", pa.array([1, 2])), ("n", pa.array([[1], [2]]))], ids=str
)
def test_wrong_types_of_columns(name, cells):
    row = pa.table(MIXED).slice(0, 2).to_pydict()
    with pytest.raises(TypeError, match=f"column '{name}' .*: expected (numbers|dates), got"):
        ANYTHING.encode({**row, name: cells[:2]})


def test_text_that_means_the_same_fits():
    table = pa.table(MIXED)
    texts = {name: [str(v) for v in table.column(name).to_pylist()] for name in table.column_names}
    np.testing.assert_array_equal(ANYTHING.encode(texts), ANYTHING.encode(table))


def test_blanks_around_numbers_and_dates_do_not_matter():
    row = pa.table(MIXED).slice(0, 1).to_pydict()
    row = {**row, "n": [" 5 "], "day": [" 2020-01-02"]}
    assert dict(zip(ANYTHING.names, ANYTHING.encode(row)[0], strict=True))["n"] == 5
    assert dict(zip(ANYTHING.names, ANYTHING.encode(row)[0], strict=True))["day"] == 18263 * 86400


def test_single_precision_finds_its_category():
    schema = Schema.infer({"x": [0.62, 0.64, 0.66] * 30})
    assert schema.encode({"x": np.array([0.66, 0.62], dtype=np.float32)}).tolist() == [[2.0], [0.0]]


@pytest.mark.parametrize(
    "name", ["words", "two_words", "truths", "grades", "few_decimals", "one_word", "zeros_and_ones"]
)
@pytest.mark.filterwarnings("ignore:constant columns")
def test_unseen_categories_with_a_probability(name):
    case = CASES[name]
    schema = Schema.infer({"x": case.values}, unseen="probability")
    new = {"words": "pink", "two_words": "maybe", "one_word": "b"}.get(name, 77)
    if name == "truths":
        schema = schema.replace("x", kind="constant", categories=(True,))
        new = False
    code = len(schema.columns[0].categories)
    assert schema.encode({"x": [new, case.values[0]]})[0, 0] == code
    assert schema.decode([[code]]).to_pylist() == [{"x": None}]
