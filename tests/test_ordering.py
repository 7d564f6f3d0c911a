"""The sequence of variables by mutual information, against definitions and on made data."""

import itertools

import numpy as np
import pytest

from tailormade.ordering import _information, informative_sequence


def mutual_information(a, b):
    """By definition, with the bias taken off."""
    total, n = 0.0, len(a)
    for u, v in itertools.product(np.unique(a), np.unique(b)):
        p = np.mean((a == u) & (b == v))
        total += p * np.log(p / (np.mean(a == u) * np.mean(b == v))) if p else 0
    return total - (len(np.unique(a)) - 1) * (len(np.unique(b)) - 1) / (2 * n)


def test_information_is_that_of_its_definition():
    random = np.random.default_rng(0)
    x = random.integers(0, [2, 5, 3, 1, 7], (60, 5))
    x[:, 2] = np.minimum(x[:, 1], 2)
    x[x[:, 4] == 3, 4] = 4  # a value that does not occur
    expected = [[mutual_information(x[:, i], x[:, j]) for j in range(5)] for i in range(5)]
    np.testing.assert_allclose(_information(x), expected, atol=1e-6)


def test_a_sequence_of_all_variables():
    x = np.random.default_rng(0).integers(0, 3, (50, 9))
    assert sorted(informative_sequence(x)) == list(range(9))


def test_what_depends_on_each_other_comes_together():
    random = np.random.default_rng(0)
    first, second = random.integers(0, 2, (2, 1000, 1))
    noisy = [np.where(random.random((1000, 3)) < 0.1, 1 - v, v) for v in (first, second)]
    mixed = np.concatenate(noisy, 1)[:, [0, 3, 1, 4, 2, 5]]
    sequence = informative_sequence(mixed)
    assert {i % 2 for i in sequence[:3]} != {0, 1}
    assert {i % 2 for i in sequence[3:]} != {0, 1}


def test_what_came_last_counts():
    random = np.random.default_rng(0)
    pairs = random.integers(0, 2, (500, 8))
    noisy = np.where(random.random((500, 8)) < 0.1, 1 - pairs, pairs)
    sequence = informative_sequence(np.concatenate([pairs, noisy], 1))
    assert sorted(tuple(sorted(sequence[i : i + 2])) for i in range(0, 16, 2)) == [(i, i + 8) for i in range(8)]


def test_many_values_are_no_information():
    random = np.random.default_rng(0)
    identifiers = random.integers(0, 40, (200, 2))  # independent, though their raw information is 3 nats
    coin = random.integers(0, 2, (200, 1))
    x = np.concatenate([identifiers, coin, np.where(random.random((200, 1)) < 0.05, 1 - coin, coin)], 1)
    assert set(informative_sequence(x)[:2]) == {2, 3}


def test_one_variable_and_one_row():
    assert informative_sequence(np.zeros((1, 1))) == [0]
    assert informative_sequence(np.zeros((1, 3))) == [0, 1, 2]


@pytest.mark.parametrize("codes", [np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(3)])
def test_no_rows(codes):
    with pytest.raises(ValueError, match=r"codes: expected rows and variables, shape \(n, D\), got"):
        informative_sequence(codes)


@pytest.mark.parametrize("value", [-1, 0.5, np.nan])
def test_no_codes(value):
    with pytest.raises(ValueError, match="codes: expected whole numbers from 0"):
        informative_sequence(np.array([[0, value]]))


def test_drawn_sequences_follow_the_sums():
    random = np.random.default_rng(0)
    coin = random.integers(0, 2, (4000, 1))
    flips = random.random((4000, 3)) < [0.1, 0.2, 0.4]  # copies that tell less and less
    x = np.concatenate([np.where(flips, 1 - coin, coin), random.integers(0, 2, (4000, 1))], 1)
    drawn = [informative_sequence(x, 0.5, seed) for seed in range(400)]
    assert all(sorted(sequence) == [0, 1, 2, 3] for sequence in drawn)
    assert drawn[:5] == [informative_sequence(x, 0.5, seed) for seed in range(5)]
    sums = np.maximum(_information(x) - np.diag(np.diag(_information(x))), 0).sum(0)
    share = np.bincount([sequence[0] for sequence in drawn], minlength=4) / 400
    np.testing.assert_allclose(share, sums**2 / (sums**2).sum(), atol=0.08)
    assert informative_sequence(x, 0.0, 5) == informative_sequence(x)


def test_a_spread_that_cannot_be():
    with pytest.raises(ValueError, match=r"spread: expected at least 0, got -1"):
        informative_sequence(np.zeros((3, 2)), -1)
