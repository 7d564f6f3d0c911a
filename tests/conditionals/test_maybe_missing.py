"""A missing cell as a value: beyond all numbers, with a probability of its own."""

import json
import math

import pytest
import torch
from conditionals.families import raw_for

from tailormade.conditionals import (
    DiscretisedLogistics,
    Layout,
    LogisticMixture,
    MaybeMissing,
    Normal,
    PointMasses,
    Poisson,
    Spline,
    conditional_from_config,
    stack,
)

BASES = {
    "normal": Normal(loc=3.0),
    "logistics": LogisticMixture(3, loc=5.0, scale=2.0, min_scale=0.3, warp=True),
    "counts": DiscretisedLogistics(3, low=0, loc=3.0, scale=4.0, warp=True),
    "hundredths": DiscretisedLogistics(3, step=0.01, loc=0.5, scale=0.25, density=True),
    "points": PointMasses((0.0, 1.5), LogisticMixture(2, scale=2.0, warp=True)),
    "spline": Spline(4, 0.0, 5.0),
    "poisson": Poisson(),
}
INFINITY = torch.tensor(math.inf, dtype=torch.float64)


@pytest.fixture(params=list(BASES))
def family(request):
    return MaybeMissing(BASES[request.param])


def values_of(family, *batch):
    """Values that are there."""
    noise = torch.rand(*batch, family.base.noise, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return family.base.sample(raw_for(family.base, *batch), noise)


def missing_share(raw):
    return torch.sigmoid(raw[..., 0])


def test_a_value_has_what_the_missing_cell_leaves(family):
    raw, x = raw_for(family, 7), values_of(family, 7)
    expected = torch.log1p(-missing_share(raw)) + family.base.log_prob(raw[:, 1:], x)
    torch.testing.assert_close(family.log_prob(raw, x), expected)
    torch.testing.assert_close(family.log_prob(raw, INFINITY).exp(), missing_share(raw))


def test_mass_of_values_and_of_the_missing_cell_add_up_to_one(family):
    raw = raw_for(family, 7)
    torch.testing.assert_close(
        family.mass_below(raw, INFINITY) + family.log_prob(raw, INFINITY).exp(), torch.ones(7).double()
    )
    assert bool((family.cdf(raw, INFINITY) == 1).all())
    x = values_of(family, 7)
    torch.testing.assert_close(family.cdf(raw, x), (1 - missing_share(raw)) * family.base.cdf(raw[:, 1:], x))
    below = (1 - missing_share(raw)) * family.base.mass_below(raw[:, 1:], x)
    torch.testing.assert_close(family.mass_below(raw, x), below)


def test_quantiles_beyond_the_values_are_missing(family):
    raw = raw_for(family, 7)
    there = 1 - missing_share(raw)
    assert bool(family.icdf(raw, there + 1e-9).isinf().all())
    assert bool(family.icdf(raw, 0.999 * there).isfinite().all())
    middle = family.icdf(raw, there / 2)
    torch.testing.assert_close(middle, family.base.icdf(raw[:, 1:], torch.full((7,), 0.5).double()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_quantile_at_the_edge_is_a_value(family, dtype):
    raw = raw_for(family, 50).to(dtype)
    assert bool(family.icdf(raw, family.mass_below(raw, INFINITY.to(dtype))).isfinite().all())


def test_samples_have_gaps_as_often_as_they_should(family):
    raw = raw_for(family, 1).expand(20_000, -1)
    noise = torch.rand(20_000, family.noise, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x = family.sample(raw, noise)
    gone = x.isinf()
    assert abs(float(gone.double().mean() - missing_share(raw[0]))) < 0.015  # four standard errors
    assert torch.equal(x[~gone], family.base.sample(raw[:, 1:], noise[:, 1:])[~gone])
    assert bool(family.support.check(x).all())


def test_codes(family):
    x = values_of(family, 3)
    code = family.encode(torch.cat([x, INFINITY[None]]))
    assert code.shape == (4, family.width)
    torch.testing.assert_close(code[:3], torch.nn.functional.pad(family.base.encode(x), (0, 1)))
    assert code[3].tolist() == [0.0] * family.base.width + [1.0]
    assert family.scaled_inputs == (*family.base.scaled_inputs, False)


def test_missing_cells_have_finite_gradients(family):
    raw = raw_for(family, 4).requires_grad_()
    x = values_of(family, 4).clone()
    x[::2] = math.inf
    family.log_prob(raw, x).sum().backward()
    assert bool(raw.grad.isfinite().all())
    assert bool((raw.grad[::2, 1:] == 0).all())
    assert bool((raw.grad[:, 0] != 0).all())


def test_side_by_side_they_are_the_same():
    grid = DiscretisedLogistics(2, low=0, high=90, loc=4.0, scale=2.0)
    families = [MaybeMissing(grid), MaybeMissing(DiscretisedLogistics(2, low=5, high=50, loc=40.0, scale=2.0))]
    layout = Layout(families, missing=True)
    assert len(layout.blocks) == 1
    assert stack(families).filler.tolist() == [family.filler for family in families] == [4.0, 40.0]
    x = torch.tensor([[3.0, 45.0], [math.inf, 40.0], [4.0, math.inf], [math.nan, 8.0]], dtype=torch.float64)
    raw = torch.stack([raw_for(f, 4, seed=i) for i, f in enumerate(families)], 1)
    alone = torch.stack([f.log_prob(raw[:, i], x[:, i]) for i, f in enumerate(families)], 1)
    torch.testing.assert_close(layout.log_prob(raw.flatten(1), x), alone.masked_fill(x.isnan(), 0.0))
    code = torch.cat([f.encode(x[:3, i]) for i, f in enumerate(families)], -1)
    torch.testing.assert_close(layout.encode(x[:3])[:, [0, 1, 3, 4]], code)
    assert layout.in_support(torch.tensor([[math.inf, math.inf], [91.0, 4.0]])).tolist() == [[True] * 2, [False] * 2]


def test_it_starts_at_the_share_that_is_missing():
    x = torch.tensor([[1.0], [2.0], [math.inf], [math.nan], [3.0]]).double()
    start = MaybeMissing(Normal()).marginal_params(x)
    assert float(torch.sigmoid(start[0, 0])) == pytest.approx(1.5 / 5)
    torch.testing.assert_close(start[:, 1:], Normal().marginal_params(x[[0, 1, 4]]))


def test_a_file_keeps_it(family):
    assert conditional_from_config(json.loads(json.dumps(family.config()))) == family


def test_whole_numbers_stay_discrete():
    assert MaybeMissing(BASES["counts"]).support.is_discrete
    assert not MaybeMissing(BASES["normal"]).support.is_discrete
    assert MaybeMissing(BASES["hundredths"]).log_cell == BASES["hundredths"].log_cell
    assert "infinity for a missing cell" in MaybeMissing(BASES["counts"]).describe()


def test_bases_must_be_conditionals():
    with pytest.raises(TypeError, match="base: expected a conditional, got 3"):
        MaybeMissing(3)


def test_what_is_recorded_is_the_bases():
    base = DiscretisedLogistics(2, step=0.5, density=True)
    x = torch.tensor([0.3, 1.2])
    for family in (MaybeMissing(base), PointMasses((0.0,), base), MaybeMissing(PointMasses((0.0,), base))):
        assert family.recorded(x).tolist() == [0.5, 1.0]
