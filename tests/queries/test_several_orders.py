"""A family of orders answers with the mixture of several orders that have the evidence first, where asked to."""

import pytest
import torch
from helpers import every_state, redraw

from tailormade import MADE


@pytest.fixture
def model():
    return redraw(MADE(6, hidden_units=(12,), orders="any", seed=0).double(), seed=1)


def test_the_mixture_is_that_of_the_orders_joint_densities(model):
    observed = torch.tensor([True, False, True, False, False, False])
    given = model().given([1, 0, 0, 0, 0, 0], observed, orders=3)
    states = every_state(model)
    alike = states[(states[:, 0] == 1) & (states[:, 2] == 0)]
    joints = torch.stack([
        model(order=model.evidence_first(observed, turn).inputs).log_prob(alike) for turn in range(3)
    ])  # fmt: skip
    mixture = torch.logsumexp(joints, 0)
    expected = mixture - torch.logsumexp(mixture, 0)
    assert given.exact
    assert torch.allclose(given.log_prob(alike[:, ~observed]), expected, atol=1e-12)
    assert "mixture of 3 orders with the evidence first, not the mixture over 16" in given.describes


def test_orders_differ_and_have_the_evidence_first(model):
    observed = torch.tensor([False, True, False, False, True, False])
    orders = [model.evidence_first(observed, turn).inputs for turn in range(4)]
    assert all(bool(order[observed].max() < order[~observed].min()) for order in orders)
    assert len({tuple(order.tolist()) for order in orders}) == 4
    assert torch.equal(orders[3], model.evidence_first(observed, 3).inputs)


@pytest.mark.parametrize(("orders", "asked"), [("any", 0), (2, 2), (1, 3)])
def test_only_a_family_mixes_orders(orders, asked):
    density = MADE(3, hidden_units=(4,), orders=orders, seed=0)()
    with pytest.raises(ValueError, match=f"^orders: expected 1, or more where this is a family .*, got {asked}\\.$"):
        density.given([0, 0, 0], [0], orders=asked)
