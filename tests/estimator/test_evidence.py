"""Evidence and context as users give them: under their own names, and with a word where the model knows little."""

import re

import numpy as np
import pandas as pd
import pytest

from tailormade import DensityEstimator
from tailormade.estimator import ExtrapolationWarning, Probability

RARE = "is likely to have been like it, so that the answer is an extrapolation"


@pytest.fixture(scope="module")
def smooth():
    """A column without resolution beside a text that it depends on."""
    rng = np.random.default_rng(0)
    side = rng.choice(["left", "right"], 300)
    frame = pd.DataFrame({"side": side, "x": rng.normal(np.where(side == "left", -1.0, 1.0))})
    return DensityEstimator(max_epochs=30, random_state=0).fit(frame)


@pytest.mark.parametrize("given", ["size > 400", "size > 400 and sex == f"])
def test_evidence_the_model_knows_nothing_of(given, fitted):
    with pytest.warns(ExtrapolationWarning, match=f"^given: .* none of the 360 rows of the fit {RARE}"):
        fitted.sample(2, given=given, random_state=0)
    with pytest.warns(ExtrapolationWarning, match=f"^given: .*{RARE}"):
        fitted.probability("children > 1", given=given)


def test_a_question_the_model_knows_nothing_of(fitted):
    with pytest.warns(ExtrapolationWarning, match=f"^question: this has a probability of about .*{RARE}"):
        assert 0 < fitted.probability("size > 400") < 1e-5


def test_values_that_are_improbable_together(fitted):
    with pytest.warns(ExtrapolationWarning, match=r"^given: fewer than one in 1000 of the model's own rows have"):
        fitted.sample(2, given={"sex": "f", "size": 260.0}, random_state=0)


def test_common_rows_are_not_rare_however_many_values_they_have(fitted, table):
    for _, row in table.dropna().head(20).iterrows():
        fitted.sample(1, given=row.to_dict(), random_state=0)  # warnings are errors here
        fitted.probability("children >= 1", given=row[["sex", "size", "city"]].to_dict())


def test_evidence_that_contradicts_itself(fitted):
    with pytest.raises(ValueError, match="got one of probability 0, as it contradicts itself; ask for another"):
        fitted.sample(2, given="size > 5 and size < 3")


def test_how_probable_evidence_is(fitted):
    known = fitted.density_.evidence("sex == f and size > 170", seed=0)
    assert known.probability == pytest.approx(fitted.probability("sex == f and size > 170"), rel=0.05)


@pytest.mark.parametrize("x", [-1.2345678901, 0.98765432101])
def test_a_single_value_of_a_density(smooth, x):
    rows = smooth.sample(400, given={"x": x}, random_state=0)
    assert (rows["x"] == x).all()
    ones = pd.DataFrame({"side": ["left", "right"], "x": x})
    logs = smooth.score_samples(ones)
    expected = np.exp(logs[0] - np.logaddexp(*logs))
    assert smooth.probability("side == left", given={"x": x}) == pytest.approx(expected, rel=0.05)
    assert (rows["side"] == "left").mean() == pytest.approx(expected, abs=0.1)
    assert smooth.probability("x > 0", given={"x": x}) == float(x > 0)
    assert smooth.probability(f"x == {x}") == 0
    assert smooth.density_.evidence({"x": x}, seed=0).probability is None


def test_a_single_value_that_is_far_away(smooth):
    with pytest.warns(ExtrapolationWarning, match=r"^given: fewer than one in 1000"):
        smooth.sample(1, given={"x": 40.0}, random_state=0)


GIVEN = {
    "siez > 3": "^given: expected a column of the table, got 'siez'; did you mean 'size'",
    "size >": "^given: expected a value",
    "sex > 3": "^given: column 'sex' holds one of its categories",
    "city is missing": "^given: expected conditions on values",
}


@pytest.mark.parametrize("given", GIVEN)
def test_mistakes_in_evidence_are_under_its_name(given, fitted):
    for ask in (lambda: fitted.sample(1, given=given), lambda: fitted.probability("sex == f", given=given)):
        with pytest.raises(ValueError, match=GIVEN[given]):
            ask()


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT], ids=str)
def test_values_that_are_none(value, fitted):
    with pytest.raises(ValueError, match=r"^given: expected a value for each column, got none for \['city'\]; leave"):
        fitted.sample(1, given={"sex": "f", "city": value})


def test_evidence_of_another_type(fitted):
    with pytest.raises(TypeError, match=r"^given: expected a question such as 'age > 50', or a dict of values by col"):
        fitted.sample(1, given=3)
    with pytest.raises(TypeError, match=r"^question: expected a question such as 'age > 50', .* got int"):
        fitted.probability(3)


def test_a_row_of_a_frame_is_evidence(fitted, table):
    row = table.dropna().iloc[0]
    pd.testing.assert_frame_equal(
        fitted.sample(2, given=row, random_state=0), fitted.sample(2, given=row.to_dict(), random_state=0)
    )


def test_context_as_values(conditional, table):
    row = table[table["sex"] == "f"].iloc[0]
    expected = conditional.sample(3, context=table[table["sex"] == "f"].iloc[:1], random_state=0)
    for context in ({"sex": "f"}, {"sex": ["f"]}, row):
        pd.testing.assert_frame_equal(conditional.sample(3, context=context, random_state=0), expected)
    assert conditional.probability("size > 170", context={"sex": "f"}) < 0.5
    assert conditional.probability("size > 170", context={"sex": "m"}) > 0.5


def test_several_contexts_as_values(conditional):
    assert len(conditional.sample(2, context={"sex": ["f", "m"]}, random_state=0)) == 2


CONTEXTS = {
    "an unknown name": ({"sexx": "f"}, r"context: expected names among ['sex'], got ['sexx']."),
    "an unknown value": ({"sex": "x"}, "context: column 'sex' has 'x' in row 0 (counted from 0), a category never"),
    "a text": ("sex=f", "context: expected a table in memory"),
    "nothing": (None, "context: expected a frame or a dict with the columns ('sex',), got none"),
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_contexts_that_do_not_fit(case, conditional):
    context, message = CONTEXTS[case]
    with pytest.raises((TypeError, ValueError), match=r"^" + re.escape(message)):
        conditional.sample(1, context=context)


def test_a_context_column_is_not_asked_about(conditional):
    said = "'sex' is a context column: the density is conditional on it"
    with pytest.raises(ValueError, match=f"^question: {said}"):
        conditional.probability("sex == f", context={"sex": "f"})
    with pytest.raises(ValueError, match=f"^given: {said}"):
        conditional.sample(1, given={"sex": "f"}, context={"sex": "f"})


def test_a_column_that_was_left_out():
    with pytest.warns(UserWarning, match="identifiers"):
        est = DensityEstimator(max_epochs=1).fit(
            pd.DataFrame({"name": [f"n{i}" for i in range(60)], "x": np.arange(60) / 7})
        )
    with pytest.raises(ValueError, match=r"^question: 'name' was left out of the fit; expected one of \['x'\]"):
        est.probability("name == n1")


@pytest.mark.parametrize(
    ("value", "error", "ends"), [(0.5, 0.1, (0.3, 0.7)), (0.99, 0.01, (0.97, 1)), (0.01, 0.02, (0, 0.05))]
)
def test_the_interval_stays_within_0_and_1(value, error, ends):
    assert Probability(value, error).interval == pytest.approx(ends)
