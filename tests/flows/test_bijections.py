"""Bijections on their own: known values, tails, broadcasting, configuration."""

import math

import pytest
import torch
from conditionals.families import BOUNDED, DISCRETE, POINTS, RECORDED, SMOOTH
from flows.cases import AFFINE, BIJECTIONS, CDFS, SPLINES

from tailormade import Normal, NormalMixture
from tailormade.flows import Affine, CdfBijection, RationalQuadraticSpline, bijection_from_config
from tailormade.flows.bijections import Bijection


@pytest.fixture(params=list(BIJECTIONS))
def bijection(request):
    return BIJECTIONS[request.param]


def raw_for(bijection, *batch, size=0.5, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return size * torch.randn(*batch, bijection.params, generator=generator, dtype=torch.float64)


def codomain_values(*batch, seed=4):
    return torch.randn(*batch, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_forward_and_inverse_broadcast(bijection):
    raw, y = raw_for(bijection, 4, 1), codomain_values(3)
    x = bijection.inverse(raw, y)
    values, log_slopes = bijection.forward(raw, x)
    assert x.shape == values.shape == log_slopes.shape == (4, 3)
    torch.testing.assert_close(values, y.expand(4, 3), rtol=1e-9, atol=1e-9)
    one = bijection.forward(raw[2, 0], x[2, 1])
    torch.testing.assert_close(one, (values[2, 1], log_slopes[2, 1]))


def test_slope_is_the_derivative_and_positive(bijection):
    raw = raw_for(bijection, 50)
    x = bijection.inverse(raw, codomain_values(50)).detach().requires_grad_()
    y, log_slope = bijection.forward(raw, x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert bool((slope > 0).all())
    torch.testing.assert_close(slope.log(), log_slope, rtol=1e-9, atol=1e-9)


def test_second_derivatives(bijection):
    raw = raw_for(bijection, 3).requires_grad_()
    x = bijection.inverse(raw, codomain_values(3)).detach().requires_grad_()
    assert torch.autograd.gradcheck(bijection.forward, (raw, x))
    assert torch.autograd.gradgradcheck(bijection.forward, (raw, x), fast_mode=True)


def test_second_derivatives_of_the_inverse(bijection):
    raw, y = raw_for(bijection, 2).requires_grad_(), codomain_values(2).requires_grad_()
    assert torch.autograd.gradcheck(bijection.inverse, (raw, y))
    assert torch.autograd.gradgradcheck(bijection.inverse, (raw, y), fast_mode=True)


def test_vmap_over_either_argument(bijection):
    raws, ys = raw_for(bijection, 4, 3), codomain_values(5, 3)
    expected = bijection.inverse(raws.unsqueeze(1), ys)
    over_raw = torch.func.vmap(lambda raw: bijection.inverse(raw, ys))(raws)
    torch.testing.assert_close(over_raw, expected)
    over_both = torch.func.vmap(torch.func.vmap(bijection.inverse, (None, 1)), (0, None))(raws, ys.T)
    torch.testing.assert_close(over_both, expected)
    torch.testing.assert_close(
        torch.func.vmap(lambda x: bijection.forward(raws[0], x))(expected[0]), bijection.forward(raws[0], expected[0])
    )


def test_code_is_another_name_of_the_value(bijection):
    raw, y = raw_for(bijection, 20), codomain_values(20)
    x = bijection.inverse(raw, y)
    code = bijection.encode(x)
    torch.testing.assert_close(bijection.decode(code), x, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(bijection.coded.inverse(raw, y), code, rtol=1e-9, atol=1e-9)


def test_slope_of_the_coded_map_is_its_derivative(bijection):
    raw = raw_for(bijection, 20)
    code = bijection.coded.inverse(raw, codomain_values(20)).detach().requires_grad_()
    y, log_slope = bijection.coded.forward(raw, code)
    (slope,) = torch.autograd.grad(y.sum(), code)
    torch.testing.assert_close(slope.log(), log_slope, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(bijection.coded.params, bijection.params)


def test_values_are_in_the_support_and_the_codomain(bijection):
    raw, y = raw_for(bijection, 20), codomain_values(20)
    x = bijection.inverse(raw, y)
    assert bool(bijection.support.check(x).all())
    assert bool(bijection.codomain.check(bijection.forward(raw, x)[0]).all())


def test_configuration_round_trip(bijection):
    assert bijection_from_config(bijection.config()) == bijection


@pytest.mark.parametrize("name", [*AFFINE, *SPLINES])
def test_all_zeros_are_the_identity(name):
    bijection, x = BIJECTIONS[name], torch.tensor([-7.0, -1.0, 0.0, 0.3, 20.0], dtype=torch.float64)
    y, log_slope = bijection.forward(torch.zeros(bijection.params, dtype=torch.float64), x)
    torch.testing.assert_close(y, x, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(log_slope, torch.zeros(5, dtype=torch.float64), rtol=0, atol=1e-12)


def test_affine_scales_at_known_values():
    a = torch.tensor([-1e4, -6.0, 0.0, 2.0, 4.0, 1e4], dtype=torch.float64)
    scales = {name: BIJECTIONS[f"affine_{name}"].log_scale(a).tolist() for name in ("exp", "clamp", "soft", "softplus")}
    assert scales["exp"] == a.tolist()
    assert scales["clamp"] == [-5, -5, 0, 2, 3, 3]
    limit = math.log(1000)
    assert scales["soft"] == pytest.approx([-limit, *(limit * math.tanh(v / limit) for v in (-6, 0, 2, 4)), limit])
    unit = math.log(math.e - 1)
    expected = [math.log(math.log1p(math.exp(v + unit))) for v in (-6, 0, 2, 4)]
    assert scales["softplus"] == pytest.approx([-1e4 + unit, *expected, math.log(1e4 + unit)], abs=1e-12)


def test_affine_map_is_scale_then_shift():
    y, log_slope = Affine(scale="exp").forward(torch.tensor([0.5, math.log(3.0)]), torch.tensor(2.0))
    assert (y.item(), log_slope.item()) == pytest.approx((6.5, math.log(3.0)))


def test_clamp_keeps_its_gradient():
    a = torch.tensor([-8.0, 0.0, 9.0], requires_grad=True)
    Affine(scale="clamp").log_scale(a).sum().backward()
    assert a.grad.tolist() == [1, 1, 1]


def test_affine_gradients_are_finite_at_extreme_parameters():
    for bijection in (Affine(), Affine(scale="softplus")):
        raw = torch.tensor([[0.0, -1e4], [0.0, 1e4]], requires_grad=True)
        y, log_slope = bijection.forward(raw, torch.tensor(2.0))
        (gradient,) = torch.autograd.grad((y + log_slope).sum(), raw)
        assert bool(gradient.isfinite().all())


def test_spline_meets_its_tails_smoothly():
    bijection = RationalQuadraticSpline(5, 2.0)
    raw, ends = raw_for(bijection, size=2.0), torch.tensor([-2.0, 2.0], dtype=torch.float64)
    for step in (-1e-9, 0.0, 1e-9):
        y, log_slope = bijection.forward(raw, ends + step)
        torch.testing.assert_close(y, ends, rtol=0, atol=1e-7)
        torch.testing.assert_close(log_slope, torch.zeros(2, dtype=torch.float64), rtol=0, atol=1e-6)


def test_spline_is_no_straight_line_inside():
    bijection = RationalQuadraticSpline(5, 2.0)
    x = torch.linspace(-1.9, 1.9, 50, dtype=torch.float64)
    y, _ = bijection.forward(raw_for(bijection, size=2.0), x)
    assert (y - x).abs().max() > 0.1
    assert bool((y.diff() > 0).all())


@pytest.mark.parametrize("name", SPLINES)
def test_spline_inputs_at_every_knot_of_equal_bins(name):
    bijection = SPLINES[name]
    knots = torch.linspace(-bijection.bound, bijection.bound, bijection.bins + 1, dtype=torch.float64)
    x = knots.clone().requires_grad_()
    y, log_slope = bijection.forward(torch.zeros(bijection.params, dtype=torch.float64), x)
    (gradient,) = torch.autograd.grad((y + log_slope).sum(), x)
    torch.testing.assert_close(y, knots, rtol=1e-12, atol=1e-12)
    assert bool(gradient.isfinite().all())


@pytest.mark.parametrize("name", CDFS)
def test_slope_of_a_cdf_is_the_ratio_of_densities(name):
    bijection = CDFS[name]
    raw = raw_for(bijection, 30)
    x = bijection.inverse(raw, codomain_values(30))
    y, log_slope = bijection.forward(raw, x)
    base = torch.distributions.Normal(0.0, 1.0)
    torch.testing.assert_close(log_slope + base.log_prob(y), bijection.conditional.log_prob(raw, x))
    torch.testing.assert_close(base.cdf(y), bijection.conditional.cdf(raw, x))


def test_cdf_of_a_normal_is_affine_far_into_both_tails():
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-5)):
        raw, x = torch.tensor([0.5, 0.2], dtype=dtype), torch.tensor([-1e5, -30.0, 8.0, 30.0, 1e5], dtype=dtype)
        y, _ = CdfBijection(Normal()).forward(raw, x)
        scale = torch.exp(10 * torch.tanh(raw[1] / 10))
        torch.testing.assert_close(y, (x - 0.5) / scale, rtol=tolerance, atol=tolerance)
        torch.testing.assert_close(CdfBijection(Normal()).inverse(raw, y), x, rtol=tolerance, atol=tolerance)


def test_cdf_of_mixtures_far_into_both_tails():
    bijection = CdfBijection(NormalMixture(3))
    raw, x = raw_for(bijection, 4), torch.tensor([-60.0, -15.0, 15.0, 60.0], dtype=torch.float64)
    y, _ = bijection.forward(raw, x)
    assert bool(y.isfinite().all())
    assert bool((y.abs() > 10).all())
    torch.testing.assert_close(bijection.inverse(raw, y), x, rtol=1e-9, atol=1e-9)


def test_a_cdf_has_a_derivative_at_the_centre_of_its_components():
    for name, bijection in CDFS.items():
        if name.startswith(("cdf_cauchys", "cdf_students")):
            raw = torch.zeros(bijection.params, dtype=torch.float64)
            x = torch.tensor(bijection.conditional.loc, dtype=torch.float64, requires_grad=True)
            y, log_slope = bijection.forward(raw, x)
            (slope,) = torch.autograd.grad(y, x)
            torch.testing.assert_close(slope.log(), log_slope)


@pytest.mark.parametrize("name", DISCRETE | RECORDED | POINTS)
def test_conditionals_with_steps_are_refused(name):
    with pytest.raises(TypeError, match="conditional: expected a continuous one"):
        CdfBijection((DISCRETE | RECORDED | POINTS)[name])


def test_all_continuous_families_are_taken():
    for family in (SMOOTH | BOUNDED).values():
        assert CdfBijection(family).params == family.params


def test_bad_arguments():
    with pytest.raises(ValueError, match="scale: expected one of"):
        Affine(scale="relu")
    with pytest.raises(ValueError, match="bound: expected a finite number above 1"):
        Affine(bound=1.0)
    with pytest.raises(ValueError, match="bins: expected at least 2"):
        RationalQuadraticSpline(1)
    with pytest.raises(ValueError, match="bound: expected a finite number above 0"):
        RationalQuadraticSpline(4, 0.0)
    with pytest.raises(ValueError, match="bijection: expected one of"):
        bijection_from_config({"family": "Sigmoid"})
    with pytest.raises(ValueError, match="bijection Affine: "):
        bijection_from_config({"family": "Affine", "slope": 2})


def test_a_bijection_of_ones_own_is_found_by_name():
    class Same(Bijection):
        params = 1

        def forward(self, raw, x):
            return x, torch.zeros_like(x)

        def inverse(self, raw, y):
            return y

    assert isinstance(bijection_from_config({"family": "Same"}), Same)
