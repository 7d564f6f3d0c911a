"""Frames that come back: of a kind the user has, with names, and with the right types."""

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tailormade import DensityEstimator
from tailormade.estimator import TableDensity, frames
from tailormade.estimator.imputing import reduce_column
from tailormade.tables import Column


@pytest.fixture
def by_command(fitted, tmp_path):
    """A model as the command leaves it, fitted to a file."""
    model = copy.deepcopy(fitted.density_.model)
    model.metadata["fitted_rows"] = ["0"]
    return TableDensity(model, replace(fitted.schema_, backend="pyarrow")).save(tmp_path / "m")


def test_a_model_of_the_command_draws_frames_of_pandas(by_command):
    rows = DensityEstimator.load(by_command).sample(3, random_state=0)
    assert isinstance(rows, pd.DataFrame)
    assert list(rows) == ["sex", "size", "children", "city"]


def test_without_pandas_they_are_of_pyarrow(by_command, monkeypatch):
    monkeypatch.setattr(frames, "find_spec", lambda name: None if name == "pandas" else name)
    assert isinstance(DensityEstimator.load(by_command).sample(3), pa.Table)
    with pytest.raises(ValueError, match=r"^frames: pandas is not installed; pip install pandas"):
        DensityEstimator.load(by_command, frames="pandas")


def test_a_model_fitted_in_python_draws_what_was_fitted(table, tmp_path):
    DensityEstimator(max_epochs=1).fit(pa.Table.from_pandas(table, preserve_index=False)).save(tmp_path / "m")
    assert isinstance(DensityEstimator.load(tmp_path / "m").sample(2), pa.Table)


KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table, "numpy": np.ndarray}


@pytest.mark.parametrize("kind", KINDS)
def test_frames_by_request(kind, by_command):
    assert type(DensityEstimator.load(by_command, frames=kind).sample(2)) is KINDS[kind]


def test_an_unknown_kind(by_command):
    with pytest.raises(ValueError, match=r"^frames: expected one of pandas, polars, pyarrow, numpy, got 'excel'"):
        DensityEstimator.load(by_command, frames="excel")


def test_scores_of_columns_with_names(fitted, table):
    scores = fitted.score_columns(table)
    shown = fitted.score_columns(table[20:30], as_frame=True)
    assert list(shown) == fitted.density_.names == ["sex", "size", "children", "city"]
    assert list(shown.index) == list(range(20, 30))
    np.testing.assert_allclose(shown, scores[20:30])
    other = fitted.score_columns(pl.from_pandas(table[["city", "children", "sex", "size"]]), as_frame=True)
    assert isinstance(other, pl.DataFrame)
    np.testing.assert_allclose(other["size"], scores[:, 1])


def test_a_marginal_needs_its_own_columns_alone(fitted, conditional, table):
    marginal = fitted.marginal(["size", "sex"])
    for columns in (["sex", "size"], ["size", "sex", "city"]):
        np.testing.assert_array_equal(marginal.score_samples(table[columns]), marginal.score_samples(table))
    with pytest.raises(ValueError, match=r"\['size'\] are missing"):
        marginal.score_samples(table[["sex"]])
    given = conditional.marginal(["city"])
    np.testing.assert_array_equal(given.score_samples(table[["sex", "city"]]), given.score_samples(table))


def test_scores_of_the_columns_of_an_array():
    X = np.random.default_rng(0).normal(size=(60, 2))
    assert list(DensityEstimator(max_epochs=1).fit(X).score_columns(X, as_frame=True)) == ["x0", "x1"]


def test_gaps_of_text_in_a_column_of_numbers(fitted, table):
    gaps = table.assign(city=np.nan).set_index(np.arange(len(table))[::-1] + 7)
    filled = fitted.impute(gaps, draws=5)
    assert filled["city"].dtype == table["city"].dtype
    assert set(filled["city"]) <= {"Bern", "Genf", "Basel"}
    assert filled.index.equals(gaps.index)
    assert list(filled) == list(table)


def test_gaps_of_numbers_in_a_column_of_nothing(fitted, table):
    assert fitted.impute(table.assign(size=None), draws=5)["size"].dtype == np.float64


@pytest.mark.parametrize("kind", [pl.Float64, pl.Null], ids=str)
def test_gaps_of_text_in_polars(kind, fitted, table):
    gaps = pl.from_pandas(table).with_columns(city=pl.lit(None).cast(kind))
    filled = fitted.impute(gaps, draws=5)
    assert filled["city"].dtype == pl.String
    assert filled["city"].null_count() == 0


def test_gaps_of_text_in_arrow(fitted, table):
    gaps = pa.table({**{name: pa.array(table[name], from_pandas=True) for name in table}, "city": pa.nulls(len(table))})
    assert fitted.impute(gaps, draws=5).schema.field("city").type == pa.string()


def test_a_narrow_column_of_gaps_stays_narrow(fitted, table):
    assert fitted.impute(table.assign(size=np.float32("nan")), draws=5)["size"].dtype == np.float32


@pytest.mark.parametrize("method", ["mean", "median", "mode"])
@pytest.mark.parametrize("step", [1.0, 0.1, 0.25])
def test_what_fills_a_gap_is_on_the_grid_of_its_column(method, step):
    draws = np.random.default_rng(0).integers(0, 200, (30, 50)) * step
    kind = "integer" if step == 1 else "continuous"
    filled = reduce_column(Column("x", kind, step=step), draws, method)
    np.testing.assert_allclose(filled / step, np.rint(filled / step), rtol=0, atol=1e-9)
    if method == "mean":
        assert np.abs(filled - draws.mean(0)).max() <= step / 2 + 1e-9


def test_imputed_means_are_written_as_the_others(fitted, table):
    filled = fitted.impute(table, draws=7)
    np.testing.assert_array_equal(filled["size"], filled["size"].round(1))


def test_means_of_a_column_without_resolution_are_not_rounded():
    draws = np.array([[0.1], [0.15]])
    assert reduce_column(Column("x", "continuous"), draws, "mean") == pytest.approx(0.125)
