"""Seeds: seeded blocks repeat themselves and leave no trace; named streams are functions of their seed."""

import pytest
import torch

from tailormade.random import derive, fresh_seed, generator, seeded

STREAMS = [(seed, name, i) for seed in (0, 1, 2**31 - 1, 2**40) for name in ("a", "ab", "b") for i in (0, 1, 97, 256)]


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


def test_a_fresh_seed_follows_torchs():
    torch.manual_seed(8)
    first = [fresh_seed(), fresh_seed()]
    torch.manual_seed(8)
    assert [fresh_seed(), fresh_seed()] == first
    assert first[0] != first[1]
    assert all(0 <= seed < 2**31 for seed in first)


def test_derived_seeds_differ():
    assert len({derive(*stream) for stream in STREAMS}) == len(STREAMS)


@pytest.mark.parametrize("stream", STREAMS[::7], ids=str)
def test_derived_seeds_are_fixed_and_fit_torch(stream):
    assert derive(*stream) == derive(*stream)
    assert 0 <= derive(*stream) < 2**63


def test_derived_seeds_stay_as_they_are():
    # a change would end the resumption of fits that are on disk
    assert [derive(0, "shuffle", 3), derive(1, "order")] == [846704714968245063, 4613647828933052742]


def test_a_generator_starts_anew_each_time():
    first, second = (torch.rand(3, generator=generator(5, "noise", 2)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, torch.rand(3, generator=generator(5, "noise", 3)))


def test_streams_touch_nothing_global():
    before = torch.get_rng_state()
    torch.rand(3, generator=generator(5, "noise"))
    assert torch.equal(torch.get_rng_state(), before)
