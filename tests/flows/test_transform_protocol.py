"""A transform among torch's distributions and transforms, and the one network pass it takes."""

import copy

import pytest
import torch
from flows.cases import FEW, build, scores, values
from helpers import context_for
from torch.distributions import (
    Categorical,
    ComposeTransform,
    Independent,
    IndependentTransform,
    MixtureSameFamily,
    Normal,
    TransformedDistribution,
    transforms,
)


def base(*shape):
    return Independent(Normal(torch.zeros(*shape).double(), torch.ones(*shape).double()), 1)


def passes(layer):
    """A list that grows with every pass through the network."""
    made = []
    layer.network.register_forward_hook(lambda *_: made.append(1))
    return made


@pytest.fixture(params=FEW)
def layer(request):
    return build(request.param)


def test_transformed_distribution_both_ways_round(layer):
    t = layer(context_for(layer, 7))
    x = values(layer, 7)
    towards_noise = TransformedDistribution(base(layer.features), [t.inv])
    y, ladj = t.call_and_ladj(x)
    expected = base(layer.features).log_prob(y) + ladj
    assert towards_noise.batch_shape == (7,)
    torch.testing.assert_close(towards_noise.log_prob(x), expected)
    towards_data = TransformedDistribution(base(layer.features), [t])
    torch.testing.assert_close(towards_data.log_prob(y), base(layer.features).log_prob(x) - ladj)
    for d in (towards_noise, towards_data):
        assert d.rsample((5,)).shape == (5, 7, layer.features)
        assert d.event_shape == (layer.features,)


def test_samples_have_gradients(layer):
    for inverse in (False, True):
        t = layer(context_for(layer, 2))
        draws = TransformedDistribution(base(layer.features), [t.inv if inverse else t]).rsample((3,))
        gradients = torch.autograd.grad(draws.square().sum(), list(layer.parameters()))
        assert sum(float(g.abs().sum()) for g in gradients) > 0


def test_expand(layer):
    d = TransformedDistribution(base(layer.features), [layer(context_for(layer)).inv]).expand((4, 2))
    assert d.sample().shape == (4, 2, layer.features)
    assert d.log_prob(values(layer, 4, 2)).shape == (4, 2)


def test_composition_with_torch_transforms(layer):
    t = layer(context_for(layer, 3))
    scale = transforms.AffineTransform(torch.tensor(0.5).double(), torch.tensor(2.0).double(), event_dim=1)
    chain, x = ComposeTransform([scale.inv, t, scale]), values(layer, 3)
    inside = scale.inv(x)
    y = chain(x)
    torch.testing.assert_close(y, scale(t(inside)))
    torch.testing.assert_close(chain.inv(y), x)
    torch.testing.assert_close(chain.log_abs_det_jacobian(x, y), t.log_abs_det_jacobian(inside, t(inside)))
    assert (chain.domain.event_dim, chain.codomain.event_dim, chain.bijective) == (1, 1, True)


def test_independent(layer):
    t, x = layer(context_for(layer, 2, 3)), values(layer, 2, 3)
    y, ladj = t.call_and_ladj(x)
    rows = IndependentTransform(t, 1)
    torch.testing.assert_close(rows.log_abs_det_jacobian(x, rows(x)), ladj.sum(-1))
    d = Independent(TransformedDistribution(base(3, layer.features), [t.inv]), 1)
    assert (d.batch_shape, d.event_shape) == ((2,), (3, layer.features))
    torch.testing.assert_close(d.log_prob(x), (base(layer.features).log_prob(y) + ladj).sum(-1))


def test_mixture_same_family(layer):
    context, x = context_for(layer, 4), values(layer, 6)
    parts = TransformedDistribution(base(layer.features), [layer(context).inv])
    weights = torch.tensor([0.1, 0.2, 0.3, 0.4]).double()
    logs = torch.stack([TransformedDistribution(base(layer.features), [layer(c).inv]).log_prob(x) for c in context], -1)
    mixture = MixtureSameFamily(Categorical(weights), parts)
    torch.testing.assert_close(mixture.log_prob(x), torch.logsumexp(logs + weights.log(), -1))
    assert mixture.sample((5,)).shape == (5, layer.features)


def test_values_and_log_determinant_take_one_pass(layer):
    made, x = passes(layer), values(layer, 3)
    t = layer(context_for(layer, 3))
    y = t(x)
    ladj = t.log_abs_det_jacobian(x, y)
    assert len(made) == 1
    torch.testing.assert_close(ladj, t.call_and_ladj(x)[1])


def test_density_takes_one_pass(layer):
    d, x = TransformedDistribution(base(layer.features), [layer(context_for(layer, 3)).inv]), values(layer, 3)
    made = passes(layer)
    d.log_prob(x)
    assert len(made) == 1


def test_another_pair_is_not_taken_for_the_last_one(layer):
    t = layer(context_for(layer, 3))
    x, other = values(layer, 3), values(layer, 3, seed=8)
    y = t(x)
    torch.testing.assert_close(t.log_abs_det_jacobian(other, y), t.call_and_ladj(other)[1])
    torch.testing.assert_close(t.log_abs_det_jacobian(x, x), t.call_and_ladj(x)[1])
    torch.testing.assert_close(t.log_abs_det_jacobian(other, t(other)), t.call_and_ladj(other)[1])


def test_a_log_determinant_without_gradients_is_not_kept_for_one_with(layer):
    t, x = layer(context_for(layer, 3)), values(layer, 3)
    with torch.no_grad():
        y = t(x)
    assert t.log_abs_det_jacobian(x, y).requires_grad


def test_parameters_that_change_are_seen(layer):
    t, x = layer(context_for(layer, 3)), values(layer, 3)
    before = t(x)
    with torch.no_grad():
        layer.network.layers[-1].bias.add_(0.3)
    y = t(x)
    assert not torch.allclose(y, before)
    torch.testing.assert_close(t.log_abs_det_jacobian(x, y), t.call_and_ladj(x)[1])


def test_cache_of_torch(layer):
    t = layer(context_for(layer, 3)).with_cache()
    x = values(layer, 3)
    y = t(x)
    assert t(x) is y
    assert t.inv(y) is x
    assert t.with_cache() is t
    assert copy.deepcopy(t)(x) is not y
    torch.testing.assert_close(copy.deepcopy(t)(x), y)


def test_shapes_with_a_larger_context(layer):
    if not layer.context:
        return
    t = layer(context_for(layer, 7, 1))
    assert t.forward_shape((5, layer.features)) == t.inverse_shape((5, layer.features)) == (7, 5, layer.features)
    assert t(values(layer, 5)).shape == t.inv(scores(layer, 5)).shape == (7, 5, layer.features)


def test_domain_and_codomain(layer):
    t = layer(context_for(layer))
    x = values(layer, 4)
    assert bool(t.domain.check(x).all())
    assert not bool(t.domain.check(torch.full((layer.features,), torch.nan)))
    assert bool(t.codomain.check(t(x)).all())
    with pytest.raises(NotImplementedError):
        _ = t.sign


def test_validation_names_what_is_wrong():
    layer = build("cdf_histogram")
    d = TransformedDistribution(base(layer.features), [layer(context_for(layer)).inv], validate_args=True)
    with pytest.raises(ValueError, match="within the support"):
        d.log_prob(torch.full((layer.features,), 99.0).double())
