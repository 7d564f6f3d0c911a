"""Random orders of images: sweeps, and what is completed outwards from evidence."""

import pytest
import torch

from tailormade.density import sweeps
from tailormade.density.sweeps import outwards, rank, sweep

SHAPES = [(2, 3), (5, 4), (1, 7), (7, 1), (1, 1)]
AXES = [  # sharp sweeps of 2 rows and 3 columns: down, up, to the right, to the left, each from either side
    *([1, 2, 3, 4, 5, 6], [3, 2, 1, 6, 5, 4], [4, 5, 6, 1, 2, 3], [6, 5, 4, 3, 2, 1]),
    *([1, 3, 5, 2, 4, 6], [2, 4, 6, 1, 3, 5], [5, 3, 1, 6, 4, 2], [6, 4, 2, 5, 3, 1]),
]


def drawn(shape, count):
    generator = torch.Generator().manual_seed(0)
    return torch.stack([sweep(shape, generator) for _ in range(count)])


@pytest.fixture
def shares(monkeypatch):
    """Set the shares of uniform orders, and of sharp and of axis-parallel ones among the others."""

    def choose(uniform, sharp, along_axes):
        for name, share in (("_UNIFORM", uniform), ("_SHARP", sharp), ("_ALONG_AXES", along_axes)):
            monkeypatch.setattr(sweeps, name, share)

    return choose


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_sweep_is_a_permutation(shape):
    orders = drawn(shape, 300)
    assert orders.dtype == torch.int64
    assert torch.equal(orders.sort(1).values, torch.arange(1, shape[0] * shape[1] + 1).expand(300, -1))


def test_sharp_sweeps_along_the_axes_occur_in_all_directions_alike(shares):
    shares(0, 1, 1)
    orders = drawn((2, 3), 1600).tolist()
    counts = [orders.count(order) for order in AXES]
    assert sum(counts) == 1600
    assert all(abs(count - 200) < 4 * 200**0.5 for count in counts)


def test_a_share_is_uniformly_random(shares):
    share = sweeps._UNIFORM
    shares(share, 1, 1)
    orders = drawn((5, 5), 2000)  # hardly ever a sweep by chance
    mirrored = (orders + orders.flip(1) == 26).all(1).double().mean()
    assert 0.1 < share < 0.4
    assert abs(float(mirrored) - (1 - share)) < 4 * (share * (1 - share) / 2000) ** 0.5


def test_uniform_orders_are_uniform(shares):
    shares(1, 1, 1)
    orders = drawn((2, 2), 2400).tolist()
    counts = torch.tensor([orders.count(order) for order in torch.unique(torch.tensor(orders), dim=0).tolist()])
    assert len(counts) == 24
    assert float(((counts - 100).square() / 100).sum()) < 23 + 4 * 46**0.5


def test_as_drawn_some_are_sharp_and_some_are_not():
    orders = drawn((5, 5), 1000)
    mirrored = float((orders + orders.flip(1) == 26).all(1).double().mean())
    assert 0.25 < mirrored < 0.75
    assert all(order in drawn((2, 3), 300).tolist() for order in AXES)


def test_sharp_sweeps_across_go_in_one_direction(shares):
    # a linear function of the place takes opposite values in opposite pixels, about the middle
    shares(0, 1, 0)
    orders = drawn((5, 5), 300)
    assert bool((orders + orders.flip(1) == 26).all())
    assert len(orders.unique(dim=0)) > 20


def steepness(orders):
    """How well the best linear function of the place explains each order, from 0 to 1."""
    places = torch.cartesian_prod(torch.arange(5.0), torch.arange(5.0)) - 2
    return ((orders - 13.0) @ places / 50**0.5).square().sum(1) / (orders - 13.0).square().sum(1)


def test_blurred_sweeps_lie_between(shares):
    shares(0, 0, 0.5)
    blurred = drawn((5, 5), 400)
    assert float((blurred + blurred.flip(1) == 26).all(1).double().mean()) < 0.2
    found = steepness(blurred)
    assert 0.6 < float(found.mean()) < 0.95
    assert float((found < 0.5).double().mean()) < 0.3
    shares(1, 0, 0.5)
    assert float(steepness(drawn((5, 5), 400)).mean()) < 0.15


def test_a_generator_fixes_the_sweep_and_spares_the_global_one():
    before = torch.get_rng_state()
    draws = [sweep((4, 5), torch.Generator().manual_seed(s)).tolist() for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_generator_manual_seed_governs():
    first = sweep((4, 5))
    torch.manual_seed(0)
    assert torch.equal(sweep((4, 5)), first)
    assert not torch.equal(sweep((4, 5)), first)


def test_rank():
    assert rank(torch.tensor([0.5, -1.0, 7.0, 0.0])).tolist() == [3, 1, 4, 2]
    assert rank(torch.tensor([2, 1, 2, 1, 2])).tolist() == [3, 1, 4, 2, 5]
    assert rank(torch.zeros(50)).tolist() == list(range(1, 51))
    assert rank(torch.zeros(0)).tolist() == []


DOWN = torch.arange(1, 25).reshape(4, 6)
RIGHT = torch.arange(1, 25).reshape(6, 4).T
HALVES = {
    "top": ((slice(0, 2), slice(None)), DOWN),
    "bottom": ((slice(2, 4), slice(None)), DOWN.reshape(4, 6).flip(0)),
    "left": ((slice(None), slice(0, 3)), RIGHT),
    "right": ((slice(None), slice(3, 6)), RIGHT.flip(1)),
}


@pytest.mark.parametrize("half", HALVES)
def test_halves_are_completed_line_by_line(half):
    index, order = HALVES[half]
    observed = torch.zeros(4, 6, dtype=torch.bool)
    observed[index] = True
    assert torch.equal(outwards((4, 6), observed.flatten()).reshape(4, 6), order)


@pytest.mark.parametrize("seed", range(20))
def test_pixels_are_completed_outwards(seed):
    # evidence comes first, that far from anything missing before all; then what is missing, the nearest first
    observed = torch.rand(30, generator=torch.Generator().manual_seed(seed)) < (seed + 1) / 22
    order = outwards((5, 6), observed)
    assert order.sort().values.tolist() == list(range(1, 31))
    places = torch.cartesian_prod(torch.arange(5.0), torch.arange(6.0))
    apart = torch.cdist(places[observed], places[~observed])
    assert int(order[observed].max()) == int(observed.sum())
    outward = apart.min(0).values[order[~observed].argsort()]
    inward = apart.min(1).values[order[observed].argsort()]
    assert bool((outward.diff() > -1e-5).all())
    assert bool((inward.diff() < 1e-5).all())


@pytest.mark.parametrize("value", [True, False])
def test_without_a_border_nothing_is_moved(value):
    assert outwards((2, 3), torch.full((6,), value)).tolist() == [1, 2, 3, 4, 5, 6]
