"""Models of incomplete rows: a density for every pattern of known and missing cells, and given any evidence."""

from itertools import product

import pytest
import torch
from helpers import redraw

from tailormade import MADE, Bernoulli, Categorical, load, save
from tailormade.density.evidence import training_patterns
from tailormade.sampling import Evidence, draw, use_engine

EVENT = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(2)]
SIZES = [2, 3, 2, 2]
NAN = float("nan")
PATTERNS = list(product([False, True], repeat=4))
CASES = {
    "one_order": {},
    "shuffled": {"input_order": [3, 1, 4, 2]},
    "groups": {"input_order": [2, 1, 2, 1]},
    "mixture": {"orders": 3},
    "residual_direct": {"residual": True, "direct": True},
    "no_hidden": {"hidden_units": ()},
    "context": {"context": 2},
    "any": {"orders": "any"},
}


@pytest.fixture(params=list(CASES))
def model(request):
    options = {"hidden_units": (12, 12), "activation": "tanh", "seed": 3, **CASES[request.param]}
    return redraw(MADE(4, conditionals=EVENT, missing=True, **options).double())


def density(model):
    return model(torch.tensor([0.3, -1.0]).double() if model.context else None)


def rows(known=(True,) * 4):
    """All states of the known variables, NaN elsewhere."""
    axes = [torch.arange(n).double() if k else torch.tensor([NAN]).double() for n, k in zip(SIZES, known, strict=True)]
    return torch.cartesian_prod(*axes)


@pytest.mark.parametrize("known", PATTERNS, ids=str)
def test_every_pattern_adds_up_to_one(model, known):
    total = density(model).log_prob(rows(known)).exp().sum()
    torch.testing.assert_close(total, torch.ones(()).double(), atol=1e-10, rtol=0)


@pytest.mark.parametrize("evidence", PATTERNS, ids=str)
def test_every_conditional_adds_up_to_one(model, evidence):
    seen = torch.tensor(evidence)
    x = rows()
    logs = density(model).log_prob_given(x, seen)
    key = torch.where(seen, x, 0.0)
    total = torch.stack([logs[(key == k).all(1)].exp().sum() for k in key.unique(dim=0)])
    torch.testing.assert_close(total, torch.ones_like(total), atol=1e-10, rtol=0)


def test_nothing_missing_and_no_evidence_is_the_joint_density(model):
    x = rows()
    none = torch.zeros(4, dtype=torch.bool)
    torch.testing.assert_close(density(model).log_prob_given(x, none), density(model).log_prob(x), atol=1e-12, rtol=0)


def test_cells_that_are_neither_given_nor_asked_for_are_left_out(model):
    x, seen = rows((True, False, True, False)), torch.tensor([True, False, False, False])
    total = density(model).log_prob_given(x, seen).exp().reshape(2, 2).sum(1)
    torch.testing.assert_close(total, torch.ones(2).double(), atol=1e-10, rtol=0)


def test_later_evidence_reaches_the_first_variable():
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12, 12), activation="tanh", missing=True, seed=0).double())
    codes = torch.zeros(1, sum(model.layout.input_sizes), dtype=torch.float64, requires_grad=True)
    x = torch.full((1, 4), NAN).double()
    inputs = model.layout.encode(x)
    first = model.network(inputs, codes, model.table[0])[0, 0]
    (gradient,) = torch.autograd.grad(first, codes)
    assert bool((gradient != 0).all())


def test_without_evidence_later_variables_do_not_reach_earlier_ones():
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12, 12), activation="tanh", missing=True, seed=0).double())
    inputs = model.layout.encode(rows()[:1]).requires_grad_()
    raw = model.network(inputs, None, model.table[0])
    owner = torch.arange(4).repeat_interleave(torch.tensor(model.layout.input_sizes))
    out = torch.arange(4).repeat_interleave(torch.tensor(model.layout.param_sizes))
    jacobian = torch.stack([torch.autograd.grad(r, inputs, retain_graph=True)[0][0] for r in raw[0]])
    allowed = owner[None] < out[:, None]
    assert bool((jacobian[~allowed] == 0).all())
    assert bool((jacobian[allowed] != 0).all())


def some_rows():
    x = rows()
    x[::2, 1], x[1::3, 3], x[4] = NAN, NAN, NAN
    return x


def test_completion_keeps_what_is_known(model):
    x = some_rows()
    drawn = density(model).complete(x, (3,), generator=torch.Generator().manual_seed(0))
    assert drawn.shape == (3, *x.shape)
    assert not bool(drawn.isnan().any())
    assert torch.equal(drawn.where(~x.isnan(), NAN).nan_to_num(-1), x.expand_as(drawn).nan_to_num(-1))


