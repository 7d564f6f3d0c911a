"""Which orders a model of any order is trained on: fresh ones, and a share of those that are stored."""

import pytest
import torch

import tailormade as tm
from tailormade import MADE
from tailormade.random import generator
from tailormade.training.any_order import step_order
from tailormade.training.run import Run

SCHEDULES = {  # the share, and which of twelve draws are stored ones
    0.0: [],
    0.25: [3, 7, 11],
    0.5: [1, 3, 5, 7, 9, 11],
    0.75: [1, 2, 3, 5, 6, 7, 9, 10, 11],
    1.0: list(range(12)),
}


@pytest.fixture
def model():
    return MADE(12, hidden_units=(8,), orders="any", seed=0)


def inputs(degrees):
    return tuple(degrees.inputs.tolist())


@pytest.mark.parametrize("share", SCHEDULES)
def test_a_share_of_the_draws_are_the_stored_orders_in_turn(model, share):
    drawn = [inputs(step_order(model, draw, 5, share)) for draw in range(12)]
    stored = SCHEDULES[share]
    assert [drawn[draw] for draw in stored] == [inputs(model.table[k]) for k in range(len(stored))]
    fresh = [draw for draw in range(12) if draw not in stored]
    assert [drawn[k] for k in fresh] == [inputs(model.draw(generator(5, "order", k))) for k in fresh]


def test_after_the_last_stored_order_comes_the_first(model):
    assert inputs(step_order(model, 16, 0, 1.0)) == inputs(model.table[0])


def test_a_fit_takes_the_share_it_is_told_and_keeps_each_order_as_long(model):
    from tailormade.training.data import FitData

    config = tm.FitConfig(stored_orders=0.5, resample_every=2, seed=0, progress=False)
    run = Run(model, FitData(model, torch.zeros(20, 12), None, None, None), config)
    used = [inputs(run._members(step)[0]) for step in range(8)]
    assert used[2] == used[3] == inputs(model.table[0])
    assert used[6] == used[7] == inputs(model.table[1])
    assert used[0] == used[1] != used[4] == used[5]


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_is_a_fraction(share):
    with pytest.raises(ValueError, match=r"^stored_orders: expected a fraction in \[0, 1\], got"):
        tm.FitConfig(stored_orders=share)


def test_a_share_is_a_number():
    with pytest.raises(TypeError, match=r"^stored_orders: expected a number, got 'half'\.$"):
        tm.FitConfig(stored_orders="half")


@pytest.mark.parametrize("other", [MADE(3, seed=0), MADE(3, orders=2, seed=0), tm.MAF(3, hidden_units=(4,), seed=0)])
def test_other_models_have_no_share(other):
    with pytest.raises(ValueError, match=r"^stored_orders: expected 0 for a model with orders of its own, got 0\.5"):
        tm.fit(other, torch.eye(3), config=tm.FitConfig(stored_orders=0.5, progress=False))


def noisy_copies(rows, variables):
    """Rows in which each variable copies the one before, but for one in ten."""
    generator = torch.Generator().manual_seed(0)
    first = torch.rand(rows, 1, generator=generator) < 0.5
    flips = torch.rand(rows, variables - 1, generator=generator) < 0.1
    return (torch.cat([first, flips], 1).int().cumsum(1) % 2).float()


def test_stored_orders_are_learnt_better_the_more_of_the_steps_are_theirs():
    rows, scores = noisy_copies(500, 12), []
    for share in (0.0, 1.0):
        model = MADE(12, hidden_units=(16,), orders="any", seed=0)
        config = tm.FitConfig(max_epochs=20, learning_rate=0.01, stored_orders=share, seed=0, progress=False)
        tm.fit(model, rows, config=config)
        scores.append(tm.training.score(model, rows).single_order)
    assert scores[1] > scores[0] + 0.03  # by 0.08 to 0.12 nats over seeds
