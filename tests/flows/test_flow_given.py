"""What a flow says of the rest given some values, against integrals of its density over a grid."""

import copy

import numpy as np
import pytest
import torch
from flows.flow_grid import GRID, STEP, fitted, moments, slice_of

import tailormade as tm
from tailormade.flows import FlowGiven
from tailormade.flows.evidence.cloud import Cloud
from tailormade.queries import PoorEvidenceWarning

GAP = torch.nan


@pytest.fixture(scope="module")
def density():
    """Two transforms whose orders differ: estimated."""
    return fitted()()


EXACT = {
    "one transform": {"transforms": 1},
    "a spline": {"transforms": 1, "bijection": "spline"},
    "one order for all": {"transforms": 3, "orders": "fixed"},
    "a base of mixtures": {"transforms": 1, "base": "mixture", "normalisation": "activation"},
    "heavy tails": {"transforms": 1, "base": "student", "normalisation": "batch"},
}


@pytest.fixture(scope="module", params=EXACT)
def exact(request):
    """Flows whose first variable is the first of all orders."""
    return fitted(**EXACT[request.param])()


def test_what_comes_first_is_exact(exact):
    given = exact.given([3.2, GAP])
    p = slice_of(exact, 3.2)
    assert given.exact
    assert float(given.log_evidence.detach()) == pytest.approx(np.log(p.sum() * STEP), abs=1e-3)
    assert float(given.log_evidence_error) == 0
    assert float(given.effective_sample_size) == np.inf
    with torch.no_grad():
        logs = given.log_prob(torch.tensor(GRID[1500:1600])[:, None])
    assert logs.double().exp().numpy() == pytest.approx(p[1500:1600] / (p.sum() * STEP), rel=2e-3, abs=1e-6)


def test_exact_draws(exact):
    mean, deviation = moments(slice_of(exact, 3.2))
    rows = exact.given([3.2, GAP]).sample((4000,), generator=torch.Generator().manual_seed(0)).numpy()
    assert rows.shape == (4000, 1)
    assert np.clip(rows, mean - 5 * deviation, mean + 5 * deviation).mean() == pytest.approx(mean, abs=0.1 * deviation)


ESTIMATED = {
    "orders differ": {"transforms": 2},
    "linear maps": {"transforms": 2, "orders": "fixed", "linear": True},
    "clusters": {"transforms": 1, "base": tm.flows.MixtureBase(2, joint=True)},
    "a network as base": {"transforms": 1, "base": tm.MADE(2, conditionals=tm.NormalMixture(2), seed=0)},
}


@pytest.mark.parametrize("name", ESTIMATED)
def test_what_is_not_exact_is_estimated(name):
    flow = tm.MAF(
        2, hidden_units=(8,), seed=0, **{**ESTIMATED[name], "base": copy.deepcopy(ESTIMATED[name].get("base"))}
    )
    given = flow().given([0.3, GAP], particles=4000, seed=1)
    assert not given.exact
    assert float(given.log_evidence_error) > 0
    total = np.log(slice_of(flow(), 0.3).sum() * STEP)
    assert float(given.log_evidence) == pytest.approx(total, abs=4 * float(given.log_evidence_error))


def test_the_last_in_order_is_estimated(exact):
    assert not exact.given([GAP, 9.0], seed=0).exact


@pytest.mark.parametrize("width", [2.2, 3.0, 5.0])
def test_the_density_of_evidence(density, width):
    given = density.given([width, GAP], particles=2000, seed=1)
    error = float(given.log_evidence_error)
    assert float(given.log_evidence) == pytest.approx(np.log(slice_of(density, width).sum() * STEP), abs=4 * error)
    assert error < 0.05
    assert given.effective_sample_size > 500


@pytest.mark.parametrize("width", [2.2, 3.0])
def test_rows_are_drawn_from_the_conditional_density(density, width):
    mean, deviation = moments(slice_of(density, width))
    given = density.given({"width": width}, seed=1)
    rows = given.fill(given.sample((2000,), generator=torch.Generator().manual_seed(0))).numpy()
    assert (rows[:, 0] == width).all()
    assert rows[:, 1].mean() == pytest.approx(mean, abs=5 * deviation / len(rows) ** 0.5)
    assert rows[:, 1].std() == pytest.approx(deviation, rel=0.1)


def test_log_prob_is_that_of_the_conditional_density(density):
    given = density.given([3.0, GAP], particles=4000, seed=1)
    p = slice_of(density, 3.0)
    logs = given.log_prob(torch.tensor(GRID[1400:1500])[:, None])
    assert logs.numpy() == pytest.approx(np.log(p[1400:1500] / (p.sum() * STEP)), abs=0.1)


def test_an_expectation(density):
    mean, deviation = moments(slice_of(density, 3.0))
    found = density.given([3.0, GAP], particles=4000, seed=1).expectation(lambda u: u[..., 0])
    assert float(found.value) == pytest.approx(mean, abs=4 * float(found.standard_error))
    assert 0 < float(found.standard_error) < 0.1 * deviation


