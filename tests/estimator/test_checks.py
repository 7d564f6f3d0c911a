"""What the estimator says of arguments that cannot be, before any work is done."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tailormade import DensityEstimator
from tailormade.estimator import FewRowsWarning
from tailormade.tables import SchemaWarning

OPTIONS = {
    "unknown word": ({"hidden_units": "big"}, "hidden_units: expected 'auto', or widths such as .*, got 'big'"),
    "no sequence": ({"hidden_units": 0}, "hidden_units: expected 'auto', or widths such as .*, got 0; write .width."),
    "a negative number": ({"hidden_units": -3}, "hidden_units: expected 'auto', or widths .*, got -3"),
    "a width of zero": ({"hidden_units": (8, 0)}, "hidden_units: expected a whole number of at least 1, got 0"),
    "half a unit": ({"hidden_units": (2.5,)}, "hidden_units: expected a whole number of at least 1, got 2.5"),
    "no epochs": ({"max_epochs": 0}, "max_epochs: expected a whole number of at least 1, got 0"),
    "half an epoch": ({"max_epochs": 2.5}, "max_epochs: expected a whole number of at least 1, got 2.5"),
    "no orders": ({"orders": 0}, "orders: expected a number of at least 1 or 'any', got 0"),
    "orders in words": ({"orders": "two"}, "orders: expected a number of at least 1 or 'any', got 'two'"),
    "one context column": ({"context": "sex"}, r"context: expected a list of names of columns, got 'sex'; write"),
    "unknown context": ({"context": ["sexx"]}, r"context: expected names among .*, got \['sexx'\]"),
    "a negative seed": ({"random_state": -1}, "random_state: expected None, a whole number in 0..* got -1"),
    "a seed in words": ({"random_state": "x"}, "random_state: expected None, .* got 'x'"),
    "no device": ({"device": "abacus"}, "device: 'abacus' cannot be used here"),
    "no schema": ({"schema": "zip"}, "schema: expected a Schema, or corrections by column .*, got 'zip'"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options(case, table):
    options, message = OPTIONS[case]
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        DensityEstimator(**{"max_epochs": 1, **options}).fit(table)


@pytest.mark.parametrize("hidden", [(), [3], (np.int64(4), 2), "auto"], ids=str)
def test_widths_that_can_be(hidden, table):
    DensityEstimator(hidden_units=hidden, max_epochs=1).fit(table)


@pytest.mark.parametrize("n", [-1, 2.5, "x", None, True])
def test_number_of_rows(n, fitted):
    with pytest.raises((TypeError, ValueError), match=f"^n: expected a whole number of at least 0, got {n!r}"):
        fitted.sample(n)


def test_no_rows_and_numbers_of_numpy(fitted):
    assert len(fitted.sample(0)) == 0
    assert len(fitted.sample(np.int64(2))) == 2


@pytest.mark.parametrize("draws", [0, -1, 2.5, "x"])
def test_number_of_draws(draws, fitted, table):
    with pytest.raises((TypeError, ValueError), match=f"^draws: expected a whole number of at least 1, got {draws!r}"):
        fitted.impute(table, draws=draws)


def test_names_need_a_list(fitted, table):
    with pytest.raises(TypeError, match=r"^columns: expected a list of names of columns, got 'sex'; write \['sex'\]"):
        fitted.marginal("sex")
    with pytest.raises(TypeError, match=r"^given: expected a list of names of columns, got 'sex'; write \['sex'\]"):
        fitted.log_prob_given(table, "sex")


def test_unknown_evidence_of_a_density(fitted, table):
    with pytest.raises(ValueError, match=r"^given: expected names among .*, got \['sexx'\]"):
        fitted.log_prob_given(table, ["sexx"])


def test_columns_of_one_name(table):
    twice = pd.concat([table, table[["sex", "city"]]], axis=1)
    with pytest.raises(ValueError, match=r"^X: expected a different name for each column, got \['city', 'sex'\] more"):
        DensityEstimator(max_epochs=1).fit(twice)


def test_labels_that_are_one_name():
    with pytest.raises(ValueError, match=r"got \['1'\] more than once"):
        DensityEstimator(max_epochs=1).fit(pd.DataFrame(np.ones((60, 2)), columns=[1, "1"]))


@pytest.mark.parametrize(
    ("rows", "said"), [([1.0], "1 row:"), (range(49), "49 rows:"), ([1.0, 2.0] * 9, "18 rows, 2 of them different:")]
)
def test_few_rows(rows, said):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SchemaWarning)
        with pytest.warns(FewRowsWarning, match=f"^the fit has {said} a density of so few says little"):
            DensityEstimator(max_epochs=1).fit(pd.DataFrame({"a": list(map(float, rows))}))


def test_rows_that_are_all_equal():
    with pytest.warns(FewRowsWarning, match="20 rows, all of them equal:"), pytest.warns(SchemaWarning):
        DensityEstimator(max_epochs=1).fit(pd.DataFrame({"a": [1.5] * 20}))


def test_enough_rows():
    DensityEstimator(max_epochs=1).fit(pd.DataFrame({"a": np.arange(50) / 7}))  # warnings are errors here
