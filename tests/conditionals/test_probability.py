"""Every family is a distribution: it adds up to one, and its cdf is its sum or integral."""

import math

import pytest
import torch
from conditionals.families import (
    BOUNDED,
    CONTINUOUS,
    DISCRETE,
    FAMILIES,
    POINTS,
    RECORDED,
    SMOOTH,
    inner_quantiles,
    lattice,
    noise_for,
    points_of,
    raw_for,
    step_of,
    values_for,
)

from tailormade.conditionals import Histogram

ROWS = 3


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return FAMILIES[request.param]


@pytest.fixture(params=list(DISCRETE))
def discrete(request):
    return DISCRETE[request.param]


@pytest.fixture(params=list(CONTINUOUS))
def continuous(request):
    return CONTINUOUS[request.param]


@pytest.fixture(params=list(RECORDED))
def recorded(request):
    return RECORDED[request.param]


def integral(family, raw, low, high, cells=4000):
    """Gauss-Legendre of 5 points in each of many cells between two values, each ``(rows,)``."""
    nodes = torch.tensor([0.0, 0.5384693101056831, 0.9061798459386640])
    weights = torch.tensor([0.5688888888888889, 0.4786286704993665, 0.2369268850561891])
    nodes, weights = torch.cat([-nodes[1:], nodes]).double(), torch.cat([weights[1:], weights]).double()
    edges = low + (high - low) * torch.linspace(0, 1, cells + 1, dtype=torch.float64)[:, None]
    middle, half = (edges[1:] + edges[:-1]) / 2, edges.diff(dim=0) / 2
    x = middle + half * nodes[:, None, None]
    return (family.log_prob(raw, x).exp() * half * weights[:, None, None]).sum((0, 1))


def test_masses_add_up_to_one(discrete):
    raw = raw_for(discrete, ROWS)
    total = discrete.log_prob(raw, lattice(discrete)[:, None]).exp().sum(0)
    within = discrete.cdf(raw, lattice(discrete)[-1].expand(ROWS))
    torch.testing.assert_close(total, within, atol=1e-9, rtol=0)
    assert bool((within > 0.99).all())


def test_the_mass_of_all_values_is_one(discrete):
    top = torch.full((ROWS,), math.inf, dtype=torch.float64)
    torch.testing.assert_close(discrete.cdf(raw_for(discrete, ROWS), top), torch.ones(ROWS).double(), atol=1e-9, rtol=0)


def test_cdf_adds_up_masses(discrete):
    raw, x = raw_for(discrete, ROWS), lattice(discrete, 60)[:, None]
    lowest = discrete.mass_below(raw, x[0])
    found = discrete.cdf(raw, x)
    torch.testing.assert_close(found, lowest + discrete.log_prob(raw, x).exp().cumsum(0), atol=1e-9, rtol=0)
    torch.testing.assert_close(discrete.mass_below(raw, x), found - discrete.log_prob(raw, x).exp(), atol=1e-9, rtol=0)


def test_cdf_between_values_is_that_of_the_value_below(discrete):
    raw, x = raw_for(discrete, ROWS), lattice(discrete, 20)[:, None]
    between = x + 0.4 * step_of(discrete)
    assert torch.equal(discrete.cdf(raw, between), discrete.cdf(raw, x))
    torch.testing.assert_close(discrete.mass_below(raw, between), discrete.cdf(raw, x), atol=1e-12, rtol=0)


def test_density_is_the_slope_of_the_cdf(continuous):
    raw = raw_for(continuous, ROWS)
    u, x = inner_quantiles(continuous, raw)
    reach = 1e-3 * torch.minimum(u, 1 - u) / continuous.log_prob(raw, x).exp()
    slope = (continuous.cdf(raw, x + reach) - continuous.cdf(raw, x - reach)) / (2 * reach)
    torch.testing.assert_close(continuous.log_prob(raw, x).exp(), slope, rtol=1e-4, atol=0)


def test_density_integrates_to_the_cdf(continuous):
    raw = raw_for(continuous, ROWS)
    _, x = inner_quantiles(continuous, raw)
    cells = 4000 if not isinstance(continuous, Histogram) else 40_000
    low, high = x[1], x[-2]
    found = integral(continuous, raw, low, high, cells)
    expected = continuous.cdf(raw, high) - continuous.cdf(raw, low)
    # a histogram's steps fall inside a few cells
    torch.testing.assert_close(found, expected, atol=1e-6 if cells == 4000 else 1e-4, rtol=0)


