"""Models of any order answer by one order that has the evidence first, and say so."""

import pytest
import torch
from helpers import context_for
from queries.enumerated import create, evidence, mask, truth

from tailormade import Bernoulli, Categorical
from tailormade.density.sweeps import outwards

SETS = [[0], [4], [1, 3], [0, 2, 4], [0, 1, 2, 3], [0, 1, 2, 3, 4]]
ONE = "the density of one order with the evidence first, not the mixture over 16 orders"
MIXED = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(2), Bernoulli()]


def family(**options):
    options = {"orders": "any", "conditionals": MIXED, "direct": True, "context": 2, **options}
    return create(5, **options)


def answers(given, expected):
    """What is compared: all log-probabilities and that of the evidence."""
    return torch.cat([given.log_prob(expected.rest), given.log_evidence.reshape(1)])


@pytest.mark.parametrize("rule", ["equal", "random"])
@pytest.mark.parametrize("observed", SETS, ids=str)
def test_it_is_the_density_of_that_order(observed, rule):
    model = family(hidden_degrees=rule)
    observed = mask(model, observed)
    x, context = evidence(model, observed), context_for(model)
    order = model.evidence_first(observed).inputs
    expected = truth(model(context, order=order), x, observed)
    found = answers(model(context).given(x, observed), expected)
    assert torch.equal(found, answers(model(context, order=order).given(x, observed), expected))
    torch.testing.assert_close(found[:-1], expected.log_prob, atol=1e-9, rtol=0)
    torch.testing.assert_close(found[-1], expected.log_evidence, atol=1e-9, rtol=0)


@pytest.mark.parametrize("observed", SETS, ids=str)
def test_it_is_exact_and_says_whose_density_it_is(observed):
    model = family(context=0)
    given = model().given(evidence(model, mask(model, observed)), observed)
    assert given.exact
    assert given.describes == ONE
    assert model().expand((2,)).given(torch.zeros(5), observed).describes == ONE


def test_where_one_order_is_stored_it_says_so():
    model = family(context=0, input_order=["random"])
    given = model().given(torch.zeros(5), [1])
    assert given.describes == "the density of one order with the evidence first, not that of the stored order"


def test_it_is_not_the_mixture():
    model = family(context=0)
    observed = mask(model, [1, 3])
    x = evidence(model, observed)
    mixture = truth(model(), x, observed)
    assert not torch.allclose(model().given(x, observed).log_prob(mixture.rest), mixture.log_prob, atol=0.01)


def test_without_evidence_it_is_the_mixture():
    model = family(context=0)
    given = model().given(torch.full((5,), torch.nan), [])
    x = torch.zeros(5).double()
    torch.testing.assert_close(given.log_prob(x), model().log_prob(x), atol=1e-12, rtol=0)
    assert given.describes == "the mixture over 16 orders"


@pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")
@pytest.mark.parametrize("order", [0, 3, [5, 4, 3, 2, 1]], ids=str)
def test_an_order_that_was_named_is_the_one_that_answers(order):
    model = family(context=0)
    dist = model(order=order)
    (last,) = torch.nonzero(dist.components[0].inputs == 5).flatten().tolist()
    given = dist.given(torch.zeros(5), [last])
    assert not given.exact
    assert given.describes == "the density of one order"
    others = [i for i in range(5) if i != last]
    assert dist.given(torch.zeros(5), others).exact


@pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")
def test_other_models_say_which_density_they_are():
    words = [create(5, orders=k)().given(torch.zeros(5), [4]).describes for k in (1, 3)]
    assert words == ["the density of one order", "the mixture over 3 orders"]


# groups of variables that are not conditioned on each other: {0, 1}, {2, 3}, {4}
GROUPS = {(4,): True, (0, 1): True, (0,): True, (4, 3): True, (0, 1, 3): True, (0, 2): False, (1, 2, 4): False}


@pytest.mark.filterwarnings("ignore::tailormade.queries.PoorEvidenceWarning")
@pytest.mark.parametrize("observed", GROUPS, ids=str)
def test_groups_stay_together(observed):
    # two groups that are partly observed cannot both come before what is not observed
    model = family(context=0, input_order=[1, 1, 2, 2, 3])
    observed, exact = mask(model, observed), GROUPS[observed]
    x = evidence(model, observed)
    given = model().given(x, observed, seed=0)
    expected = truth(model(order=model.evidence_first(observed).inputs), x, observed)
    assert given.exact is exact
    assert ("as far as its groups allow" in given.describes) is not exact
    error = 1e-9 + 4 * float(given.log_evidence_error)
    torch.testing.assert_close(answers(given, expected)[:-1], expected.log_prob, atol=error, rtol=0)


@pytest.mark.parametrize("observed", [[0, 1, 2], [2, 5], [4], [0, 2, 3, 5]], ids=str)
def test_images_are_completed_outwards(observed):
    model = create(6, orders="any", image_shape=(2, 3))
    observed = mask(model, observed)
    x, order = evidence(model, observed), outwards((2, 3), observed)
    expected = truth(model(order=order), x, observed)
    given = model().given(x, observed)
    assert given.exact
    torch.testing.assert_close(given.log_prob(expected.rest), expected.log_prob, atol=1e-9, rtol=0)
    torch.testing.assert_close(given.log_evidence, expected.log_evidence, atol=1e-9, rtol=0)
