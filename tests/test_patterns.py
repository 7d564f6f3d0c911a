"""Columns of few patterns are coded as categories and back, and the density of the columns stays a density."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.grouping import group_columns
from tailormade.patterns import ColumnPatterns


def categories(rows=200, seed=0):
    """Columns 0..2: one-hot; 3, 4: three values, one of them a row of zeros; 5: free; 6: rare."""
    random = np.random.default_rng(seed)
    first = np.eye(3, dtype=np.uint8)[random.integers(0, 3, rows)]
    second = np.eye(3, dtype=np.uint8)[random.integers(0, 3, rows)][:, :2]
    free = random.integers(0, 2, (rows, 1), dtype=np.uint8)
    rare = np.zeros((rows, 1), dtype=np.uint8)
    rare[(free == 0).argmax()] = 1
    return np.concatenate([first, second, free, rare], 1)


def every_row(width):
    return np.array(list(itertools.product((0, 1), repeat=width)), dtype=np.uint8)


def test_groups_are_found():
    assert ColumnPatterns.find(categories()).groups == ((0, 1, 2), (3, 4), (5,), (6,))


def test_rare_columns_are_no_group():
    rows = np.zeros((100, 3), dtype=np.uint8)
    rows[0, 0] = rows[1, 1] = rows[2, 2] = 1
    assert ColumnPatterns.find(rows).groups == ((0,), (1,), (2,))


def test_constant_columns():
    assert ColumnPatterns.find(np.ones((5, 2), dtype=np.uint8)).groups == ((0,), (1,))
    assert ColumnPatterns.find(np.zeros((5, 2), dtype=np.uint8)).groups == ((0,), (1,))


def test_codes_and_back():
    rows = categories()
    coding = ColumnPatterns.find(rows)
    codes = coding.encode(rows)
    assert codes.shape == (200, 4)
    assert (codes[:, 0] == rows[:, :3].argmax(1)).all()
    np.testing.assert_array_equal(coding.decode(codes), rows)
    assert not coding.log_volume(rows).any()


def test_configuration_makes_the_same_coding():
    coding = ColumnPatterns.find(categories())
    assert ColumnPatterns(**json.loads(json.dumps(coding.config()))) == coding


def test_codes_divide_all_rows():
    coding = ColumnPatterns(((0, 1, 2), (3, 4), (5,)))
    rows = every_row(6)
    codes, counts = np.unique(coding.encode(rows), axis=0, return_counts=True)
    volume = {tuple(z): v for z, v in zip(coding.encode(rows), coding.log_volume(rows), strict=True)}
    assert len(codes) == 5 * 4 * 2
    np.testing.assert_allclose([volume[tuple(z)] for z in codes], -np.log(counts))


def test_a_density_of_codes_is_one_of_columns():
    rows = categories()
    coding = ColumnPatterns.find(rows)
    model = tm.MADE(len(coding.groups), conditionals=coding.conditionals, hidden_units=(16,), direct=True, seed=0)
    model.adapt(torch.from_numpy(coding.encode(rows)))
    x = every_row(7)
    with torch.no_grad():
        log_prob = model.log_prob(torch.from_numpy(coding.encode(x))).double().numpy() + coding.log_volume(x)
    assert np.exp(log_prob).sum() == pytest.approx(1, abs=1e-5)


def test_other_patterns_are_drawn_evenly():
    coding = ColumnPatterns(((0, 1, 2),))
    drawn = coding.decode(np.full((4000, 1), 4), seed=0)
    patterns, counts = np.unique(drawn, axis=0, return_counts=True)
    assert patterns.tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 1]]
    assert (abs(counts - 1000) < 150).all()
    np.testing.assert_array_equal(drawn, coding.decode(np.full((4000, 1), 4), seed=0))


def test_categories_are_learnt_with_fewer_rows_than_columns_that_start_as_independent():
    random = np.random.default_rng(1)
    rows = np.concatenate([np.eye(4, dtype=np.uint8)[random.integers(0, 4, 400)] for _ in range(10)], 1)
    train, valid = rows[:200], rows[200:]
    coding = ColumnPatterns.find(train)
    config = tm.FitConfig(max_epochs=20, seed=0, progress=False)
    coded = tm.MADE(10, conditionals=coding.conditionals, direct=True, seed=0)
    plain = tm.MADE(40, direct=True, seed=0)
    tm.fit(coded, coding.encode(train), coding.encode(valid), config=config)
    tm.fit(plain, train, valid, config=replace(config, adapt=False))
    with torch.no_grad():
        with_codes = coded.log_prob(torch.from_numpy(coding.encode(valid))).mean() + coding.log_volume(valid).mean()
        without = plain.log_prob(torch.from_numpy(valid)).mean()
    assert with_codes > without + 1
    assert with_codes > -10 * np.log(4) - 0.7


def test_random_orders_keep_groups_together():
    coding, orders = ColumnPatterns(((0, 1, 2), (3,), (4, 5))), set()
    for seed in range(50):
        degrees = coding.random_order(seed)
        assert sorted(degrees) == list(range(1, 7))
        assert [degrees[1] - degrees[0], degrees[2] - degrees[1], degrees[5] - degrees[4]] == [1, 1, 1]
        orders.add(tuple(degrees))
    assert len(orders) == 6
    assert coding.random_order(3) == coding.random_order(3)


@pytest.mark.parametrize(
    ("groups", "patterns", "message"),
    [
        ((range(61),), None, "groups: expected at most 60"),
        (((0, 1), (2,)), [[0, 1]], "patterns: expected those of 2 groups, got 1"),
        (((0, 1),), [[0, 4]], r"patterns: expected some of 0\.\.3 for \(0, 1\), got \(0, 4\)"),
        (((0, 1),), [[]], r"patterns: expected some of 0\.\.3"),
    ],
)
def test_groups_that_cannot_be(groups, patterns, message):
    with pytest.raises(ValueError, match=message):
        ColumnPatterns(groups, patterns)


@pytest.mark.parametrize("groups", [((0, 1), (1, 2)), ((0,), (2,)), ((0, 1), ()), ((1, 2),)])
def test_groups_that_are_no_partition(groups):
    with pytest.raises(ValueError, match="groups: expected each of the columns"):
        ColumnPatterns(groups)


def test_bad_rows_and_codes():
    coding = ColumnPatterns(((0, 1, 2), (3,)))
    with pytest.raises(ValueError, match=r"rows: expected shape \(n, 4\), got \(2, 3\)"):
        coding.encode(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="rows: expected values 0 and 1"):
        coding.encode(np.full((2, 4), 2))
    with pytest.raises(ValueError, match="rows: expected at least one"):
        ColumnPatterns.find(np.zeros((0, 4)))
    with pytest.raises(ValueError, match=r"codes: expected shape \(n, 2\)"):
        coding.decode(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"codes: expected 0\.\.4, got 0\.\.5"):
        coding.decode(np.array([[0, 0], [5, 0]]))


def scattered(rows=300, seed=0):
    """A category in columns 5, 0, 3; three levels in 1, 6, 2, each implied by the next; 4: free."""
    random = np.random.default_rng(seed)
    x = random.integers(0, 2, (rows, 7))
    x[:, [5, 0, 3]] = np.eye(3, dtype=np.int64)[random.integers(0, 3, rows)]
    x[:, [1, 6, 2]] = random.integers(0, 4, rows)[:, None] > np.arange(3)
    return x


def test_groups_need_not_be_neighbours_nor_one_hot():
    assert group_columns(scattered()) == [[0, 3, 5], [1, 2, 6], [4]]
    coding = ColumnPatterns.find(scattered())
    assert coding.patterns == ((1, 2, 4), (0, 1, 5, 7), (0, 1))
    assert [c.width for c in coding.conditionals] == [4, 5, 1]
    np.testing.assert_array_equal(coding.decode(coding.encode(scattered(seed=1))), scattered(seed=1))


def test_what_is_missing_by_chance_is_no_pattern():
    x = scattered()
    assert group_columns(x[:12]) != group_columns(x)
    independent = np.random.default_rng(0).integers(0, 2, (2000, 8))
    assert group_columns(independent) == [[column] for column in range(8)]


def test_all_patterns_of_a_group_need_no_code_for_others():
    coding = ColumnPatterns([[1, 0]], [[3, 0, 1, 2]])
    assert coding.patterns == ((0, 1, 2, 3),)
    assert coding.encode([[1, 0], [0, 1]]).tolist() == [[2], [1]]
    assert not coding.log_volume(every_row(2)).any()
    with pytest.raises(ValueError, match=r"codes: expected 0\.\.3, got 0\.\.4"):
        coding.decode([[0], [4]])


def test_a_wrong_guess_is_a_density_all_the_same():
    coding = ColumnPatterns.find(scattered(60))
    model = tm.MADE(len(coding.groups), conditionals=coding.conditionals, hidden_units=(16,), seed=0)
    x = every_row(7)
    with torch.no_grad():
        log_prob = model.log_prob(torch.from_numpy(coding.encode(x))).double().numpy() + coding.log_volume(x)
    assert np.exp(log_prob).sum() == pytest.approx(1, abs=1e-5)


def test_very_many_exclusive_columns_are_divided():
    x = np.eye(130, dtype=np.int64)[np.random.default_rng(0).integers(0, 130, 5000)]
    coding = ColumnPatterns.find(x)
    assert max(len(group) for group in coding.groups) <= 60
    np.testing.assert_array_equal(coding.decode(coding.encode(x)), x)