@pytest.mark.parametrize("name", BOUNDED)
def test_bounded_densities_integrate_to_one(name):
    family = BOUNDED[name]
    raw = raw_for(family, ROWS)
    ends = [torch.full((ROWS,), end, dtype=torch.float64) for end in (family.low, family.high)]
    # cells end where bins of the histogram do
    torch.testing.assert_close(integral(family, raw, *ends, 6000), torch.ones(ROWS).double(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", SMOOTH)
def test_tails_hold_all_mass(name):
    family, far = SMOOTH[name], torch.tensor(math.inf).double()
    raw = raw_for(family, ROWS)
    assert family.cdf(raw, -far).tolist() == [0.0] * ROWS
    torch.testing.assert_close(family.cdf(raw, far), torch.ones(ROWS).double())


def test_recorded_densities_are_masses_over_steps(recorded):
    raw, grid = raw_for(recorded, ROWS), lattice(recorded, 60)[:, None]
    masses = recorded.cdf(raw, grid) - recorded.mass_below(raw, grid)
    at_point = recorded.base.matches(grid, points_of(recorded)).any(-1) if points_of(recorded).numel() else grid > 1e9
    expected = torch.where(at_point, masses, masses / step_of(recorded))
    torch.testing.assert_close(recorded.log_prob(raw, grid).exp(), expected, atol=1e-9, rtol=0)


def test_recorded_densities_are_constant_over_cells(recorded):
    raw, grid = raw_for(recorded, ROWS), lattice(recorded, 20)[:, None]
    shifted = grid + torch.tensor([[-0.49, 0.3, 0.49]]) * step_of(recorded)
    assert torch.equal(recorded.log_prob(raw, shifted), recorded.log_prob(raw, grid.expand_as(shifted)))


def test_all_mass_lies_between_the_infinities(family):
    raw, far = raw_for(family, ROWS), torch.full((ROWS,), torch.inf, dtype=torch.float64)
    assert family.cdf(raw, -far).tolist() == family.mass_below(raw, -far).tolist() == [0.0] * ROWS
    torch.testing.assert_close(family.cdf(raw, far), torch.ones(ROWS).double())
    torch.testing.assert_close(family.mass_below(raw, far), torch.ones(ROWS).double())


@pytest.mark.parametrize("name", POINTS)
def test_points_and_the_rest_add_up_to_one(name):
    family = POINTS[name]
    raw = raw_for(family, ROWS)
    inside = torch.softmax(raw[:, : len(family.values) + 1], -1)[:, -1]
    points = family.log_prob(raw, points_of(family)[:, None]).exp().sum(0)
    torch.testing.assert_close(points + inside, torch.ones(ROWS).double())
    x = torch.tensor([0.3, 1.3, 4.3]).double()
    elsewhere = family.log_prob(raw, x) - family.base.log_prob(raw[:, len(family.values) + 1 :], x)
    torch.testing.assert_close(elsewhere, inside.log())


@pytest.mark.parametrize("name", [*POINTS, "points_in_integers", "points_in_recorded", "points_in_grey"])
def test_the_cdf_jumps_at_points(name):
    family = FAMILIES[name]
    raw, v = raw_for(family, ROWS), points_of(family)[:, None]
    jump = family.cdf(raw, v) - family.mass_below(raw, v)
    torch.testing.assert_close(jump, family.log_prob(raw, v).exp(), atol=1e-9, rtol=0)
    for quantile in (family.cdf(raw, v) - jump / 2, family.cdf(raw, v)):
        assert torch.equal(family.icdf(raw, quantile), v.expand(-1, ROWS))


def test_the_torch_distribution_agrees(family):
    raw = raw_for(family, 4)
    dist, x = family.distribution(raw), values_for(family, 4)
    assert dist.batch_shape == (4,)
    torch.testing.assert_close(dist.log_prob(x), family.log_prob(raw, x), check_dtype=False, atol=1e-9, rtol=1e-9)
    assert dist.sample((6,)).shape == (6, 4)


@pytest.mark.parametrize("name", ["logistics", "points_in_normals", "spline", "integers"])
def test_a_generic_distribution_has_all_methods(name):
    family, raw = FAMILIES[name], raw_for(FAMILIES[name], 1)
    dist = family.distribution(raw).expand((3,))
    x = values_for(family, 3)
    assert torch.equal(dist.cdf(x), family.cdf(raw, x))
    assert torch.equal(dist.icdf(dist.cdf(x)), family.icdf(raw.expand(3, -1), dist.cdf(x)))
    with pytest.raises(ValueError, match="within the support"):
        dist.log_prob(torch.full((3,), torch.nan))


def test_an_empty_batch(family):
    raw = raw_for(family, 0)
    assert family.log_prob(raw, torch.zeros(0).double()).shape == (0,)
    assert family.cdf(raw, torch.zeros(0).double()).shape == (0,)
    assert family.sample(raw, noise_for(family, 0)).shape == (0,)


@pytest.mark.parametrize(("raw_batch", "x_batch"), [((3,), (5, 1)), ((5, 1), (3,)), ((), (3,)), ((3,), ())], ids=str)
def test_values_broadcast_with_parameters(family, raw_batch, x_batch):
    raw, x = raw_for(family, *raw_batch), values_for(family, *x_batch)
    batch = torch.broadcast_shapes(raw_batch, x_batch)
    wide = raw.expand(*batch, family.params), x.expand(batch)
    for method in (family.log_prob, family.cdf, family.mass_below):
        torch.testing.assert_close(method(raw, x), method(*wide), atol=1e-12, rtol=1e-12)
