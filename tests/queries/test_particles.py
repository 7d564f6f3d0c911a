"""Particles and their weights, against hand computation."""

import math

import pytest
import torch
from helpers import context_for
from queries.enumerated import create, evidence, mask

from tailormade import Bernoulli, Categorical
from tailormade.queries.weighted import Pool, draw_pool

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

WEIGHTS = torch.tensor([[[1.0, 2.0, 3.0], [6.0, 0.0, 0.0]]], dtype=torch.float64)  # of two components
POOL = Pool(torch.zeros(1, 2, 3, 4), WEIGHTS.log())
MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4), Bernoulli()]


def close(found, expected):
    torch.testing.assert_close(found, torch.as_tensor(expected, dtype=found.dtype), atol=1e-12, rtol=0)


def test_effective_sample_size_by_hand():
    close(POOL.effective_sample_size(), [12**2 / (1 + 4 + 9 + 36)])


def test_evidence_by_hand():
    close(POOL.log_evidence().exp(), [2.0])


def test_error_of_the_evidence_by_hand():
    # sample variances 1 and 12 of the components' weights, 3 particles each: the mean of two means of 3
    error = ((1 / 3 + 12 / 3) / 4) ** 0.5
    close(POOL.log_evidence_error(), [error / 2.0])


def test_expectation_by_hand():
    mean, error = POOL.expectation(torch.tensor([[0.0, 1.0, 1.0, 1.0, 0.0, 1.0]], dtype=torch.float64))
    offsets = torch.tensor([[-11 / 12, 2 / 12, 3 / 12], [6 / 12, 0, 0]]) / 12
    close(mean, [11 / 12])
    torch.testing.assert_close(error[0].float(), (3 * offsets.var(1).sum()).sqrt())


def test_weights_are_the_shares_of_the_whole():
    close(POOL.shares(), WEIGHTS.flatten(1) / 12)


def test_weights_too_small_for_exp():
    tiny = Pool(POOL.values, POOL.logs.clamp(min=-50) - 5000)
    close(tiny.effective_sample_size(), POOL.effective_sample_size())
    close(tiny.log_evidence(), POOL.log_evidence() - 5000)
    close(tiny.log_evidence_error(), POOL.log_evidence_error())


def pool_of(model, observed, *batch, particles=50):
    """A query and its particles."""
    x = evidence(model, observed, *batch)
    query = model(context_for(model)).given(x, observed, seed=0).query.flat()
    return query, draw_pool(query, particles, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("observed", [[1, 3], [4], [0, 2]], ids=str)
def test_a_weight_is_the_probability_of_the_evidence_given_what_came_before(observed, context):
    model = create(5, context, conditionals=MIXED, orders=3)
    observed = mask(model, observed)
    _, pool = pool_of(model, observed, 4)
    assert pool.values.shape == (4, 3, 50, 5)
    for k in range(3):
        terms = model.conditional_log_probs(pool.values[:, k], context_for(model), model.table[k])
        close(pool.logs[:, k], terms[..., observed].sum(-1).detach())


def test_particles_agree_with_the_evidence():
    model = create(5, conditionals=MIXED, orders=3)
    observed = mask(model, [1, 3])
    query, pool = pool_of(model, observed, 4)
    assert bool((pool.values == query.values[:, None, None])[..., observed].all())
    assert bool(model().support.check(pool.values).all())


def test_particles_differ_between_rows_and_components():
    model = create(8, orders=2)
    x = torch.zeros(2, 8).double()
    pool = draw_pool(model().given(x, [7]).query, 50, torch.Generator().manual_seed(0))
    every = pool.values.flatten(0, 1)
    assert len(every.unique(dim=0)) == 4


def test_particles_of_components_with_the_evidence_first_have_constant_weights():
    model = create(4, orders=2)
    model.table.inputs[:] = torch.tensor([[3, 1, 2, 4], [1, 4, 3, 2]])
    observed = mask(model, [1, 2])
    _, pool = pool_of(model, observed, 3)
    spread = pool.logs.std(-1)
    assert bool((spread[:, 0] < 1e-12).all())
    assert bool((spread[:, 1] > 0.1).all())
    x = evidence(model, observed, 3)
    close(pool.logs[:, 0, 0], model(order=0).given(x, observed).log_evidence.detach())


def test_figures_are_those_of_one_pool():
    model = create(4, orders=2)
    given = model().given(torch.zeros(2, 3, 4), [3], particles=100, seed=5)
    relative = []

    def remember(u):
        relative.append(u)
        return u[..., 0]

    first, again = given.expectation(remember), given.expectation(remember)
    assert relative[0].shape == (6, 200, 3)
    assert torch.equal(*relative)
    assert torch.equal(first.value, again.value)
    assert first.value.shape == first.standard_error.shape == (2, 3)


@pytest.mark.parametrize("number", ["log_evidence", "log_evidence_error", "effective_sample_size"])
def test_figures_have_the_batch_shape_and_do_not_change(number):
    given = create(4)().given(torch.zeros(2, 3, 4), [3], particles=100, seed=5)
    assert getattr(given, number).shape == (2, 3)
    assert torch.equal(getattr(given, number), getattr(given, number))
    assert len(getattr(given, number).unique()) == 6


@pytest.mark.parametrize("orders", [1, 3])
def test_many_rows_are_answered_in_pieces(orders, monkeypatch):
    model = create(4, 2, orders=orders)
    x, observed = evidence(model, mask(model, [2, 3]), 7), [2, 3]
    context = context_for(model, 7)
    whole = model(context).given(x, observed, particles=2000, seed=0)
    numbers = whole.log_evidence, whole.log_evidence_error
    monkeypatch.setattr("tailormade.queries.evidence._NUMBERS", 2 * 2000 * orders * 4)
    assert len(whole._answer._pieces()) == 4
    torch.testing.assert_close(whole.log_evidence, numbers[0], atol=8 * float(numbers[1].max()), rtol=0)
    assert not torch.equal(whole.log_evidence[2:], numbers[0][2:])
    assert whole.sample((3,)).shape == (3, 7, 2)


@pytest.mark.parametrize("known", [0, 1], ids=["exact", "weighted"])
def test_every_piece_answers_its_own_rows(known, monkeypatch):
    # one variable is a copy of the other
    model = create(2, hidden_units=())
    model.network.layers[0].weight.data = torch.tensor([[0.0, 0], [40, 0]]).double()
    model.network.layers[0].bias.data = torch.tensor([0.0, -20]).double()
    monkeypatch.setattr("tailormade.queries.evidence._NUMBERS", 300)
    x = torch.tensor([[0, 0], [1, 1], [1, 1], [0, 0], [1, 1.0]])
    given = model().given(x, [known], particles=100, seed=0)
    assert len(list(given.query.pieces(100))) == 5
    assert torch.equal(given.sample((3,))[..., 0], x[:, 0].double().expand(3, 5))
    torch.testing.assert_close(given.expectation(lambda u: u[..., 0]).value, x[:, 0].double(), atol=1e-6, rtol=0)
    assert bool((given.log_evidence - math.log(0.5)).abs().max() < 0.5)
