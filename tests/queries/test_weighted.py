"""Estimates of importance sampling: what they are on average, and how much they vary, against what they say."""

import pytest
import torch
from helpers import context_for
from queries.enumerated import create, evidence, mask, truth

from tailormade import Bernoulli, Categorical

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(2)]
CASES = {  # what the model is, which order, what is observed
    "one_order": ({"weights": 5}, None, [2, 3]),
    "three_orders": ({"orders": 3, "weights": 2}, None, [1, 2]),
    "context": ({"context": 2, "orders": 2, "hidden_units": (9, 9, 9), "residual": True, "weights": 2}, None, [0, 3]),
    "categorical": ({"conditionals": MIXED, "direct": True, "weights": 5}, None, [1, 3]),
    "groups": ({"input_order": [2, 1, 1, 3], "orders": 2, "weights": 5}, None, [0, 3]),
    "one_of_any": ({"orders": "any", "direct": True, "weights": 4}, 1, [0, 1]),
}
SKEWED = {**CASES, "skewed": ({"scale": 2.0, "weights": 5}, None, [2, 3])}
FEW = 20


@torch.no_grad()
def repeated(case, repeats, particles):
    """The same question many times, each with particles of its own, and the answer by enumeration."""
    options, order, observed = SKEWED[case]
    model = create(4, **options)
    dist, observed = model(context_for(model), order=order), mask(model, observed)
    x = evidence(model, observed)
    given = dist.given(x.expand(repeats, 4), observed, particles=particles, seed=1)
    return given, truth(dist, x, observed)


def offset(numbers, expected):
    """How far the mean of independent numbers is from what is expected, in its standard errors."""
    return float((numbers.mean() - expected) / numbers.std() * len(numbers) ** 0.5)


@pytest.mark.parametrize("case", SKEWED)
def test_the_estimate_of_the_evidence_is_unbiased(case):
    given, expected = repeated(case, 1000, FEW)
    assert not given.exact
    assert float(given.effective_sample_size.mean()) < 0.9 * FEW * len(given.query.components)  # weights do vary
    assert abs(offset(given.log_evidence.exp(), expected.log_evidence.exp())) < 4


@pytest.mark.parametrize("case", ["categorical", "skewed"])
def test_its_logarithm_is_biased_low_by_half_the_relative_variance(case):
    few, expected = repeated(case, 1000, FEW)
    more, _ = repeated(case, 1000, 10 * FEW)
    bias = few.log_evidence.mean() - expected.log_evidence
    assert offset(few.log_evidence, expected.log_evidence) < -4
    assert float(bias) == pytest.approx(-5 * float(more.log_evidence_error.square().mean()), rel=0.6)
    assert abs(float(more.log_evidence.mean() - expected.log_evidence)) < 0.3 * abs(float(bias))


@pytest.mark.parametrize("case", CASES)
def test_the_error_of_the_evidence_is_its_spread(case):
    given, expected = repeated(case, 600, 200)
    stated = given.log_evidence_error
    assert float(given.log_evidence.std() / stated.square().mean().sqrt()) == pytest.approx(1, abs=0.1)
    assert bool(((given.log_evidence - expected.log_evidence).abs() < 5 * stated).all())


@pytest.mark.parametrize("case", CASES)
def test_expectations_are_within_their_errors(case):
    given, expected = repeated(case, 500, 200)

    def function(u):
        return u[..., 0] - 2 * u[..., 1]

    mean, error = given.expectation(function)
    assert bool(((mean - expected.mean(function)).abs() < 5 * error).all())
    assert float(mean.std() / error.square().mean().sqrt()) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize("case", CASES)
def test_probabilities_of_all_states_are_within_their_errors(case):
    given, expected = repeated(case, 20, 1000)
    common = expected.log_prob.exp() > 0.02  # errors of rare ones are themselves uncertain
    for state, log_prob in zip(expected.rest[common], expected.log_prob[common], strict=True):
        mean, error = given.expectation(lambda u, state=state: (u == state).all(-1))
        assert bool(((mean - log_prob.exp()).abs() < 4 * error).all())


@pytest.mark.parametrize("case", CASES)
def test_log_prob_misses_by_the_error_of_the_evidence_alone(case):
    given, expected = repeated(case, 20, 1000)
    missed = given.log_prob(expected.rest[:, None]) - expected.log_prob[:, None]
    common = expected.log_evidence - given.log_evidence
    torch.testing.assert_close(missed, common.expand_as(missed), atol=1e-9, rtol=0)
    assert bool((common.abs() < 4 * given.log_evidence_error).all())


def test_expectations_over_components_that_disagree():
    # components with the evidence first are as good as exact: what varies is within them, not between them
    model = create(3, orders=2, hidden_units=())
    model.table.inputs[:] = torch.tensor([[1, 2, 3], [1, 3, 2]])
    with torch.no_grad():
        model.network.layers[0].weight[:] = torch.tensor([[0.0, 0, 0], [0, 0, 5], [0, 0, 0]])
        model.network.layers[0].bias[:] = torch.tensor([0.0, -2.5, 3.0])
    given = model().given(torch.zeros(500, 3), [0], particles=100, seed=1)
    mean, error = given.expectation(lambda u: u[..., 0])
    expected = truth(model(), torch.zeros(3), mask(model, [0])).mean(lambda u: u[..., 0])
    assert abs(offset(mean, expected)) < 4
    assert float(mean.std() / error.square().mean().sqrt()) == pytest.approx(1, abs=0.12)


@pytest.mark.parametrize("share", ["exact", "one_order"])
def test_expectations_become_exact_as_particles_grow(share):
    options, _, observed = CASES["one_order"]
    model = create(4, **options)
    observed = mask(model, [0, 1] if share == "exact" else observed)
    given = model().given(torch.zeros(4), observed, particles=100_000, seed=0)
    mean, error = given.expectation(lambda u: u.sum(-1))
    expected = truth(model(), torch.zeros(4), observed).mean(lambda u: u.sum(-1))
    assert abs(float(mean - expected)) < 4 * float(error) < 0.1
