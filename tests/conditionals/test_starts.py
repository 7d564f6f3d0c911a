"""Where a network starts: the smoothed marginals of columns, missing cells or not."""

import pytest
import torch
from conditionals.families import DISCRETE, FAMILIES, points_of, raw_for, values_for

from tailormade.conditionals import (
    Categorical,
    DiscretisedLogistics,
    Histogram,
    LogisticMixture,
    NegativeBinomial,
    Normal,
    NormalMixture,
    Ordinal,
    PointMasses,
    Poisson,
    Spline,
    StudentTMixture,
    stack,
)

ROWS = 2000


@pytest.fixture(params=list(FAMILIES))
def family(request):
    return FAMILIES[request.param]


def columns(family, rows=300, n=2):
    return values_for(family, rows, n).double()


def test_shape_and_type(family):
    raw = family.marginal_params(columns(family))
    assert raw.shape == (2, family.params)
    assert raw.dtype == torch.float64
    assert bool(raw.isfinite().all())


def test_missing_cells_are_left_out(family):
    x = columns(family)
    with_gaps = torch.cat([x, torch.full_like(x, torch.nan)])[torch.randperm(600)]
    torch.testing.assert_close(family.marginal_params(with_gaps), family.marginal_params(x), atol=1e-9, rtol=1e-9)


