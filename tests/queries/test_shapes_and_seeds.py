"""Shapes of batches and samples; which generator rules."""

import pytest
import torch
from helpers import context_for
from queries.enumerated import create, evidence, mask

from tailormade import Categorical

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

FIRST, LAST = [0, 1], [2, 3]  # observed: answered exactly, and by particles
WAYS = pytest.mark.parametrize("observed", [FIRST, LAST], ids=["exact", "weighted"])
BATCHES = [((), ()), ((3,), ()), ((), (3,)), ((2, 1), (3,)), ((3,), (2, 1)), ((2, 3), (2, 3)), ((1,), (3,))]


def density(context=0, **options):
    """A mixture of two orders that both begin with the first two variables."""
    model = create(4, context, orders=2, **options)
    model.table.inputs[:] = torch.tensor([[1, 2, 3, 4], [2, 1, 4, 3]])
    return model


def asked(observed, *batch, seed=0, **options):
    model = density(**options)
    return model().given(evidence(model, mask(model, observed), *batch), observed, particles=200, seed=seed)


@WAYS
@pytest.mark.parametrize(("x_batch", "c_batch"), BATCHES, ids=str)
def test_evidence_and_context_broadcast_both_ways(x_batch, c_batch, observed):
    model = density(2)
    x, context = evidence(model, mask(model, observed), *x_batch), context_for(model, *c_batch)
    given = model(context).given(x, observed, particles=200, seed=0)
    batch = torch.broadcast_shapes(x_batch, c_batch)
    assert (given.batch_shape, given.event_shape) == (batch, (2,))
    assert given.log_evidence.shape == given.effective_sample_size.shape == batch
    whole = model(context.expand(*batch, 2)).given(x.expand(*batch, 4), observed, particles=200, seed=0)
    value = torch.ones(2).double()
    torch.testing.assert_close(given.log_prob(value), whole.log_prob(value), atol=1e-12, rtol=0)
    assert given.sample((5,)).shape == (5, *batch, 2)


@WAYS
@pytest.mark.parametrize("shape", [(), (1,), (50,), (0,), (2, 3), (2, 0)], ids=str)
@pytest.mark.parametrize("batch", [(), (4,), (0,), (2, 3)], ids=str)
def test_sample_shapes(batch, shape, observed):
    given = asked(observed, *batch)
    sample = given.sample(shape)
    assert sample.shape == (*shape, *batch, 2)
    assert sample.dtype == torch.float64
    assert not sample.requires_grad
    assert given.support.check(sample).shape == given.log_prob(sample).shape == (*shape, *batch)
    assert bool(given.support.check(sample).all())


@WAYS
@pytest.mark.parametrize("batch", [(), (3,), (2, 3)], ids=str)
def test_values_broadcast_with_the_evidence(batch, observed):
    given = asked(observed, *batch)
    values = torch.tensor([[0.0, 1.0], [1.0, 1.0]]).reshape(2, *[1] * len(batch), 2)
    logs = given.log_prob(values)
    assert logs.shape == (2, *batch)
    torch.testing.assert_close(logs[1], given.log_prob([1, 1]), atol=1e-12, rtol=0)


def test_unobserved_variables_keep_the_order_of_the_table():
    model = create(5, conditionals=[Categorical(size) for size in (2, 3, 4, 5, 6)], orders="any")
    given = model().given(torch.zeros(5), [3, 1])
    assert given.unobserved.tolist() == [0, 2, 4]
    assert given.sample((2000,)).amax(0).tolist() == [1, 3, 5]


@WAYS
@pytest.mark.parametrize("batch", [(), (3,)], ids=str)
def test_a_generator_fixes_samples(batch, observed):
    given = asked(observed, *batch)
    draws = [given.sample((50,), generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@WAYS
def test_without_a_generator_manual_seed_governs_samples(observed):
    given, draws = asked(observed), []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        draws.append(given.sample((50,)))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert not torch.equal(given.sample((50,)), given.sample((50,)))


def figures(given):
    return torch.stack([given.log_evidence, given.log_prob([0, 1]), *given.expectation(lambda u: u[..., 0])]).detach()


@WAYS
def test_a_seed_fixes_estimates(observed):
    assert torch.equal(figures(asked(observed, seed=1)), figures(asked(observed, seed=1)))
    others = figures(asked(observed, seed=2))
    assert bool((figures(asked(observed, seed=1)) != others)[2:].all())


@WAYS
def test_without_a_seed_manual_seed_governs_estimates(observed):
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(figures(asked(observed, seed=None)))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


@WAYS
def test_seeded_calls_leave_the_global_generator_alone(observed):
    before = torch.get_rng_state()
    given = asked(observed, 3, seed=1)
    given.sample((50,), generator=torch.Generator().manual_seed(1))
    figures(asked(observed, seed=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_an_exact_answer_draws_nothing_until_it_is_sampled():
    before = torch.get_rng_state()
    given = asked(FIRST, seed=None)
    given.log_prob([0, 1])
    assert torch.equal(torch.get_rng_state(), before)
    given.sample()
    assert not torch.equal(torch.get_rng_state(), before)


@WAYS
def test_no_unit_is_dropped_in_sampling(observed):
    # nor is the global generator asked which
    model, before = density(dropout=0.5), torch.get_rng_state()
    x = evidence(model, mask(model, observed), 3)
    drawn = []
    for mode in (True, False):
        given = model.train(mode)().given(x, observed, particles=200, seed=0)
        drawn.append(given.sample((50,), generator=torch.Generator().manual_seed(0)))
        drawn.append(given.expectation(lambda u: u[..., 0]).value)
    assert torch.equal(drawn[0], drawn[2])
    assert torch.equal(drawn[1], drawn[3])
    assert torch.equal(torch.get_rng_state(), before)


def test_log_prob_follows_the_mode():
    model = density(dropout=0.5).train()
    given = model().given(torch.zeros(4), FIRST)
    assert not torch.equal(given.log_prob([0, 1]), given.log_prob([0, 1]))
    model.eval()
    assert torch.equal(given.log_prob([0, 1]), given.log_prob([0, 1]))