def test_weights_make_up_for_a_poor_proposal(density):
    mean, deviation = moments(slice_of(density, 3.0))
    given = FlowGiven(density, density.given([3.0, GAP], seed=1).known, particles=4000, seed=1)
    root = 2.5 * torch.tensor([[deviation]])
    given._answer.rows[0].__dict__["cloud"] = Cloud(torch.tensor([[mean + deviation]]), root)  # in place of its own
    rows = given.sample((4000,), generator=torch.Generator().manual_seed(0)).numpy()
    assert rows.mean() == pytest.approx(mean, abs=0.1 * deviation)
    assert rows.std() == pytest.approx(deviation, rel=0.1)
    assert given.effective_sample_size < 2500


def test_many_variables_leave_enough_draws():
    density = tm.MAF(40, hidden_units=(40,), transforms=2, seed=0)()
    assert density.given("x0=0.5, x7=-1, x20=1", seed=1).effective_sample_size > 100


@pytest.mark.parametrize("transforms", [1, 2])
def test_every_row_has_evidence_and_context_of_its_own(transforms):
    flow = tm.MAF(2, context=1, transforms=transforms, hidden_units=(8,), seed=0)
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    context, x = torch.tensor([[-1.0], [2.0], [0.5]]), torch.tensor([[0.1, GAP], [0.4, GAP], [-0.3, GAP]])
    given = flow(context).given(x, particles=2000, seed=0)
    assert (given.batch_shape, given.event_shape) == ((3,), (1,))
    alone = [flow(c).given(row, particles=2000, seed=0) for c, row in zip(context, x, strict=True)]
    logs = torch.stack([one.log_evidence for one in alone])
    assert torch.allclose(given.log_evidence, logs, atol=1e-5 if transforms == 1 else 0.15)
    assert given.sample((5,)).shape == (5, 3, 1)
    assert given.log_prob(torch.zeros(4, 1, 1)).shape == (4, 3)
    assert given.expand((2, 3)).sample((5,)).shape == (5, 2, 3, 1)


def test_a_generator_alone_decides_draws(density):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second = (
        density.given([3.0, GAP], seed=seed).sample((50,), generator=torch.Generator().manual_seed(4))
        for seed in (1, 1)
    )
    assert torch.equal(first, second)
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(first, density.given([3.0, GAP], seed=1).sample((50,)))


def test_fewer_draws_begin_more(density):
    given = density.given([3.0, GAP], seed=1)
    few, many = (given.sample((n,), generator=torch.Generator().manual_seed(4)) for n in (7, 250))
    assert torch.equal(few, many[:7])


def test_few_draws_are_warned_of(density):
    with pytest.warns(PoorEvidenceWarning, match=r"of 3 weighted draws, .* Raise particles"):
        density.given([3.0, GAP], particles=3, seed=1)


IMPOSSIBLE = r"given: expected values that can occur, .*; give values nearer to the data\."


def test_evidence_far_from_all_data(density):
    with pytest.raises(ValueError, match=IMPOSSIBLE):
        density.given([1e30, GAP], seed=1)


def test_evidence_whose_density_is_zero(density, monkeypatch):
    monkeypatch.setattr(
        "tailormade.flows.stacked.Flow.log_prob", lambda self, x, c=None: torch.full(x.shape[:1], torch.nan)
    )
    with pytest.raises(ValueError, match=IMPOSSIBLE):
        density.given([3.0, GAP], seed=1)


WRONG = {
    "all": (([1.0, 2.0],), ValueError, "observed: expected some of the 2 variables, got all; leave one"),
    "none": (([GAP, GAP],), ValueError, "observed: expected some of the 2 variables, got none"),
    "width": (([1.0],), ValueError, r"x: expected shape \(\*, 2\), got \(1,\)"),
    "infinite": (([np.inf, GAP], [0]), ValueError, "x: column 'width' has inf in row 0"),
    "unknown": (([1.0, GAP], ["depth"]), ValueError, "observed: there is no column 'depth'"),
    "unknown key": (({"depth": 1.0},), ValueError, "given: expected a column of the table, got 'depth'"),
    "twice": (("width = 1, width = 2",), ValueError, "given: expected an event that can happen, .* contradicts itself"),
    "both": (("width = 1", ["width"]), ValueError, "observed: says which of several numbers are; leave it out"),
    "text": (("width >",), ValueError, "given: expected a value"),
    "a word": (({"width": "wide"},), ValueError, "given: column 'width' expected a number, got 'wide'"),
    "everything": (({"width": 1, "height": 2},), ValueError, "given: expected some of the 2 columns, got all"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_given(name, density):
    words, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        density.given(*words)


def test_too_few_particles(density):
    with pytest.raises(ValueError, match="particles: expected at least 2, got 1"):
        density.given([1.0, GAP], particles=1)
