"""The flows' torch distribution and transform: shapes, messages, and life inside torch's own classes."""

import pytest
import torch
from flows.flow_cases import build, contexts, rows
from torch.distributions import (
    Categorical,
    ComposeTransform,
    Independent,
    MixtureSameFamily,
    Normal,
    TransformedDistribution,
)
from torch.distributions.transforms import AffineTransform


@pytest.fixture
def flow():
    return build("maf_plain")


def test_shapes(flow):
    density = flow(contexts(flow, 4, 2))
    assert (density.batch_shape, density.event_shape) == ((4, 2), (3,))
    assert density.sample().shape == (4, 2, 3)
    assert density.rsample((5,)).shape == (5, 4, 2, 3)
    assert density.log_prob(density.sample((5,))).shape == (5, 4, 2)
    assert density.log_prob(torch.zeros(3)).shape == (4, 2)


def test_expand(flow):
    density = flow(contexts(flow, 2)).expand((4, 2))
    assert density.batch_shape == (4, 2)
    assert density.sample((3,)).shape == (3, 4, 2, 3)
    x = density.sample()
    assert torch.allclose(density.log_prob(x), flow(contexts(flow, 2)).log_prob(x))
    alone = build("iaf_without_context")().expand((4,))
    assert alone.sample().shape == (4, 3)
    assert len(alone.sample()[:, 0].unique()) == 4
    assert alone.log_prob(torch.zeros(3)).shape == (4,)
    with pytest.raises(ValueError, match=r"batch_shape: expected one that \(4, 2\) broadcasts to, got \(3,\)"):
        density.expand((3,))


def test_support_and_messages(flow):
    flow.metadata["columns"] = ["age", "height", "weight"]
    density = flow(contexts(flow))
    x = torch.zeros(4, 3)
    assert bool(density.support.check(x).all())
    x[2, 1] = torch.nan
    assert density.support.check(x).tolist() == [True, True, False, True]
    with pytest.raises(ValueError, match=r"value: column 'height' has nan in row 2 \(counted from 0\), expected a fin"):
        density.log_prob(x)
    with pytest.raises(ValueError, match=r"value: expected event_shape \(3,\), got shape \(4, 2\)"):
        density.log_prob(torch.zeros(4, 2))
    with pytest.raises(ValueError, match="context: expected finite numbers"):
        flow(torch.full((2,), torch.nan))
    with pytest.raises(ValueError, match="context of width 2"):
        flow()
    with pytest.raises(ValueError, match="context: given to a model that was built without one"):
        build("maf_without_context")(torch.zeros(2))
    assert "MAF; batch_shape=(), event_shape=(3,)" in repr(density)


def test_whole_numbers_and_lists_are_taken(flow):
    c = contexts(flow)
    assert torch.equal(flow(c).log_prob([1, 2, 3]), flow(c).log_prob(torch.tensor([1.0, 2.0, 3.0])))
    assert torch.equal(flow([1, 2]).log_prob(rows(flow, 2)), flow(torch.tensor([1.0, 2.0])).log_prob(rows(flow, 2)))


@pytest.mark.parametrize("name", ["maf_plain", "iaf_plain", "maf_linear", "iaf_batch_norm"])
@pytest.mark.parametrize("cache_size", [0, 1])
def test_transform_and_base_make_the_same_transformed_distribution(name, cache_size):
    flow = build(name)
    density = flow(contexts(flow, 2))
    transform = density.transforms[0].with_cache(cache_size)
    same = TransformedDistribution(density.base_dist, [transform])
    x = same.rsample((3,))
    assert same.batch_shape == density.batch_shape
    assert same.event_shape == density.event_shape
    assert torch.allclose(same.log_prob(x), density.log_prob(x))


@pytest.mark.parametrize("name", ["maf_plain", "iaf_plain"])
def test_composes_with_torchs_transforms(name):
    flow = build(name)
    transform = ComposeTransform([flow.transform(contexts(flow)), AffineTransform(1.0, 2.0, event_dim=1)])
    z = torch.randn(4, 3).double()
    x = transform(z)
    assert torch.allclose(transform.inv(x), z)
    jacobian = torch.func.jacrev(transform)(z[0])
    expected = torch.linalg.slogdet(jacobian).logabsdet
    assert torch.allclose(transform.log_abs_det_jacobian(z, x)[0], expected)
    assert transform.forward_shape((7, 3)) == (7, 3)


def test_log_dets_have_the_batch_shape_of_the_context():
    flow = build("maf_no_hidden_layer", transforms=1)
    transform = flow.transform(contexts(flow, 5))
    assert transform.log_abs_det_jacobian(torch.zeros(3), transform(torch.zeros(3))).shape == (5,)
    assert transform.forward_shape((3,)) == (5, 3)


def test_inside_independent_and_a_mixture(flow):
    density = Independent(flow(contexts(flow, 4)), 1)
    assert density.event_shape == (4, 3)
    assert density.log_prob(density.sample((2,))).shape == (2,)
    mixture = MixtureSameFamily(Categorical(torch.ones(4).double()), flow(contexts(flow, 4)))
    x = mixture.sample((6,))
    expected = flow(contexts(flow, 4)).log_prob(x.unsqueeze(1)).exp().mean(1).log()
    assert torch.allclose(mixture.log_prob(x), expected)


def test_kl_by_samples_against_a_torch_distribution():
    flow = build("iaf_without_context")
    x, log = flow().rsample_and_log_prob((50,))
    target = Independent(Normal(torch.zeros(3).double(), 5.0), 1)
    (log - target.log_prob(x)).mean().backward()
    assert all(bool(p.grad.isfinite().all()) for p in flow.parameters() if p.grad is not None)
