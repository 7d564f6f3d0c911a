"""How far joint, marginal and conditional densities agree: exactly where they must, and measured where they do not."""

import math
from dataclasses import asdict

import pytest
import torch
from helpers import every_state, fill, redraw

from tailormade import MADE, Bernoulli, Categorical
from tailormade.conditionals import MaybeMissing, Normal
from tailormade.verify import check_agreement, verify

MIXED = [Bernoulli(), Categorical(3), MaybeMissing(Normal(loc=2.0))]


def model(features=3, conditionals=MIXED, scale=0.5, **options):
    made = MADE(features, conditionals=conditionals, hidden_units=(16,), missing=True, seed=0, **options)
    return redraw(made.double(), scale=scale)


def independent(**options):
    """A model without weights, whose variables are independent: every path has the same marginals."""
    made = fill(model(**options), 0.0)
    with torch.no_grad():
        made.network.layers[-1].bias.normal_(generator=torch.Generator().manual_seed(1))
    return made


@pytest.mark.parametrize("options", [{}, {"orders": 3}, {"context": 2}, {"orders": "any"}], ids=str)
def test_independent_variables_agree_exactly(options):
    found = check_agreement(independent(**options), rows=200)
    assert found.passed
    assert found.mean_absolute < 1e-12


@pytest.mark.parametrize("options", [{}, {"orders": 3}, {"context": 2}], ids=str)
def test_paths_that_were_tampered_with_differ(options):
    found = check_agreement(model(**options), rows=200)
    assert found.passed
    assert found.mean_absolute > max(found.mean + 1e-4, 0.01)
    assert found.mean > 0


def test_a_path_of_its_own_is_noticed():
    made = independent()
    with torch.no_grad():
        made.network.context_layers[0].weight.normal_(generator=torch.Generator().manual_seed(2))
        made.network.layers[-1].weight.normal_(generator=torch.Generator().manual_seed(3))
    assert check_agreement(made, rows=200).mean_absolute > 0.01


def test_the_mean_is_a_divergence():
    made = model(2, [Bernoulli(), Categorical(3)], scale=1.0)
    x = every_state(made)
    with torch.no_grad():
        exact = []
        for seen in (torch.tensor([True, False]), torch.tensor([False, True])):
            marginal = made.log_prob(torch.where(seen, x, torch.nan))
            joint = made.log_prob(x)
            split = marginal + made().log_prob_given(x, seen)
            torch.testing.assert_close(split.exp().sum(), torch.ones(()).double())
            exact.append(float((joint.exp() * (joint - split)).sum()))
    found = check_agreement(made, rows=20_000, splits=1, seed=2)
    assert min(abs(found.mean - kl) for kl in exact) < 4 * found.standard_error + 1e-9
    assert 0 < found.standard_error < 0.01


def test_rows_that_are_given():
    x = torch.tensor([[1.0, 2.0, 0.5], [0.0, math.nan, math.inf], [math.nan, math.nan, 1.0]])
    found = check_agreement(model(), x, splits=3)
    assert (found.rows, found.splits) == (3, 3)
    assert found.passed
    assert check_agreement(model(context=1), x, torch.zeros(3, 1)).passed


def test_the_same_seed_gives_the_same_figures():
    first, second, other = (check_agreement(model(), rows=50, seed=seed) for seed in (1, 1, 2))
    assert first == second != other


def test_the_line_and_the_numbers():
    found = check_agreement(model(), rows=50)
    assert f"differ by {found.mean:.3f} ± {found.standard_error:.3f} nats a row, {found.mean_absolute:.3f}" in str(
        found
    )
    assert str(found).startswith("ok      agreement       joint density")
    assert set(asdict(found)) >= {"name", "passed", "figure", "mean", "standard_error", "mean_absolute"}


def test_what_is_not_finite_fails():
    broken = fill(model(), math.nan)
    assert not check_agreement(broken, torch.zeros(2, 3))


def test_a_single_variable_has_one_path():
    assert check_agreement(model(1, Bernoulli()), rows=20).mean_absolute == 0


def test_models_of_complete_rows_are_refused():
    with pytest.raises(ValueError, match="model: expected one built with missing=True, got one without"):
        check_agreement(MADE(3, seed=0))


def test_it_is_among_the_checks_where_cells_may_be_missing():
    names = [check.name for check in verify(model(3, Bernoulli()))]
    assert names == ["autoregressive", "normalised", "sampler", "save and load", "agreement"]


def test_model_and_generators_are_left_alone():
    made, before = model().train(), torch.get_rng_state()
    check_agreement(made, rows=20)
    assert torch.equal(torch.get_rng_state(), before)
    assert made.training
