"""Flows as they are made learn known densities to within 0.05 nats, on a budget of seconds."""

import math

import pytest
import torch
from torch.distributions import Normal

import tailormade as tm
from tailormade.flows import RationalQuadraticSpline
from tailormade.training import score

KINDS = {"maf": tm.MAF, "iaf": tm.IAF}


def wave(seed, count=4000):
    """x ~ N(sin 3c, 0.1), c ~ U(-3, 3): rows, contexts and true log-densities."""
    generator = torch.Generator().manual_seed(seed)
    c = 6 * torch.rand(count, 1, generator=generator) - 3
    x = torch.sin(3 * c) + 0.1 * torch.randn(count, 1, generator=generator)
    return x, c, Normal(torch.sin(3 * c), 0.1).log_prob(x).squeeze(-1)


def bent(seed, count=4000):
    """x2 ~ N(0, 2²), x1 = ε + x2²/4, far from the origin."""
    noise = torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))
    first, second = noise[:, 0] + noise[:, 1].square(), 2 * noise[:, 1]
    log = Normal(0.0, 1.0).log_prob(noise[:, 0]) + Normal(0.0, 2.0).log_prob(second)
    return 100 + torch.stack([first, second], -1), None, log


def two_bumps(seed, count=4000):
    """A variable with two bumps, which no affine map of a normal has."""
    generator = torch.Generator().manual_seed(seed)
    side = torch.randint(2, (count, 1), generator=generator) * 4.0 - 2
    x = side + 0.5 * torch.randn(count, 1, generator=generator)
    log = torch.logsumexp(Normal(torch.tensor([-2.0, 2.0]), 0.5).log_prob(x), 1) - math.log(2)
    return x, None, log


def short_of_the_truth(flow, draw, **changes):
    """How far a fitted flow is below the true density on new rows, in nats."""
    x, context, _ = draw(0)
    options = {"max_epochs": 12, "learning_rate": 0.01, "batch_size": 100, "seed": 0, "progress": False, **changes}
    tm.fit(flow, x, context=context, config=tm.FitConfig(**options))
    x, context, log = draw(1)
    return float(log.mean()) - score(flow, x, context).log_likelihood


@pytest.mark.parametrize("kind", KINDS)
def test_a_wave_in_the_context(kind):
    flow = KINDS[kind](1, context=1, transforms=2, hidden_units=(64, 64), seed=0)
    assert short_of_the_truth(flow, wave, max_epochs=20) < 0.05  # measured: 0.02 to 0.04


@pytest.mark.parametrize("kind", KINDS)
def test_a_bent_cloud_in_either_order(kind):
    flow = KINDS[kind](2, transforms=2, hidden_units=(32, 32), seed=0)
    assert short_of_the_truth(flow, bent, max_epochs=8) < 0.05


def test_two_bumps_by_a_spline():
    flow = tm.MAF(1, transforms=1, bijection=RationalQuadraticSpline(), hidden_units=(), seed=0)
    assert short_of_the_truth(flow, two_bumps, max_epochs=8, learning_rate=0.05) < 0.05


@pytest.mark.parametrize("activation", ["tanh", "silu", "relu"])
def test_units_start_as_bends_whatever_their_degree_and_layer(activation):
    flow = tm.MAF(8, transforms=1, hidden_units=(256, 256, 256), activation=activation, seed=0)
    network, degrees = flow.transforms[0].network, flow.transforms[0].degrees
    seen, weights = [], network.effective_weights(degrees)
    h = torch.randn(2000, 8, generator=torch.Generator().manual_seed(0))
    for weight, bias in zip(weights.layers[:-1], weights.biases[:-1], strict=True):
        h = torch.nn.functional.linear(h, weight)
        seen.append(h.std(0))
        h = network.activation(h + bias)
    for layer, of_degree in zip(seen, degrees.hidden, strict=True):
        for degree in of_degree.unique():
            assert 0.7 < layer[of_degree == degree].mean() < 2.5  # Glorot's: 0.05 to 0.5
    assert 0 < flow.transforms[0].params(h[:, :8]).std() < 0.1


def test_rows_far_from_all_others_are_unlikely_in_measure():
    """As the function between layers is bounded by default."""
    flow = tm.MAF(2, transforms=5, hidden_units=(64, 64), seed=0)
    tm.fit(flow, bent(0)[0], config=tm.FitConfig(max_epochs=8, learning_rate=5e-3, seed=0, progress=False))
    far = torch.tensor([[100.0, 112.0], [104.0, 86.0], [120.0, 100.0]])
    with torch.no_grad():
        assert bool((flow.log_prob(far) > -300).all())  # measured: -214 and more; silu -1396, relu -498
