"""Quantile functions invert cdfs, and samples are quantiles of their noise, or of parts of it."""

import pytest
import torch
from conditionals.families import CONTINUOUS, FAMILIES, MASSES, POINTS, inner_quantiles, raw_for, values_for

from tailormade.conditionals.inversion import integer_quantile, invert

ROWS = 3


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return FAMILIES[request.param]


@pytest.fixture(params=list(CONTINUOUS))
def continuous(request):
    return CONTINUOUS[request.param]


def test_quantiles_invert_the_cdf(continuous):
    raw = raw_for(continuous, ROWS)
    u, x = inner_quantiles(continuous, raw)
    torch.testing.assert_close(continuous.cdf(raw, x), u, atol=1e-9, rtol=0)
    scale = x[-1] - x[0]
    again = continuous.icdf(raw, continuous.cdf(raw, x))
    assert bool(((again - x).abs() <= 1e-9 * torch.maximum(x.abs(), scale)).all())


@pytest.mark.parametrize("name", [n for n in FAMILIES if n not in CONTINUOUS])
def test_quantiles_are_the_smallest_values_that_reach(name):
    family = FAMILIES[name]
    raw = raw_for(family, ROWS)
    u, x = inner_quantiles(family, raw)
    assert bool((family.cdf(raw, x) >= u - 1e-9).all())
    assert bool((family.mass_below(raw, x) < u + 1e-9).all())
    assert bool(family.support.check(x).all())
    if name not in POINTS:
        assert torch.equal(family.icdf(raw, family.cdf(raw, x)), x)


@pytest.mark.parametrize("u", [0.0, 1e-300, 1 - 2**-53, 1.0])
def test_extreme_probabilities_have_quantiles_in_the_support(family, u):
    x = family.icdf(raw_for(family, ROWS), torch.full((ROWS,), u, dtype=torch.float64))
    assert bool(family.support.check(x).all())


def test_evenly_spread_noise_gives_the_cdf(family):
    raw, n = raw_for(family), 4096
    strata = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    golden = [(strata * n * g) % 1 for g in (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)]
    noise = torch.stack([strata, *golden], -1)[:, : family.noise]
    x = family.sample(raw.expand(n, -1), noise)
    at = torch.unique(family.icdf(raw, torch.tensor(MASSES[1:-1], dtype=torch.float64)))
    at = at + 1e-9 * at.abs()
    frequencies = (x <= at[:, None]).double().mean(-1)
    mirrored = (x[0] > x[-1]) and family.params == 1 and family.cardinality == 2
    assert mirrored or bool(((frequencies - family.cdf(raw, at)).abs() < 0.02).all())


@pytest.mark.parametrize("noise", [0.0, 1.0 - 2.0**-24], ids=["lowest", "highest"])
def test_extreme_noise_stays_in_the_support(family, noise):
    x = family.sample(raw_for(family, 50, size=2.0).float(), torch.full((50, family.noise), noise))
    assert bool(family.support.check(x).all())
    assert x.dtype == torch.float32


def test_samples_are_in_the_support(family):
    x = values_for(family, 200)
    assert x.shape == (200,)
    assert bool(family.support.check(x).all())


@pytest.mark.parametrize("power", [1, 3, 0.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_any_smooth_curve_is_inverted(power, dtype):
    u = torch.tensor([0.04, 0.3, 0.5, 0.99, 1 - 1e-6], dtype=dtype)
    found = invert(lambda x: (x**power, power * x ** (power - 1)), u, torch.zeros_like(u), torch.ones_like(u))
    torch.testing.assert_close(found**power, u, rtol=1e-9 if dtype == torch.float64 else 1e-4, atol=1e-15)


def test_curves_that_are_flat_in_between_are_bisected():
    u = torch.tensor([0.2, 0.5, 0.8], dtype=torch.float64)
    found = invert(_two_steps, u, torch.full_like(u, -50.0), torch.full_like(u, 50.0))
    torch.testing.assert_close(_two_steps(found)[0], u, atol=1e-12, rtol=0)


def _two_steps(x):
    parts = [torch.sigmoid(40 * (x + 30)), torch.sigmoid(0.5 * x), torch.sigmoid(40 * (x - 30))]
    slopes = [40 * parts[0] * (1 - parts[0]), 0.5 * parts[1] * (1 - parts[1]), 40 * parts[2] * (1 - parts[2])]
    return sum(parts) / 3, sum(slopes) / 3


@pytest.mark.parametrize("guess", [-1e6, -3.0, 0.0, 57.0, 1e9])
def test_whole_numbers_are_found_from_any_guess(guess):
    u = torch.tensor([0.001, 0.5, 0.501, 1.0], dtype=torch.float64)
    found = integer_quantile(lambda k: (k / 100).clamp(0, 1), u, torch.full_like(u, guess))
    assert found.tolist() == [1, 50, 51, 100]
