"""Every family in the arithmetic of a computer: tails, extreme parameters, gradients, types, units."""

import math

import pytest
import torch
from conditionals.families import (
    DISCRETE,
    FAMILIES,
    POINTS,
    RECORDED,
    SCALED,
    SMOOTH,
    is_warped,
    points_of,
    raw_for,
    times,
    values_for,
)

ROWS = 4
FAR = [-1e6, -5000.0, -1.0, 0.0, 1.0, 5000.0, 1e6]
REALS = [name for name in FAMILIES if name in SMOOTH or name in ("integers", "hundredths", "points_in_normals")]


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return FAMILIES[request.param]


def loc_of(family):
    return getattr(getattr(family, "base", family), "loc", 0.0)


def scale_of(family):
    return getattr(getattr(family, "base", family), "scale", 1.0)


@pytest.mark.parametrize("name", REALS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_far_tails_are_finite(name, dtype):
    family = FAMILIES[name]
    raw = raw_for(family, ROWS, dtype=dtype).requires_grad_()
    x = (loc_of(family) + scale_of(family) * torch.tensor(FAR).double()[:, None]).to(dtype)
    logs = family.log_prob(raw, x)
    logs.sum().backward()
    assert bool(logs.isfinite().all())
    assert bool(raw.grad.isfinite().all())


@pytest.mark.parametrize("name", REALS)
@pytest.mark.parametrize("away", [-1e17, 1e17])
def test_the_narrowest_components_have_tails_too(name, away):
    family = FAMILIES[name]
    raw = torch.full((1, family.params), -1000.0).requires_grad_()
    logs = family.log_prob(raw, torch.tensor([loc_of(family) + scale_of(family) * away]))
    logs.sum().backward()
    assert bool(logs.isfinite().all())
    assert bool(raw.grad.isfinite().all())


@pytest.mark.parametrize("name", ["integers", "integers_from_0", "grey", "quarters"])
@pytest.mark.parametrize("x", [-5000.0, 1e6])
def test_cells_far_away_have_finite_logs(name, x):
    family = DISCRETE[name]
    raw = raw_for(family, ROWS, dtype=torch.float32).requires_grad_()
    logs = family.log_prob(raw, torch.full((ROWS,), x))
    logs.sum().backward()
    assert bool(logs.isfinite().all())
    assert bool(raw.grad.isfinite().all())


@pytest.mark.parametrize("size", [30.0, 1000.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_extreme_parameters_stay_finite(family, size, sign):
    raw = (sign * size * torch.eye(family.params)).requires_grad_()
    x = values_for(family, 5).float()[:, None]
    logs = family.log_prob(raw, x)
    logs.sum().backward()
    assert bool(logs.isfinite().all())
    assert raw.grad.isfinite().all()
    assert bool(family.cdf(raw.detach().double(), x.double()).isfinite().all())


@pytest.mark.parametrize("value", [1e300, -1e300, 1e38, -1e38])
@pytest.mark.parametrize("name", REALS)
def test_codes_are_finite_for_finite_values(name, value):
    family = FAMILIES[name]
    assert bool(family.encode(torch.tensor([value], dtype=torch.float64)).float().isfinite().all())
    assert bool(family.encode(torch.tensor([value]).clamp(-3e38, 3e38)).isfinite().all())


def test_codes_have_the_type_of_the_values(family):
    for dtype in (torch.float32, torch.float64):
        code = family.encode(values_for(family, 2, 3).to(dtype))
        assert code.shape == (2, 3, family.width)
        assert code.dtype == dtype
    assert len(family.scaled_inputs) == family.width


def test_gradients(family):
    raw, x = raw_for(family, ROWS).requires_grad_(), values_for(family, ROWS)
    assert torch.autograd.gradcheck(lambda r: family.log_prob(r, x), (raw,))


def test_float32_is_close_to_float64(family):
    raw = raw_for(family, 40)
    x = values_for(family, 40).float()
    exact = family.log_prob(raw.float().double(), x.double())
    torch.testing.assert_close(family.log_prob(raw.float(), x).double(), exact, rtol=2e-3, atol=2e-3)


def test_float64_values_keep_their_digits():
    # seconds since 1970: float32 would round them to two minutes
    family, raw = SMOOTH["normal"], torch.zeros(2)
    family = type(family)(loc=1.6e9, scale=1.0)
    x = torch.tensor([1.6e9, 1.6e9 + 3], dtype=torch.float64)
    assert family.encode(x).flatten().tolist() == [0.0, 3.0]
    assert float(family.log_prob(raw, x).diff()) == pytest.approx(-1.125 * (3 / 1.5) ** 2, rel=1e-5)


@pytest.mark.parametrize("name", SCALED)
def test_smaller_units_lower_densities_by_their_logarithm(name):
    family = SCALED[name]
    other, raw, x = times(family, 1024), raw_for(family, 20), values_for(family, 20)
    drop = family.log_prob(raw, x) - other.log_prob(raw, 1024 * x)
    points = family.base.matches(x, points_of(family)).any(-1) if hasattr(family, "values") else x > math.inf
    expected = torch.full_like(drop, math.log(1024)).masked_fill(points, 0.0)
    torch.testing.assert_close(drop, expected, atol=1e-12 * (1 + float(x.abs().max())), rtol=0)
    assert torch.equal(other.encode(1024 * x), family.encode(x))


@pytest.mark.parametrize("name", ["integers", "integers_from_0", "quarters", "points_in_integers"])
def test_units_leave_probabilities_alone(name):
    family = DISCRETE[name]
    other, raw, x = times(family, 1024), raw_for(family, 20), values_for(family, 20)
    torch.testing.assert_close(other.log_prob(raw, 1024 * x), family.log_prob(raw, x), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ["normal_moved", "normal_warped", "normals_warped", "logistics"])
def test_no_component_is_narrower_than_the_least_scale(name):
    family = SMOOTH[name]
    raw = raw_for(family, 50, size=1.0)
    raw[:, -getattr(family, "components", 1) :] = -1000.0  # the logs of the scales
    _, locations, scales = family.mixture(raw)
    slopes = family.log_slope(locations).exp()
    assert bool((scales * slopes >= family.min_scale * (1 - 1e-9)).all())
    assert bool((scales * slopes <= family.min_scale * 1.001 + 1e-4 * slopes).all())


def test_warping_changes_the_tails():
    assert [is_warped(SMOOTH[name]) for name in ("normals", "normals_warped")] == [False, True]
    assert [SMOOTH[name].scaled for name in ("normals", "normals_warped")] == [True, False]
    logs = [SMOOTH[n].log_prob(torch.zeros(9), torch.tensor(1000.0)) for n in ("normals", "normals_warped")]
    assert float(logs[0]) < -1e6 < -100 < float(logs[1])


@pytest.mark.parametrize("name", [*RECORDED, *POINTS, "integers", "quarters"])
def test_values_match_in_float32(name):
    family = FAMILIES[name]
    x, raw = values_for(family, 60), raw_for(family, 60)
    assert bool(family.support.check(x.float()).all())
    torch.testing.assert_close(family.log_prob(raw, x.float()), family.log_prob(raw, x), atol=1e-4, rtol=1e-4)
