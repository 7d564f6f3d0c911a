"""Resolution, spread, bounds and atoms of numbers."""

import numpy as np
import pytest

from tailormade.tables.numbers import Counts, find_atoms, find_bounds, find_spread, find_step, profile

RANDOM = np.random.default_rng(3)
STEPS = [1.0, 0.5, 0.25, 0.125, 0.1, 0.01, 0.001, 1e-4, 2.0**-8, 1e-6]


@pytest.mark.parametrize("offset", [0, -1000, 12345])
@pytest.mark.parametrize("step", STEPS)
def test_the_step_of_multiples_of_it(step, offset):
    values = (RANDOM.integers(0, 5000, 300) + offset) * step
    assert find_step(np.unique(values)) == step


@pytest.mark.parametrize("step", [0.5, 0.1, 0.01])
def test_the_step_of_single_precision(step):
    values = (RANDOM.integers(0, 5000, 300) * step).astype(np.float32).astype(np.float64)
    assert find_step(values, digits=2.0**-23) == step


@pytest.mark.parametrize("factor", [2.0**10, 2.0**-10])
def test_spread_scales_exactly(factor):
    values = RANDOM.lognormal(size=500)
    loc, scale = find_spread(Counts.of(values), ())
    assert find_spread(Counts.of(factor * values), ()) == (factor * loc, factor * scale)


@pytest.mark.parametrize("draw", ["normal", "standard_cauchy", "exponential", "uniform"])
def test_the_scale_is_a_power_of_two_near_the_spread(draw):
    values = 3 * getattr(RANDOM, draw)(size=2000)
    _, scale = find_spread(Counts.of(values), ())
    low, high = np.quantile(values, [0.25, 0.75])
    assert np.log2(scale) == round(np.log2(scale))
    assert 0.7 < scale / ((high - low) / 1.35) < 1.42


def test_a_spread_of_nothing_is_one():
    assert find_spread(Counts.of(np.full(9, 4.0)), ()) == (4.0, 1.0)


def test_where_the_middle_half_is_one_value_the_standard_deviation_is_taken():
    values = np.concatenate([np.zeros(90), np.full(10, 20.0)])
    assert find_spread(Counts.of(values), ()) == (0.0, 8.0)


def test_no_step_is_believed_that_the_range_holds_too_often():
    values = np.array([0.0, 0.0001, 2.0**22 * 0.0001 + 1])
    assert find_step(values) is None
    assert find_step(values[:2]) == 0.0001


def test_atoms_stand_out_from_their_neighbours_not_from_the_grid():
    # ages: whole numbers for the most part, few with decimals
    ages = np.concatenate([np.repeat(np.arange(1.0, 60.0), 15), RANDOM.integers(1, 100, 20) / 100])
    assert find_atoms(Counts.of(ages)) == ()


@pytest.mark.parametrize("count", [0, 1, 4, 16, 30])
def test_at_most_sixteen_atoms(count):
    spikes = np.repeat(np.arange(count) * 100.0 + 0.5, 60)
    values = np.concatenate([spikes, np.arange(0.0, 3000.0, 3)])
    assert len(find_atoms(Counts.of(values))) == min(count, 16)


def test_the_most_frequent_atoms_are_kept_and_sorted():
    spikes = np.concatenate([np.repeat(100.0 * i + 0.5, 60 + i) for i in range(20)])
    atoms = find_atoms(Counts.of(np.concatenate([spikes, np.arange(0.0, 3000.0, 3)])))
    assert atoms == tuple(100.0 * i + 0.5 for i in range(4, 20))


BOUNDS = {
    "whole from 0": ([0, *range(1, 50)], (0, None)),
    "whole from 1, 1 common": ([1, 1, 2, 2, *range(3, 50)], (1, None)),
    "whole from 1, 1 rare": ([1, *[2] * 5, *range(3, 50)], (0, None)),
    "whole from 5": (list(range(5, 50)), (None, None)),
    "negative": (list(range(-5, 50)), (None, None)),
    "decimals from 0": ([*[0.0] * 5, *np.arange(50) / 10], (0, None)),
    "one decimal 0": (np.arange(50) / 10, (None, None)),
    "piled at the top": ([*range(5, 50), *[50] * 30], (None, 50)),
    "piled at the bottom": ([*[4.5] * 30, *np.arange(50, 99) / 10], (4.5, None)),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_bounds(case):
    values, expected = BOUNDS[case]
    counts = Counts.of(np.array(values, dtype=float))
    assert find_bounds(counts, find_atoms(counts)) == expected


def test_what_has_no_step_has_no_bounds():
    values = np.concatenate([np.zeros(50), RANDOM.exponential(size=500)])
    found = profile(Counts.of(values))
    assert (found["step"], found["low"], found["high"], found["atoms"]) == (None, None, None, (0.0,))


def test_the_spread_is_that_of_what_is_no_atom():
    values = np.concatenate([np.zeros(900), RANDOM.normal(1000, 64, 300).round()])
    found = profile(Counts.of(values))
    assert found["scale"] == 64
    assert abs(found["loc"] - 1000) < 20
