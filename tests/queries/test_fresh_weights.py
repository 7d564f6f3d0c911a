"""Answers are those of the weights as they are now."""

import pytest
import torch
from helpers import redraw
from queries.enumerated import create, evidence, mask, truth

pytestmark = pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")

WAYS = pytest.mark.parametrize("observed", [[0, 1], [2, 3]], ids=["exact", "weighted"])


def step(model):
    optimiser = torch.optim.Adam(model.parameters(), lr=0.5)
    (-model.log_prob(torch.zeros(4).double())).backward()
    optimiser.step()


def replace(model):
    redraw(model, seed=9, scale=1.5)


def load(model):
    model.load_state_dict(create(4, orders=model.orders, weights=7).state_dict())


def figures(given):
    """All that a query answers."""
    draws = given.sample((30,), generator=torch.Generator().manual_seed(0))
    mean, error = given.expectation(lambda u: u[..., 0])
    numbers = [given.log_evidence, given.log_evidence_error, given.effective_sample_size, mean, error]
    return [given.log_prob([0, 1]).detach(), draws, *(n.detach() for n in numbers)]


@WAYS
@pytest.mark.parametrize("orders", [1, "any"])
@pytest.mark.parametrize("change", [step, replace, load])
def test_answers_follow_the_weights(change, orders, observed):
    model = create(4, orders=orders, seed=3)
    dist = model() if orders == 1 else model(order=[1, 2, 3, 4])
    x = evidence(model, mask(model, observed))
    given = dist.given(x, observed, particles=100, seed=0)
    before = figures(given)
    change(model)
    after, fresh = figures(given), figures(dist.given(x, observed, particles=100, seed=0))
    assert all(torch.equal(a, b) for a, b in zip(after, fresh, strict=True))
    changed = [not torch.equal(a, b) for a, b in zip(after, before, strict=True)]
    assert all(changed[i] for i in ([0, 2, 5] if given.exact else [0, 2, 3, 4, 5]))


@WAYS
def test_answers_after_a_step_are_still_the_enumerated_ones(observed):
    model = create(4)
    observed = mask(model, observed)
    x = evidence(model, observed)
    given = model().given(x, observed, seed=0)
    step(model)
    expected = truth(model(), x, observed)
    error = 1e-9 + 4 * float(given.log_evidence_error)
    torch.testing.assert_close(given.log_prob(expected.rest), expected.log_prob, atol=error, rtol=0)
    torch.testing.assert_close(given.log_evidence, expected.log_evidence, atol=error, rtol=0)


def test_evidence_is_a_copy():
    x = torch.zeros(4)
    given = create(4)().given(x, [0, 1])
    before = given.log_prob([0, 1])
    x[:] = 1
    assert torch.equal(given.log_prob([0, 1]), before)


def test_estimates_have_no_gradient():
    given = create(4)().given(torch.zeros(4), [3], seed=0)
    numbers = [given.log_prob([0, 0, 0]), given.log_evidence, *given.expectation(lambda u: u[..., 0])]
    assert not any(n.requires_grad for n in numbers)


def test_exact_answers_can_be_learnt_from():
    model = create(4, orders=2)
    model.table.inputs[:] = torch.tensor([[1, 2, 3, 4], [2, 1, 4, 3]])
    given = model().given(torch.zeros(4), [0, 1])
    before = given.log_prob([1, 1]).item()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(10):
        optimiser.zero_grad()
        (-given.log_prob([1, 1])).backward()
        optimiser.step()
    assert before < -0.1
    assert given.log_prob([1, 1]).item() > before / 10
