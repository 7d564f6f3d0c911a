"""What holds for a row, missing cells included, and which questions a table cannot answer."""

import numpy as np
import pytest

from tailormade.queries.conditions import named
from tailormade.queries.language import parse

NAN = float("nan")
TABLE = {
    "age": np.array([20.0, 50.0, 60.0, NAN]),
    "sex": np.array(["f", "m", None, "f"], dtype=object),
    "class": np.array([1, 2, 3, 1]),
    "born": np.array(["2000-01-01", "1970-01-02", "NaT", "1960-01-01"], dtype="datetime64[D]"),
    "member": np.array([True, False, True, False]),
    "cabin": np.array([None] * 4, dtype=object),
}
KINDS = {
    "age": "ordered",
    "sex": ("f", "m"),
    "class": (1, 2, 3),
    "born": "dates",
    "member": (False, True),
    "cabin": ("A", "B"),
    "hours": "numbers",
}
HOLDS = {
    "age > 50": "--+-",
    "age >= 50": "-++-",
    "age < 50": "+---",
    "age <= 50": "++--",
    "age == 50": "-+--",
    "age != 50": "+-+-",
    "not age == 50": "+-++",
    "not age != 50": "-+-+",
    "age in [20, 60]": "+-+-",
    "age not in [20, 60]": "-+--",
    "not age in [20, 60]": "-+-+",
    "age is missing": "---+",
    "age is not missing": "+++-",
    "not age is missing": "+++-",
    "age between 50 and 60": "-++-",
    "age not between 30 and 55": "+-+-",
    "20 < age < 60": "-+--",
    "sex == f": "+--+",
    "sex != f": "-+--",
    "not sex == f": "-++-",
    "sex in [f, m]": "++-+",
    "sex not in [f, m]": "----",
    "class >= 2": "-++-",
    "class != 2": "+-++",
    "born >= 1970-01-02": "++--",
    "born == '1970-01-02T00:00'": "-+--",
    "member == true": "+-+-",
    "member != true": "-+-+",
    "cabin == A": "----",
    "cabin != A": "----",
    "not cabin == A": "++++",
    "cabin is missing": "++++",
    "age > 30 and sex == m": "-+--",
    "age > 30 or sex == f": "++++",
    "not (age > 30 or sex == f)": "----",
}


def signs(holds):
    return "".join("-+"[int(row)] for row in holds)


@pytest.mark.parametrize("text", HOLDS)
def test_holds(text):
    assert signs(parse(text).holds(TABLE)) == HOLDS[text]


@pytest.mark.parametrize("text", HOLDS)
def test_boxes_hold_as_well(text):
    boxes = parse(text).boxes(KINDS)
    inside = [np.all([[True] * 4, *(r.contains(TABLE[c]) for c, r in box.items())], axis=0) for box in boxes]
    assert signs(np.sum([[0] * 4, *inside], axis=0)) == HOLDS[text]


def test_a_table_without_rows():
    assert parse("age > 3 and sex == f").holds({"age": np.array([]), "sex": np.array([], dtype=object)}).shape == (0,)


def test_lists_and_several_dimensions():
    assert parse("age > 3").holds({"age": [[1, 5], [None, 7]]}).tolist() == [[False, True], [False, True]]


NOT_IN_KIND = {
    "age > old": r"column 'age' expected a number, or a date such as '2024-05-31', got 'old'\.",
    "age == Female": r"column 'age' expected a number, or a date .*, got 'Female'\.",
    "hours > 2024-05-31": r"column 'hours' expected a number, got '2024-05-31'\.",
    "hours in [1, 'x']": r"column 'hours' expected a number, got 'x'\.",
    "age > hours": r".*, got 'hours'; a question compares a column with a value, not with another column\.",
    "born > 3": r"column 'born' expected a date such as '2024-05-31', got 3\.",
    "born == true": r"column 'born' expected a date such as '2024-05-31', got true\.",
    "born < 2024-02-30": r"column 'born' expected a date such as '2024-05-31', got '2024-02-30'\.",
    "sex > 3": r"column 'sex' holds one of its categories 'f', 'm': expected == or in, got '>' 3; name the values, as "
    r"in sex in \['\.\.\.', '\.\.\.'\]\.",
    "sex <= f": r"column 'sex' holds .*: expected == or in, got '<=' 'f'; name",
    "class > first": r"column 'class' expected a number, got 'first'\.",
    "sex == 3": r"column 'sex' expected one of its categories, got 3; choose from 'f', 'm'\.",
    "sex == F": r"column 'sex' expected one of its categories, got 'F'; did you mean 'f'\?",
    "sex != male": r"column 'sex' expected one of its categories, got 'male'; choose from 'f', 'm'\.",
    "class == 4": r"column 'class' expected one of its categories, got 4; choose from 1, 2, 3\.",
    "class == '1'": r"column 'class' expected one of its categories, got '1'; did you mean 1\?",
    "member == 'true'": r"column 'member' expected one of its categories, got 'true'; did you mean True\?",
    "age > 3 and not (sex == x or age < 5)": r"column 'sex' expected one of its categories, got 'x'; choose from",
}


@pytest.mark.parametrize("text", NOT_IN_KIND)
def test_values_that_a_column_cannot_have(text):
    with pytest.raises(ValueError, match=f"^question: {NOT_IN_KIND[text]}"):
        parse(text).boxes(KINDS)


NOT_IN_CELLS = {
    "age > old": r"column 'age' expected a number, or a date such as '2024-05-31', got 'old'\.",
    "age == old": r"column 'age' expected a number, or a date such as '2024-05-31', got 'old'\.",
    "sex > 3": r"column 'sex' holds text: expected == or in, got '>' 3; name the values",
}


@pytest.mark.parametrize("text", NOT_IN_CELLS)
def test_values_that_cells_do_not_compare_with(text):
    with pytest.raises(ValueError, match=f"^question: {NOT_IN_CELLS[text]}"):
        parse(text).holds(TABLE)


UNKNOWN = {
    "agee > 3": r"got 'agee'; did you mean 'age'\?",
    "Age > 3": r"got 'Age'; did you mean 'age'\?",
    "age > 3 or not klass is missing": r"got 'klass'; did you mean 'class'\?",
    "`x y` > 3": r"got 'x y'; choose from 'age', 'sex', 'class', 'born', 'member', 'cabin'",
}


@pytest.mark.parametrize("text", UNKNOWN)
@pytest.mark.parametrize("ask", ["check", "holds", "boxes"])
def test_columns_that_the_table_does_not_have(ask, text):
    with pytest.raises(ValueError, match=f"^question: expected a column of the table, {UNKNOWN[text]}"):
        getattr(parse(text), ask)(TABLE if ask == "holds" else KINDS)


def test_known_columns_pass():
    parse("age > 3 or sex == f").check(["sex", "age"])


@pytest.mark.parametrize("text", ["age > 3", "age == 3", "age is missing"])
def test_an_unknown_kind(text):
    expected = r"^kinds: column 'age' expected 'ordered', 'numbers', 'dates' or its categories, got 'text'\.$"
    with pytest.raises(ValueError, match=expected):
        parse(text).boxes({"age": "text"})


@pytest.mark.parametrize(
    "name", ["a", "a-b.c", "ä1", "a b", "and", "NULL", "1e3", ".5", "12", "a`b\\", "-a", "a-", "a--b"]
)
def test_names_are_read_as_they_are_written(name):
    assert parse(f"{named(name)} > 3").columns == (name,)
