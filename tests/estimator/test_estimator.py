"""The estimator on a table: scores, draws, gaps, and the protocol."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from tailormade import DensityEstimator


@pytest.mark.filterwarnings("ignore::tailormade.estimator.FewRowsWarning")
def test_scikit_learns_checks():
    # the one check that is skipped needs array API support switched on in SciPy
    results = check_estimator(DensityEstimator(max_epochs=1, random_state=0), on_fail=None, on_skip=None)
    wrong = {r["check_name"]: r["exception"] for r in results if r["status"] not in ("passed", "skipped")}
    assert not wrong
    assert [r["check_name"] for r in results if r["status"] == "skipped"] == ["check_array_api_input"]


def test_pipelines_and_cross_validation():
    X = np.random.default_rng(0).normal(size=(100, 2))
    scores = cross_val_score(make_pipeline(DensityEstimator(max_epochs=1, random_state=0)), X, cv=2)
    assert np.isfinite(scores).all()


def test_score_is_the_mean(fitted, table):
    assert fitted.score(table) == pytest.approx(fitted.score_samples(table).mean())


def test_cells_add_up_to_the_row(fitted, table):
    np.testing.assert_allclose(fitted.score_columns(table).sum(1), fitted.score_samples(table), rtol=0, atol=1e-4)


def test_missing_cells_contribute_nothing(fitted, table):
    assert (fitted.score_columns(table)[table["size"].isna(), 1] == 0).all()


KINDS = {
    "polars": lambda frame: pl.from_pandas(frame),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "shuffled_columns": lambda frame: frame[["city", "children", "sex", "size"]],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_has_the_same_scores(fitted, table, kind):
    np.testing.assert_array_equal(fitted.score_samples(KINDS[kind](table)), fitted.score_samples(table))


@pytest.mark.parametrize(("kind", "returned"), [("polars", pl.DataFrame), ("arrow", pa.Table)])
def test_rows_come_back_as_what_was_fitted(table, kind, returned):
    est = DensityEstimator(max_epochs=1, hidden_units=(4,), random_state=0).fit(KINDS[kind](table))
    assert isinstance(est.sample(3, random_state=0), returned)
    assert isinstance(est.impute(KINDS[kind](table), draws=2), returned)


def test_the_same_seed_fits_and_draws_the_same(fitted, table):
    again = clone(fitted).fit(table)
    np.testing.assert_array_equal(again.score_samples(table), fitted.score_samples(table))
    pd.testing.assert_frame_equal(again.sample(5, random_state=3), fitted.sample(5, random_state=3))


def test_draws_are_in_the_schema(fitted):
    rows = fitted.sample(500, random_state=0)
    assert list(rows) == ["sex", "size", "children", "city"]
    assert np.isfinite(fitted.score_samples(rows)).all()
    assert set(rows["city"]) <= {"Bern", "Genf", "Basel"}
    assert rows["children"].dtype == np.int64
    assert (rows["children"] >= 0).all()


def test_a_saved_estimator_is_the_same(fitted, table, tmp_path):
    fitted.save(tmp_path / "m")
    again = DensityEstimator.load(tmp_path / "m")
    np.testing.assert_array_equal(again.score_samples(table), fitted.score_samples(table))
    pd.testing.assert_frame_equal(again.sample(4, random_state=1), fitted.sample(4, random_state=1))


@pytest.mark.parametrize("method", ["draw", "mean", "median", "mode"])
def test_imputation_fills_the_gaps_and_nothing_else(fitted, table, method):
    filled = fitted.impute(table, method=method, draws=20)
    assert not filled.isna().any().any()
    known = table.notna()
    pd.testing.assert_frame_equal(filled.where(known), table.where(known), check_dtype=False)


def test_imputation_uses_what_is_known(fitted):
    gaps = pd.DataFrame({"sex": ["f", "m"] * 40, "size": np.nan, "children": 1, "city": "Bern"})
    filled = fitted.impute(gaps, draws=200)
    assert filled["size"][1] - filled["size"][0] > 5  # 13 in truth


def test_an_unknown_method(fitted, table):
    with pytest.raises(ValueError, match="method: expected one of draw, mean, median, mode, got 'median2'"):
        fitted.impute(table, method="median2")


def test_conditional_densities_leave_their_context_out(conditional, table):
    rows = conditional.sample(3, context=table.iloc[:1], random_state=0)
    assert list(rows) == ["size", "children", "city"]
    assert conditional.sample(3, context=table.iloc[:3], random_state=0).shape == (3, 3)
    assert np.isfinite(conditional.score_samples(table)).all()


def test_context_matters(conditional, table):
    swapped = table.assign(sex=table["sex"].map({"f": "m", "m": "f"}))
    assert conditional.score(table) > conditional.score(swapped) + 0.2


def test_missing_context_is_named(conditional):
    with pytest.raises(ValueError, match=r"context: expected a frame or a dict with the columns \('sex',\), got none"):
        conditional.sample(2)


def test_context_that_is_not_called_for(fitted, table):
    with pytest.raises(ValueError, match="context: this density has no context"):
        fitted.sample(2, context=table)


def test_an_unknown_column(fitted, table):
    with pytest.raises(ValueError, match="siez"):
        fitted.marginal(["siez"])
    with pytest.raises(ValueError, match="siez"):
        fitted.log_prob_given(table, ["siez"])


def test_a_missing_column_is_named(fitted, table):
    with pytest.raises(ValueError, match=r"\['city'\] are missing"):
        fitted.score_samples(table.drop(columns="city"))
