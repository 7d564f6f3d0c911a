"""Bins of numbers and groups of categories that real and sampled rows share."""

import numpy as np
import pytest

from tailormade.plots.tables.categories import group
from tailormade.plots.tables.numbers import histogram
from tailormade.tables.column import Column


def test_every_value_of_a_short_range_has_a_bin():
    found = histogram(Column("n", "integer", step=1.0), np.array([3.0, 3.0, 5.0, np.nan]), np.array([4.0, 3.0, 7.0]))
    assert found.edges.tolist() == [2.5, 3.5, 4.5, 5.5]
    np.testing.assert_allclose(found.real, [2 / 3, 0, 1 / 3])
    np.testing.assert_allclose(found.sampled, [1 / 3, 1 / 3, 0])
    np.testing.assert_allclose(found.outside, [0, 1 / 3])


@pytest.mark.parametrize("step", [0.1, 0.25, 7.0])
def test_bins_hold_equally_many_points_of_the_grid(step):
    values = step * np.arange(-40.0, 161.0)
    found = histogram(Column("n", "continuous", step=step), values, values)
    held = np.histogram(values, found.edges)[0]
    assert len(set(held[:-1])) == 1
    assert found.real.sum() == pytest.approx(1.0)
    assert found.outside == (0.0, 0.0)


def test_skewed_amounts_have_bins_of_equal_ratio_and_zero_apart():
    values = np.append(np.random.default_rng(0).lognormal(5, 2, 900), np.zeros(100))
    found = histogram(Column("amount", "continuous"), values, values[:950])
    ratios = found.edges[1:] / found.edges[:-1]
    assert found.log
    np.testing.assert_allclose(ratios, ratios[0])
    np.testing.assert_allclose(found.zero, [0.1, 50 / 950])
    assert found.real.sum() + found.zero[0] == pytest.approx(1.0)
    assert 0 < found.zero_edges[0] < found.zero_edges[1] < found.edges[0]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_symmetric_and_negative_numbers_have_bins_of_equal_width(sign):
    values = sign * np.random.default_rng(0).lognormal(5, 2 if sign < 0 else 0.2, 900)
    assert not histogram(Column("amount", "continuous"), values, values).log


def test_a_point_mass_has_a_narrow_bin_of_its_own():
    rng = np.random.default_rng(0)
    real = np.where(rng.random(2000) < 0.4, 1.0, rng.normal(0, 3, 2000))
    found = histogram(Column("x", "continuous", atoms=(1.0,)), real, real)
    which = int(np.searchsorted(found.edges, 1.0)) - 1
    assert found.real[which] == pytest.approx(0.4, abs=0.04)
    assert np.diff(found.edges)[which] < 0.6 * np.median(np.diff(found.edges))
    assert np.diff(found.edges).min() > 0
    assert found.real.sum() + found.outside[0] == pytest.approx(1.0)


def test_a_few_far_numbers_do_not_squeeze_the_others():
    values = np.append(np.random.default_rng(0).normal(size=1000), [-1e6, 1e6])
    found = histogram(Column("x", "continuous"), values, values)
    assert found.edges[-1] - found.edges[0] < 10
    assert 0 < found.outside[0] < 0.02


@pytest.mark.parametrize("real", [[5.0, 5.0], [np.nan, np.nan], [0.0]], ids=str)
@pytest.mark.parametrize("step", [None, 0.5])
def test_constant_and_missing_columns(real, step):
    found = histogram(Column("x", "continuous", step=step), np.array(real), np.array([5.0, 5.0]))
    assert (np.diff(found.edges) > 0).all()
    assert found.real.sum() == (0.0 if np.isnan(real[0]) else 1.0)


def test_dates_are_days():
    column = Column("day", "datetime", step=86400.0, dtype="date")
    found = histogram(column, 86400.0 * np.array([10.0, 12.0]), 86400.0 * np.array([11.0]))
    assert found.edges.tolist() == [9.5, 10.5, 11.5, 12.5]


def test_rare_categories_are_one_group():
    codes = np.repeat(np.arange(20.0), np.arange(1, 21))
    column = Column("c", "categorical", categories=tuple(f"c{k}" for k in range(20)))
    found = group(column, np.append(codes, np.nan))
    assert found.labels == [*(f"c{k}" for k in range(19, 7, -1)), "other"]
    np.testing.assert_allclose(found.shares(codes), [*(np.arange(20, 8, -1) / 210), 36 / 210])
    assert found.shares(np.array([np.nan])).sum() == 0


def test_ordered_categories_keep_their_order_and_unseen_ones_are_others():
    column = Column("c", "ordinal", categories=("S", "M", "L"), unseen="probability")
    found = group(column, np.array([2.0, 2.0, 1.0]))
    assert found.labels == ["S", "M", "L", "other"]
    assert found.shares(np.array([3.0, 0.0])).tolist() == [0.5, 0.0, 0.0, 0.5]
