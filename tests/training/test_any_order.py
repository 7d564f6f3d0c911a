"""Which orders a model of any order is trained on: fresh ones, and a share of those that are stored."""

import pytest
import torch

import tailormade as tm
from tailormade import MADE
from tailormade.queries import comes_first
from tailormade.random import generator
from tailormade.training.any_order import draw_question
from tailormade.training.data import FitData
from tailormade.training.run import Run

ROWS = (torch.rand(20, 5, generator=torch.Generator().manual_seed(0)) < 0.5).float()

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
    drawn = [inputs(draw_question(model, draw, 5, tm.FitConfig(stored_orders=share)).degrees) for draw in range(12)]
    stored = SCHEDULES[share]
    assert [drawn[draw] for draw in stored] == [inputs(model.table[k]) for k in range(len(stored))]
    fresh = [draw for draw in range(12) if draw not in stored]
    assert [drawn[k] for k in fresh] == [inputs(model.draw(generator(5, "order", k))) for k in fresh]


def test_after_the_last_stored_order_comes_the_first(model):
    assert inputs(draw_question(model, 16, 0, tm.FitConfig(stored_orders=1.0)).degrees) == inputs(model.table[0])


def test_a_fit_takes_the_share_it_is_told_and_keeps_each_order_as_long(model):
    config = tm.FitConfig(stored_orders=0.5, resample_every=2, seed=0, progress=False)
    run = Run(model, FitData(model, torch.zeros(20, 12), None, None, None), config)
    used = [inputs(run._members(step)[0][0]) for step in range(8)]
    assert used[2] == used[3] == inputs(model.table[0])
    assert used[6] == used[7] == inputs(model.table[1])
    assert used[0] == used[1] != used[4] == used[5]


@pytest.fixture
def questions():
    """What many draws ask of a model that stores two orders."""
    model = MADE(5, hidden_units=(8,), orders="any", input_order=[[1, 2, 3, 4, 5], [4, 2, 5, 1, 3]], seed=0)
    config = tm.FitConfig(evidence_first=True)
    return model, [draw_question(model, draw, 0, config) for draw in range(1500)]


def test_evidence_comes_first_and_the_rest_keeps_a_stored_sequence(questions):
    model, asked = questions
    stored = [row.inputs for row in model.table]
    for degrees, known in asked:
        assert comes_first(degrees, known)
        kept = [torch.equal(degrees.inputs[~known].argsort(), order[~known].argsort()) for order in stored]
        assert any(kept)


def test_every_size_of_evidence_but_all_and_every_order_is_drawn_alike(questions):
    model, asked = questions
    sizes = torch.bincount(torch.tensor([int(known.sum()) for _, known in asked]))
    assert len(sizes) == 5
    assert bool((abs(sizes - 300) < 4 * 300**0.5).all())
    nothing = [inputs(degrees) for degrees, known in asked if not known.any()]
    counts = torch.tensor([nothing.count(inputs(row)) for row in model.table])
    assert counts.sum() == len(nothing)
    assert bool((counts > len(nothing) / 4).all())


def test_each_step_learns_the_rest_alone():
    model = MADE(5, hidden_units=(8,), orders="any", seed=0)
    config = tm.FitConfig(evidence_first=True, adapt=False, seed=0, progress=False)
    run = Run(model, FitData(model, ROWS, None, None, None), config)
    for step in range(6):
        (degrees,), known = run._members(step)
        expected = -model.conditional_log_probs(ROWS, None, degrees)[:, ~known].sum(-1).mean().detach()
        assert run._step(step, ROWS, None) == pytest.approx(float(expected), rel=1e-5)


def test_where_rows_are_many_it_learns_what_is_asked_better_than_from_fresh_orders():
    rows, scores = noisy_copies(4000, 12), []
    sets = [torch.randperm(12, generator=torch.Generator().manual_seed(k)) < 4 for k in range(6)]
    for asked in (False, True):
        model = MADE(12, hidden_units=(32,), orders="any", input_order=["random"], seed=0)
        config = tm.FitConfig(max_epochs=10, learning_rate=0.01, evidence_first=asked, seed=0, progress=False)
        tm.fit(model, rows, config=config)
        scores.append(sum(float(model().given(rows, k).log_prob(rows[:, ~k]).mean().detach()) for k in sets) / 6)
    assert scores[1] > scores[0] + 0.05  # by 0.1 to 0.3 nats over seeds


REFUSED = {
    "incomplete_rows": ({"orders": "any", "missing": True}, "expected False for a model of incomplete rows"),
    "image": ({"orders": "any", "image_shape": (2, 2)}, "expected False for a model of an image"),
    "one_order": ({}, "expected False for a model with orders of its own, got True; build it with orders='any'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_models_of_which_evidence_is_not_asked_so(case):
    options, words = REFUSED[case]
    with pytest.raises(ValueError, match=f"^evidence_first: {words}"):
        tm.fit(MADE(4, seed=0, **options), torch.eye(4), config=tm.FitConfig(evidence_first=True, progress=False))


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
