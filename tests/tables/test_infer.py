"""Which kind a column is: the registry of cases, and what is refused."""

import datetime as dt

import pyarrow as pa
import pytest
from tables.cases import CASES, PLAIN, UNUSUAL, column

from tailormade.tables.infer import infer_column


@pytest.mark.parametrize("name", CASES)
def test_the_kind(name):
    case = CASES[name]
    assert infer_column("x", column(case.values)).kind == case.kind


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, case in CASES.items() for field in case.fields])
def test_the_fields(name, field):
    case = CASES[name]
    assert getattr(infer_column("x", column(case.values)), field) == case.fields[field]


@pytest.mark.parametrize("name", PLAIN)
def test_missing_cells_change_nothing_else(name):
    whole, holed = (infer_column("x", column(CASES[name].values, missing=m)) for m in (False, True))
    assert (whole.missing, holed.missing) == (False, True)
    assert (holed.kind, holed.step, holed.dtype) == (whole.kind, whole.step, whole.dtype)


@pytest.mark.parametrize("name", CASES)
def test_it_says_why(name):
    why = infer_column("x", column(CASES[name].values)).why
    assert why
    assert "\n" not in why


def test_a_column_of_chunks_is_one_column():
    values = CASES["words"].values
    whole, chunks = pa.chunked_array([values]), pa.chunked_array([values[:1], values[1:50], values[50:]])
    assert infer_column("x", chunks) == infer_column("x", whole)


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_declared_categories(ordered):
    cells = pa.DictionaryArray.from_arrays(pa.array([0, 2, 0, None] * 9), ["S", "M", "L"], ordered=ordered)
    found = infer_column("x", pa.chunked_array([cells]))
    assert found.kind == ("ordinal" if ordered else "binary")
    assert found.categories == (("S", "M", "L") if ordered else ("L", "S"))
    assert found.dtype == "category"


@pytest.mark.parametrize(("ordered", "kind"), [(True, "ordinal"), (False, "categorical")])
def test_numbers_declared_as_categories(ordered, kind):
    cells = pa.DictionaryArray.from_arrays(pa.array([0, 2, 1, None] * 3), [5, 10, 20], ordered=ordered)
    found = infer_column("x", pa.chunked_array([cells]))
    assert (found.kind, found.categories, found.dtype) == (kind, (5, 10, 20), "category")


@pytest.mark.parametrize("name", ["user_id", "id", "ID", "customerId", "record.key", "uuid"])
def test_names_of_identifiers(name):
    cells = column([7 * i + 3 for i in range(50)])
    assert infer_column(name, cells).kind == "ignored"
    assert infer_column(name, cells, identifiers=False).kind == "integer"


@pytest.mark.parametrize("name", ["humidity", "idle", "width", "x", "monkey"])
def test_names_that_only_look_like_those_of_identifiers(name):
    assert infer_column(name, column([7 * i + 3 for i in range(50)])).kind == "integer"


@pytest.mark.parametrize("values", [[0, 1, 1], [0.5, 2.0], [5, 7, 9]], ids=str)
def test_short_tables_are_numbers(values):
    assert infer_column("x", column(values)).kind == (
        "binary" if set(values) == {0, 1} else "integer" if values[0] > 1 else "continuous"
    )


FORCED = {
    "integer to continuous": ("counts", "continuous"),
    "integer to categorical": ("counts", "categorical"),
    "ordinal to integer": ("grades", "integer"),
    "binary to integer": ("zeros_and_ones", "integer"),
    "truths to integer": ("truths", "integer"),
    "digits to integer": ("digits_as_text", "integer"),
    "cents to ordinal": ("cents", "ordinal"),
    "identifier to categorical": ("codes", "categorical"),
    "constant to integer": ("one_number", "continuous"),
    "anything to ignored": ("words", "ignored"),
    "days to categorical": ("days", "categorical"),
}


@pytest.mark.parametrize("case", FORCED)
def test_kinds_by_request(case):
    name, kind = FORCED[case]
    found = infer_column("x", column(CASES[name].values), kind)
    assert found.kind == kind
    assert "by request" in found.why


REFUSED = {
    "unknown kind": ([1, 2], "numeric", r"overrides: column 'x': kind: expected one of \['binary', .*got 'numeric'"),
    "text as numbers": (["a", "b"], "continuous", "column 'x' has 'a' in row 0 .counted from 0., expected a number"),
    "one text as a number": (
        ["1", "2", "?"],
        "integer",
        "column 'x' has '[?]' in row 2 .counted from 0., expected a nu",
    ),
    "text as dates": (["2020-01-01", "soon"], "datetime", "column 'x' has 'soon' in row 1 .*expected a date such as"),
    "numbers as dates": ([1, 2], "datetime", "column 'x': expected dates, got int64. Choose another kind"),
    "dates as numbers": (
        CASES["days"].values,
        "continuous",
        "column 'x': expected numbers for kind 'continuous', got da",
    ),
    "decimals as integers": ([0.5, 1.0], "integer", "column 'x': expected whole numbers for kind 'integer'"),
    "three values as binary": (["a", "b", "c"], "binary", "column 'x': categories: expected 2 of them for a binary"),
    "two values as constant": (["a", "b"], "constant", "column 'x': categories: expected 1 of them for a constant"),
    "all missing": ([None, None], None, "column 'x': expected some cells with a value, but all are missing; leave"),
    "all NaN": ([float("nan")] * 2, None, "column 'x': expected some cells with a value, but all are missing"),
    "all missing by request": ([None], "integer", "column 'x': expected some cells with a value, but all are missing"),
    "infinite": ([1.0, float("inf")], None, "column 'x' has inf in row 1 .counted from 0., expected a finite number"),
    "minus infinity": ([None, -float("inf")], None, "column 'x' has -inf in row 1 .counted from 0., expected a finite"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_columns_that_are_refused(case):
    values, kind, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        infer_column("x", column(values), kind)


@pytest.mark.parametrize("kind", [pa.string(), pa.bool_(), pa.int64(), pa.date32(), pa.null()], ids=str)
def test_columns_without_a_value(kind):
    with pytest.raises(ValueError, match="column 'x': expected some cells with a value, but all are missing"):
        infer_column("x", pa.chunked_array([[None, None]], kind))


@pytest.mark.parametrize(("name", "kind"), [("grades", int), ("two_numbers", float), ("truths", bool), ("words", str)])
def test_categories_have_the_type_of_the_cells(name, kind):
    assert {type(v) for v in infer_column("x", column(CASES[name].values)).categories} == {kind}


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}]], ids=["lists", "records"])
def test_cells_there_is_no_kind_for(values):
    with pytest.raises(TypeError, match=r"column .x.: expected numbers, text, booleans or dates, got (list|struct)"):
        infer_column("x", column(values))


def test_unusual_columns_are_all_warned_about():
    assert {CASES[name].kind for name in UNUSUAL} == {"constant", "ignored"}


def test_dates_are_no_amounts_however_skewed():
    late = [dt.datetime(2020, 1, 1) + dt.timedelta(seconds=i**3) for i in range(1, 90)]
    found = infer_column("x", column(late))
    assert found.loc == late[44].replace(tzinfo=dt.UTC).timestamp()
    assert found.scale < 1e6
