"""Which rows of a table are set aside."""

import numpy as np
import pandas as pd

from tailormade import DensityEstimator
from tailormade.estimator.fitting import split


def test_a_tenth_is_set_aside_and_nothing_is_lost():
    train, valid = split(np.random.default_rng(0).normal(size=(1000, 2)), seed=0)
    assert len(valid) == 100
    assert sorted([*train, *valid]) == list(range(1000))


def test_a_few_equal_rows_are_on_one_side():
    x = np.repeat(np.random.default_rng(0).normal(size=(100, 2)), 10, 0)
    x[::20, 1] = np.nan
    train, valid = split(x, seed=0)
    assert not {*map(str, x[train])} & {*map(str, x[valid])}


def test_many_equal_rows_are_on_both_sides():
    states = np.repeat(np.array([[0.0, np.nan], [0.0, np.inf], [1.0, 2.0]]), 50, 0)
    for seed in range(20):
        train, valid = split(states, seed)
        assert {0, 1, 2} == set(train // 50)
        assert len(valid) == 15


def test_a_small_table_of_categories_is_learnt_as_it_is():
    rng = np.random.default_rng(0)
    a = rng.choice(list("xyz"), 1000)
    b = np.where(rng.random(1000) < 0.6, a, rng.choice(list("xyzw"), 1000))
    frame = pd.DataFrame({"a": a, "b": b})
    there = frame.value_counts(normalize=True)
    est = DensityEstimator(max_epochs=15, hidden_units=(16,), random_state=0).fit(frame)
    found = np.exp(est.score_samples(there.index.to_frame(index=False)))
    np.testing.assert_allclose(found, there, atol=0.04)
