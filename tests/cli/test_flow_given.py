"""Rows of a flow given single values or a question, against integrals of its density over a grid."""

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.cli.flowcloud import Cloud, cloud_around, first_cloud
from tailormade.cli.flowdraws import answers
from tailormade.cli.flowprobability import ask_flow

GRID = np.linspace(-20, 60, 4001)
STEP = GRID[1] - GRID[0]


@pytest.fixture
def density(flows):
    """The flow of two columns, x0 and x1."""
    return tm.load(flows / "pair")()


def slice_of(density, x0):
    """``p(x0, x1)`` for all x1 of the grid."""
    points = torch.tensor(np.stack([np.full_like(GRID, x0), GRID], 1))
    with torch.no_grad():
        return density.log_prob(points).double().exp().numpy()


@pytest.mark.parametrize("x0", [2.2, 3.0, 5.0])
def test_the_density_of_evidence(density, x0):
    [answer] = answers(density, f"x0={x0}", 2000, 1)
    log, error = answer.log_evidence
    assert log == pytest.approx(np.log(slice_of(density, x0).sum() * STEP), abs=4 * error)
    assert error < 0.05
    assert answer.effective_sample_size > 500


@pytest.mark.parametrize("x0", [2.2, 3.0])
def test_rows_are_drawn_from_the_conditional_density(density, x0):
    p = slice_of(density, x0) / slice_of(density, x0).sum()
    mean, deviation = (p * GRID).sum(), np.sqrt((p * (GRID - (p * GRID).sum()) ** 2).sum())
    [answer] = answers(density, f"x0={x0}", 1000, 1)
    stream = answer.stream(torch.Generator().manual_seed(0))
    rows = torch.cat([next(stream) for _ in range(20)]).numpy()
    assert (rows[:, 0] == x0).all()
    assert rows[:, 1].mean() == pytest.approx(mean, abs=5 * deviation / len(rows) ** 0.5)
    assert rows[:, 1].std() == pytest.approx(deviation, rel=0.1)


def test_weights_make_up_for_a_poor_proposal(density):
    p = slice_of(density, 3.0) / slice_of(density, 3.0).sum()
    mean = (p * GRID).sum()
    deviation = np.sqrt((p * (GRID - mean) ** 2).sum())
    [answer] = answers(density, "x0=3.0", 4000, 1)
    root = 2.5 * torch.tensor([[deviation]])
    answer.__dict__["cloud"] = Cloud(torch.tensor([[mean + deviation]]), root)  # in place of the one that is found
    stream = answer.stream(torch.Generator().manual_seed(0))
    rows = torch.cat([next(stream) for _ in range(10)]).numpy()
    assert rows[:, 1].mean() == pytest.approx(mean, abs=0.1 * deviation)
    assert rows[:, 1].std() == pytest.approx(deviation, rel=0.1)
    assert answer.effective_sample_size < 2500


def test_a_context_is_taken_into_account(flows):
    flow = tm.load(flows / "season")
    logs = {}
    for season in (0.0, 4.0):
        context = torch.tensor([season])
        [answer] = answers(flow(context), "width=3,heat=11", 1000, 1)
        logs[season] = answer.log_evidence
        points = torch.tensor(np.stack([np.full_like(GRID, 3), GRID, np.full_like(GRID, 11)], 1))
        with torch.no_grad():
            total = flow.log_prob(points, context).double().exp().sum().item() * STEP
        assert logs[season][0] == pytest.approx(np.log(total), abs=4 * logs[season][1])
    assert abs(logs[0.0][0] - logs[4.0][0]) > 0.05


IMPOSSIBLE = r"given: expected values that can occur, .*; give values nearer to the data\."


def test_evidence_far_from_all_data(density):
    [answer] = answers(density, "x0=1e30", 100, 1)
    with pytest.raises(ValueError, match=IMPOSSIBLE):
        _ = answer.log_evidence


def test_evidence_whose_density_is_zero(density, monkeypatch):
    monkeypatch.setattr(
        "tailormade.flows.stacked.Flow.log_prob", lambda self, x, c=None: torch.full(x.shape[:1], torch.nan)
    )
    [answer] = answers(density, "x0=3", 100, 1)
    with pytest.raises(ValueError, match=IMPOSSIBLE):
        _ = answer.log_evidence


def inside(density, condition):
    """The integral of the density over the points of a grid for which a condition holds."""
    sides = [np.linspace(-2, 8, 401), np.linspace(-15, 35, 501)]
    grid = np.stack(np.meshgrid(*sides, indexing="ij"), -1).reshape(-1, 2)
    with torch.no_grad():
        p = density.log_prob(torch.tensor(grid)).double().exp().numpy()
    return (p * condition(*grid.T)).sum() * 0.025 * 0.1


