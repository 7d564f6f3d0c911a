"""``tailormade probability --column``: mean and quantiles of a column of a fitted table."""

import json

import pytest

from tailormade.estimator import TableDensity

QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]


@pytest.mark.parametrize(
    ("column", "given", "known"),
    [
        ("age", None, None),
        ("age", "sex=male", {"sex": "male"}),
        ("children", "age > 45 and job in [clerk, nurse]", "age > 45 and job in ['clerk', 'nurse']"),
        ("member", "children=1", {"children": 1}),
    ],
    ids=str,
)
def test_the_same_as_the_library(column, given, known, done, tables):
    words = [] if given is None else ["--given", given]
    found = json.loads(done("probability", tables / "m", "--column", column, "--json", *words))
    density = TableDensity.load(tables / "m")
    mean = density.expectation(column, given=known, seed=0)
    assert (found["column"], found["mean"], found["standard_error"]) == (column, float(mean), mean.standard_error)
    quantiles = density.quantile(column, QUANTILES, given=known, seed=0)
    assert found["quantiles"] == {str(q): float(value) for q, value in zip(QUANTILES, quantiles, strict=True)}


def test_words(done, tables):
    density = TableDensity.load(tables / "m")
    exact, drawn = (density.expectation("age", given=given, seed=0) for given in ({"sex": "male"}, {"children": 1}))
    first, *rest = done("probability", tables / "m", "--column", "age", "--given", "sex=male").splitlines()
    assert first == f"age: mean {exact:.6g} (exact)"
    assert [line.split()[0] for line in rest] == ["5%", "25%", "50%", "75%", "95%"]
    assert float(rest[2].split()[1]) == pytest.approx(density.quantile("age", 0.5, given={"sex": "male"}, seed=0))
    first, *_ = done("probability", tables / "m", "--column", "age", "--given", "children=1").splitlines()
    assert first == f"age: mean {drawn:.6g} ± {drawn.standard_error:.2g}"


def test_context_seed_and_particles(call, tables):
    words = ["probability", tables / "given", "--column", "children", "--json", "--context"]
    male, female = (json.loads(call(*words, f"sex={sex}").out)["mean"] for sex in ("male", "female"))
    other, fewer = (
        json.loads(call(*words, "sex=male", *more).out)["mean"] for more in (["--seed", "1"], ["--particles", "50"])
    )
    assert len({male, female, other, fewer}) == 4


BAD = {
    ("--column", "job"): "column: expected one of numbers, truth values or dates, got 'job', which holds text",
    ("--column", "wage"): "columns: there is no column 'wage'",
    (): "QUESTION: expected a question, such as 'age > 50', or --column COL",
    ("age > 3", "--column", "age"): "QUESTION: expected a question, such as 'age > 50', or --column COL",
    ("--column", "age", "--given", "sex=males"): "--given: ",
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_what_cannot_be_asked(words, refused, tables):
    assert refused("probability", tables / "m", *words).startswith(f"tailormade: {BAD[words]}")
