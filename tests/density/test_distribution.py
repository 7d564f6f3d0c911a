"""The torch distribution that a model returns: its shapes, its support, its errors."""

from itertools import product

import pytest
import torch
from helpers import context_for, every_state, redraw
from torch.distributions import Distribution

from tailormade import MADE, Bernoulli, Categorical

BATCHES = [(), (1,), (3,), (5, 3), (5, 1)]
X = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)


def density(context=0, **options):
    options = {"hidden_units": (8,), "activation": "tanh", "orders": 2, "seed": 0, **options}
    return redraw(MADE(3, context, **options).double())


def values(*batch):
    return torch.bernoulli(torch.full((*batch, 3), 0.5, dtype=torch.float64))


def test_it_is_a_torch_distribution():
    dist = density(2)(torch.zeros(5, 2).double())
    assert isinstance(dist, Distribution)
    assert (dist.batch_shape, dist.event_shape) == ((5,), (3,))
    assert not dist.has_rsample


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_batch_shape_is_the_contexts(batch):
    assert density(2)(torch.zeros(*batch, 2)).batch_shape == batch
    assert density()().batch_shape == ()


@pytest.mark.parametrize(("x_batch", "c_batch"), list(product(BATCHES, BATCHES)), ids=str)
def test_log_prob_broadcasts(x_batch, c_batch):
    model = density(2)
    x, c = values(*x_batch), context_for(model, *c_batch)
    batch = torch.broadcast_shapes(x_batch, c_batch)
    assert model(c).log_prob(x).shape == batch
    expected = model(c.expand(*batch, 2)).log_prob(x.expand(*batch, 3))
    torch.testing.assert_close(model(c).log_prob(x), expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(model.log_prob(x, c), expected, atol=1e-12, rtol=0)


def test_five_values_at_three_contexts():
    model = density(2, conditionals=[Bernoulli(), Categorical(3), Bernoulli()])
    assert model(context_for(model, 3)).log_prob(values(5, 1)).shape == (5, 3)


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("orders", [1, 2, 3])
@pytest.mark.parametrize("x_batch", [(), (3,), (2, 3), (5, 1, 1)], ids=str)
def test_expand_changes_shapes_and_nothing_else(x_batch, orders, context):
    model, x = density(context, orders=orders), values(*x_batch)
    dist = model(context_for(model)).expand((2, 3))
    assert dist.batch_shape == (2, 3)
    assert dist.event_shape == (3,)
    assert dist.sample((7,)).shape == (7, 2, 3, 3)
    expected = model.log_prob(x, context_for(model)).expand(torch.broadcast_shapes(x_batch, (2, 3)))
    torch.testing.assert_close(dist.log_prob(x), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("shape", [(), (1,), (4,), (5, 2)], ids=str)
def test_expand_does_not_shrink_or_bend(shape):
    dist = density(2)(torch.zeros(5, 2))
    with pytest.raises((ValueError, RuntimeError), match=r"expand|shape|size|dimension"):
        dist.expand(shape)


def test_expand_twice():
    dist = density(2)(torch.zeros(3, 2).double()).expand((5, 3)).expand((2, 5, 3))
    assert dist.log_prob(X).shape == (2, 5, 3)


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("shape", [(), (0,), (4,), (4, 2), (2, 0)], ids=str)
@pytest.mark.parametrize("batch", [(), (3,), (0,), (2, 3)], ids=str)
def test_sample_shapes(context, shape, batch):
    model = density(context)
    dist = model(context_for(model, *batch)) if context else model().expand(batch)
    sample = dist.sample(shape)
    assert sample.shape == (*shape, *batch, 3)
    assert bool(dist.support.check(sample).all())


def test_samples_need_no_gradient():
    assert not density()().sample((4,)).requires_grad
    assert density()().log_prob(X).requires_grad


@pytest.mark.parametrize(("dtype", "expected"), [(torch.float64, torch.float64), (torch.bfloat16, torch.float32)])
def test_samples_have_the_type_of_values(dtype, expected):
    assert density().to(dtype)().sample((4,)).dtype == expected


def test_support_is_checked_variable_by_variable():
    model = density(conditionals=[Bernoulli(), Categorical(3), Categorical(4)])
    support = model().support
    assert support.event_dim == 1
    assert support.is_discrete
    assert bool(support.check(every_state(model)).all())
    assert support.check(torch.tensor([[1.0, 2.0, 3.0], [2.0, 2.0, 3.0], [1.0, 2.0, 4.0]])).tolist() == [
        True,
        False,
        False,
    ]


OUTSIDE = {
    "two": [0.0, 2.0, 1.0],
    "negative": [0.0, -1.0, 1.0],
    "fraction": [0.5, 0.0, 1.0],
    "nan": [0.0, float("nan"), 1.0],
    "infinite": [0.0, 0.0, float("inf")],
}


@pytest.mark.parametrize("conditionals", [Bernoulli(), Categorical(2)], ids=["binary", "categorical"])
@pytest.mark.parametrize("case", OUTSIDE)
def test_values_outside_the_support(case, conditionals):
    dist = density(conditionals=conditionals)()
    with pytest.raises(ValueError, match=r"value: column \d has .* in row \d .*expected"):
        dist.log_prob(torch.tensor(OUTSIDE[case]))
    with pytest.raises(ValueError, match=r"value: column \d has .* in row \d .*expected"):
        dist.expand((2,)).log_prob(torch.tensor(OUTSIDE[case]))


@pytest.mark.parametrize(("conditionals", "words"), [(Bernoulli(), "0 or 1"), (Categorical(2), "an integer in 0..1")])
def test_the_message_says_what_is_expected(conditionals, words):
    with pytest.raises(ValueError, match=words):
        density(conditionals=conditionals)().log_prob(torch.tensor([0.0, 2.0, 1.0]))


@pytest.mark.parametrize("shape", [(4,), (5, 2), (3, 4)], ids=str)
def test_values_of_the_wrong_width(shape):
    with pytest.raises(ValueError, match=r"not broadcastable|must match|event_shape"):
        density()().log_prob(torch.zeros(shape))


def test_values_of_the_wrong_batch():
    with pytest.raises(ValueError, match="broadcast"):
        density(2)(torch.zeros(3, 2)).log_prob(values(5))


def test_scalar_values():
    with pytest.raises(ValueError, match="event_shape"):
        density()().log_prob(torch.tensor(1.0))


def test_nan_in_the_context():
    with pytest.raises(ValueError, match="context"):
        density(2)(torch.tensor([0.0, float("nan")]))


REPR = {
    "mixture": (density()(), "the mixture over 2 orders; batch_shape=(), event_shape=(3,)"),
    "one_order": (density()(order=1), "the density of one order; batch_shape=(), event_shape=(3,)"),
    "batch": (density(2)(torch.zeros(5, 4, 2)), "the mixture over 2 orders; batch_shape=(5, 4), event_shape=(3,)"),
    "any_order": (density(orders="any")(), "the mixture over 16 orders; batch_shape=(), event_shape=(3,)"),
}


@pytest.mark.parametrize("case", REPR)
def test_repr(case):
    dist, words = REPR[case]
    assert repr(dist) == f"MADEDistribution({words})"
