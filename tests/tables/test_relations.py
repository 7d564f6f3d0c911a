"""Columns that say the same, or nothing."""

import numpy as np
import pytest

from tailormade.tables import Schema, SchemaWarning

RANDOM = np.random.default_rng(5)
LETTERS = [str(v) for v in RANDOM.choice(list("abc"), 60)]
NUMBERS = RANDOM.normal(size=60)

SAME = {
    "renamed": {"x": LETTERS, "y": [v.upper() for v in LETTERS]},
    "numbered": {"x": LETTERS, "y": [ord(v) for v in LETTERS]},
    "with the same holes": {
        "x": [v if v != "a" else None for v in LETTERS],
        "y": [v.upper() if v != "a" else None for v in LETTERS],
    },
    "scaled": {"x": NUMBERS, "y": 3 * NUMBERS},
    "rounded": {"x": NUMBERS, "y": np.round(-2 * NUMBERS + 1, 3)},
}
DIFFERENT = {
    "one cell": {"x": LETTERS, "y": [v.upper() for v in LETTERS[:-1]] + ["A" if LETTERS[-1] != "a" else "B"]},
    "one way": {"x": LETTERS, "y": ["a" if v == "a" else "z" for v in LETTERS]},
    "other holes": {"x": LETTERS, "y": [None, *[v.upper() for v in LETTERS[1:]]]},
    "holes in one": {"x": LETTERS, "y": [None if v == "a" and i % 2 else v.upper() for i, v in enumerate(LETTERS)]},
    "noisy": {"x": NUMBERS, "y": NUMBERS + 0.1 * RANDOM.normal(size=60)},
    "few rows": {"x": LETTERS[:10], "y": LETTERS[:10]},
}


@pytest.mark.parametrize("case", SAME)
def test_columns_that_determine_each_other(case):
    with pytest.warns(SchemaWarning, match="columns that determine each other: 'x' and 'y'; all are kept, but"):
        schema = Schema.infer(SAME[case])
    assert schema.names == ("x", "y")


@pytest.mark.parametrize("case", DIFFERENT)
def test_columns_that_do_not(case):
    assert Schema.infer(DIFFERENT[case]).names == ("x", "y")  # a warning is an error in tests


def test_constants():
    with pytest.warns(SchemaWarning, match=r"constant columns: \['y'\]; they are kept, and any other value is refused"):
        Schema.infer({"x": LETTERS, "y": [1] * 60})


@pytest.mark.parametrize("override", ["ignored", "constant"])
def test_who_asks_for_it_is_not_warned(override):
    Schema.infer({"x": LETTERS, "y": [1] * 60}, {"y": override})


def test_identifiers_by_request():
    schema = Schema.infer({"x": LETTERS, "id": [7 * i for i in range(60)]}, {"id": "integer"})
    assert schema.names == ("x", "id")