QUESTIONS = {
    "x0 > 3.0123": lambda a, b: a > 3.0123,
    "x0 > 2.9123 and x1 < 9.03 or x1 between 12.03 and 14.03": lambda a, b: (
        (a > 2.9123) & (b < 9.03) | (b >= 12.03) & (b <= 14.03)
    ),
    "not x1 < 9.03": lambda a, b: b >= 9.03,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_probability_of_a_question(density, question):
    found = ask_flow(density, question, None, 1000, 1)
    assert 0 < found.standard_error < 0.004
    assert float(found) == pytest.approx(inside(density, QUESTIONS[question]), abs=4 * found.standard_error + 0.005)


def test_a_probability_given_a_question(density):
    found = ask_flow(density, "x1 > 9.03", "x0 > 3.0123", 1000, 1)
    both = inside(density, lambda a, b: (a > 3.0123) & (b > 9.03))
    assert float(found) == pytest.approx(both / inside(density, QUESTIONS["x0 > 3.0123"]), abs=0.02)
    assert 0 < found.standard_error < 0.01


def test_a_probability_given_a_value(density):
    found = ask_flow(density, "x1 > 9.03", "x0=3.2", 4000, 1)
    p = slice_of(density, 3.2)
    assert float(found) == pytest.approx(p[GRID > 9.03].sum() / p.sum(), abs=4 * found.standard_error + 0.003)
    assert 0 < found.standard_error < 0.02


def test_a_question_that_never_holds_has_an_error_all_the_same(density):
    found = ask_flow(density, "x0 > 99", None, 1000, 1)
    assert float(found) == 0
    assert found.standard_error > 0


def test_rows_hold_for_the_question(density):
    [region] = answers(density, "x0 > 3.5 and x1 < 12", 1000, 1)
    stream = region.stream(torch.Generator().manual_seed(0))
    rows = torch.cat([next(stream) for _ in range(10)])
    assert len(rows) > 50
    assert bool(((rows[:, 0] > 3.5) & (rows[:, 1] < 12)).all())


@pytest.fixture
def points():
    return torch.randn(300, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * torch.tensor(
        [1, 5, 9]
    )


def test_a_cloud_draws_from_its_density(points):
    source = torch.Generator().manual_seed(0)
    cloud = cloud_around(points, torch.full((300,), 1 / 300, dtype=torch.float64), points.std(0), source)
    x = cloud.sample(20_000, source)
    wide = torch.distributions.MultivariateNormal(points.mean(0), torch.cov(points.T))
    weights = (wide.log_prob(x) - cloud.log_prob(x)).exp()
    assert float(weights.mean()) == pytest.approx(1, abs=0.03)  # ∫ q · (p / q) = 1
    inside_box = (x[:, 1] > 2).double().mean()
    assert float((weights * (x[:, 1] > 2)).mean()) == pytest.approx(1 - float(wide_cdf(wide, 2.0)), abs=0.03)
    assert 0 < float(inside_box) < 1


def wide_cdf(normal, value):
    """Probability that the second variable of a joint normal is below a value."""
    return torch.distributions.Normal(normal.loc[1], normal.covariance_matrix[1, 1].sqrt()).cdf(torch.tensor(value))


def test_the_density_of_a_single_kernel():
    root = torch.tensor([[2.0, 0.0], [1.0, 0.5]], dtype=torch.float64)
    cloud = Cloud(torch.zeros(1, 2, dtype=torch.float64), root)
    white = torch.tensor([0.3, -0.7], dtype=torch.float64)
    square = 0.3**2 + 0.7**2  # Student's t of 6 degrees of freedom in 2 dimensions
    expected = np.log(1 / (2 * np.pi)) - 4 * np.log1p(square / 6) - np.log(2 * 0.5)
    assert float(cloud.log_prob((root @ white)[None])) == pytest.approx(expected)


def test_the_first_cloud_follows_a_slope():
    source = torch.Generator().manual_seed(0)
    x = torch.randn(2000, 1, generator=source, dtype=torch.float64)
    joint = torch.cat([x, 10 * x + 0.1 * torch.randn(2000, 1, generator=source, dtype=torch.float64)], 1)
    cloud = first_cloud(joint, torch.tensor([1.5]).double(), torch.tensor([True, False]), source)
    assert float(cloud.points.mean()) == pytest.approx(15, abs=0.1)
    assert float(cloud.points.std()) < 0.3


def test_many_variables_leave_enough_draws():
    density = tm.MAF(40, hidden_units=(40,), transforms=2, seed=0)()
    [answer] = answers(density, "x0=0.5,x7=-1,x20=1", 1000, 1)
    assert answer.effective_sample_size > 100
