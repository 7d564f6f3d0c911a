"""The layout computes what its conditionals compute, wherever they lie."""

import pytest
import torch

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Layout

EVENTS = {
    "one": [Bernoulli()],
    "equal": [Categorical(3)] * 4,
    "interleaved": [Bernoulli(), Categorical(3), Bernoulli(), Categorical(3), Categorical(2)],
    "side_by_side": [Bernoulli(), Bernoulli(), Categorical(3), Categorical(3)],
}
BATCHES = [(), (0,), (4,), (2, 1, 3)]


@pytest.fixture(params=list(EVENTS))
def kinds(request):
    return EVENTS[request.param]


def values_for(kinds, *batch):
    return torch.stack([torch.randint(k.cardinality, batch).double() for k in kinds], -1)


def raw_for(kinds, *batch):
    return torch.randn(*batch, sum(k.params for k in kinds), dtype=torch.float64)


def split(kinds, raw):
    return raw.split([k.params for k in kinds], -1)


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_encode(kinds, batch):
    x = values_for(kinds, *batch)
    expected = torch.cat([k.encode(x[..., i]) for i, k in enumerate(kinds)], -1)
    assert torch.equal(Layout(kinds).encode(x), expected)
    assert Layout(kinds).input_sizes == [k.width for k in kinds]


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_log_prob(kinds, batch):
    x, raw = values_for(kinds, *batch), raw_for(kinds, *batch)
    expected = [k.log_prob(r, x[..., i]) for i, (k, r) in enumerate(zip(kinds, split(kinds, raw), strict=True))]
    torch.testing.assert_close(Layout(kinds).log_prob(raw, x), torch.stack(expected, -1), atol=1e-12, rtol=0)
    assert Layout(kinds).param_sizes == [k.params for k in kinds]


@pytest.mark.parametrize(("raw_batch", "x_batch"), [((3,), (5, 1)), ((5, 1), (3,)), ((3,), ())], ids=str)
def test_log_prob_broadcasts(kinds, raw_batch, x_batch):
    x, raw, layout = values_for(kinds, *x_batch), raw_for(kinds, *raw_batch), Layout(kinds)
    batch = torch.broadcast_shapes(raw_batch, x_batch)
    expected = layout.log_prob(raw.expand(*batch, -1), x.expand(*batch, -1))
    torch.testing.assert_close(layout.log_prob(raw, x), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("batch", [(0,), (4,), (2, 1, 3)], ids=str)
def test_sample(kinds, batch):
    layout, raw = Layout(kinds), raw_for(kinds, *batch)
    noise = torch.rand(*batch, len(kinds), layout.noise, dtype=torch.float64)
    pairs = enumerate(zip(kinds, split(kinds, raw), strict=True))
    expected = [k.sample(r, noise[..., i, : k.noise]) for i, (k, r) in pairs]
    assert torch.equal(layout.sample(raw, noise), torch.stack(expected, -1))


def test_in_support(kinds):
    layout, x = Layout(kinds), values_for(kinds, 5)
    assert bool(layout.in_support(x).all())
    x[2, -1] = kinds[-1].cardinality
    assert torch.nonzero(~layout.in_support(x)).tolist() == [[2, len(kinds) - 1]]


def test_marginal_params(kinds):
    x = values_for(kinds, 20)
    expected = [k.marginal_params(x[:, i : i + 1]).flatten() for i, k in enumerate(kinds)]
    torch.testing.assert_close(Layout(kinds).marginal_params(x), torch.cat(expected), atol=1e-12, rtol=0)


def test_discrete_inputs_are_not_scaled(kinds):
    scaled = Layout(kinds).input_scaled()
    assert scaled.shape == (sum(k.width for k in kinds),)
    assert not bool(scaled.any())


@pytest.mark.parametrize(("event", "blocks"), [("one", 1), ("equal", 1), ("interleaved", 3), ("side_by_side", 2)])
def test_equal_conditionals_share_a_block(event, blocks):
    assert len(Layout(EVENTS[event]).blocks) == blocks


def test_contiguous_blocks_are_views():
    layout = Layout(EVENTS["side_by_side"])
    assert [block.variables for block in layout.blocks] == [slice(0, 2), slice(2, 4)]
    assert [block.params for block in layout.blocks] == [slice(0, 2), slice(2, 8)]


def test_scattered_blocks_list_their_columns():
    bernoulli, ternary, _ = Layout(EVENTS["interleaved"]).blocks
    assert bernoulli.variables.tolist() == [0, 2]
    assert ternary.inputs.tolist() == [1, 2, 3, 5, 6, 7]
