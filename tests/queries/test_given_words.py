"""What an answer says of itself: whose density, exact or estimated, and how many draws its samples rest on."""

import pytest
import torch
from queries.enumerated import create

from tailormade import MADE, Bernoulli, Categorical
from tailormade.queries import PoorEvidenceWarning

REPR = {
    "exact": (1, [0], "the density of one order; exact; batch_shape=(), event_shape=(3,)"),
    "estimated": (1, [3], "the density of one order; estimated from 200 particles; batch_shape=(), event_shape=(3,)"),
    "mixture": (2, [2, 3], "the mixture over 2 orders; estimated from 400 particles; batch_shape=(), event_shape=(2,)"),
    "any": (
        "any",
        [2],
        "the density of one order with the evidence first, not the mixture over 16 orders; exact; batch_shape=(), "
        "event_shape=(3,)",
    ),
}


@pytest.mark.parametrize("case", REPR)
def test_repr(case):
    orders, observed, words = REPR[case]
    assert (
        repr(create(4, orders=orders, scale=0.1)().given(torch.zeros(4), observed, particles=200)) == f"Given({words})"
    )


def test_repr_has_the_batch():
    given = create(4)().given(torch.zeros(5, 4), [0])
    assert repr(given) == "Given(the density of one order; exact; batch_shape=(5,), event_shape=(3,))"


def rare(rows):
    """Evidence with which one particle in 150 agrees; a second variable tells particles apart."""
    model = MADE(3, conditionals=[Bernoulli(), Categorical(1000), Bernoulli()], hidden_units=(), seed=0)
    last = model.network.layers[0]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.zero_()
        last.bias[0], last.bias[-1], last.weight[-1, 0] = -5.0, -20.0, 40.0
    with pytest.warns(PoorEvidenceWarning):
        return model().given(torch.ones(rows, 3), [2], seed=0)


def test_distinct_draws_are_as_many_as_are_found():
    given = rare(30)
    drawn = given.sample((550,), generator=torch.Generator().manual_seed(1))
    found = [len(drawn[:, row].unique(dim=0)) for row in range(30)]
    assert float(given.distinct_draws(550).mean()) == pytest.approx(sum(found) / 30, abs=10)
    assert 20 < sum(found) / 30 < 60


@pytest.mark.parametrize("n", [0, 1])
def test_a_single_draw_is_one(n):
    torch.testing.assert_close(rare(2).distinct_draws(n), torch.full((2,), float(n)))


@pytest.mark.parametrize("n", [0, 1, 700])
def test_exact_draws_are_all_different(n):
    given = create(3)().given(torch.zeros(2, 3), [0])
    assert given.distinct_draws(n).tolist() == [n, n]
