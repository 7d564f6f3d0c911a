"""Same seed, same result; and seeded calls leave the global generators as they were."""

import random

import numpy as np
import pytest
import torch
from helpers import redraw

from tailormade import MADE

OPTIONS = {
    "hidden_units": (9, 9),
    "input_order": "random",
    "hidden_degrees": "random",
    "orders": 3,
    "residual": True,
    "direct": True,
}


def global_state():
    """All generators that code might touch."""
    return str((torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()))


def state(model):
    return {name: value.tolist() for name, value in model.state_dict().items()}


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def density(**options):
    return redraw(MADE(5, 2, hidden_units=(9,), orders=3, seed=0, **options))


def test_a_seed_fixes_orders_degrees_and_weights():
    first, again, other = (MADE(6, 2, seed=s, **OPTIONS) for s in (4, 4, 5))
    assert state(first) == state(again)
    assert all(state(first)[name] != state(other)[name] for name in ("table.inputs", "network.layers.0.weight"))


def test_a_seed_leaves_the_global_generators_alone():
    before = global_state()
    MADE(6, 2, seed=4, **OPTIONS)
    assert global_state() == before


def test_without_a_seed_manual_seed_governs():
    torch.manual_seed(11)
    first, second = MADE(6, **OPTIONS), MADE(6, **OPTIONS)
    torch.manual_seed(11)
    again = MADE(6, **OPTIONS)
    assert state(first) == state(again)
    assert state(first) != state(second)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_samples_of_a_generator_are_reproducible_and_leave_no_trace(training):
    dist = density(dropout=0.5).train(training)(torch.zeros(4, 2))
    before = global_state()
    first, again = dist.sample((50,), generator=generator()), dist.sample((50,), generator=generator())
    assert torch.equal(first, again)
    assert global_state() == before


def test_a_generator_moves_on():
    dist, g = density()(torch.zeros(2)), generator()
    assert not torch.equal(dist.sample((50,), generator=g), dist.sample((50,), generator=g))


def test_manual_seed_governs_unseeded_samples():
    dist = density()(torch.zeros(2))
    torch.manual_seed(3)
    first, second = dist.sample((50,)), dist.sample((50,))
    torch.manual_seed(3)
    assert torch.equal(dist.sample((50,)), first)
    assert not torch.equal(first, second)


def test_sampling_drops_no_units():
    model = density(dropout=0.9)
    samples = [model.train(mode)(torch.zeros(2)).sample((50,), generator=generator()) for mode in (True, False)]
    assert torch.equal(*samples)
    assert model.training is False


def test_dropout_is_governed_by_manual_seed():
    model, x = density(dropout=0.5), torch.ones(4, 5)
    logs = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        logs.append(model.log_prob(x, torch.zeros(2)))
    assert torch.equal(logs[0], logs[1])
    assert not torch.equal(logs[0], logs[2])


def test_evaluation_is_deterministic():
    model, x = density(dropout=0.5).eval(), torch.ones(4, 5)
    before = global_state()
    assert torch.equal(model.log_prob(x, torch.zeros(2)), model.log_prob(x, torch.zeros(2)))
    assert global_state() == before
