"""Resolution, spread, bounds and atoms of numbers."""

import numpy as np
import pytest

from tailormade.tables.counts import Counts
from tailormade.tables.gathering import find_atoms, find_heap, find_recurring
from tailormade.tables.numbers import find_bounds, find_spread, find_step, is_amount, profile, usual_step

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
    values = np.array([0.0, 0.0001, 2.0**23 * 0.0001 + 1])
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


def test_amounts_are_centred_at_zero_with_a_small_scale_and_are_not_negative():
    prices = np.rint(100 * np.exp(RANDOM.normal(size=500))) + 1
    found = profile(Counts.of(prices))
    assert (found["low"], found["loc"]) == (0.0, 0.0)
    assert found["scale"] == 2.0 ** round(np.log2(np.quantile(prices, 0.05)))


@pytest.mark.parametrize("values", [np.arange(50.0) + 10, -np.exp(np.arange(9.0)), np.exp(np.arange(9.0)) - 5])
def test_symmetric_and_negative_numbers_are_no_amounts(values):
    assert not is_amount(Counts.of(values), ())
    assert profile(Counts.of(values))["loc"] != 0


AGES = np.concatenate([np.repeat(np.arange(1.0, 60), 3), [0.42, 0.75, 30.5]])


def test_a_heap_is_the_coarser_grid_that_most_values_are_on():
    assert find_heap(Counts.of(AGES), 0.01) == 1.0


@pytest.mark.parametrize(
    ("values", "step", "points", "expected"),
    [
        (AGES, 0.01, (0.13,), None),  # a bound or an atom off it
        (AGES, None, (), None),
        (np.arange(0, 30, 0.1), 0.1, (), None),  # one in five are on each coarser grid
        (np.concatenate([np.arange(30.0), np.arange(6) + 0.5]), 0.5, (), None),  # 30 of 36: too few for every other
        (np.concatenate([np.arange(60.0), [0.5]]), 0.5, (), 1.0),
        (np.concatenate([np.zeros(900), np.arange(0.1, 9, 0.1)]), 0.1, (), None),  # zero alone makes no heap
        (np.array([10.0, 20.0, 30.0] * 9 + [11.0]), 1.0, (), None),  # nor do three values
        (np.arange(2700.0, 6300, 25), 1.0, (), 25.0),
    ],
)
def test_what_is_a_heap(values, step, points, expected):
    assert find_heap(Counts.of(values), step, points) == expected


def test_atoms_of_heaped_values_stand_out_on_the_coarser_grid():
    assert profile(Counts.of(np.concatenate([np.repeat(AGES, 3), [10.0] * 100])))["atoms"] == (10.0,)
    assert profile(Counts.of(np.repeat(AGES, 30)))["atoms"] == ()


DOSES = np.array([7.0, 31.0, 32.0, 98.0, 250.0])


def test_values_recur_if_hardly_any_was_seen_once():
    found = find_recurring(Counts.of(np.concatenate([np.repeat(DOSES, 20), [55.0, 56.0]])), 1.0)
    assert found.values == (7.0, 31.0, 32.0, 55.0, 56.0, 98.0, 250.0)
    assert found.share == round(1 - 3 / 104, 6)  # two of 102 rows, and one more of two


@pytest.mark.parametrize(
    "values",
    [
        np.concatenate([np.repeat(DOSES, 4), np.arange(1000.0, 1400, 50)]),  # 8 of 28 rows seen once
        np.repeat([1.0, 5.0, 9.0], 50),  # too few to be more than atoms
        np.repeat(np.arange(5000.0) * 3, 4),  # too many
    ],
)
def test_values_that_do_not_recur(values):
    assert find_recurring(Counts.of(values), 1.0).values == ()


def test_whole_numbers_next_to_each_other_gain_nothing_by_recurring():
    assert find_recurring(Counts.of(np.repeat(np.arange(50.0), 9)), 1.0).gain < 0
    assert profile(Counts.of(np.repeat(np.arange(50.0), 9)))["recurring"] == ()


def test_the_profile_of_values_that_recur():
    found = profile(Counts.of(np.repeat(np.arange(40.0) ** 2 + 3, 5)))
    assert (len(found["recurring"]), found["heap"], found["step"]) == (40, None, 1.0)
    assert 0.99 < found["share"] < 1


def test_numbers_that_repeat_have_the_resolution_of_most():
    tenths = np.repeat(np.round(np.arange(9, 14, 0.1), 1), 20)
    values = np.concatenate([tenths, [9.533333333, 11.06666667]])
    assert usual_step(Counts.of(values)) == 0.1
    assert profile(Counts.of(values))["step"] == 0.1
    assert usual_step(Counts.of(RANDOM.normal(size=100))) is None
    assert usual_step(Counts.of(np.repeat(RANDOM.normal(size=50), 9))) is None
