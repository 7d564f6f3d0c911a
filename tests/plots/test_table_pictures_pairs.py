"""The dependence of pairs of columns: its definition, its classes, and which pair is farthest off."""

import itertools

import numpy as np
import pytest
from scipy import stats

from tailormade.plots.tables.association import associations, classes, cramers_v
from tailormade.plots.tables.calibration import p_value
from tailormade.plots.tables.pairs import compare_pairs
from tailormade.tables.column import Column


def golden_v(table):
    """Bergsma's corrected V, by the definition, cell by cell."""
    n, (r, c) = table.sum(), table.shape
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    phi = max(0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    return np.sqrt(phi / min(r - (r - 1) ** 2 / (n - 1) - 1, c - (c - 1) ** 2 / (n - 1) - 1))


def test_cramers_v_against_its_definition():
    table = np.array([[30, 5, 9], [4, 22, 11]])
    cells = np.repeat(list(itertools.product(range(2), range(3))), table.ravel(), 0)
    assert cramers_v(cells[:, 0], cells[:, 1]) == pytest.approx(golden_v(table), abs=1e-12)
    gap = np.array([-1, 1]), np.array([2, -1])
    longer = [np.append(column, g) for column, g in zip(cells.T, gap, strict=True)]
    assert cramers_v(*longer) == pytest.approx(golden_v(table), abs=1e-12)


def test_many_classes_do_not_seem_dependent():
    rng = np.random.default_rng(0)
    found = [cramers_v(*rng.integers(0, 12, (2, 300))) for _ in range(50)]
    assert np.mean(found) < 0.06  # 0.19 without the correction
    assert np.min(found) == 0.0


def test_nothing_to_compare_is_nan():
    assert np.isnan(cramers_v(np.zeros(9, int), np.arange(9)))
    assert np.isnan(cramers_v(np.full(9, -1), np.arange(9)))
    assert np.isnan(np.diag(associations([np.arange(9) % 2, np.arange(9) % 3]))).all()


def test_classes_of_numbers_are_equally_many_and_shared():
    values = np.random.default_rng(0).normal(size=800)
    first, second = classes(Column("x", "continuous"), values, np.array([-99.0, np.nan, 99.0]))
    assert set(np.bincount(first)) == {100}
    assert second.tolist() == [0, -1, 7]
    zeros, _ = classes(Column("x", "continuous"), np.append(np.zeros(700), np.arange(1, 101)), values)
    assert np.bincount(zeros)[0] == 700


def test_classes_of_categories():
    column = Column("c", "categorical", categories=("a", "b"), unseen="probability")
    first, second = classes(column, np.array([1.0, 1.0, 0.0]), np.array([0.0, np.nan, 2.0]))
    assert (first.tolist(), second.tolist()) == ([0, 0, 1], [1, -1, 2])


def test_the_farthest_pair_and_sparse_ones():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 400))
    columns = [Column(name, "continuous") for name in "abcd"]
    real = np.stack([a, b, c, a], 1)
    real[50:, 3] = np.nan  # a and d are most dependent, in few rows
    real[:, 2] += 2 * real[:, 0]
    pairs = compare_pairs(real, np.stack([a, b, c, rng.normal(size=400)], 1), columns)
    assert pairs.farthest == (0, 2)
    assert pairs.sparse[3].all()
    assert not pairs.sparse[:3, :3].any()
    constant = compare_pairs(real, np.zeros((400, 4)), columns)
    assert constant.sampled[0, 2] == 0.0


def test_chi_square_against_scipy():
    counts = np.array([12, 30, 18, 25, 15])
    assert p_value(counts) == pytest.approx(stats.chisquare(counts).pvalue, rel=1e-9)
