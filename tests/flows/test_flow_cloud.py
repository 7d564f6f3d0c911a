"""The proposal of unobserved variables: a cloud of kernels."""

import numpy as np
import pytest
import torch

from tailormade.flows.evidence.cloud import Cloud, cloud_around, first_cloud


@pytest.fixture
def points():
    return torch.randn(300, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * torch.tensor(
        [1, 5, 9]
    )


def test_a_cloud_draws_from_its_density(points):
    source = torch.Generator().manual_seed(0)
    cloud = cloud_around(points, torch.full((300,), 1 / 300, dtype=torch.float64), points.std(0), source)
    x = cloud.sample(20_000, source)
    wide = torch.distributions.MultivariateNormal(points.mean(0), torch.cov(points.T))
    weights = (wide.log_prob(x) - cloud.log_prob(x)).exp()
    assert float(weights.mean()) == pytest.approx(1, abs=0.03)  # ∫ q · (p / q) = 1
    inside_box = (x[:, 1] > 2).double().mean()
    assert float((weights * (x[:, 1] > 2)).mean()) == pytest.approx(1 - float(wide_cdf(wide, 2.0)), abs=0.03)
    assert 0 < float(inside_box) < 1


def wide_cdf(normal, value):
    """Probability that the second variable of a joint normal is below a value."""
    return torch.distributions.Normal(normal.loc[1], normal.covariance_matrix[1, 1].sqrt()).cdf(torch.tensor(value))


def test_the_density_of_a_single_kernel():
    root = torch.tensor([[2.0, 0.0], [1.0, 0.5]], dtype=torch.float64)
    cloud = Cloud(torch.zeros(1, 2, dtype=torch.float64), root)
    white = torch.tensor([0.3, -0.7], dtype=torch.float64)
    square = 0.3**2 + 0.7**2  # Student's t of 6 degrees of freedom in 2 dimensions
    expected = np.log(1 / (2 * np.pi)) - 4 * np.log1p(square / 6) - np.log(2 * 0.5)
    assert float(cloud.log_prob((root @ white)[None])) == pytest.approx(expected)


def test_the_first_cloud_follows_a_slope():
    source = torch.Generator().manual_seed(0)
    x = torch.randn(2000, 1, generator=source, dtype=torch.float64)
    joint = torch.cat([x, 10 * x + 0.1 * torch.randn(2000, 1, generator=source, dtype=torch.float64)], 1)
    cloud = first_cloud(joint, torch.tensor([1.5]).double(), torch.tensor([True, False]), source)
    assert float(cloud.points.mean()) == pytest.approx(15, abs=0.1)
    assert float(cloud.points.std()) < 0.3
