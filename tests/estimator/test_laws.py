"""Distributions of one column: exact means and quantiles, and errors that are as large as they say."""

import numpy as np
import pytest
import torch

from tailormade.conditionals import DiscretisedLogistics, LogisticMixture, Normal, PointMasses
from tailormade.estimator.laws import Mixture, Values


def mixture(conditional, parts=3, **options):
    raw = torch.randn(parts, conditional.params, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return Mixture(
        conditional, raw / 2 - 1, torch.arange(1.0, parts + 1).double() / sum(range(1, parts + 1)), **options
    )


LAWS = {
    "normal": mixture(Normal(loc=5.0)),
    "one part": mixture(LogisticMixture(2, loc=1.0, scale=2.0), parts=1),
    "on a grid": mixture(DiscretisedLogistics(2, loc=3.0, scale=2.0, low=0.0, step=0.5), step=0.5),
    "atoms": mixture(PointMasses((0.0, 4.0), LogisticMixture(2, loc=3.0))),
    "warped": mixture(DiscretisedLogistics(2, loc=50.0, scale=8.0, low=0.0, warp=True), step=1.0),
}


def drawn(law, n=200_000):
    generator = torch.Generator().manual_seed(1)
    which = torch.multinomial(law.weights, n, replacement=True, generator=generator)
    noise = torch.rand(n, law.conditional.noise, generator=generator, dtype=torch.float64)
    return law.conditional.sample(law.raw[which], noise)


@pytest.mark.parametrize("name", LAWS)
def test_the_mean_is_that_of_draws(name):
    values = drawn(LAWS[name])
    mean, error = LAWS[name].mean()
    assert error == 0
    assert mean == pytest.approx(float(values.mean()), abs=4.5 * float(values.std()) / len(values) ** 0.5)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("q", [0.01, 0.3, 0.5, 0.95])
def test_a_quantile_is_the_smallest_value_that_reaches_q(name, q):
    law = LAWS[name]
    found, error = law.quantile(q)
    at = torch.tensor([found - 0.01, found + 1e-9], dtype=torch.float64)
    below, up_to = law.cdf(at).tolist()
    assert error == 0
    assert below < q + 1e-9
    assert up_to >= q - 1e-9
    assert abs(float((drawn(law) <= found).double().mean()) - up_to) < 0.006


def test_means_that_are_known():
    raw = torch.tensor([[1.0, 0.3], [-2.0, 0.1]], dtype=torch.float64)
    law = Mixture(Normal(loc=10.0, scale=2.0), raw, torch.tensor([0.25, 0.75], dtype=torch.float64))
    assert law.mean()[0] == pytest.approx(10 + 2 * (0.25 * 1.0 - 0.75 * 2.0), abs=1e-4)


def test_values_by_weight():
    values = torch.tensor([[1.0, 2.0], [5.0, 7.0]], dtype=torch.float64)
    shares = torch.tensor([[0.5, 0.5], [1.0, 0.0]], dtype=torch.float64)
    law = Values(values, shares, torch.tensor([3.0, 1.0], dtype=torch.float64))
    assert law.mean() == (pytest.approx(0.75 * 1.5 + 0.25 * 5), 0)
    assert [law.quantile(q)[0] for q in (0, 0.375, 0.38, 0.75, 0.76, 1)] == [1, 1, 2, 2, 5, 5]


@pytest.mark.parametrize("many", [1, 3])
def test_errors_are_those_of_repetitions(many):
    """Weighted draws of two parts, again and again: answers scatter as much as they say."""
    rng = np.random.default_rng(0)
    means, medians = [], []
    for _ in range(300):
        x = rng.normal([[0.0]] * 100 + [[4.0]] * 50, 1.0, (150, many)) + rng.normal(size=(150, 1))
        weights = torch.tensor(rng.uniform(0.5, 1.5, 150) / ([100] * 100 + [150] * 50))
        parts = torch.tensor([0] * 100 + [1] * 50)
        law = Values(torch.tensor(x), torch.full((150, many), 1 / many).double(), weights, parts)
        means.append(law.mean())
        medians.append(law.quantile(0.5))
    for found in (np.array(means), np.array(medians)):
        assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.25)