def test_engines_agree_when_rows_differ(model):
    x = some_rows()
    evidence = Evidence(x.nan_to_num(0), ~x.isnan())
    noise = torch.rand(len(x), 4, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    context = torch.zeros(len(x), 2).double() if model.context else None
    source = model.sampling_source(model.table[0], context, evidence)
    with use_engine("loop"):
        expected = draw(source, noise, evidence)
    assert torch.equal(draw(source, noise, evidence), expected)


@pytest.mark.parametrize("candidates", [None, 20_000], ids=["joint", "conditional"])
def test_completions_have_the_probabilities_of_the_joint_density_or_of_the_conditional(candidates):
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12,), missing=True, orders=2, seed=5).double())
    x = torch.tensor([[NAN, 2.0, NAN, 1.0]]).double()
    noise = torch.Generator().manual_seed(0)
    drawn = model().complete(x, (20_000,), candidates=candidates, generator=noise)[:, 0]
    every = rows((True, False, True, False)).where(x.isnan(), x)
    given, joint = model().log_prob_given(every, ~x[0].isnan()).exp(), torch.softmax(model().log_prob(every), 0)
    assert float((given - joint).detach().abs().max()) > 0.02  # they differ in an untrained model
    expected = given if candidates else joint
    found = torch.stack([(drawn == row).all(1).double().mean() for row in every])
    error = (expected * (1 - expected) / len(drawn)).sqrt()
    assert bool(((found - expected).abs() < 4.5 * error).all())


def test_given_is_exact_for_evidence_that_comes_last():
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12,), missing=True, seed=5).double())
    given = model().given([0, 0, 1, 1], [2, 3])
    assert given.exact
    assert "evidence being an input" in given.describes
    total = given.log_prob(torch.cartesian_prod(torch.arange(2), torch.arange(3))).exp().sum()
    torch.testing.assert_close(total, torch.ones(()).double(), atol=1e-10, rtol=0)


def test_given_needs_a_value_for_what_is_observed():
    model = MADE(2, missing=True, hidden_units=(3,), seed=0)
    with pytest.raises(ValueError, match="x: expected a value in every observed cell, got NaN"):
        model().given([NAN, 1.0], [0])


def test_other_models_do_not_complete():
    with pytest.raises(ValueError, match="missing: expected a model built with missing=True"):
        MADE(2, hidden_units=(3,), seed=0)().complete(torch.tensor([[NAN, 1.0]]))


def test_gradients_of_incomplete_rows_are_finite(model):
    x = some_rows()
    model.log_prob(x, torch.zeros(len(x), 2).double() if model.context else None).sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in model.parameters() if p.grad is not None)


def test_it_survives_a_file(model, tmp_path):
    save(model, tmp_path / "m")
    again = load(tmp_path / "m")
    assert again.missing
    assert torch.equal(density(again).log_prob(some_rows()), density(model).log_prob(some_rows()))


@pytest.fixture
def patterns():
    x = torch.ones(20_000, 3)
    x[::4, 0] = NAN
    return x, *training_patterns(x, torch.Generator().manual_seed(0))


def test_training_shows_a_third_of_the_rows_as_they_are(patterns):
    x, shown, evidence = patterns
    same = (shown.isnan() == x.isnan()).all(1) & ~evidence.any(1)
    assert 0.33 < float(same.double().mean()) < 0.55  # a third, and what draws neither evidence nor gaps


def test_training_never_makes_evidence_of_gaps(patterns):
    _, shown, evidence = patterns
    assert not bool((evidence & shown.isnan()).any())


def test_training_draws_every_pattern(patterns):
    _, shown, evidence = patterns
    kinds = torch.where(shown.isnan(), 2, evidence.long())
    assert len(kinds.unique(dim=0)) == 27


@pytest.mark.parametrize("orders", [1, 3])
def test_marginals_are_sums_of_the_joint_density(orders):
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12,), missing=True, orders=orders, seed=5).double())
    x = torch.tensor([[NAN, 2.0, NAN, 1.0]]).double()
    every = rows((True, False, True, False)).where(x.isnan(), x)
    expected, own = (t.detach() for t in (model().log_prob(every).exp().sum(), model().log_prob(x[0]).exp()))
    found = model().log_marginal(x, 4000).exp()
    assert float(abs(own / expected - 1)) > 0.05  # of an untrained model
    torch.testing.assert_close(found[0], expected, rtol=0.03, atol=0)


def test_marginals_of_what_comes_first_are_exact():
    model = redraw(MADE(3, conditionals=Categorical(3), hidden_units=(9,), missing=True, seed=5).double())
    x = torch.tensor([[1.0, 2.0, NAN], [0.0, 1.0, 2.0], [NAN, NAN, NAN]]).double()
    every = torch.tensor([[1.0, 2.0, c] for c in range(3)]).double()
    found = model().log_marginal(x, 1)
    expected = torch.stack([model().log_prob(every).logsumexp(0), model().log_prob(x[1]), torch.zeros(()).double()])
    torch.testing.assert_close(found, expected.detach())


def test_a_marginal_does_not_depend_on_the_rows_beside_it():
    model = redraw(MADE(4, conditionals=EVENT, hidden_units=(12,), missing=True, seed=5).double())
    x = some_rows()
    together = model().log_marginal(x, 9, seed=3)
    torch.testing.assert_close(torch.cat([model().log_marginal(row[None], 9, seed=3) for row in x]), together)
    assert not torch.equal(model().log_marginal(x, 9, seed=4), together)
