"""Where the evidence comes first, answers are those of enumeration: probabilities and gradients."""

import pytest
import torch
from helpers import context_for
from queries.enumerated import asked, create, evidence, leading
from registry import CASES, named

from tailormade import Bernoulli, Categorical

SHARES = [0.3, 0.7]
GRADIENTS = [
    *named(CASES, "1", "three_wide", "context2"),
    *named(CASES, "3", "three_wide", "residual"),
    *named(CASES, "3", "none"),
    *named(CASES, "any", "one_wide"),
]


def close(found, expected):
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("share", SHARES)
def test_probabilities_of_every_model(model, share):
    observed = leading(model, share)
    given, expected = asked(model, observed, evidence(model, observed))
    assert given.exact
    close(given.log_prob(expected.rest), expected.log_prob)
    close(given.log_evidence, expected.log_evidence)
    close(given.log_prob(expected.rest).exp().sum(), torch.ones(()).double())


def gradients(model, number):
    return torch.autograd.grad(number, list(model.parameters()), materialize_grads=True)


@pytest.mark.parametrize("model", GRADIENTS, indirect=True)
def test_the_gradient_is_that_of_the_enumerated_log_probabilities(model):
    observed = leading(model, 0.5)
    given, expected = asked(model, observed, evidence(model, observed))
    weights = torch.linspace(-1, 1, len(expected.rest)).double()
    found = gradients(model, (weights * given.log_prob(expected.rest)).sum())
    close(found, gradients(model, (weights * expected.log_prob).sum()))
    assert max(float(g.abs().max()) for g in found) > 1e-3


@pytest.mark.parametrize("model", GRADIENTS, indirect=True)
def test_the_gradient_of_the_evidence(model):
    observed = leading(model, 0.5)
    given, expected = asked(model, observed, evidence(model, observed))
    close(gradients(model, given.log_evidence), gradients(model, expected.log_evidence))


MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4), Categorical(2)]


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("direct", [False, True])
def test_every_row_is_answered_on_its_own(direct, context):
    model = create(5, context, conditionals=MIXED, orders=3, direct=direct)
    observed = leading(model, 0.6)
    x = evidence(model, observed, 2, 3)
    given, expected = asked(model, observed, x[1, 2])
    rows = model(context_for(model)).given(x, observed)
    close(rows.log_evidence[1, 2], expected.log_evidence)
    close(rows.log_prob(expected.rest[:, None, None])[:, 1, 2], expected.log_prob)
    close(given.log_prob(expected.rest), expected.log_prob)


def test_nothing_is_estimated():
    model = create(5, orders=3)
    observed = leading(model, 0.4)
    given = model().given(evidence(model, observed, 4), observed)
    assert given.log_evidence_error.tolist() == [0.0] * 4
    assert given.effective_sample_size.tolist() == [float("inf")] * 4


def test_a_mixture_is_exact_only_if_the_evidence_comes_first_in_all_orders():
    model = create(4, orders=3)
    observed = leading(model, 0.5)
    assert model().given(evidence(model, observed), observed).exact
    model.table.inputs[2] = model.table.inputs[2].flip(0)
    assert not model().given(evidence(model, observed), observed).exact


@pytest.mark.parametrize("order", [[1, 2, 2, 3], [2, 1, 2, 3]])
def test_evidence_within_a_group_comes_first(order):
    # members of a group are not conditioned on each other
    model = create(4, input_order=order)
    observed = torch.tensor([True, True, False, False])
    given, expected = asked(model, observed, evidence(model, observed))
    assert given.exact
    close(given.log_prob(expected.rest), expected.log_prob)
    close(given.log_evidence, expected.log_evidence)
