"""Probabilities of boxes against enumeration: exact where nothing is drawn, within their errors elsewhere."""

import pytest
import torch
from helpers import redraw

from tailormade import MADE, Bernoulli, Categorical, DiscretisedLogistics, LogisticMixture, PointMasses
from tailormade.queries.progressive import Interval, States, box_particles, box_probability, only_value, within

SIZES = [3, 2, 4, 3]


@pytest.fixture(params=[1, 3])
def model(request):
    return made(request.param)


def made(orders):
    conditionals = [Categorical(3), Bernoulli(), Categorical(4), Categorical(3)]
    model = MADE(
        4, conditionals=conditionals, hidden_units=(12,), missing=True, orders=orders, input_order=[2, 1, 4, 3],
        seed=1,
    )  # fmt: skip
    return redraw(model.double()).eval()


def states(size, *allowed):
    return States(torch.tensor([i in allowed for i in range(size)]))


BOXES = {
    "first_value": {1: states(2, 1)},
    "first_region": {1: states(2, 0, 1)},
    "values": {0: states(3, 2), 1: states(2, 0), 3: states(3, 1)},
    "one_value": {2: states(4, 3)},
    "one_region": {2: states(4, 1, 3)},
    "last_region": {1: states(2, 1), 2: states(4, 0, 2, 3)},
    "two_regions": {0: states(3, 0, 2), 2: states(4, 1, 2)},
    "all": {0: states(3, 0, 1), 1: states(2, 0, 1), 2: states(4, 0, 3), 3: states(3, 1, 2)},
    "nothing_asked": {},
}
EXACT = ("first_value", "first_region", "values", "nothing_asked")  # under the order 1, 0, 3, 2


@torch.no_grad()
def enumerated(model, box):
    axes = [torch.nonzero(box[i].allowed).flatten() if i in box else torch.arange(n) for i, n in enumerate(SIZES)]
    return model.log_prob(torch.cartesian_prod(*axes).double()).exp().sum()


def asked(model, box, particles=4000):
    return box_probability(
        model, list(model.table), box, particles=particles, generator=torch.Generator().manual_seed(0)
    )


@pytest.mark.parametrize("name", EXACT)
def test_it_is_exact_where_nothing_is_drawn(name):
    model = made(1)
    found = asked(model, BOXES[name])
    torch.testing.assert_close(found.value, enumerated(model, BOXES[name]), atol=1e-12, rtol=0)
    assert float(found.standard_error) == 0


@pytest.mark.parametrize("name", BOXES)
def test_it_is_within_its_error_elsewhere(model, name):
    found = asked(model, BOXES[name])
    assert float((found.value - enumerated(model, BOXES[name])).abs()) < 4 * float(found.standard_error) + 1e-12


def test_boxes_that_cover_everything_add_up(model):
    halves = [{2: states(4, 0, 1), 0: states(3, 0, 1, 2)}, {2: states(4, 2, 3)}]
    found = [asked(model, box) for box in halves]
    error = sum(float(p.standard_error) ** 2 for p in found) ** 0.5
    assert abs(sum(float(p.value) for p in found) - 1) < 4 * error + 1e-12


def test_draws_lie_in_the_box(model):
    box = BOXES["all"]
    weights, x = box_particles(model, model.table[0], box, particles=50, draw_last=True)
    assert weights.shape == (50,)
    assert all(bool(box[i].allowed[x[:, i].long()].all()) for i in box)


NUMBERS = {
    "continuous": LogisticMixture(3, loc=1.0, scale=2.0),
    "grid": DiscretisedLogistics(3, low=0.0, step=0.5, scale=2.0),
    "point_masses": PointMasses((0.0, 2.0), DiscretisedLogistics(3, low=0.0, step=0.5, scale=2.0)),
    "point_masses_continuous": PointMasses((0.0, 2.0), LogisticMixture(3)),
}
REGIONS = {
    "half_line": [Interval(-float("inf"), 2.0)],
    "open_at_a_value": [Interval(0.0, 2.0, False, False)],
    "point": [Interval(2.0, 2.0)],
    "two_parts": [Interval(-1.0, 0.5), Interval(1.5, 4.0, True, False)],
    "all": [Interval(-float("inf"), float("inf"))],
}


@pytest.mark.parametrize("family", NUMBERS)
@pytest.mark.parametrize("name", REGIONS)
def test_regions_of_numbers(family, name):
    conditional, region = NUMBERS[family], REGIONS[name]
    raw = torch.randn(conditional.params, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    noise = (torch.arange(2000).double() + 0.5) / 2000
    mass, drawn = within(conditional, raw.expand(2000, -1), region, noise)
    every = conditional.icdf(raw.expand(200_000, -1), (torch.arange(200_000).double() + 0.5) / 200_000)
    torch.testing.assert_close(mass[0], inside(every, region).double().mean(), atol=5e-5, rtol=0)
    if float(mass[0]) > 1e-3:
        assert bool(inside(drawn, region, slack=1e-9).all())


def inside(x, region, slack=0.0):
    found = torch.zeros_like(x, dtype=torch.bool)
    for low, high, closed_low, closed_high in region:
        above = x >= low - slack if closed_low or slack else x > low
        found |= above & (x <= high + slack if closed_high or slack else x < high)
    return found


@pytest.mark.parametrize(
    ("region", "value"),
    [(states(3, 1), 1.0), (states(3, 0, 1), None), ([Interval(2.0, 2.0)], 2.0), ([Interval(2.0, 3.0)], None)],
)
def test_a_region_of_one_value(region, value):
    assert only_value(region) == value
