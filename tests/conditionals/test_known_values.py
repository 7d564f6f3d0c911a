"""Families against torch.distributions, scipy and formulas written out."""

import math

import numpy as np
import pytest
import torch
from conditionals.families import raw_for
from scipy import stats
from torch import distributions

from tailormade.conditionals import (
    DiscretisedLogistics,
    LogisticMixture,
    NegativeBinomial,
    Normal,
    NormalMixture,
    Poisson,
    Spline,
    StudentTMixture,
)
from tailormade.conditionals.kernels import LogisticKernel, NormalKernel, StudentKernel

KERNELS = {
    "normal": (NormalKernel(), stats.norm),
    "logistic": (LogisticKernel(), stats.logistic),
    "student_1": (StudentKernel(1), stats.t(1)),
    "student_2": (StudentKernel(2), stats.t(2)),
    "student_4": (StudentKernel(4), stats.t(4)),
}
T = torch.tensor([-1e4, -30.0, -2.5, -0.3, -1e-3, 0.0, 1e-5, 0.7, 3.0, 25.0], dtype=torch.float64)
U = torch.tensor([1e-12, 1e-4, 0.2, 0.49, 0.5, 0.500001, 0.74, 0.9, 0.9999], dtype=torch.float64)


@pytest.fixture(params=list(KERNELS))
def kernel(request):
    return KERNELS[request.param]


