"""Flows in the hands of code that knows torch's distributions only: shapes that broadcast, containers, copies."""

import copy
import io
import pickle
from itertools import product

import numpy as np
import pytest
import torch
from flows.flow_cases import build, contexts
from torch.distributions import (
    Categorical,
    ComposeTransform,
    Independent,
    MixtureSameFamily,
    Normal,
    TransformedDistribution,
    kl_divergence,
)
from torch.distributions.transforms import ExpTransform

import tailormade as tm
from tailormade.flows import Affine, FlowDistribution

SHAPES = [(), (1,), (5,), (4, 1), (4, 5)]
PAIRS = list(product(SHAPES, SHAPES))
NAMES = ["maf_plain", "iaf_plain"]
KINDS = [
    *NAMES,
    "maf_spline",
    "iaf_batch_norm",
    "maf_no_hidden_layer",
    "maf_conditional_made",
    "iaf_made_without_context",
]


def values(*batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 4.0 + torch.randn(*batch, 3, generator=generator, dtype=torch.float64)


def row_by_row(flow, x, c, batch):
    """Log-densities of rows that each have a context of their own."""
    flat = [values.expand(*batch, -1).reshape(-1, values.shape[-1]) for values in (x, c)]
    return flow.log_prob(*flat).reshape(batch)


@pytest.fixture(params=NAMES)
def flow(request):
    return build(request.param)


@pytest.mark.parametrize("name", KINDS)
def test_values_and_contexts_broadcast_both_ways(name):
    flow = build(name)
    for of_x, of_c in PAIRS:
        x, c = values(*of_x)[..., : flow.features], contexts(flow, *of_c)
        batch = torch.broadcast_shapes(of_x, of_c)
        expected = row_by_row(flow, x, c, batch)
        for found in (flow(c).log_prob(x), flow.log_prob(x, c), flow(c).expand((*batch,)).log_prob(x)):
            torch.testing.assert_close(found, expected)


def test_transforms_broadcast_both_ways(flow):
    for of_x, of_c in PAIRS:
        z, c = values(*of_x) - 4, contexts(flow, *of_c)
        batch = torch.broadcast_shapes(of_x, of_c)
        for t in (flow.transform(c), flow.transforms[0](c)):
            y = t(z)
            assert y.shape == t.forward_shape(z.shape) == (*batch, 3)
            assert t.log_abs_det_jacobian(z, y).shape == batch
            torch.testing.assert_close(t.inv(y), z.expand(*batch, 3))


def test_samples_have_sample_shape_then_batch_shape(flow):
    for shape, batch in PAIRS:
        density = flow(contexts(flow, *batch))
        assert density.sample(shape).shape == density.rsample(shape).shape == (*shape, *batch, 3)
        x, log = density.rsample_and_log_prob(shape)
        assert (x.shape, log.shape) == ((*shape, *batch, 3), (*shape, *batch))
        torch.testing.assert_close(density.log_prob(x), log)


def test_torchs_transformed_distribution_of_any_batch_shape(flow):
    for of_x, of_c in PAIRS:
        x, c = values(*of_x), contexts(flow, *of_c)
        same = TransformedDistribution(flow.base(), [flow.transform(c)])
        assert same.batch_shape == of_c
        torch.testing.assert_close(same.log_prob(x), flow(c).log_prob(x))


def test_a_chain_of_two_flows_is_a_density_too():
    maf, iaf = (build(name) for name in NAMES)
    c = contexts(maf, 5)
    chain = ComposeTransform([maf.transform(c), iaf.transform(c)])
    x = values(4, 5)
    found = TransformedDistribution(maf.base(), [chain]).log_prob(x)
    z, ladj = iaf.to_noise(x, c)
    torch.testing.assert_close(found, maf(c).log_prob(z) + ladj)


def test_further_transforms_of_torch(flow):
    density = flow(contexts(flow, 5))
    positive = TransformedDistribution(density, [ExpTransform()])
    x = positive.rsample((2,))
    assert bool((x > 0).all())
    torch.testing.assert_close(positive.log_prob(x), density.log_prob(x.log()) - x.log().sum(-1))


def test_a_mixture_of_expanded_flows(flow):
    c = contexts(flow, 4, 1)
    mixture = MixtureSameFamily(Categorical(torch.rand(4, 5).double()), flow(c).expand((4, 5)))
    assert mixture.sample((3,)).shape == (3, 4, 3)
    x = values(4)
    torch.testing.assert_close(mixture.log_prob(x), flow(c.squeeze(1)).log_prob(x))  # components are alike


def test_independent_adds_up_contexts(flow):
    density = Independent(flow(contexts(flow, 4, 5)), 1).expand((2, 4))
    x = density.rsample()
    assert x.shape == (2, 4, 5, 3)
    torch.testing.assert_close(density.log_prob(x), flow(contexts(flow, 4, 5)).log_prob(x).sum(-1))


@pytest.mark.parametrize("kind", [tm.MAF, tm.IAF])
def test_kl_by_samples_is_torchs_where_the_flow_is_normal(kind):
    flow = kind(2, transforms=1, hidden_units=(), bijection=Affine("exp"), standardise=False).double()
    shift, log_scale = torch.tensor([0.5, -0.2]).double(), torch.tensor([0.3, -0.4]).double()
    last = flow.transforms[0].network.layers[-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.stack([shift, log_scale], 1).flatten())
    normal = Normal(shift, log_scale.exp()) if kind is tm.IAF else Normal(-shift / log_scale.exp(), 1 / log_scale.exp())
    other = Normal(torch.zeros(2).double(), 1.5)
    with torch.no_grad():
        x = flow().sample((20_000,), generator=torch.Generator().manual_seed(0))
        ratios = flow().log_prob(x) - other.log_prob(x).sum(-1)
    expected = kl_divergence(normal, other).sum()
    assert abs(ratios.mean() - expected) < 4 * ratios.std() / 20_000**0.5 < 0.05


def test_torch_knows_no_kl_of_a_flow(flow):
    density = flow(contexts(flow))
    with pytest.raises(NotImplementedError):  # rather than an estimate that passes for exact
        kl_divergence(density, density)


def test_a_generator_decides_and_leaves_torchs_own_alone(flow):
    density = flow(contexts(flow, 2))
    before = torch.get_rng_state()
    for draw in (density.sample, density.rsample, lambda *a, **k: density.rsample_and_log_prob(*a, **k)[0]):
        first, second = (draw((5,), generator=torch.Generator().manual_seed(3)) for _ in range(2))
        generator = torch.Generator().manual_seed(3)
        assert torch.equal(first, second)
        assert torch.equal(first, draw((5,), generator=generator))
        assert not torch.equal(first, draw((5,), generator=generator))  # it moves on
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(1)
    first = density.sample()
    torch.manual_seed(1)
    assert torch.equal(first, density.sample())


def test_blocks_of_flows_draw_by_a_generator():
    maf, iaf = (build(name) for name in NAMES)
    blocks = tm.Blockwise([maf(contexts(maf, 5)), iaf(contexts(iaf, 5)), Normal(torch.zeros(5).double(), 1.0)])
    for draw in (blocks.sample, blocks.rsample):
        first, second = (draw((2,), generator=torch.Generator().manual_seed(3)) for _ in range(2))
        assert torch.equal(first, second)
    assert first.requires_grad
    parts = first.split([3, 3, 1], -1)
    expected = maf(contexts(maf, 5)).log_prob(parts[0]) + iaf(contexts(iaf, 5)).log_prob(parts[1])
    torch.testing.assert_close(blocks.log_prob(first), expected + Normal(0.0, 1.0).log_prob(parts[2]).squeeze(-1))


def test_copies_are_independent(flow):
    c, x = contexts(flow, 5), values(5)
    before = flow(c).log_prob(x)
    twin = copy.deepcopy(flow)
    density = copy.deepcopy(flow(c))
    assert torch.equal(twin(c).log_prob(x), before)
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.add_(0.1)
    assert not torch.equal(flow(c).log_prob(x), before)
    for log in (twin(c).log_prob(x), density.log_prob(x)):
        assert torch.equal(log, before)


def test_pickles_and_state_dicts_bring_the_density_back(flow):
    c, x = contexts(flow, 5), values(5)
    for copied in (pickle.loads(pickle.dumps(flow))(c), pickle.loads(pickle.dumps(flow(c)))):
        assert torch.equal(copied.log_prob(x), flow(c).log_prob(x))
    file = io.BytesIO()
    torch.save(flow.state_dict(), file)
    file.seek(0)
    twin = build("maf_plain" if isinstance(flow, tm.MAF) else "iaf_plain", seed=9)
    twin.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(twin(c).log_prob(x), flow(c).log_prob(x))


def test_a_transform_that_remembers_can_be_copied(flow):
    c, z = contexts(flow, 5), values(5)
    for transform in (flow.transform(c).with_cache(), flow.transforms[0](c).with_cache()):
        x = transform(z)
        assert transform.inv(x) is z
        for twin in (copy.deepcopy(transform), pickle.loads(pickle.dumps(transform))):
            torch.testing.assert_close(twin(z), x)
            assert twin.inv(twin(z)) is z


def test_shapes_that_do_not_fit_are_named(flow):
    with pytest.raises(ValueError, match=r"context: batch shape \(5,\) does not broadcast with that of x, \(4,\)"):
        flow(contexts(flow, 5)).log_prob(values(4))
    with pytest.raises(ValueError, match=r"value: expected event_shape \(3,\)"):
        FlowDistribution(flow, contexts(flow, 5), validate_args=True).log_prob(torch.zeros(5))
    with pytest.raises(ValueError, match=r"`context`\. Expected `2`, but got `3`"):
        flow(torch.zeros(5, 3))


def test_values_are_not_checked_if_so_asked(flow):
    density = FlowDistribution(flow, contexts(flow), validate_args=True)
    x = torch.full((3,), torch.inf)
    with pytest.raises(ValueError, match="column 0 has inf"):
        density.log_prob(x)
    unchecked = FlowDistribution(flow, contexts(flow), validate_args=False)
    assert not bool(unchecked.log_prob(x).isfinite())
    assert not bool(unchecked.expand((2,)).log_prob(x).isfinite().any())


def test_arrays_are_taken_wherever_tensors_are(flow):
    x, c = values(20).numpy(), contexts(flow, 20).numpy()
    before = flow.log_prob(torch.tensor(x), torch.tensor(c))
    assert torch.equal(flow.log_prob(x, c), before)
    assert torch.equal(flow(c).log_prob(x), before)
    z, _ = flow.to_noise(x, c)
    torch.testing.assert_close(flow.to_data(z.detach().numpy(), c), torch.tensor(x))
    twin = copy.deepcopy(flow)
    twin.adapt(x, c)
    flow.adapt(torch.tensor(x), torch.tensor(c))
    assert torch.equal(twin.log_prob(x, c), flow.log_prob(x, c))
    twin.settle(x, c)


@pytest.mark.parametrize("argument", ["features", "context", "transforms"])
def test_numbers_of_things_are_whole(argument):
    arguments = {"features": 2, "context": 1, "transforms": 1, "hidden_units": (4,)}
    assert type(tm.MAF(**arguments | {argument: np.int64(2)}).config()[argument]) is int
    for wrong in (2.0, "2"):
        with pytest.raises(TypeError, match=rf"{argument}: expected a whole number, got {wrong!r}"):
            tm.MAF(**arguments | {argument: wrong})
