"""Samples follow the probabilities that log_prob states."""

import math

import pytest
import torch
from helpers import context_for, every_state
from registry import CASES, named
from sampling.drawing import counted

N = 2000


def surprise(model, dist):
    """Pearson's statistic in standard deviations above its mean, rare states pooled so that 5 are expected of each."""
    expected = dist.log_prob(every_state(model)).detach().exp() * N
    observed = counted(model, dist.sample((N,), generator=torch.Generator().manual_seed(1)))
    assert int(observed.sum()) == N
    rare = expected < 5
    pools = [torch.cat([t[~rare], t[rare].sum(0, keepdim=True) + 1e-9]) for t in (observed, expected)]
    statistic = float(((pools[0] - pools[1]).square() / pools[1].clamp(min=1)).sum())
    freedom = max(len(pools[0]) - 1, 1)
    return (statistic - freedom) / math.sqrt(2 * freedom)


def test_frequencies_of_every_model(model):
    assert surprise(model, model(context_for(model))) < 5


@pytest.mark.parametrize("model", named(CASES, "3", "one_wide"), indirect=True)
def test_frequencies_of_one_order(model):
    assert surprise(model, model(context_for(model), order=1)) < 5


@pytest.mark.parametrize("model", named(CASES, "any", "three_wide", without=("groups",)), indirect=True)
def test_frequencies_of_an_order_that_is_asked_for(model):
    assert surprise(model, model(context_for(model), order=list(range(model.features, 0, -1)))) < 5


@pytest.mark.parametrize("model", named(CASES, "1", "one_wide", "context2"), indirect=True)
def test_the_statistic_notices_another_context(model):
    dist, other = model(context_for(model)), model(-context_for(model))
    dist.sample = other.sample
    assert surprise(model, dist) > 20


@pytest.mark.parametrize("model", named(CASES, "3", "one_wide", "context2"), indirect=True)
def test_every_context_of_a_batch_gets_its_own_samples(model):
    contexts = torch.stack([context_for(model), -context_for(model)])
    dist = model(contexts)
    samples = dist.sample((N,), generator=torch.Generator().manual_seed(1))
    means = [(model(c).log_prob(every_state(model)).exp()[:, None] * every_state(model)).sum(0) for c in contexts]
    spread = samples.std(0) / math.sqrt(N)
    assert bool(((samples.mean(0) - torch.stack(means)).abs() < 5 * spread + 1e-9).all())
