"""``seeded``: seeded blocks repeat themselves and leave no trace."""

import pytest
import torch

from tailormade.random import seeded


def draw(seed):
    with seeded(seed):
        return torch.rand(3)


def test_the_seed_decides():
    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))


def test_it_is_manual_seed():
    first = draw(5)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), first)


def test_a_seed_leaves_no_trace():
    before = torch.get_rng_state()
    draw(1)
    assert torch.equal(torch.get_rng_state(), before)


def fail():
    with seeded(1):
        torch.rand(3)
        raise KeyError


def test_an_error_inside_leaves_no_trace():
    before = torch.get_rng_state()
    with pytest.raises(KeyError):
        fail()
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_seed_the_default_generator_moves_on():
    torch.manual_seed(5)
    first, second = draw(None), draw(None)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), first)
    assert torch.equal(torch.rand(3), second)
