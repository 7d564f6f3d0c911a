"""A density is a density: the probabilities of all states add up to 1, whatever the model."""

import pytest
import torch
from helpers import context_for, every_state, redraw
from registry import CASES, named

from tailormade import MADE, Categorical

MIXTURES = [*named(CASES, "3"), *named(CASES, "any")]
ANY = [*named(CASES, "any", without=("groups",))]


def totals(dist):
    """The total probability for every context of the batch."""
    states = every_state(dist.model)
    return dist.log_prob(states.reshape(-1, *[1] * len(dist.batch_shape), dist.model.features)).exp().sum(0)


def assert_normalised(dist):
    torch.testing.assert_close(totals(dist), torch.ones(dist.batch_shape).double(), atol=1e-10, rtol=0)


def test_all_states_add_up_to_one(model):
    assert_normalised(model(context_for(model, 3)))


@pytest.mark.parametrize("model", MIXTURES, indirect=True)
def test_every_component_adds_up_to_one(model):
    logs = model(context_for(model)).component_log_prob(every_state(model))
    assert len(logs) == len(model.table) > 1
    torch.testing.assert_close(logs.exp().sum(1), torch.ones(len(logs)).double(), atol=1e-10, rtol=0)


@pytest.mark.parametrize("model", MIXTURES, indirect=True)
def test_a_chosen_component_adds_up_to_one(model):
    assert_normalised(model(context_for(model), order=2))


@pytest.mark.parametrize("model", ANY, indirect=True)
def test_any_order_that_is_asked_for_adds_up_to_one(model):
    order = list(range(model.features, 0, -1))
    assert_normalised(model(context_for(model, 2), order=order))


def fresh(features, **options):
    return redraw(MADE(features, activation="tanh", seed=3, **options).double())


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("options", [{}, {"residual": True, "direct": True}], ids=["plain", "residual-direct"])
def test_twelve_variables(orders, options):
    assert_normalised(fresh(12, hidden_units=(20, 20), orders=orders, **options)())


def test_the_last_twelve_of_twenty_add_up_to_the_probability_of_the_first_eight():
    model = fresh(20, hidden_units=(30,))
    prefix = torch.tensor([1.0, 0, 0, 1, 1, 1, 0, 1], dtype=torch.float64)
    rest = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 12)
    whole = torch.cat([prefix.expand(len(rest), 8), rest], 1)
    terms = model.conditional_log_probs(whole, None, model.table[0])[:, :8]
    assert bool((terms == terms[0]).all())  # what comes first knows nothing of the rest
    torch.testing.assert_close(model.log_prob(whole).logsumexp(0), terms[0].sum(), atol=1e-10, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_lower_precision(dtype):
    model = fresh(6, hidden_units=(16, 16), orders=3).to(dtype)
    total = model.log_prob(every_state(model)).detach().exp().sum()
    assert total.dtype == torch.float32
    assert abs(float(total) - 1) < 1e-4  # rows of one prefix may differ by the rounding of their products


def test_mixed_precision():
    model = fresh(6, hidden_units=(16, 16), orders=3).float()
    with torch.autocast("cpu", torch.bfloat16):
        total = model.log_prob(every_state(model)).detach().exp().sum()
    assert total.dtype == torch.float32
    assert abs(float(total) - 1) < 1e-4


def test_large_weights_lose_no_probability():
    # hundreds of nats: the states still add up, and none is infinitely improbable
    model = redraw(fresh(6, hidden_units=(16,), conditionals=[Categorical(2), Categorical(3)] * 3), scale=60.0)
    logs = model.log_prob(every_state(model)).detach()
    assert bool(logs.isfinite().all())
    assert abs(float(logs.exp().sum()) - 1) < 1e-10
