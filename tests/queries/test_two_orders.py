"""A mixture of orders is not the mixture of its components' conditionals, by formulas written out by hand."""

import pytest
import torch
from queries.enumerated import create

NUMBERS = [0.0, 3.0, -3.0]  # both biases, the weight of x1 in x2's logit, that of x2 in x1's


def sigmoid(number):
    return torch.tensor(number, dtype=torch.float64).sigmoid()


def pair(orders=((1, 2), (2, 1))):
    """Two variables without a hidden layer, in both orders."""
    model = create(2, orders=2, hidden_units=())
    model.table.inputs[:] = torch.tensor(orders)
    bias, right, left = NUMBERS
    with torch.no_grad():
        model.network.layers[0].weight[:] = torch.tensor([[9.0, left], [right, 9.0]])
        model.network.layers[0].bias[:] = bias
    return model


# p(x2 = 1 | x1 = 1): of the component (x1, x2), and of the mixture, to which (x2, x1) adds what it says of x1 = 1
COMPONENT = sigmoid(3.0)
TRUE = (0.5 * sigmoid(3.0) + 0.5 * sigmoid(-3.0)) / (0.5 + 0.25 + 0.5 * sigmoid(-3.0))
EVIDENCE = ((0.5 + 0.25 + 0.5 * sigmoid(-3.0)) / 2).log()


def test_the_component_with_the_evidence_first_says_something_else():
    model = pair()
    x, observed, value = [1.0, 0.0], [0], torch.tensor([1.0])
    assert float(TRUE) == pytest.approx(0.646, abs=1e-3)
    torch.testing.assert_close(model(order=0).given(x, observed).log_prob(value).exp(), COMPONENT)
    assert float(COMPONENT - TRUE) > 0.3


@pytest.mark.parametrize("orders", [((1, 2), (2, 1)), ((2, 1), (1, 2))], ids=str)
def test_the_conditional_of_the_mixture(orders):
    rest = pair(orders)().given([1.0, 0.0], [0], seed=0)
    mean, error = rest.expectation(lambda u: u[..., 0])
    assert not rest.exact
    assert float((mean - TRUE).abs()) < 4 * float(error) < 0.1
    assert float((rest.log_prob(torch.ones(1)).exp() - TRUE).abs()) < 4 * float(rest.log_evidence_error) < 0.2
    assert float((rest.log_evidence - EVIDENCE).abs()) < 4 * float(rest.log_evidence_error)


def test_samples_of_the_mixture():
    drawn = pair()().given([1.0, 0.0], [0], seed=0).sample((4000,), generator=torch.Generator().manual_seed(0))
    assert abs(float(drawn.mean()) - float(TRUE)) < 0.03


def four():
    """Evidence on x1, x2 comes first in both orders; components differ in its probability, and in u3 given u4."""
    model = create(4, orders=2, hidden_units=())
    model.table.inputs[:] = torch.tensor([[1, 2, 3, 4], [2, 1, 4, 3]])
    with torch.no_grad():
        model.network.layers[0].weight[:] = torch.tensor([[0, -4, 0, 0], [4, 0, 0, 0], [0, 0, 0, -3], [0, 0, 3, 0.0]])
        model.network.layers[0].bias[:] = torch.tensor([0.0, -1.0, 0.0, 0.0])
    return model


OBSERVED = [True, True, False, False]
SHARES = torch.stack([sigmoid(0.0) * sigmoid(3.0), sigmoid(-1.0) * sigmoid(-4.0)])  # p_k(x1 = 1, x2 = 1)
BOTH = torch.stack([sigmoid(0.0) * sigmoid(3.0), sigmoid(0.0) * sigmoid(-3.0)])  # p_k(u3 = 1, u4 = 1 | e)


def test_components_count_by_how_well_they_explain_the_evidence():
    given = four()().given([1, 1, 0, 0], OBSERVED)
    expected = (SHARES * BOTH).sum() / SHARES.sum()
    assert given.exact
    torch.testing.assert_close(given.log_prob(torch.ones(2)).exp(), expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(given.log_evidence.exp(), SHARES.mean(), atol=1e-12, rtol=0)
    assert float((BOTH.mean() - expected).abs()) > 0.2  # what equal weights would say


def test_samples_count_components_in_the_same_way():
    drawn = four()().given([1, 1, 0, 0], OBSERVED).sample((4000,), generator=torch.Generator().manual_seed(0))
    expected = (SHARES * BOTH).sum() / SHARES.sum()
    assert abs(float(drawn.all(-1).double().mean()) - float(expected)) < 4 * 0.5 / 4000**0.5


def test_so_do_expectations():
    given = four()().given([1, 1, 0, 0], OBSERVED, seed=0)
    mean, error = given.expectation(lambda u: u.all(-1))
    assert abs(float(mean) - float((SHARES * BOTH).sum() / SHARES.sum())) < 4 * float(error) < 0.1