def test_shapes_are_scipys(kernel):
    ours, theirs = kernel
    torch.testing.assert_close(ours.log_density(T), torch.from_numpy(theirs.logpdf(T.numpy())), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(ours.cdf(T), torch.from_numpy(theirs.cdf(T.numpy())), rtol=1e-9, atol=1e-100)
    torch.testing.assert_close(ours.quantile(U), torch.from_numpy(theirs.ppf(U.numpy())), rtol=1e-8, atol=1e-9)


def test_shapes_are_inverted_in_tails_and_centre(kernel):
    u = torch.tensor([1e-12, 1e-6, 0.3, 0.4999999, 0.50001, 0.999], dtype=torch.float64)
    torch.testing.assert_close(kernel[0].cdf(kernel[0].quantile(u)), u, rtol=1e-11, atol=0)


def test_weights_are_slopes_of_the_log_density(kernel):
    t = T[1:-1].clone().requires_grad_()
    (slope,) = torch.autograd.grad(kernel[0].log_density(t).sum(), t)
    away = t.abs() > 1e-4
    torch.testing.assert_close(kernel[0].weight(t)[away], (-slope / t)[away], rtol=1e-9, atol=0)
    assert bool(kernel[0].weight(torch.zeros(1)).isfinite().all())


def test_a_mixture_of_normals_is_torchs():
    family = NormalMixture(3, loc=4.0, scale=2.0)
    raw = raw_for(family, 5)
    logits, means, logs = raw.unflatten(-1, (3, 3)).unbind(-2)
    deviations = torch.exp(10 * torch.tanh(logs / 10))
    parts = distributions.Normal(4.0 + 2.0 * means, 2.0 * deviations)
    expected = distributions.MixtureSameFamily(distributions.Categorical(logits=logits), parts)
    x = torch.linspace(-9, 14, 5).double()
    torch.testing.assert_close(family.log_prob(raw, x), expected.log_prob(x))
    torch.testing.assert_close(family.cdf(raw, x), expected.cdf(x))


def test_a_normal_is_torchs():
    family, raw = Normal(loc=4.0, scale=2.0, min_scale=0.5), torch.tensor([[1.0, 0.0]])
    found = family.distribution(raw)
    assert isinstance(found, distributions.Normal)
    assert (float(found.mean), float(found.stddev)) == (6.0, 2.5)


def test_a_warped_variable_changes_variables():
    plain, warped = LogisticMixture(2), LogisticMixture(2, loc=1.0, scale=3.0, warp=True)
    raw, x = raw_for(plain, 6), torch.linspace(-50, 60, 6).double()
    s = (x - 1) / 3
    expected = plain.log_prob(raw, torch.asinh(s)) - torch.log(3 * torch.sqrt(1 + s**2))
    torch.testing.assert_close(warped.log_prob(raw, x), expected)


def test_students_have_their_tails():
    raw, far = torch.zeros(3), torch.tensor([1e5, 1e6], dtype=torch.float64)
    slopes = [float(StudentTMixture(1, n).log_prob(raw.double(), far).diff() / math.log(10)) for n in (1, 2, 4)]
    assert slopes == pytest.approx([-2, -3, -5], abs=1e-6)


@pytest.mark.parametrize("warp", [False, True], ids=["plain", "warped"])
def test_cells_are_differences_of_the_cdf(warp):
    grid = DiscretisedLogistics(2, step=0.5, offset=0.25, loc=1.0, scale=2.0, warp=warp)
    smooth = LogisticMixture(2, loc=1.0, scale=2.0, warp=warp)
    raw, x = raw_for(grid, 3), 0.25 + 0.5 * torch.arange(-20.0, 21.0, dtype=torch.float64)[:, None]
    expected = smooth.cdf(raw, x + 0.25) - smooth.cdf(raw, x - 0.25)
    torch.testing.assert_close(grid.log_prob(raw, x).exp(), expected, atol=1e-12, rtol=1e-9)
    torch.testing.assert_close(grid.cdf(raw, x), smooth.cdf(raw, x + 0.25), atol=1e-12, rtol=0)


def test_ends_take_what_lies_beyond_them():
    raw, free = raw_for(DiscretisedLogistics(2), 3), DiscretisedLogistics(2, loc=4.0, scale=3.0)
    closed = DiscretisedLogistics(2, low=2, high=6, loc=4.0, scale=3.0)
    low, high = torch.full((3,), 2.0).double(), torch.full((3,), 6.0).double()
    torch.testing.assert_close(closed.log_prob(raw, low).exp(), free.cdf(raw, low))
    torch.testing.assert_close(closed.log_prob(raw, high).exp(), 1 - free.cdf(raw, high - 1))


def test_thin_cells_are_not_replaced_by_the_density_at_their_centre():
    # a component much narrower than a cell: all of its mass is in one cell
    family, raw = DiscretisedLogistics(1), torch.tensor([0.0, 0.2, -30.0])
    assert float(family.log_prob(raw, torch.tensor(0.0))) == pytest.approx(0.0, abs=1e-6)


def test_widths_survive_far_from_the_centre():
    # at 2^30 neighbouring edges are equal numbers in float32
    family, raw = DiscretisedLogistics(1, loc=0.0, scale=2.0**20), torch.zeros(3)
    x = torch.tensor(2.0**30 + 1, dtype=torch.float64)
    expected = stats.logistic.logpdf(float(x) / 2**20) - 20 * math.log(2)
    assert float(family.log_prob(raw, x)) == pytest.approx(expected, rel=1e-6)


COUNTS = np.arange(40)


@pytest.mark.parametrize("log_mean", [-3.0, 0.0, 2.0])
def test_poisson_is_scipys(log_mean):
    raw, k = torch.tensor([20 * math.atanh(log_mean / 20)], dtype=torch.float64), torch.from_numpy(COUNTS).double()
    theirs = stats.poisson(math.exp(log_mean))
    torch.testing.assert_close(Poisson().log_prob(raw, k), torch.from_numpy(theirs.logpmf(COUNTS)))
    torch.testing.assert_close(Poisson().cdf(raw, k), torch.from_numpy(theirs.cdf(COUNTS)))
    assert Poisson().icdf(raw, U[1:]).tolist() == theirs.ppf(U[1:].numpy()).tolist()


@pytest.mark.parametrize(("mean", "size"), [(0.3, 2.0), (5.0, 0.5), (12.0, 50.0)])
def test_negative_binomial_is_scipys(mean, size):
    raw = torch.tensor([20 * math.atanh(math.log(mean) / 20), 8 * math.atanh(math.log(size) / 8)]).double()
    theirs, k = stats.nbinom(size, size / (size + mean)), torch.from_numpy(COUNTS).double()
    family = NegativeBinomial()
    torch.testing.assert_close(family.log_prob(raw, k), torch.from_numpy(theirs.logpmf(COUNTS)), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(family.cdf(raw, k), torch.from_numpy(theirs.cdf(COUNTS)), rtol=1e-6, atol=1e-6)
    assert family.icdf(raw, U[1:]).tolist() == theirs.ppf(U[1:].numpy()).tolist()


def test_a_spline_runs_through_its_knots():
    family, raw = Spline(3), raw_for(Spline(3))
    widths, heights = (0.001 / 3 + 0.999 * torch.softmax(r, -1) for r in raw[:6].split(3))
    torch.testing.assert_close(family.cdf(raw, widths.cumsum(0)), heights.cumsum(0))


def test_a_spline_has_a_continuous_density():
    family, raw = Spline(5), raw_for(Spline(5))
    knots = (0.001 / 5 + 0.999 * torch.softmax(raw[:5], -1)).cumsum(0)[:-1]
    below, above = family.log_prob(raw, knots - 1e-10), family.log_prob(raw, knots + 1e-10)
    torch.testing.assert_close(below, above, atol=1e-6, rtol=0)


def test_no_raw_numbers_are_the_uniform_distribution():
    torch.testing.assert_close(
        Spline(7, -1.0, 3.0).log_prob(torch.zeros(22), torch.rand(9)), torch.full((9,), -math.log(4))
    )
