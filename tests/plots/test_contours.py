"""Contours of a density of two variables, and pairs of more."""

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from tailormade.plots.contours import MOST, draw_contours, draw_pairs


def normal(points):
    return -0.5 * (points**2).sum(-1)


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(4000, 2))


def shaded(axes):
    return next(c for c in axes.collections if isinstance(c, QuadContourSet) and c.filled)


def test_contours_hold_the_mass_that_is_said(rows):
    figure = draw_contours(normal, rows, None, ["a", "b"], "title")
    levels = shaded(figure.axes[0]).levels[:-1]
    radii = np.sqrt(-2 * levels)  # a share 1 - exp(-r² / 2) of a standard normal is within r
    assert 1 - np.exp(-(radii**2) / 2) == pytest.approx([0.95, 0.8, 0.6, 0.4, 0.2], abs=0.03)


def test_data_get_axes_of_their_own(rows):
    figure = draw_contours(normal, rows, rows[:500] + 1, ["a", "b"], "title")
    left, right = figure.axes
    assert left.get_title(loc="left") == "density and 2,000 samples"
    assert right.get_title(loc="left") == "density and 500 rows of data"
    assert (left.get_xlabel(), left.get_ylabel()) == ("a", "b")
    assert left.get_xlim() == right.get_xlim()
    dots = right.collections[-1].get_offsets()
    assert np.allclose(dots, rows[:500] + 1)


def test_a_density_of_one_height(rows):
    assert draw_contours(lambda x: np.zeros(len(x)), rows, None, ["a", "b"], "flat").axes


def test_pairs_put_data_below_and_samples_above(rows):
    samples, data = np.concatenate([rows, rows], 1)[:300, :3], np.zeros((200, 3)) + np.arange(200)[:, None] / 100
    figure = draw_pairs(samples, data, ["a", "b", "c"], "title")
    axes = np.array(figure.axes).reshape(3, 3)
    assert np.allclose(axes[2, 0].collections[0].get_offsets(), data[:, [0, 2]])
    assert np.allclose(axes[0, 2].collections[0].get_offsets(), samples[:, [2, 0]])
    assert [len(axes[i, i].patches) for i in range(3)] == [2, 2, 2]
    assert [a.get_xlabel() for a in axes[2]] == ["a", "b", "c"]
    assert [a.get_ylabel() for a in axes[:, 0]] == ["a", "b", "c"]


def test_pairs_of_samples_alone_leave_the_upper_half_empty(rows):
    axes = np.array(draw_pairs(rows, None, ["a", "b"], "title").axes).reshape(2, 2)
    assert not axes[0, 1].axison
    assert np.allclose(axes[1, 0].collections[0].get_offsets(), rows)


def test_many_variables_are_cut_and_a_single_one_drawn(rows):
    wide = draw_pairs(np.tile(rows[:50], 5), None, [f"x{i}" for i in range(10)], "title")
    assert len(wide.axes) == MOST**2
    assert "the first 6 of 10 variables" in wide.get_suptitle()
    assert len(draw_pairs(rows[:, :1], rows[:, :1], ["a"], "title").axes) == 1


def test_all_samples_find_the_mass_and_some_are_shown(rows):
    few, many = (draw_contours(normal, rows, None, ["a", "b"], "title", dots=n).axes[0] for n in (30, 4000))
    assert few.get_title(loc="left") == "density and 30 samples"
    assert np.allclose(few.collections[-1].get_offsets(), rows[:30])
    assert len(many.collections[-1].get_offsets()) == 4000
    assert np.array_equal(shaded(few).levels, shaded(many).levels)
    assert few.collections[-1].get_sizes()[0] > many.collections[-1].get_sizes()[0]


def test_a_variable_of_one_value_is_drawn(rows):
    axes = np.array(draw_pairs(np.stack([rows[:, 0], 0 * rows[:, 1] + 3], 1), None, ["a", "b"], "title").axes)
    assert axes[2].get_ylim() == (2.5, 3.5)
