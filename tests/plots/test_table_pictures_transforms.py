"""Integral transforms are uniform for rows from the model, and for no others; which rows are taken."""

import numpy as np
import pytest
import torch
from scipy import stats

from tailormade import MADE
from tailormade.conditionals import Bernoulli, Categorical, DiscretisedLogistics, LogisticMixture, PointMasses
from tailormade.plots import integral_transforms
from tailormade.plots.tables import RowChoice

FAMILIES = [
    Bernoulli(),
    Categorical(5),
    DiscretisedLogistics(2, low=0, high=9),
    PointMasses((0.0, 3.0), DiscretisedLogistics(2, low=0.0, step=0.5, loc=2.0, density=True)),
    PointMasses((0.0,), LogisticMixture(2)),
    LogisticMixture(2, warp=True),
]


@pytest.fixture(scope="module")
def mixed():
    """A model of every family whose conditionals depend on what comes before, and rows drawn from it."""
    model = MADE(6, conditionals=FAMILIES, hidden_units=(16,), missing=True, seed=0).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)) * 0.4)
    return model, model().sample((4000,), generator=torch.Generator().manual_seed(2))


def test_transforms_of_rows_from_the_model_are_uniform_and_independent(mixed):
    model, x = mixed
    u = integral_transforms(model, x, seed=3)
    assert u.shape == (4000, 6)
    assert min(stats.kstest(column, "uniform").pvalue for column in u.T) > 1e-3
    assert np.abs(np.corrcoef(u.T) - np.eye(6)).max() < 0.06


def test_transforms_of_other_rows_are_not(mixed):
    model, x = mixed
    shifted = torch.cat([1 - x[:, :1], (x[:, 1:2] + 1) % 5, (x[:, 2:3] + 2).clamp(max=9), x[:, 3:] + 1.5], 1)
    u = integral_transforms(model, shifted)
    assert max(stats.kstest(column, "uniform").pvalue for column in u.T) < 1e-6


def test_a_transform_lies_within_the_jump_of_its_own_conditional(mixed):
    model, x = mixed
    u = torch.from_numpy(integral_transforms(model, x[:200]))
    raw = model.params(x[:200], None, model.table[0]).double().split(model.layout.param_sizes, -1)
    for i, (family, r) in enumerate(zip(FAMILIES, raw, strict=True)):
        low, high = family.mass_below(r, x[:200, i]), family.cdf(r, x[:200, i])
        assert bool(((u[:, i] >= low) & (u[:, i] <= high)).all())
        assert bool(((high - low) > 1e-9).any()) == (i != 5)  # the last has no jumps


def test_transforms_of_incomplete_rows_seeds_and_blocks(mixed, monkeypatch):
    model, x = mixed
    holes = torch.rand(50, 6, generator=torch.Generator().manual_seed(0)) < 0.3
    gaps = torch.where(holes, torch.nan, x[:50])
    before = torch.get_rng_state()
    u = integral_transforms(model, gaps, seed=1)
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(np.isnan(u), holes.numpy())
    monkeypatch.setattr("tailormade.plots.tables.transforms._ROWS", 7)
    np.testing.assert_allclose(integral_transforms(model, gaps, seed=1), u, atol=1e-6)
    assert (integral_transforms(model, gaps, seed=2)[:, 0] != u[:, 0]).any()
    assert integral_transforms(model, x[:0]).shape == (0, 6)


def test_transforms_follow_the_context():
    model = MADE(1, context=1, hidden_units=(), seed=0)
    with torch.no_grad():
        next(p for n, p in model.named_parameters() if "context" in n and p.ndim == 2).fill_(9.0)
    u = integral_transforms(model, torch.ones(200, 1), torch.tensor([[1.0], [-1.0]]).repeat(100, 1))[:, 0]
    assert u[1::2].min() > 0.99  # a one where it was not expected
    assert 0.4 < u[::2].mean() < 0.6


def test_rows_are_the_same_however_they_are_divided():
    x, context = torch.arange(100.0).unsqueeze(1), torch.arange(100.0).unsqueeze(1) * 2
    whole, parts = RowChoice(30, seed=1), RowChoice(30, seed=1)
    whole.add(x, context)
    for start in range(0, 100, 9):
        parts.add(x[start : start + 9], context[start : start + 9])
    assert torch.equal(whole.x, parts.x)
    assert torch.equal(parts.context, 2 * parts.x)
    assert len(whole.x.unique()) == 30
    assert torch.equal(whole.x, whole.x.sort(0).values)


def test_every_row_has_the_same_chance():
    kept = np.zeros(20)
    for seed in range(400):
        chosen = RowChoice(5, seed)
        for block in torch.arange(20.0).reshape(4, 5, 1):
            chosen.add(block, None)
        kept[chosen.x.flatten().long()] += 1
    assert np.abs(kept - 100).max() < 35  # four standard deviations


def test_all_rows_if_there_are_no_more():
    chosen = RowChoice(10, seed=0)
    chosen.add(torch.arange(4.0).unsqueeze(1), None)
    assert chosen.x.flatten().tolist() == [0.0, 1.0, 2.0, 3.0]
    assert chosen.context is None
    with pytest.raises(ValueError, match="rows: expected at least 1, got 0"):
        RowChoice(0, seed=0)
