"""Baselines of tables are densities: they add up, leave out missing cells, and find what is known to be there."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from benchmarks import tables_baselines as baselines
from benchmarks.tables_tree import Bins, ChowLiu, chow_liu, mutual_information
from tailormade.tables import Column

RANDOM = np.random.default_rng(0)
ROWS = 300

WHOLE = Column("n", "integer", step=1.0)
TENTHS = Column("tenths", "continuous", step=0.1)
REAL = Column("x", "continuous")
COLOUR = Column("colour", "categorical", categories=("red", "green", "blue"), dtype="string")
SIZE = Column("size", "ordinal", categories=(1, 2, 3, 4), dtype="int64")

VALUES = {
    "counts": (WHOLE, RANDOM.poisson(6, ROWS).astype(float)),
    "many zeros": (WHOLE, np.where(RANDOM.random(ROWS) < 0.8, 0.0, RANDOM.integers(1, 60, ROWS))),
    "tenths": (TENTHS, np.round(RANDOM.normal(size=ROWS), 1)),
    "real": (REAL, RANDOM.normal(size=ROWS)),
    "real, some repeated": (REAL, np.where(RANDOM.random(ROWS) < 0.2, 0.5, RANDOM.gamma(2, size=ROWS))),
    "real, cut off": (REAL, np.minimum(RANDOM.normal(size=ROWS), 0.5)),
    "categories": (COLOUR, RANDOM.integers(0, 3, ROWS).astype(float)),
}


def cells(column, x):
    """All that can be recorded, far beyond the values seen, and by how much each counts in a sum."""
    if column.coded:
        return np.arange(float(column.cardinality)), np.ones(column.cardinality)
    span = 15 * (x.max() - x.min())
    if column.step is None:
        near = np.linspace(x.min() - 0.01, x.max() + 0.01, 100_001)
        near = np.union1d(near, 0.5 + np.linspace(-1e-3, 1e-3, 100_001))  # the value that is repeated
        far = np.linspace(0.01, span, 50_001)
        ends = np.concatenate([x.min() - far[:0:-1], near, x.max() + far[1:]])
        return (ends[1:] + ends[:-1]) / 2, np.diff(ends)
    grid = np.arange(np.floor((x.min() - span) / column.step), np.ceil((x.max() + span) / column.step)) * column.step
    return grid, np.ones(len(grid))


def discrete_table():
    """Dependent columns of codes and whole numbers, with gaps."""
    colour = RANDOM.integers(0, 3, ROWS)
    size = (colour + RANDOM.integers(0, 2, ROWS)) % 4
    number = 2 * size + RANDOM.integers(0, 2, ROWS)
    x = np.stack([colour, size, number, RANDOM.integers(0, 3, ROWS)], 1).astype(float)
    x[RANDOM.random(x.shape) < 0.1] = np.nan
    return x, (COLOUR, SIZE, WHOLE, COLOUR)


ONE_COLUMN = {"marginals": baselines.marginals, "chow-liu": chow_liu}
PATTERNS = [pattern for pattern in itertools.product([True, False], repeat=4) if any(pattern)]
NUMBERS = np.random.default_rng(1).multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 600)


@pytest.fixture(params=list(VALUES))
def case(request):
    return VALUES[request.param]


def halves(x):
    return x[: len(x) // 2], x[len(x) // 2 :]


@pytest.mark.parametrize("baseline", list(ONE_COLUMN))
def test_one_column_adds_up_to_1(baseline, case):
    column, x = case
    grid, weight = cells(column, x)
    score = ONE_COLUMN[baseline](*halves(x[:, None]), (column,))
    assert (np.exp(score(grid[:, None])) * weight).sum() == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize("baseline", list(ONE_COLUMN))
def test_far_values_are_finite(baseline, case):
    column, x = case
    far = np.array([[x.min()]]) if column.coded else np.array([[-1e6], [1e6]])
    assert np.isfinite(ONE_COLUMN[baseline](*halves(x[:, None]), (column,))(far)).all()


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
def test_the_tree_sums_missing_cells_out(pattern):
    x, columns = discrete_table()
    score = ChowLiu(x, columns, bins=8, strength=4.0).score
    # the numbers of the third column are 0..7: what lies beyond is summed far enough for the tails
    every = [np.arange(3.0), np.arange(4.0), np.arange(-300.0, 300.0), np.arange(3.0)]
    seen = np.array(pattern)
    axes = [values if shown else [np.nan] for values, shown in zip(every, seen, strict=True)]
    rows = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 4)
    assert np.exp(score(rows)).sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("gap", [0, 1, 3])
def test_a_marginal_of_the_tree_is_its_sum(gap):
    x, columns = discrete_table()
    score = ChowLiu(x, columns, bins=8, strength=4.0).score
    rows = np.repeat([[1.0, 2.0, 5.0, 0.0]], columns[gap].cardinality, 0)
    rows[:, gap] = np.arange(columns[gap].cardinality)
    whole = np.exp(score(rows)).sum()
    rows[:, gap] = np.nan
    np.testing.assert_allclose(np.exp(score(rows)), whole, rtol=1e-12)


def test_no_cell_no_information():
    x, columns = discrete_table()
    empty = np.full((1, 4), np.nan)
    assert ChowLiu(x, columns, bins=8, strength=4.0).score(empty) == pytest.approx(0, abs=1e-12)
    assert baselines.marginals(*halves(x), columns)(empty) == pytest.approx(0, abs=1e-12)


def test_the_tree_follows_a_chain():
    generator = np.random.default_rng(0)
    steps = generator.integers(0, 2, (3, 2000))
    first = generator.integers(0, 4, 2000)
    x = np.stack([first, (first + steps[0]) % 4, (first + steps[0] + steps[1]) % 4], 1)[:, [1, 2, 0]].astype(float)
    tree = ChowLiu(x, (SIZE,) * 3, bins=8, strength=1.0)
    edges = {frozenset((i, parent)) for i, parent in enumerate(tree.parents) if parent >= 0}
    assert edges == {frozenset((2, 0)), frozenset((0, 1))}
    assert -tree.score(x).mean() == pytest.approx(np.log(4) + 2 * np.log(2), abs=0.01)


def test_mutual_information_of_independent_counts():
    assert mutual_information(np.outer([10.0, 20.0], [5.0, 5.0, 20.0])) == pytest.approx(0, abs=1e-12)


def test_a_frequent_value_has_a_bin_to_itself():
    column, x = VALUES["many zeros"]
    bins = Bins(x, column, 8)
    assert {-0.5, 0.5} <= set(bins.edges.tolist())
    assert bins.log_inside(np.zeros(1)) == pytest.approx(0)


def test_no_bin_is_a_spike():
    column, x = VALUES["real, cut off"]
    assert Bins(x, column, 8).log_inside(x).max() < 9  # log 2^12, and the spread is below 1


def test_a_missing_cell_has_no_state():
    assert Bins(np.arange(50.0), WHOLE, 4).states(np.array([np.nan, 3.0])).tolist() == [-1, 1]


TAIL = norm.logsf(40) + np.log1p(-np.exp(norm.logsf(41) - norm.logsf(40)))
MASSES = {  # of intervals, where a difference of cdfs is good or where it is 0
    (-1.0, 2.0): np.log(norm.cdf(2) - norm.cdf(-1)),
    (-3.0, -2.5): np.log(norm.cdf(-2.5) - norm.cdf(-3)),
    (40.0, 41.0): TAIL,
    (0.5, 0.5 + 1e-9): norm.logpdf(0.5) + np.log(1e-9),
}


@pytest.mark.parametrize(("low", "high"), list(MASSES))
def test_mass_of_an_interval(low, high):
    found = baselines.log_normal_mass(np.array([low, -high]), np.array([high, -low]))
    np.testing.assert_allclose(found, MASSES[low, high], rtol=1e-6)


@pytest.mark.parametrize("fit", [baselines.gaussian_mixture, baselines.kernel_density])
def test_two_numbers_add_up_to_1(fit):
    score = fit(*halves(NUMBERS), (REAL, REAL))
    axis = np.linspace(-8, 8, 161)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    assert np.exp(score(grid)).sum() * 0.1**2 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("fit", [baselines.gaussian_mixture, baselines.kernel_density])
def test_recorded_numbers_count_as_cells(fit):
    rounded = np.round(NUMBERS, 1)
    gap = fit(*halves(rounded), (TENTHS, TENTHS))(rounded) - fit(*halves(rounded), (REAL, REAL))(rounded)
    assert gap.mean() == pytest.approx(2 * np.log(0.1), abs=0.1)


def test_the_mixture_finds_a_normal_distribution():
    score = baselines.gaussian_mixture(*halves(NUMBERS), (REAL, REAL))
    entropy = np.log(2 * np.pi * np.e) + 0.5 * np.log(1 - 0.9**2)
    assert -score(NUMBERS).mean() == pytest.approx(entropy, abs=0.1)


@pytest.mark.parametrize("fit", [baselines.gaussian_mixture, baselines.kernel_density])
def test_no_spikes_on_repeated_values(fit):
    x = np.repeat(np.round(np.random.default_rng(0).normal(size=(40, 2)), 1), 20, 0)
    assert (fit(*halves(x), (TENTHS, TENTHS))(x) < 0).all()  # these are probabilities


def test_numbers_only():
    x, columns = discrete_table()
    assert not baselines.applies(x, columns)
    assert baselines.applies(NUMBERS, (REAL, REAL))
    assert not baselines.applies(np.array([[0.0, np.nan]]), (REAL, REAL))
