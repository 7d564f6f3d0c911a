"""Means and quantiles of a column given evidence: those of the model's own rows, by enumeration and by draws."""

import datetime
import itertools

import numpy as np
import pandas as pd
import pytest

from tailormade import DensityEstimator
from tailormade.estimator import Estimated

NAMES = ["a", "b", "c"]
ROWS = pd.DataFrame(list(itertools.product([0.0, 1.0, 3.0], [0.0, 1.0], [-1.0, 0.5, 2.0])), columns=NAMES)


def made_numbers(rows=300):
    rng = np.random.default_rng(0)
    a = rng.choice([0.0, 1.0, 3.0], rows, p=[0.5, 0.3, 0.2])
    b = (rng.random(rows) < 0.2 + 0.2 * a).astype(float)
    c = np.where(rng.random(rows) < 0.3, 2.0, np.where(b > 0, -1.0, 0.5))
    return pd.DataFrame({"a": a, "b": b, "c": c})


@pytest.fixture(scope="module", params=[1, 3], ids=["one order", "three orders"])
def discrete(request):
    schema = {name: {"kind": "categorical"} for name in ("a", "c")}
    return DensityEstimator(orders=request.param, max_epochs=8, random_state=0, schema=schema).fit(made_numbers())


def enumerated(est, known):
    """Probabilities of all rows of ``known`` columns as in ``known``, by the joint density."""
    rows = ROWS[(ROWS[list(known)] == pd.Series(known)).all(axis=1)] if known else ROWS
    p = np.exp(est.score_samples(rows))
    return rows, p / p.sum()


@pytest.mark.parametrize("known", [{}, {"a": 1.0}, {"c": -1.0}, {"a": 3.0, "c": 2.0}], ids=str)
@pytest.mark.parametrize("column", NAMES)
def test_expectations_and_quantiles_by_enumeration(discrete, column, known):
    rows, p = enumerated(discrete, known)
    found = discrete.expectation(column, given=known or None)
    assert isinstance(found, Estimated)
    assert found == pytest.approx((p * rows[column]).sum(), abs=4.5 * found.standard_error + 1e-5)
    for q in (0.1, 0.5, 0.9):
        near = [rows[column][(rows[column] <= v)].index for v in np.unique(rows[column])]
        reached = {v: p[rows.index.isin(i)].sum() for v, i in zip(np.unique(rows[column]), near, strict=True)}
        wanted = {min(v for v, total in reached.items() if total >= min(q + e, 1 - 1e-5)) for e in (-0.02, 0, 0.02)}
        assert discrete.quantile(column, q, given=known or None) in wanted


@pytest.mark.parametrize("column", NAMES)
def test_an_event_weighs_its_values(discrete, column):
    rows, p = enumerated(discrete, {})
    inside = rows["a"] >= 1
    expected = (p * rows[column])[inside].sum() / p[inside].sum()
    found = discrete.expectation(column, given="a >= 1")
    assert 0 < found.standard_error < 0.1
    assert found == pytest.approx(expected, abs=4.5 * found.standard_error)


GIVEN = [
    None,
    {"sex": "m"},
    {"size": 170.0, "city": "Bern"},
    "size > 175",
    "children >= 2 or sex == f",
    "sex == f or size > 185",  # one box of single values, one that is drawn
]


@pytest.mark.parametrize("given", GIVEN, ids=str)
@pytest.mark.parametrize("column", ["size", "children"])
def test_the_same_as_brute_force(fitted, column, given):
    values = fitted.sample(4000, given=given, random_state=7)[column].to_numpy(dtype=float)
    found = fitted.expectation(column, given=given)
    error = np.hypot(values.std() / len(values) ** 0.5, found.standard_error)
    assert found == pytest.approx(values.mean(), abs=4.5 * error + 1e-9)
    for q in (0.1, 0.5, 0.9):
        x = fitted.quantile(column, q, given=given)
        assert (values < x - x.standard_error).mean() <= q + 0.04
        assert (values <= x + x.standard_error).mean() >= q - 0.04


