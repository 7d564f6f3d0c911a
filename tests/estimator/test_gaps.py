"""Tables whose missing cells are modelled: scores, draws, gaps filled, and questions about them."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from helpers import redraw

from tailormade import DensityEstimator
from tailormade.estimator import TableDensity, fitting
from tailormade.tables import Column, Schema

MODEL = {"missing": "model"}
WORDS = Schema(
    (
        Column("a", "binary", ("x", "y"), dtype="string", gaps="model"),
        Column("b", "categorical", ("p", "q", "r"), dtype="string", gaps="model"),
        Column("c", "binary", (False, True), dtype="bool"),
    ),
    "pandas",
)
NUMBERS = Schema(
    (
        Column("x", "continuous", loc=1.0, gaps="model", atoms=(0.0,)),
        Column("n", "integer", step=1.0, low=0.0, high=30.0, loc=4.0, gaps="model"),
    ),
    "pandas",
)


def untrained(schema, orders=1):
    """A density whose weights are drawn, so that no cell is independent of another."""
    model = fitting.build(schema, 0, 100, hidden_units=(16,), orders=orders, seed=0)
    return TableDensity(redraw(model, scale=0.3).eval(), schema)


def every_row(**values):
    return pd.DataFrame(list(itertools.product(*values.values())), columns=list(values))


@pytest.mark.parametrize("orders", [1, 3])
def test_all_values_and_all_patterns_add_up_to_one(orders):
    rows = every_row(a=["x", "y", None], b=["p", "q", "r", None], c=[False, True])
    density = untrained(WORDS, orders)
    assert np.exp(density.score_samples(rows)).sum() == pytest.approx(1, abs=1e-12)
    pairs = rows.drop_duplicates(["a", "b"])
    assert np.exp(density.score_samples(pairs, columns=["a", "b"])).sum() == pytest.approx(1, abs=1e-12)


def test_questions_about_missing_cells_are_sums_of_rows():
    density = untrained(WORDS)
    rows = every_row(a=["x", "y", None], b=["p", "q", "r", None], c=[False, True])
    p = np.exp(density.score_samples(rows))
    questions = {
        "a is missing and b is not missing and c == true": rows["a"].isna() & rows["b"].notna() & rows["c"],
        "not b == 'p' and a == 'x' and c == false": (rows["b"] != "p") & (rows["a"] == "x") & ~rows["c"],
        "b != 'p' and a is missing and c == false": rows["b"].isin(["q", "r"]) & rows["a"].isna() & ~rows["c"],
    }
    for question, holds in questions.items():
        found = density.probability(question, seed=0, particles=20_000)
        assert found == pytest.approx(p[holds].sum(), abs=4 * found.standard_error + 1e-6), question


def test_numbers_and_their_gaps_integrate_to_one():
    density = untrained(NUMBERS)
    z = np.linspace(-30, 30, 6001)
    x = np.r_[1 + np.sinh(z), 0.0, np.nan]  # the column is modelled after asinh
    # at the atom and where the cell is missing there is a mass, everywhere else a density
    weight = np.r_[np.cosh(z) * (z[1] - z[0]), 1.0, 1.0]
    total = 0.0
    for n in [*range(31), np.nan]:
        rows = pd.DataFrame({"x": x, "n": n})
        total += (np.exp(density.score_samples(rows)) * weight).sum()
    assert total == pytest.approx(1, abs=1e-6)


def test_questions_about_numbers_leave_missing_cells_out():
    density = untrained(NUMBERS)
    parts = [density.probability(f"n {rest}", seed=0) for rest in ("< 4", "== 4", "> 4", "is missing")]
    assert sum(parts) == pytest.approx(1, abs=5e-3)
    assert density.probability("not n > 4", seed=0) == pytest.approx(1 - parts[2], abs=5e-3)
    first = [density.probability(f"x {rest}", seed=0) for rest in ("<= 0", "> 0", "is missing", "is not missing")]
    assert sum(first[:3]) == pytest.approx(1, abs=1e-9)
    assert sum(first[:2]) == pytest.approx(first[3], abs=1e-9)
    alone = np.exp(density.score_samples(pd.DataFrame({"x": [np.nan], "n": [0]}), columns=["x"]))
    assert first[2] == pytest.approx(alone[0], abs=1e-6)
    assert density.probability("x > 3 or x is missing", seed=0) == pytest.approx(
        density.probability("x > 3", seed=0) + first[2], abs=1e-9
    )


def test_columns_without_the_policy_are_not_asked_whether_they_are_missing():
    with pytest.raises(ValueError, match=r"got 'c is missing'; .* Fit with 'missing': 'model' for 'c' in the schema"):
        untrained(WORDS).probability("a is missing or c is missing", seed=0)


def gappy(rows=1200, seed=0):
    """Numbers that are missing more often beside one of two words, and words that are missing at random."""
    rng = np.random.default_rng(seed)
    word = rng.choice(["x", "y"], rows).astype(object)
    size = rng.normal(np.where(word == "x", 0, 4), 1)
    size[rng.random(rows) < np.where(word == "x", 0.6, 0.1)] = np.nan
    word[rng.random(rows) < 0.2] = None
    return pd.DataFrame({"word": word, "size": size})


@pytest.fixture(scope="module")
def fitted():
    return DensityEstimator(
        max_epochs=15, hidden_units=(32,), random_state=0, schema={"word": MODEL, "size": MODEL}
    ).fit(gappy())


def test_gaps_are_drawn_as_often_as_they_occur(fitted):
    drawn, there = fitted.sample(20_000, random_state=0), gappy()
    np.testing.assert_allclose(drawn.isna().mean(), there.isna().mean(), atol=0.03)
    beside = [frame["size"].isna().groupby(frame["word"]).mean() for frame in (drawn, there)]
    np.testing.assert_allclose(beside[0], beside[1], atol=0.08)


def test_a_score_is_of_the_cells_and_of_which_are_missing(fitted):
    rows = gappy(50)
    terms = fitted.score_columns(rows)
    assert bool((terms[rows.isna().to_numpy()] < 0).all())
    np.testing.assert_allclose(terms.sum(1), fitted.score_samples(rows), atol=1e-9)
    more = fitted.score_samples(pd.DataFrame({"word": ["x", "y"], "size": np.nan}))
    assert more[0] > more[1] + 1  # log 6 in truth


def test_what_is_missing_is_evidence(fitted):
    shares = [fitted.probability("word == 'x'", given=g) for g in ("size is missing", "size is not missing")]
    truth = [0.8 * 0.6 / 0.7, 0.8 * 0.4 / 1.3]
    np.testing.assert_allclose(shares, truth, atol=0.08)
    assert fitted.sample(50, given="size is missing and word is not missing", random_state=0)["size"].isna().all()


@pytest.mark.parametrize("method", ["draw", "mean", "median", "mode"])
def test_gaps_are_filled_all_the_same(fitted, method):
    rows = gappy(200)
    filled = fitted.impute(rows, method=method, draws=20)
    assert not filled.isna().any().any()
    pd.testing.assert_frame_equal(filled.where(rows.notna()), rows.where(rows.notna()), check_dtype=False)


def test_gaps_are_filled_from_values_beside_them(fitted):
    filled = fitted.impute(pd.DataFrame({"word": ["x", "y"], "size": np.nan}), draws=200)["size"]
    assert filled[1] - filled[0] > 2.5  # 4 in truth


def test_that_a_cell_is_missing_says_nothing_when_it_is_filled():
    density = untrained(WORDS)
    filled = density.impute(pd.DataFrame({"a": [None] * 4000, "b": "p", "c": True}), method="draw", draws=1, seed=0)
    x = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]], dtype=torch.float64)
    with torch.no_grad():
        odds = density.model.double()().log_prob(x).exp()
    assert (filled["a"] == "x").mean() == pytest.approx(float(odds[0] / odds.sum()), abs=0.03)


def test_a_saved_density_keeps_the_policy(fitted, tmp_path):
    fitted.save(tmp_path / "m")
    again = DensityEstimator.load(tmp_path / "m")
    np.testing.assert_array_equal(again.score_samples(gappy(20)), fitted.score_samples(gappy(20)))


def test_context_may_have_modelled_gaps():
    est = DensityEstimator(context=["word"], max_epochs=2, hidden_units=(8,), random_state=0, schema={"word": MODEL})
    assert np.isfinite(est.fit(gappy(100)).score_samples(gappy(30))).all()
