"""``tailormade probability``: questions about a fitted table."""

import json

import pytest

from tailormade.estimator import Probability, TableDensity


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("sex == female", None),
        ("age > 45 and job in [clerk, nurse]", None),
        ("age between 30 and 45", "sex == male"),
        ("job == 'cook, head'", "sex=male, children=1"),
        ("member == true or children >= 2", None),
    ],
    ids=str,
)
def test_the_same_as_the_library(question, given, done, tables):
    words = [] if given is None else ["--given", given]
    found = json.loads(done("probability", tables / "m", question, "--json", *words))
    known = {"sex": "male", "children": 1} if given and "," in given else given
    expected = TableDensity.load(tables / "m").probability(question, given=known, seed=0)
    assert (found["probability"], found["standard_error"]) == (float(expected), expected.standard_error)
    assert 0 < found["probability"] < 1


def test_words(done, tables):
    density = TableDensity.load(tables / "m")
    exact, drawn = "sex == female", "age > 45 and member == true"
    assert done("probability", tables / "m", exact) == f"{density.probability(exact, seed=0):.4g} (exact)\n"
    found = density.probability(drawn, seed=0)
    assert found.standard_error > 0
    assert done("probability", tables / "m", drawn) == f"{found:.4g} ± {found.standard_error:.2g}\n"


def test_context(done, tables):
    words = ["probability", tables / "given", "job == clerk", "--json", "--context"]
    first, second = (json.loads(done(*words, f"sex={sex}"))["probability"] for sex in ("male", "female"))
    assert first != second


def test_seed_and_particles(call, tables):
    words = ["probability", tables / "m", "age > 45 and member == true", "--json", "--particles"]
    a, b, c, d = (
        json.loads(call(*words, *more).out)["probability"]
        for more in (["50"], ["50", "--seed", "0"], ["50", "--seed", "1"], ["60"])
    )
    assert a == b
    assert len({a, c, d}) == 3
    err = call(*words, "50", "--seed", "3").err
    assert err == f"estimated from 50 draws for each part of the question (seed 3)\n{REMARK}"


REMARK = "± and (exact) are about the computation under the model, not about how well the model fits\n"


def test_what_the_error_is_about_is_said_once(call, tables):
    assert call("probability", tables / "m", "sex == female").err == REMARK
    assert call("probability", tables / "m", "sex == female", "--quiet").err == ""
    assert "Neither says how well the model fits" in " ".join(call("probability", "--help").out.split())


def test_ranges_stay_within_0_and_1(done, tables, monkeypatch):
    monkeypatch.setattr(TableDensity, "probability", lambda *_, **__: Probability(0.995, 0.01))
    assert done("probability", tables / "m", "sex == female") == "0.995 (0.975 to 1)\n"
    monkeypatch.setattr(TableDensity, "probability", lambda *_, **__: Probability(0.001, 0.002))
    assert done("probability", tables / "m", "sex == female") == "0.001 (0 to 0.005)\n"


def test_how_probable_evidence_is_said(call, tables):
    words = ["probability", tables / "m", "member == true", "--given", "sex=female"]
    expected = TableDensity.load(tables / "m").probability("sex == female", seed=0)
    assert f"what is given has probability {expected:.4g} (exact) under the model\n" in call(*words).err
    assert json.loads(call(*words, "--json").out)["given_probability"] == pytest.approx(float(expected))


def test_evidence_the_model_knows_nothing_of(call, tables):
    outcome = call("probability", tables / "m", "sex == male", "--given", "age > 300")
    assert outcome.status == 0
    said = [line for line in outcome.err.splitlines() if "warning: --given: this has a probability of about" in line]
    assert len(said) == 1
    assert "none of the 135 rows of the fit is likely to have been like it" in said[0]
    assert call("probability", tables / "m", "sex == male", "--given", "age > 300", "--quiet").err == ""


def test_a_context_column_is_not_asked_about(refused, tables):
    line = refused("probability", tables / "given", "sex == male", "--context", "sex=male")
    assert "question: 'sex' is a context column" in line
    assert "--context 'sex=VALUE'" in line
    line = refused("probability", tables / "given", "age > 30", "--given", "sex=male", "--context", "sex=male")
    assert "--given: 'sex' is a context column" in line


BAD = {
    "age > and sex == male": "question: expected a value (a number, a word or a quoted text; a keyword needs quotes), "
    "got 'and' at position 7 of 'age > and sex == male'.",
    "": "question: ",
    "agee > 3": "question: expected a column of the table, got 'agee'; did you mean 'age'?",
    "sex == males": "question: column 'sex' expected one of its categories, got 'males'; did you mean 'male'?",
    "age is missing": "question: expected conditions on values, got 'age is missing'",
    "name == x": "question: 'name' was left out of the fit; expected one of ['sex', 'age', ",
}


@pytest.mark.parametrize("question", BAD)
def test_questions_that_do_not_fit(question, refused, tables):
    assert refused("probability", tables / "m", question).startswith(f"tailormade: {BAD[question]}")


def test_evidence_that_cannot_be(refused, tables):
    line = refused("probability", tables / "m", "sex == male", "--given", "age < 30 and age > 40")
    assert "--given: expected an event that can happen" in line


def test_a_model_of_an_array(refused, store):
    line = refused("probability", store / "one", "x0 == 1")
    assert "probability needs a model of a table, with a schema, got one of an array; fit a .csv or .parquet" in line
