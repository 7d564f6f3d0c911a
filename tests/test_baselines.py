"""The densities that a model has to beat, against enumeration and against a chain whose likelihood is known."""

import itertools
from itertools import pairwise

import numpy as np
import pytest

from tailormade import baselines
from tailormade.baselines import chow_liu_log_prob, independent_log_prob

BASELINES = {"independent": independent_log_prob, "chow_liu": chow_liu_log_prob}
FLIP = 0.1


@pytest.fixture(params=list(BASELINES))
def baseline(request):
    return BASELINES[request.param]


def every_row(features):
    return np.array(np.meshgrid(*[[0, 1]] * features)).reshape(features, -1).T


def chain(rows, order, seed=0):
    """Rows of a Markov chain over the variables in the given order: each copies the last, or flips it."""
    generator = np.random.default_rng(seed)
    x = np.empty((rows, len(order)), dtype=np.uint8)
    x[:, order[0]] = generator.random(rows) < 0.5
    for previous, i in pairwise(order):
        x[:, i] = x[:, previous] ^ (generator.random(rows) < FLIP)
    return x


def information(rows):
    return baselines._mutual_information(baselines._pair_probabilities(rows))


def chain_entropy(features):
    coin = -(FLIP * np.log(FLIP) + (1 - FLIP) * np.log(1 - FLIP))
    return np.log(2) + (features - 1) * coin


TABLES = {
    "random": np.random.default_rng(0).integers(0, 2, (50, 6)),
    "chain": chain(50, [2, 0, 3, 1, 4]),
    "one variable": np.array([[0], [1], [1]]),
    "one row": np.array([[0, 1, 1]]),
    "constant columns": np.array([[0, 1, 0], [0, 1, 1]] * 5),
    "all constant": np.zeros((9, 4), dtype=int),
    "equal columns": np.array([[0, 0, 0], [1, 1, 1]] * 5),
    "truths": np.array([[False, True], [True, True]]),
    "floats": np.array([[0.0, 1.0], [1.0, 1.0]]),
}


@pytest.fixture(params=list(TABLES))
def table(request):
    return TABLES[request.param]


def test_probabilities_add_up_to_1(baseline, table):
    logs = baseline(table, every_row(table.shape[1]))
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-12)


def test_no_row_is_impossible(baseline, table):
    assert np.isfinite(baseline(table, every_row(table.shape[1]))).all()


def test_independent_probabilities():
    train = np.array([[0, 1], [1, 1], [1, 1]])
    ones = np.array([2.5 / 4, 3.5 / 4])  # half a count is added to each value
    expected = [np.log(ones).sum(), np.log(1 - ones[0]) + np.log(ones[1])]
    np.testing.assert_allclose(independent_log_prob(train, np.array([[1, 1], [0, 1]])), expected, atol=1e-12)


def test_chow_liu_has_the_marginals_of_the_data(table):
    rows = every_row(table.shape[1])
    ones = np.exp(chow_liu_log_prob(table, rows)) @ rows
    n = len(table)
    np.testing.assert_allclose(ones, (table.sum(0) + 0.5) / (n + 1), atol=1e-12)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [3, 0, 5, 1, 4, 2]], ids=str)
def test_the_tree_of_a_chain(order):
    _, parents = baselines._tree(information(chain(2000, order)))
    edges = {frozenset((i, parent)) for i, parent in enumerate(parents) if parent >= 0}
    assert edges == {frozenset(pair) for pair in pairwise(order)}


def test_the_likelihood_of_a_chain():
    order = [3, 0, 5, 1, 4, 2]
    train, test = chain(4000, order, seed=1), chain(20_000, order, seed=2)
    found = -chow_liu_log_prob(train, test).mean()
    assert found == pytest.approx(chain_entropy(6), abs=0.02)  # the mean's standard error is 0.01
    assert -independent_log_prob(train, test).mean() == pytest.approx(6 * np.log(2), abs=0.01)


def test_mutual_information_of_a_copy():
    found = information(np.array([[0, 0, 0], [1, 1, 0]] * 5000))
    assert found[0, 1] == pytest.approx(np.log(2), abs=1e-3)
    assert found[0, 2] == pytest.approx(0, abs=1e-3)


def test_two_pairs():
    # two pairs: the tree joins them by an edge that carries nothing
    generator = np.random.default_rng(0)
    left, right = generator.integers(0, 2, (2, 5000))
    train = np.stack([left, left, right, right], 1)
    assert -chow_liu_log_prob(train, train).mean() == pytest.approx(2 * np.log(2), abs=0.01)


def test_a_tree_sums_out_what_is_not_observed():
    generator = np.random.default_rng(0)
    train = (generator.random((200, 5)) < 0.5).astype(int)
    train[:, 1:] ^= train[:, :-1] * (generator.random((200, 4)) < 0.7)
    states = np.array(list(itertools.product([0, 1], repeat=5)))
    every = np.exp(chow_liu_log_prob(train, states))
    observed = np.array([True, False, True, False, True])
    for row in states[:8]:
        alike = (states[:, observed] == row[observed]).all(1)
        assert np.isclose(np.exp(chow_liu_log_prob(train, row[None], observed))[0], every[alike].sum(), rtol=1e-12)
    assert np.isclose(every.sum(), 1)
