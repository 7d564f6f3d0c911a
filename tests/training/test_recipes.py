"""Recipes are settings that models and fits take, and that change with the size of the data."""

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.training.recipes import LEVELS, column_order, column_orders, recipe

SIZES = [(1, 1), (400, 500), (1400, 180), (2000, 112), (5000, 123), (17_412, 69), (50_000, 784), (16_000, 16)]


@pytest.mark.parametrize("rows_features", SIZES)
@pytest.mark.parametrize("name", LEVELS)
def test_models_and_fits_take_them(name, rows_features):
    rows, features = rows_features
    chosen = recipe(name, rows, features)
    model = tm.MADE(features, **chosen.model, seed=0)
    assert model.features == features
    tm.FitConfig(**chosen.training)


def test_fewer_rows_more_regularisation():
    dropouts = [recipe("default", rows, 100).model["dropout"] for rows in (500, 5000, 20_000, 100_000)]
    assert dropouts == sorted(dropouts, reverse=True)
    assert recipe("default", 150, 100).model["orders"] == "any"
    decays = [recipe("default", rows, 100).training.get("weight_decay", 0.01) for rows in (500, 5000, 20_000)]
    assert decays == [5.0, 0.3, 0.01]
    assert "orders" not in recipe("default", 250, 100).model
    assert "residual" not in recipe("default", 900, 100).model
    assert recipe("default", 1000, 100).model["residual"]


@pytest.mark.parametrize("rows", [150, 500, 5000, 20_000])
def test_levels_cost_more(rows):
    costs = [
        sum(np.array(chosen.model["hidden_units"]) * chosen.training["max_epochs"])
        for chosen in (recipe(name, rows, 100) for name in LEVELS)
    ]
    assert costs == sorted(costs)
    assert costs[0] < costs[2]


def test_default_beats_fast_where_rows_are_fewer_than_variables():
    random = np.random.default_rng(0)
    kind = random.integers(0, 4, 150)
    rates = random.uniform(0.02, 0.6, (4, 80)) ** 2
    x = (random.random((150, 80)) < rates[kind]).astype(np.uint8)
    found = {}
    for name in ("fast", "default"):
        chosen = recipe(name, 75, 80)
        model = tm.MADE(80, **chosen.model, seed=0)
        tm.fit(model, x[:75], x[75:], config=tm.FitConfig(**chosen.training, seed=0, progress=False))
        with torch.no_grad():
            found[name] = float(model().log_prob(torch.from_numpy(x[75:])).mean())
    assert found["default"] > found["fast"] + 0.1


def test_refused():
    with pytest.raises(ValueError, match="recipe: expected one of fast, default, best, got 'slow'"):
        recipe("slow", 10, 10)
    with pytest.raises(ValueError, match="rows, features: expected at least 1, got 0 and 3"):
        recipe("fast", 0, 3)


def coded(rows):
    """Two fair categories of three values, in columns 0..2 and 4..6, and a noisy copy of column 4 in column 3."""
    random = np.random.default_rng(0)
    first, second = np.eye(3, dtype=np.uint8)[random.integers(0, 3, (2, rows))]
    copy = np.where(random.random((rows, 1)) < 0.1, 1 - second[:, :1], second[:, :1])
    return np.concatenate([first, copy, second], 1)


def test_few_rows_have_a_random_order_of_codes():
    orders = {tuple(column_order(coded(300), seed)) for seed in range(20)}
    assert len(orders) > 2
    for order in orders:
        assert sorted(order) == list(range(1, 8))
        for code in (order[:3], order[4:]):
            assert list(code) == list(range(code[0], code[0] + 3))


def test_many_rows_are_ordered_by_what_they_tell():
    assert column_order(coded(10_000), seed=0) == column_order(coded(10_000), seed=1) == [5, 6, 7, 1, 2, 3, 4]


def test_categories_that_are_no_columns_of_ones_and_zeros():
    codes = np.random.default_rng(0).integers(0, 5, (300, 4))
    assert sorted(column_order(codes, seed=0, binary=False)) == [1, 2, 3, 4]


def test_members_follow_different_orders():
    many, few = coded(10_000), coded(300)
    for rows in (many, few):
        orders = column_orders(rows, seed=0, count=8)
        assert len({tuple(order) for order in orders}) > 1
        assert orders == column_orders(rows, seed=0, count=8)
    assert column_orders(many, seed=0, count=1) == [column_order(many, seed=0)]


def test_images_are_shifted_and_sweeps_are_orders():
    chosen = recipe("default", 50_000, 784, (28, 28))
    assert (chosen.model["shifts"], chosen.model["image_shape"]) == (1, (28, 28))
    assert tm.MADE(784, **{**chosen.model, "hidden_units": (9, 9)}, orders=2, seed=0).table[0].inputs[:3].tolist() == [
        1,
        2,
        3,
    ]
    assert "shifts" not in recipe("default", 50_000, 784).model
    assert "shifts" not in recipe("default", 1000, 784, (28, 28)).model
