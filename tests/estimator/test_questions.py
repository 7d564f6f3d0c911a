"""Questions about a fitted table: probabilities that agree with each other and with draws."""

import numpy as np
import pytest

from tailormade.estimator import Probability


def test_an_event_and_its_complement(fitted):
    a, b = fitted.probability("sex == f and children > 1"), fitted.probability("not (sex == f and children > 1)")
    assert a + b == pytest.approx(1, abs=4 * (a.standard_error + b.standard_error) + 1e-9)


def test_the_first_column_is_exact(fitted):
    p = fitted.probability("sex == f")
    assert isinstance(p, Probability)
    assert p.standard_error == 0
    assert p + fitted.probability("sex == m") == pytest.approx(1, abs=1e-6)


def test_probabilities_are_those_of_scores(fitted, table):
    row = table.dropna().iloc[:1]
    p = fitted.probability(f"sex == '{row['sex'].iloc[0]}'")
    assert p == pytest.approx(np.exp(fitted.marginal(["sex"]).score_samples(row)[0]), rel=1e-5)


def test_conditional_probabilities_are_quotients(fitted):
    both, known = fitted.probability("sex == f and city == Bern"), fitted.probability("city == Bern")
    assert fitted.probability("sex == f", given="city == Bern") == pytest.approx(both / known, rel=1e-9)
    assert fitted.probability("sex == f", given={"city": "Bern"}) == pytest.approx(both / known, rel=1e-9)


def test_draws_have_the_probability_of_the_event(fitted):
    rows = fitted.sample(4000, random_state=0)
    p = fitted.probability("size > 170 and children >= 1")
    found = ((rows["size"] > 170) & (rows["children"] >= 1)).mean()
    error = (found * (1 - found) / len(rows) + p.standard_error**2) ** 0.5
    assert abs(found - p) < 4.5 * error


QUESTIONS = ["sex == f", "size > 175 and children <= 2", "size between 160 and 170 or city == Genf", "not sex == f"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_draws_given_an_event_lie_in_it(fitted, question):
    from tailormade.queries.language import parse

    rows = fitted.sample(200, given=question, random_state=0)
    assert parse(question).holds({name: rows[name].to_numpy() for name in rows}).all()


def test_draws_given_values(fitted):
    rows = fitted.sample(50, given={"sex": "m", "children": 2}, random_state=0)
    assert (rows["sex"] == "m").all()
    assert (rows["children"] == 2).all()
    assert rows["size"].nunique() > 10


WRONG = {
    "siez > 3": "expected a column of the table, got 'siez'; did you mean 'size'",
    "size >": "expected a value",
    "city == Zug": "'Zug'",
    "sex > 3": "sex",
    "city is missing": "missing cells are not modelled",
}


@pytest.mark.parametrize("question", WRONG)
def test_questions_that_do_not_fit(fitted, question):
    with pytest.raises(ValueError, match=WRONG[question]):
        fitted.probability(question)


@pytest.mark.parametrize("given", ["sex == f and sex == m", "size > 5 and size < 3"])
def test_evidence_of_probability_zero(fitted, given):
    with pytest.raises(ValueError, match="given: expected an event that can happen, got one of probability 0"):
        fitted.sample(3, given=given)
    with pytest.raises(ValueError, match="given: expected an event that can happen, got one of probability 0"):
        fitted.probability("children > 1", given=given)


def test_no_evidence_at_all(fitted):
    with pytest.raises(ValueError, match="given: expected values by column, got none"):
        fitted.sample(3, given={})


def test_contradictions_and_tautologies(fitted):
    assert fitted.probability("size > 5 and size < 3") == 0
    assert fitted.probability("size > 5 or size <= 5") == pytest.approx(1)
