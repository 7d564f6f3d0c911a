"""Independent distributions side by side."""

import pytest
import torch
from helpers import every_state, redraw
from torch.distributions import (
    Bernoulli,
    Categorical,
    Exponential,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
    Poisson,
)

import tailormade as tm
from tailormade.flows import Blockwise

LOC = torch.tensor([1.0, -2.0])
COVARIANCE = torch.tensor([[2.0, 0.5], [0.5, 1.0]])


def three(batch=()):
    """A scalar, a vector and a matrix: six variables."""
    return Blockwise([
        Normal(3.0, 2.0),
        MultivariateNormal(LOC, COVARIANCE),
        Independent(Exponential(torch.full((*batch, 3, 1), 0.5)), 2),
    ])  # fmt: skip


def test_log_prob_is_the_sum_over_blocks():
    x = torch.rand(7, 6)
    expected = Normal(3.0, 2.0).log_prob(x[:, 0]) + MultivariateNormal(LOC, COVARIANCE).log_prob(x[:, 1:3])
    expected = expected + Exponential(0.5).log_prob(x[:, 3:]).sum(-1)
    assert torch.allclose(three().log_prob(x), expected)


def test_samples_lie_side_by_side():
    torch.manual_seed(3)
    x = three().sample((5,))
    torch.manual_seed(3)
    parts = [Normal(3.0, 2.0).sample((5,)), MultivariateNormal(LOC, COVARIANCE).sample((5,))]
    assert torch.equal(x[:, 0], parts[0])
    assert torch.equal(x[:, 1:3], parts[1])
    assert torch.equal(x[:, 3:], Exponential(torch.full((3, 1), 0.5)).sample((5,)).squeeze(-1))


def test_moments_and_entropy():
    d = three()
    assert d.mean.tolist() == [3.0, 1.0, -2.0, 2.0, 2.0, 2.0]
    assert torch.allclose(d.variance, torch.tensor([4.0, 2.0, 1.0, 4.0, 4.0, 4.0]))
    normal = Normal(3.0, 2.0).entropy() + MultivariateNormal(LOC, COVARIANCE).entropy()
    assert torch.allclose(d.entropy(), normal + 3 * Exponential(torch.tensor(0.5)).entropy())


@pytest.mark.parametrize("sample_shape", [(), (5,), (2, 3)])
def test_batch_shapes_broadcast(sample_shape):
    d = Blockwise([Normal(torch.zeros(4, 1), 1.0), MultivariateNormal(torch.zeros(3, 2), torch.eye(2))])
    assert (d.batch_shape, d.event_shape) == ((4, 3), (3,))
    x = d.sample(sample_shape)
    assert x.shape == (*sample_shape, 4, 3, 3)
    assert d.rsample(sample_shape).shape == x.shape
    assert d.log_prob(x).shape == d.support.check(x).shape == (*sample_shape, 4, 3)
    assert d.log_prob(torch.zeros(3)).shape == (4, 3)


def test_an_empty_batch():
    d = Blockwise([tm.MADE(3, seed=0)(), Normal(0.0, 1.0)])
    x = d.sample((0, 2))
    assert x.shape == (0, 2, 4)
    assert d.log_prob(x).shape == d.support.check(x).shape == (0, 2)


def test_draws_differ_over_a_batch_that_was_broadcast():
    x = Blockwise([Normal(torch.zeros(4), 1.0), Normal(0.0, 1.0)]).sample()
    assert len(x[:, 1].unique()) == 4


def test_expand():
    d = three(batch=(2,)).expand((5, 2))
    assert (d.batch_shape, d.sample((3,)).shape) == ((5, 2), (3, 5, 2, 6))
    assert torch.allclose(d.log_prob(torch.ones(6)), three().log_prob(torch.ones(6)).expand(5, 2))


def test_support_asks_every_block():
    d = Blockwise([Bernoulli(0.5), Poisson(2.0), Normal(0.0, 1.0)])
    x = torch.tensor([[1.0, 3.0, -0.5], [2.0, 3.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, torch.nan]])
    assert d.support.check(x).tolist() == [True, False, False, False]
    assert not d.support.is_discrete
    assert Blockwise([Bernoulli(0.5)]).support.is_discrete
    assert three().support.check(torch.ones(2, 6)).tolist() == [True, True]
    assert three().support.check(torch.tensor([1.0, 1.0, 1.0, 1.0, -1.0, 1.0])).item() is False


def test_has_rsample_where_all_blocks_have_it():
    assert three().has_rsample
    assert not Blockwise([Normal(0.0, 1.0), Bernoulli(0.5)]).has_rsample
    loc = torch.zeros(2, requires_grad=True)
    Blockwise([Normal(loc[0], 1.0), Normal(loc[1], 1.0)]).rsample((5,)).sum().backward()
    assert loc.grad.tolist() == [5.0, 5.0]


def test_a_generator_is_the_only_source_of_its_draws():
    d = Blockwise([tm.MADE(3, seed=0)(), Normal(0.0, 1.0)])
    before = torch.get_rng_state()
    a, b = (d.sample((4,), generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(a, b)
    assert not torch.equal(a, d.sample((4,)))


def test_blocks_of_networks_are_one_density():
    models = [redraw(tm.MADE(2, seed=k), seed=k) for k in range(3)]
    d = Blockwise([model() for model in models])
    states = every_state(tm.MADE(6, seed=0)).float()
    assert torch.allclose(d.log_prob(states).exp().sum(), torch.tensor(1.0))
    d.log_prob(states).sum().backward()
    assert all(model.network.layers[-1].bias.grad is not None for model in models)


def test_it_is_a_citizen_of_torch():
    d = Blockwise([Normal(torch.zeros(3), 1.0), Normal(torch.ones(3), 1.0)])
    assert MixtureSameFamily(Categorical(torch.ones(3)), d).log_prob(torch.zeros(5, 2)).shape == (5,)
    assert Independent(d, 1).log_prob(torch.zeros(3, 2)).shape == ()
    assert repr(d) == "Blockwise(Normal: 1, Normal: 1; batch_shape=(3,), event_shape=(2,))"


def test_errors_say_what_was_expected():
    with pytest.raises(ValueError, match="distributions: expected at least one, got none"):
        Blockwise([])
    with pytest.raises(TypeError, match="expected torch distributions, got Bernoulli at 1"):
        Blockwise([Normal(0.0, 1.0), tm.Bernoulli()])
    with pytest.raises(ValueError, match=r"batch shapes that broadcast, got \[\(2,\), \(3,\)\]"):
        Blockwise([Normal(torch.zeros(2), 1.0), Normal(torch.zeros(3), 1.0)])
    with pytest.raises(ValueError, match=r"expected event_shape \(6,\) \(blocks of \[1, 2, 3\]\), got shape \(5"):
        three().log_prob(torch.zeros(5))
    with pytest.raises(ValueError, match=r"block 1: Expected value .* to be within the support"):
        Blockwise([Normal(0.0, 1.0), Bernoulli(0.5, validate_args=True)]).log_prob(torch.tensor([0.5, 0.5]))
