"""Base densities pushed through one transform integrate to 1, at several contexts."""

import pytest
import torch
from flows.cases import BIJECTIONS, BOUNDED, build
from helpers import context_for
from torch.distributions import Normal

from tailormade.flows import RationalQuadraticSpline

LIGHT = [n for n in BIJECTIONS if n.startswith("affine")] + [
    "spline_of_2",
    "cdf_normals",
    "cdf_histogram",
    "cdf_spline",
]


def axis(bijection, points, reach):
    """Places and weights of a rule of midpoints; on a line mostly in ``asinh x``, for the sake of far tails."""
    family = getattr(bijection, "conditional", None)
    fractions = (torch.arange(points, dtype=torch.float64) + 0.5) / points
    if family in BOUNDED.values():
        width = family.high - family.low
        return family.low + width * fractions, torch.full_like(fractions, width / points)
    if isinstance(bijection, RationalQuadraticSpline):  # the identity outside: normal tails
        return 9 * (2 * fractions - 1), torch.full_like(fractions, 18 / points)
    u = reach * (2 * fractions - 1)
    middle, scale = (getattr(family, name, default) for name, default in (("loc", 0.0), ("scale", 1.0)))
    return middle + scale * torch.sinh(u), scale * torch.cosh(u) * 2 * reach / points


def density(layer, x, context):
    y, ladj = layer(context).call_and_ladj(x)
    return (Normal(0.0, 1.0).log_prob(y).sum(-1) + ladj).exp()


@pytest.mark.parametrize("name", [n for n in BIJECTIONS if n != "cdf_normal_moved"])
def test_one_dimension(name):
    layer = build(name, features=1)
    x, weights = axis(layer.bijection, 6000, 30.0)
    mass = density(layer, x.unsqueeze(-1), context_for(layer, 4, 1)) @ weights
    torch.testing.assert_close(mass, torch.ones(4).double(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", LIGHT)
def test_two_dimensions(name):
    layer = build(name, features=2, activation="tanh")
    x, weights = axis(layer.bijection, 250, 8.0)
    plane, areas = torch.cartesian_prod(x, x), torch.outer(weights, weights).flatten()
    mass = density(layer, plane, context_for(layer, 3, 1)) @ areas
    torch.testing.assert_close(mass, torch.ones(3).double(), rtol=0, atol=2e-3)