def test_columns_miss_cells_of_their_own(family):
    x = columns(family)
    gaps = x.clone()
    gaps[:100, 1] = torch.nan
    expected = torch.cat([family.marginal_params(x[:, :1]), family.marginal_params(x[100:, 1:])])
    torch.testing.assert_close(family.marginal_params(gaps), expected, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("rows", [0, 1, 50])
@pytest.mark.parametrize("value", [torch.nan, "value"], ids=["missing", "constant"])
def test_columns_with_nothing_to_fit(family, rows, value):
    x = torch.full((rows, 2), torch.nan if value is torch.nan else float(values_for(family)), dtype=torch.float64)
    raw = family.marginal_params(x)
    assert raw.shape == (2, family.params)
    assert bool(raw.isfinite().all())
    known = values_for(family, 40)[:, None]
    assert bool(family.log_prob(raw, known).isfinite().all())


def test_a_start_is_better_than_chance(family):
    x = columns(family, ROWS)
    start = family.log_prob(family.marginal_params(x), x).mean()
    # two components cannot fit a pile at an end and the rest
    assert float(start) >= float(family.log_prob(raw_for(family, seed=9), x).mean()) - 0.1


@pytest.mark.parametrize("name", ["ordinal_two", "ordinal_seven", "five_categories", "coded"])
def test_frequencies_are_smoothed_counts(name):
    family = DISCRETE[name]
    x = columns(family, 30)
    k = torch.arange(family.cardinality, dtype=torch.float64)
    counts = (x == k[:, None, None]).sum(1).double() + 0.5
    found = family.log_prob(family.marginal_params(x), k[:, None]).exp()
    torch.testing.assert_close(found, counts / counts.sum(0), atol=1e-12, rtol=0)


def test_frequencies_of_points_are_smoothed_counts():
    family = PointMasses((0.0, 2.0), Normal(loc=1.0))
    x = torch.tensor([[0.0], [0.0], [1.3], [2.0], [torch.nan]], dtype=torch.float64)
    masses = family.log_prob(family.marginal_params(x), points_of(family)).exp()
    torch.testing.assert_close(masses, torch.tensor([2.5, 1.5]).double() / 5.5)


def test_counts_start_at_mean_and_variance():
    x = torch.poisson(torch.full((4000, 1), 3.0), generator=torch.Generator().manual_seed(1)).double()
    x[::3] *= 3
    mean, variance = float(x.mean()), float(x.var())
    assert float(Poisson().distribution(Poisson().marginal_params(x)).mean) == pytest.approx(mean, rel=1e-3)
    found = NegativeBinomial().distribution(NegativeBinomial().marginal_params(x))
    assert float(found.mean) == pytest.approx(mean, rel=1e-3)
    assert float(found.variance) == pytest.approx(variance, rel=1e-2)


def skewed():
    """Columns as tables have them: log-normal, exponential, symmetric, two-peaked."""
    generator = torch.Generator().manual_seed(3)
    z = torch.randn(3, 20_000, generator=generator, dtype=torch.float64)
    steep = -5 * torch.rand(20_000, generator=generator, dtype=torch.float64).log()
    return {"log_normal": 30 * z[0].exp(), "exponential": steep, "normal": 100 + 3 * z[1],
            "peaks": torch.where(z[0] > 0.3, z[1] - 6, z[2] + 6)}  # fmt: skip


SKEWED = skewed()


def of_histogram(x, bins=200):
    """Mean log density of a histogram with as many values in each bin."""
    edges = torch.quantile(x, torch.linspace(0, 1, bins + 1, dtype=torch.float64))
    which = torch.searchsorted(edges[1:-1].contiguous(), x.contiguous())
    return float((1 / bins / edges.diff())[which].log().mean())


@pytest.mark.parametrize("warp", [False, True], ids=["plain", "warped"])
@pytest.mark.parametrize("column", SKEWED)
@pytest.mark.parametrize("kind", ["normals", "logistics", "students", "recorded"])
def test_mixtures_start_near_a_fine_histogram(kind, column, warp):
    x = SKEWED[column]
    units = {"loc": float(x.median()), "scale": float(x.quantile(0.75) - x.quantile(0.25)) / 1.35, "warp": warp}
    family = {
        "normals": NormalMixture(**units), "logistics": LogisticMixture(**units),
        "students": StudentTMixture(freedom=4, **units),
        "recorded": DiscretisedLogistics(step=0.01, density=True, **units),
    }[kind]  # fmt: skip
    found = float(family.log_prob(family.marginal_params(x[:, None]), x).mean())
    assert of_histogram(x) - found < 0.05


@pytest.mark.parametrize(("family", "loss"), [(Histogram(40), 0.1), (Spline(16), 0.05)], ids=["histogram", "spline"])
def test_bounded_families_start_near_a_fine_histogram(family, loss):
    x = SKEWED["exponential"] / 100
    x = x[x < 1]
    assert of_histogram(x) - float(family.log_prob(family.marginal_params(x[:, None]), x).mean()) < loss


def test_one_normal_starts_at_mean_and_deviation():
    x = SKEWED["normal"]
    found = Normal(loc=90.0, scale=8.0).distribution(Normal(loc=90.0, scale=8.0).marginal_params(x[:, None]))
    assert float(found.mean) == pytest.approx(float(x.mean()), abs=0.02)
    assert float(found.stddev) == pytest.approx(float(x.std()), rel=0.02)


def test_repeated_values_make_no_spikes():
    family = NormalMixture(5, scale=2.0)
    raw = family.marginal_params(torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 4.0]).double().repeat(50)[:, None])
    assert float(family.log_prob(raw, torch.zeros(1)).exp()) < 20


def test_a_stack_starts_as_its_members_do():
    members = [LogisticMixture(3, loc=1.0, scale=2.0), LogisticMixture(3, loc=-4.0, scale=0.5, min_scale=0.1)]
    x = torch.stack([values_for(m, 100) for m in members], 1)
    x[3, 0] = torch.nan
    expected = [m.marginal_params(x[:, i : i + 1]) for i, m in enumerate(members)]
    torch.testing.assert_close(stack(members).marginal_params(x), torch.cat(expected), atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("family", [Categorical(3), Ordinal(3)], ids=["categorical", "ordinal"])
def test_many_categories_and_rows_of_small_types(family):
    x = torch.cat([torch.ones(1000, 1), torch.zeros(500, 1)]).to(torch.uint8)
    expected = torch.tensor([500.5, 1000.5, 0.5]).double() / 1501.5
    torch.testing.assert_close(family.log_prob(family.marginal_params(x), torch.arange(3)).exp(), expected)
