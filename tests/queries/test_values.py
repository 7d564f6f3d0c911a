"""Cells of any type are numbers, or objects where there is text, and known to be missing."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest

from tailormade.queries.values import cells, listed, seconds, show, suggestion

NAN, DAY = float("nan"), 86400.0
NUMERIC = {
    "integers": (np.array([1, 2], dtype=np.int16), [1, 2]),
    "unsigned": (np.array([1, 2], dtype=np.uint8), [1, 2]),
    "truth_values": (np.array([True, False]), [1, 0]),
    "float32": (np.array([0.5, NAN], dtype=np.float32), [0.5, NAN]),
    "list": ([1, None, 2.5], [1, NAN, 2.5]),
    "objects": (np.array([True, None, Decimal("0.5"), NAN], dtype=object), [1, NAN, 0.5, NAN]),
    "dates": (np.array(["1970-01-02", "NaT"], dtype="datetime64[D]"), [DAY, NAN]),
    "times": (np.array(["1970-01-01T00:00:00.25"], dtype="datetime64[ns]"), [0.25]),
    "date_objects": (np.array([date(1970, 1, 2), None], dtype=object), [DAY, NAN]),
    "time_objects": (np.array([datetime(1970, 1, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)], dtype=object), [3600, 0]),
    "missing_times": (np.array([np.datetime64("NaT"), date(1970, 1, 1)], dtype=object), [NAN, 0]),
    "all_missing": ([None, None], [NAN, NAN]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("case", NUMERIC)
def test_numbers(case):
    column, expected = NUMERIC[case]
    found = cells(column)
    assert found.numeric
    assert found.values.dtype == np.float64
    np.testing.assert_array_equal(found.values, expected)
    np.testing.assert_array_equal(found.missing, np.isnan(np.asarray(expected, dtype=float)))


@pytest.mark.parametrize(
    ("column", "missing"),
    [
        (["a", "b"], [False, False]),
        (np.array(["a", None, NAN], dtype=object), [False, True, True]),
        (np.array([1, "a", True], dtype=object), [False, False, False]),
    ],
    ids=["array", "objects", "mixed"],
)
def test_text(column, missing):
    found = cells(column)
    assert not found.numeric
    assert found.values[0] == column[0]
    assert found.missing.tolist() == missing


SECONDS = {
    "1970-01-01": 0,
    "1969-12-31": -DAY,
    "1970-01-01T00:00:01.5": 1.5,
    "1970-01-01 01:00": 3600,
    "1970-01-01T01:00+01:00": 0,
    "0001-01-01": -62135596800,
}


@pytest.mark.parametrize("text", SECONDS)
def test_seconds(text):
    assert seconds(text) == SECONDS[text]


@pytest.mark.parametrize("when", [datetime(2024, 5, 31, 12, tzinfo=timezone(timedelta(hours=2))), date(2024, 5, 31)])
def test_seconds_are_those_of_a_cell(when):
    assert seconds(when.isoformat()) == cells([when]).values[0]


@pytest.mark.parametrize("text", ["", "old", "nan", "31.05.2024", "2024-13-01", "12"])
def test_no_date(text):
    with pytest.raises(ValueError, match=r"isoformat|month"):
        seconds(text)


def test_a_suggestion_ignores_case():
    assert suggestion("femal", ["mal", "FEMALE"]) == "; did you mean 'FEMALE'?"
    assert suggestion("FEMAL", ["mal", "female"]) == "; did you mean 'female'?"
    assert suggestion(12, [1, 121]) == "; did you mean 121?"
    assert suggestion("qq", range(20)) == "; choose from 0, 1, 2, 3, 4, 5, 6, 7, ... (20 in all)."


def test_what_is_listed_and_shown():
    assert listed(["a", 1]) == "'a', 1"
    assert [show(value) for value in ("a", "\\'", True, 1, 0.1)] == ["'a'", r"'\\\''", "true", "1", "0.1"]
