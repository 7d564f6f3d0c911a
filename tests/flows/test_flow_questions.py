"""Questions to a flow by the names of its columns, against integrals of its density over a grid."""

import numpy as np
import pytest
import torch
from flows.flow_grid import GRID, fitted, inside, slice_of

import tailormade as tm


@pytest.fixture(scope="module", params=[1, 2])
def density(request):
    """Of one transform, exact where the width is given, or of two."""
    return fitted(transforms=request.param)()


QUESTIONS = {
    "width > 3.0123": lambda a, b: a > 3.0123,
    "width > 2.9123 and height < 9.03 or height between 12.03 and 14.03": lambda a, b: (
        (a > 2.9123) & (b < 9.03) | (b >= 12.03) & (b <= 14.03)
    ),
    "not height < 9.03": lambda a, b: b >= 9.03,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_probability_of_a_question(density, question):
    found = density.probability(question, seed=1)
    assert 0 < found.standard_error < 0.004
    assert float(found) == pytest.approx(inside(density, QUESTIONS[question]), abs=4 * found.standard_error + 0.005)


def test_a_probability_given_a_question(density):
    found = density.probability("height > 9.03", given="width > 3.0123", seed=1)
    both = inside(density, lambda a, b: (a > 3.0123) & (b > 9.03))
    assert float(found) == pytest.approx(both / inside(density, QUESTIONS["width > 3.0123"]), abs=0.02)
    assert 0 < found.standard_error < 0.01


def test_a_probability_given_a_value(density):
    found = density.probability("height > 9.03", given="width=3.2", particles=4000, seed=1)
    p = slice_of(density, 3.2)
    assert float(found) == pytest.approx(p[GRID > 9.03].sum() / p.sum(), abs=4 * found.standard_error + 0.003)
    assert 0 < found.standard_error < 0.02


def test_a_probability_given_a_value_and_a_condition(density):
    found = density.probability("height > 10.03", given="width = 3.2, height > 9.03", particles=4000, seed=1)
    p = slice_of(density, 3.2)
    assert float(found) == pytest.approx(
        p[GRID > 10.03].sum() / p[GRID > 9.03].sum(), abs=4 * found.standard_error + 0.01
    )
    assert 0 < found.standard_error < 0.03


@pytest.mark.parametrize("text", ["width = 3.2, height > 9.03", "width == 3.2 and height > 9.03"])
def test_rows_given_a_value_and_a_condition(density, text):
    given = density.given(text, particles=4000, seed=1)
    rows = given.sample((2000,), generator=torch.Generator().manual_seed(0)).numpy()
    p = np.where(GRID > 9.03, slice_of(density, 3.2), 0)
    mean = (p * GRID).sum() / p.sum()
    assert rows.shape == (2000, 1)
    assert rows.min() > 9.03
    assert rows.mean() == pytest.approx(mean, abs=0.06)
    total = np.log(p.sum() * (GRID[1] - GRID[0]))
    assert given.log_evidence.item() == pytest.approx(total, abs=4 * given.log_evidence_error.item() + 0.01)
    outside, within = given.log_prob(torch.tensor([[8.0], [10.0]])).tolist()
    assert outside == -np.inf
    assert within == pytest.approx(np.log(np.interp(10.0, GRID, p)) - total, abs=0.15)


def test_rows_given_a_condition_alone(density):
    given = density.given("width > 3.5 and height < 12", seed=0)
    rows = given.sample((300,), generator=torch.Generator().manual_seed(0))
    assert rows.shape == (300, 2)
    assert bool(((rows[:, 0] > 3.5) & (rows[:, 1] < 12)).all())
    share = inside(density, lambda a, b: (a > 3.5) & (b < 12))
    assert float(given.log_evidence) == pytest.approx(np.log(share), abs=4 * float(given.log_evidence_error) + 0.1)
    assert float(given.effective_sample_size) == np.inf
    with torch.no_grad():
        joint = density.log_prob(rows[:1])
    assert torch.allclose(given.log_prob(rows[:1]) + given.log_evidence, joint)
    assert float(given.log_prob(torch.tensor([3.0, 9.0]))) == -np.inf


def test_a_question_that_never_holds_has_an_error_all_the_same(density):
    found = density.probability("width > 99", seed=1)
    assert float(found) == 0
    assert found.standard_error > 0


def test_the_same_seed_gives_the_same_answer(density):
    first, second, other = (density.probability("width > 3", seed=seed) for seed in (1, 1, 2))
    assert first == second != other


def test_a_context_is_taken_into_account():
    flow = tm.MAF(1, context=1, transforms=1, hidden_units=(), seed=0)
    with torch.no_grad():
        flow.context_scale.fill_(0.1)
        for parameter in flow.parameters():
            parameter.add_(1.0)
    low, high = (flow(torch.tensor([c])).probability("x0 > 0", seed=0) for c in (-0.2, 0.2))
    assert abs(low - high) > 0.2


def test_impossible_conditions(density):
    with pytest.raises(ValueError, match=r"given: expected something likelier, .* none of 20000 rows drawn"):
        density.given("width > 99").sample()


def test_a_question_at_several_contexts():
    several = tm.MAF(2, context=1, hidden_units=(8,), seed=0)(torch.zeros(3, 1))
    with pytest.raises(ValueError, match=r"question: expected a density at one context, got batch shape \(3,\)"):
        several.probability("x0 > 0")
    with pytest.raises(ValueError, match=r"given: expected one context where conditions are given"):
        several.given("x0 > 0")
    with pytest.raises(ValueError, match=r"question: expected one row of evidence at one context"):
        several.given("x0 = 0", seed=0).probability("x1 > 0")


@pytest.mark.parametrize(("text", "message"), [("depth > 1", "got 'depth'"), ("width >", "expected a value")])
def test_what_is_no_question(density, text, message):
    with pytest.raises(ValueError, match=f"question: .*{message}"):
        density.probability(text)


def test_conditions_that_cannot_hold_beside_a_value():
    with pytest.raises(ValueError, match="given: expected conditions that can hold beside the values, got some"):
        fitted()().given("width = 3.2, height > 1e6")
    with pytest.raises(ValueError, match=r"given: expected something likelier, got 'height > 1000000\.0'"):
        fitted(transforms=1)().given("width = 3.2, height > 1e6").sample()
