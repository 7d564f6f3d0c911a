"""A product by stairs is that with the masked weight, as are its derivatives; masked entries are never read."""

import pytest
import torch
from helpers import redraw
from torch.autograd import forward_ad
from torch.nn import functional

from tailormade import MADE
from tailormade.masks.degrees import weight_mask
from tailormade.nn import stair_linear as module
from tailormade.nn import stairs as stairs_module
from tailormade.nn.stair_linear import stair_linear
from tailormade.nn.stairs import create_stairs

G = torch.Generator().manual_seed(0)


def draw(n, low, high, order):
    degrees = torch.randint(low, high + 1, (n,), generator=G)
    degrees = degrees.sort().values if order != "any" else degrees
    return degrees.flip(0) if order == "falling" else degrees


PAIRS = {
    f"{order}-{above_order}-{output}": (draw(13, 1, 9, order), draw(11, 0, 9, above_order), output)
    for order in ("rising", "falling", "any")
    for above_order in ("rising", "falling", "any")
    for output in (False, True)
}
PAIRS["nothing seen"] = torch.tensor([3, 3]), torch.tensor([0, 1, 2]), False
PAIRS["all seen"] = torch.tensor([1, 1]), torch.tensor([2, 2, 2]), True
PAIRS["one by one"] = torch.tensor([1]), torch.tensor([1]), False
PAIRS["no context yet"] = torch.tensor([1, 2, 3]), torch.tensor([0, 0, 1, 2]), False


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Use stairs everywhere, in blocks of few rows."""
    monkeypatch.setattr(module, "_LEAST_WEIGHTS", 1)
    monkeypatch.setattr(module, "_LEAST_ROWS", 1)
    monkeypatch.setattr(stairs_module, "_ROWS", 3)


@pytest.fixture(params=list(PAIRS))
def case(request):
    below, above, output = PAIRS[request.param]
    weight = torch.randn(len(above), len(below), generator=G, dtype=torch.float64)
    x = torch.randn(5, len(below), generator=G, dtype=torch.float64)
    bias = torch.randn(len(above), generator=G, dtype=torch.float64)
    return create_stairs(below, above, output=output), weight_mask(below, above, output=output), x, weight, bias


def test_the_mask(case):
    stairs, mask, *_ = case
    assert torch.equal(stairs.mask(), mask)


def test_blocks_cover_everything_once(case):
    stairs, mask, *_ = case
    for blocks, size in ((stairs.steps.row_blocks, mask.shape[0]), (stairs.steps.column_blocks, mask.shape[1])):
        assert [i for block in blocks for i in range(block.rows.start, block.rows.stop)] == list(range(size))


@pytest.mark.parametrize("biased", [False, True])
def test_values_and_derivatives(case, biased):
    stairs, mask, *given = case
    given = [t.requires_grad_() for t in given][: 2 + biased]
    x, weight, bias = (*given, None)[:3]
    found, expected = stair_linear(x, weight, bias, stairs), functional.linear(x, weight.where(mask, 0.0), bias)
    torch.testing.assert_close(found, expected)
    g = torch.randn(expected.shape, generator=G, dtype=torch.float64)
    pairs = zip(torch.autograd.grad(found, given, g), torch.autograd.grad(expected, given, g), strict=True)
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs)


def test_many_gradients_at_a_time(case):
    stairs, mask, *given = case
    x, weight, bias = (t.requires_grad_() for t in given)
    found, expected = stair_linear(x, weight, bias, stairs), functional.linear(x, weight.where(mask, 0.0), bias)
    directions = torch.randn(4, *expected.shape, generator=G, dtype=torch.float64)
    ours, theirs = (
        torch.autograd.grad(y, (x, weight, bias), directions, is_grads_batched=True) for y in (found, expected)
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_derivatives_of_derivatives(case):
    stairs, _, *given = case
    given = [t.requires_grad_() for t in given]
    assert torch.autograd.gradcheck(lambda *t: stair_linear(*t, stairs), given)
    assert torch.autograd.gradgradcheck(lambda *t: stair_linear(*t, stairs), given)


@pytest.mark.parametrize("poison", [torch.nan, torch.inf])
def test_masked_entries_have_no_effect(case, poison):
    stairs, mask, x, weight, bias = case
    expected = stair_linear(x, weight, bias, stairs)
    x, weight = x.requires_grad_(), weight.where(mask, poison).requires_grad_()
    found = stair_linear(x, weight, bias, stairs)
    assert torch.equal(found, expected)
    for_x, for_weight = torch.autograd.grad(found.square().sum(), (x, weight))
    assert bool(for_x.isfinite().all())
    assert torch.equal(for_weight[~mask], torch.zeros_like(for_weight[~mask]))


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (4, 1, 2)])
def test_batches(case, shape):
    stairs, mask, _, weight, bias = case
    x = torch.randn(*shape, weight.shape[1], generator=G, dtype=torch.float64)
    torch.testing.assert_close(stair_linear(x, weight, bias, stairs), functional.linear(x, weight * mask, bias))


OPTIONS = {
    "plain": {},
    "context": {"context": 2},
    "residual": {"residual": True},
    "direct": {"direct": True},
    "everything": {"context": 2, "residual": True, "direct": True, "input_order": "random", "hidden_degrees": "random"},
    "no hidden layer": {"hidden_units": (), "direct": False},
    "any order": {"orders": "any", "direct": True},
    "right to left": {"input_order": "right-to-left"},
}


@pytest.fixture(params=list(OPTIONS))
def network(request):
    options = {"hidden_units": (12, 12), "activation": "tanh", "seed": 0, **OPTIONS[request.param]}
    model = redraw(MADE(7, options.pop("context", 0), **options).double())
    return model.network, model.table[0], torch.randn(4, model.context, generator=G).double() if model.context else None


@pytest.fixture
def used(monkeypatch):
    """The products that went by stairs."""
    calls, own = [], module.stair_linear
    monkeypatch.setattr(module, "stair_linear", lambda *given: calls.append(given) or own(*given))
    return calls


X = torch.randn(4, 7, generator=G, dtype=torch.float64)


def by_definition(network, degrees, x, context):
    return network.run(network.effective_weights(degrees), x, context)


def test_networks(network, used):
    net, degrees, context = network
    found = net(X, context, degrees)
    assert len(used) == len(net.layers) + (net.direct is not None)
    torch.testing.assert_close(found, by_definition(*network[:2], X, context))


def test_networks_learn_the_same(network):
    net, degrees, context = network
    grads = []
    for out in (net(X, context, degrees), by_definition(net, degrees, X, context)):
        net.zero_grad()
        out.square().sum().backward()
        grads.append([p.grad.clone() for p in net.parameters() if p.grad is not None])
    assert len(grads[0]) == len(grads[1]) > 0
    for ours, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_edits_in_place_and_other_degrees(network):
    net, degrees, context = network
    net(X, context, degrees)
    with torch.no_grad():
        net.layers[0].weight.mul_(2)
    turned = type(degrees)(degrees.inputs.flip(0).contiguous(), degrees.hidden)
    for now in (degrees, turned):
        torch.testing.assert_close(net(X, context, now), by_definition(net, now, X, context))


def test_orders_share_steps(network):
    net, degrees, context = network
    shuffled = type(degrees)(degrees.inputs[torch.randperm(7, generator=G)], degrees.hidden)
    net(X, context, degrees)
    before = net._kept_stairs.last
    net(X, context, shuffled)
    after = net._kept_stairs.last
    assert any(one is not other for one, other in zip(before, after, strict=True))
    assert all(one.steps is other.steps for one, other in zip(before, after, strict=True))


def test_transforms_of_functions(network, used):
    net, degrees, context = network
    one = None if context is None else context[0]
    with torch.no_grad():
        rows = torch.vmap(lambda x: net(x, one, degrees))(X)
    jacobian = torch.func.jacrev(lambda x: net(x, one, degrees))(X[0])
    assert not used
    torch.testing.assert_close(rows, net(X, one, degrees))
    expected = torch.autograd.functional.jacobian(lambda x: net(x, one, degrees), X[0])
    torch.testing.assert_close(jacobian, expected)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_forward_mode(network, used):
    net, degrees, context = network
    with forward_ad.dual_level():
        out = forward_ad.unpack_dual(net(forward_ad.make_dual(X, torch.ones_like(X)), context, degrees))
    assert not used
    assert out.tangent.shape == out.primal.shape


@pytest.mark.parametrize("case", ["autocast", "no rows", "half precision"])
def test_where_stairs_do_not_serve(case, used):
    model = MADE(7, hidden_units=(12,), seed=0)
    if case == "half precision":
        model.bfloat16()
    x = X[:0] if case == "no rows" else X
    with torch.autocast("cpu", torch.bfloat16, enabled=case == "autocast"):
        model.network(x.to(next(model.parameters()).dtype), None, model.table[0])
    assert not used