def test_nothing_is_drawn_where_nothing_unknown_comes_before(fitted):
    known = {"sex": "f"}
    first, again = (fitted.expectation("size", given=known, random_state=seed) for seed in (0, 1))
    assert first.standard_error == 0
    assert float(first) == float(again)
    low, high = fitted.quantile("size", [0.05, 0.95], given=known)
    share = fitted.probability(f"size <= {high} and size >= {low}", given=known)
    assert share == pytest.approx(0.9, abs=0.05)
    assert low.standard_error == high.standard_error == 0


def test_what_is_given_is_the_answer(fitted):
    assert fitted.expectation("children", given={"children": 2, "sex": "f"}) == 2
    assert fitted.quantile("children", [0, 0.5, 1], given="children == 2") == [2, 2, 2]
    assert fitted.quantile("size", 0.001, given="size > 170") > 170


def test_draws_are_seeded(fitted):
    a, b, c = (fitted.expectation("size", random_state=seed, given="city == Bern") for seed in (0, 0, 1))
    assert a == b != c
    assert a.standard_error > 0


def test_more_particles_lower_the_error(fitted):
    few, many = (
        fitted.density_.expectation("size", given="city == Bern", seed=0, particles=n).standard_error
        for n in (200, 3200)
    )
    assert many == pytest.approx(few / 4, rel=0.3)


def test_one_quantile_or_several(fitted):
    one, several = fitted.quantile("size", 0.5), fitted.quantile("size", (0.25, 0.5, 0.75))
    assert isinstance(one, Estimated)
    assert several[1] == one
    assert sorted(several) == several
    assert fitted.quantile("children", 0.9) == round(fitted.quantile("children", 0.9))


def test_context(conditional):
    frames = ({"sex": ["f"]}, {"sex": ["m"]})
    f, m = (conditional.expectation("size", context=pd.DataFrame(frame)) for frame in frames)
    assert m > f + 4  # 13 in the table
    with pytest.raises(ValueError, match="context: expected"):
        conditional.expectation("size")


def test_dates_come_back_as_dates():
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.random.default_rng(0).integers(0, 90, 200), "D")
    frame = pd.DataFrame({"day": days, "sold": np.arange(200) % 5})
    est = DensityEstimator(max_epochs=5, random_state=0).fit(frame)
    early, median = est.quantile("day", [0.05, 0.5], given={"sold": 3})
    assert datetime.datetime(2023, 12, 1) < early < median < datetime.datetime(2024, 4, 15)
    assert pd.Timestamp(est.expectation("day"), unit="s") == pytest.approx(days.mean(), abs=pd.Timedelta("15D"))


def test_truth_values_are_shares(fitted):
    frame = pd.DataFrame({"yes": [True, False, False, True, False] * 20, "x": np.arange(100) % 7})
    est = DensityEstimator(max_epochs=3, random_state=0).fit(frame)
    assert est.expectation("yes") == pytest.approx(float(est.probability("yes == true")), abs=1e-6)


def test_missing_cells_that_are_modelled_are_left_out(table):
    est = DensityEstimator(max_epochs=10, random_state=0, schema={"size": {"missing": "model"}}).fit(table)
    for given in (None, {"sex": "f"}, "children > 0"):
        assert 150 < est.expectation("size", given=given) < 190
        assert est.quantile("size", 1.0, given=given) < np.inf


WRONG = [
    (("sex",), "column: expected one of numbers, truth values or dates, got 'sex', which holds text"),
    (("shoe",), "there is no column 'shoe'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_columns_that_have_no_mean(fitted, arguments, message):
    with pytest.raises(ValueError, match=message):
        fitted.expectation(*arguments)
    with pytest.raises(ValueError, match=message):
        fitted.quantile(*arguments, 0.5)


@pytest.mark.parametrize("q", [-0.1, 50, [0.5, 1.1], float("nan")])
def test_quantiles_are_from_0_to_1(fitted, q):
    with pytest.raises(ValueError, match="q: expected probabilities from 0 to 1"):
        fitted.quantile("size", q)


def test_evidence_of_probability_zero(fitted):
    with pytest.raises(ValueError, match="given: expected an event that can happen"):
        fitted.expectation("size", given="children > 3 and children < 2")
