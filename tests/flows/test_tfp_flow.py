"""TFP's MaskedAutoregressiveFlow, with its arguments and directions."""

import copy

import pytest
import torch
from helpers import redraw
from torch.distributions import (
    AffineTransform,
    ComposeTransform,
    CumulativeDistributionTransform,
    Independent,
    Normal,
    SigmoidTransform,
    StickBreakingTransform,
    TransformedDistribution,
)

from tailormade.flows import MaskedAutoregressiveFlow, bijection_from_config
from tailormade.flows.shift_and_log_scale import Unshift
from tailormade.nn import AutoregressiveNetwork


def network(context=0, order="left-to-right", features=4, hidden=(16, 16)):
    torch.manual_seed(0)
    made = AutoregressiveNetwork(
        2, event_shape=features, conditional=context > 0, conditional_event_shape=context or None,
        hidden_units=hidden, input_order=order, activation="tanh",
    )  # fmt: skip
    return redraw(made.double())


def by_hand(y):
    """Shift and log-scale from the variable before alone."""
    before = torch.nn.functional.pad(y[..., :-1], (1, 0))
    return torch.stack([before.sin(), before.cos()], -1)


class Wrapped:
    """A network that is not recognised, so that the definition is used."""

    def __init__(self, fn):
        self.fn, self.calls = fn, 0

    def __call__(self, *args, **conditions):
        self.calls += 1
        return self.fn(*args, **conditions)


def affine(y):
    shift, log_scale = by_hand(y).unbind(-1)
    return AffineTransform(shift, log_scale.exp())


def curved(y):
    shift, log_scale = by_hand(y).unbind(-1)
    return ComposeTransform([AffineTransform(shift, log_scale.exp()), SigmoidTransform()])


FLOWS = {
    "network": lambda: MaskedAutoregressiveFlow(network()),
    "right to left": lambda: MaskedAutoregressiveFlow(network(order="right-to-left")),
    "random order": lambda: MaskedAutoregressiveFlow(network(order="random")),
    "no hidden layer": lambda: MaskedAutoregressiveFlow(network(hidden=())),
    "any callable": lambda: MaskedAutoregressiveFlow(by_hand),
    "pair": lambda: MaskedAutoregressiveFlow(lambda y: by_hand(y).unbind(-1)),
    "shift only": lambda: MaskedAutoregressiveFlow(lambda y: (by_hand(y)[..., 0], None)),
    "log-scale only": lambda: MaskedAutoregressiveFlow(lambda y: [None, by_hand(y)[..., 1]]),
    "transform": lambda: MaskedAutoregressiveFlow(bijector_fn=affine, validate_args=True),
    "composed transforms": lambda: MaskedAutoregressiveFlow(bijector_fn=curved, validate_args=True),
    "context": lambda: MaskedAutoregressiveFlow(network(context=2)).condition(
        conditional_input=torch.tensor([0.3, -1.0], dtype=torch.float64)
    ),
}


@pytest.fixture(params=FLOWS)
def flow(request):
    return FLOWS[request.param]()


@pytest.fixture
def x():
    return torch.randn(3, 2, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_round_trip(flow, x):
    assert torch.allclose(flow.inv(flow(x)), x, atol=1e-8)
    assert flow(x[:0]).shape == flow.inv(x[:0]).shape == (0, 2, 4)
    assert flow(x[0, 0]).shape == (4,)


def test_log_det_is_that_of_the_jacobian(flow, x):
    x = x[0, 0]
    y = flow(x)
    expected = torch.linalg.slogdet(torch.func.jacrev(flow)(x)).logabsdet
    assert torch.allclose(flow.log_abs_det_jacobian(x, y), expected, atol=1e-9)
    assert torch.allclose(flow.inv.log_abs_det_jacobian(y, x), -expected, atol=1e-9)


def test_the_direction_is_tfps(x):
    """Forward: y = x exp(log_scale) + shift, both computed from y."""
    flow, net = MaskedAutoregressiveFlow(network()), network()
    y = flow(x)
    shift, log_scale = net(y).unbind(-1)
    assert torch.allclose(y, x * log_scale.exp() + shift)
    assert torch.allclose(flow.log_abs_det_jacobian(x, y), log_scale.sum(-1))


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", "random"])
def test_a_network_gives_what_the_definition_gives(x, order):
    fast, slow = MaskedAutoregressiveFlow(network(2, order)), MaskedAutoregressiveFlow(Wrapped(network(2, order)))
    context = torch.randn(5, 1, 1, 2, dtype=torch.float64)
    found, expected = (flow.condition(conditional_input=context)(x) for flow in (fast, slow))
    assert found.shape == (5, 3, 2, 4)
    assert torch.allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("width", [0, 2])
def test_gradients_of_samples_are_those_of_the_definition(x, width):
    nets, contexts = [network(width), network(width)], []
    for flow in (MaskedAutoregressiveFlow(nets[0]), MaskedAutoregressiveFlow(Wrapped(nets[1]))):
        if width:
            contexts.append(torch.tensor([0.3, -1.0], dtype=torch.float64, requires_grad=True))
            flow = flow.condition(conditional_input=contexts[-1])
        flow(x).square().sum().backward()
    for fast, slow in zip(*(net.parameters() for net in nets), strict=True):
        assert torch.allclose(fast.grad, slow.grad, atol=1e-9)
    if width:
        assert torch.allclose(contexts[0].grad, contexts[1].grad, atol=1e-9)


def test_a_network_is_not_run_for_every_variable(x, monkeypatch):
    flow = MaskedAutoregressiveFlow(network())
    y = flow(x)
    monkeypatch.setattr(AutoregressiveNetwork, "__call__", None)
    assert torch.equal(flow(x), y)


@pytest.mark.parametrize(
    ("width", "conditions", "message"),
    [
        (2, {}, "`conditional_input` must be passed as a named argument"),
        (0, {"conditional_input": torch.zeros(2)}, "given to a network that was built without one"),
        (2, {"conditional_input": torch.zeros(3)}, "Expected `2`, but got `3`"),
    ],
)
def test_context_is_checked(x, width, conditions, message):
    flow = MaskedAutoregressiveFlow(network(width))
    for direction in (flow.forward, flow.inverse):
        with pytest.raises(ValueError, match=message):
            direction(x, **conditions)


def test_the_map_of_one_variable():
    raw, y = torch.tensor([[1.0, 0.5], [-2.0, -1.0]]), torch.tensor([3.0, 0.25])
    x, log_slope = Unshift().forward(raw, y)
    assert torch.allclose(x, (y - raw[:, 0]) / raw[:, 1].exp())
    assert torch.equal(log_slope, -raw[:, 1])
    assert torch.allclose(Unshift().inverse(raw, x), y)
    assert bijection_from_config(Unshift().config()) == Unshift()


def test_density_takes_one_call_and_sampling_one_for_each_variable(x):
    fn = Wrapped(by_hand)
    base = Independent(Normal(torch.zeros(4, dtype=torch.float64), 1.0), 1)
    density = TransformedDistribution(base, [MaskedAutoregressiveFlow(fn)])
    density.log_prob(x)
    assert fn.calls == 1
    density.sample((5,))
    assert fn.calls == 1 + 4


def test_density_of_a_made_up_chain():
    flow = MaskedAutoregressiveFlow(lambda y: (torch.nn.functional.pad(y[..., :-1], (1, 0)), None))
    density = TransformedDistribution(Independent(Normal(torch.zeros(3), 1.0), 1), [flow])
    y = torch.tensor([1.0, 3.0, 2.0])
    assert torch.allclose(density.log_prob(y), Normal(0.0, 1.0).log_prob(torch.tensor([1.0, 2.0, -1.0])).sum())
    drawn = density.sample((20000,))
    assert torch.allclose(drawn.var(0), torch.tensor([1.0, 2.0, 3.0]), rtol=0.06)


def test_a_log_det_is_not_that_of_other_values(x):
    flow = MaskedAutoregressiveFlow(by_hand)
    y, z = x, x + 1
    noise = flow.inv(y)
    assert torch.equal(flow.log_abs_det_jacobian(noise, y), by_hand(y)[..., 1].sum(-1))
    assert torch.equal(flow.log_abs_det_jacobian(noise, z), by_hand(z)[..., 1].sum(-1))
    with torch.no_grad():
        noise = flow.inv(y)
    z = y.requires_grad_()
    assert flow.log_abs_det_jacobian(noise, z).requires_grad


def test_methods_of_tfp(x):
    flow, context = MaskedAutoregressiveFlow(network(2)), torch.tensor([0.5, 2.0], dtype=torch.float64)
    bound = flow.condition(conditional_input=context)
    y = flow.forward(x, conditional_input=context)
    assert torch.equal(y, bound(x))
    assert torch.allclose(flow.inverse(y, conditional_input=context), x)
    ladj = bound.log_abs_det_jacobian(x, y)
    assert torch.allclose(flow.forward_log_det_jacobian(x, conditional_input=context), ladj)
    assert torch.allclose(flow.inverse_log_det_jacobian(y, conditional_input=context), -ladj)
    assert flow.conditions == {}
    assert not torch.allclose(flow.forward(x, conditional_input=-context), y)


def test_a_condition_with_a_batch_wants_samples_that_broadcast():
    """As in TFP: a context of (7, 2) needs sample((n, 1))."""
    context = torch.randn(7, 2, dtype=torch.float64)
    base = Independent(Normal(torch.zeros(4, dtype=torch.float64), 1.0), 1)
    density = TransformedDistribution(base, [MaskedAutoregressiveFlow(network(2)).condition(conditional_input=context)])
    y = density.sample((5, 1))
    assert y.shape == (5, 7, 4)
    assert density.log_prob(y).shape == (5, 7)


def test_events_of_two_dimensions():
    def rows(y):
        before = torch.nn.functional.pad(y[..., :-1, :], (0, 0, 1, 0)).sum(-1, keepdim=True)
        return (before.sin().expand(y.shape), before.cos().expand(y.shape))

    flow = MaskedAutoregressiveFlow(rows, event_ndims=2)
    x = torch.randn(5, 3, 2, dtype=torch.float64)
    assert flow.domain.event_dim == flow.codomain.event_dim == 2
    assert torch.allclose(flow.inv(flow(x)), x)
    expected = torch.linalg.slogdet(torch.func.jacrev(lambda v: flow(v.view(3, 2)).flatten())(x[0].flatten()))
    assert torch.allclose(flow.log_abs_det_jacobian(x, flow(x))[0], expected.logabsdet)


def test_a_subclass_with_a_forward_of_its_own_is_not_bypassed(x):
    class Clamped(AutoregressiveNetwork):
        def forward(self, x, conditional_input=None):
            return super().forward(x, conditional_input).clamp(-0.1, 0.1)

    net = redraw(Clamped(2, event_shape=4, hidden_units=[8]).double(), scale=2.0)
    y = MaskedAutoregressiveFlow(net)(x)
    assert torch.allclose(y, x * net(y)[..., 1].exp() + net(y)[..., 0])


def test_constraints_hold_before_anything_is_drawn(x):
    net = AutoregressiveNetwork(2, event_shape=4, kernel_constraint=lambda w: w.clamp(-0.01, 0.01)).double()
    y = MaskedAutoregressiveFlow(redraw(net, scale=9.0))(x)
    assert torch.allclose(y, x * net(y)[..., 1].exp() + net(y)[..., 0])


def test_a_network_may_not_know_its_size_yet(x):
    net = AutoregressiveNetwork(2, hidden_units=[8], activation="tanh")
    flow = MaskedAutoregressiveFlow(net)
    assert torch.allclose(flow.inv(flow(x.float())), x.float(), atol=1e-5)


def test_copies_and_caches(x):
    flow = MaskedAutoregressiveFlow(network(), name="maf", is_constant_jacobian=True, unroll_loop=True)
    flow.log_abs_det_jacobian(flow.inv(x), x)
    twin = copy.deepcopy(flow)
    assert torch.equal(twin.inv(x), flow.inv(x))
    cached = flow.with_cache()
    assert cached.inv(cached(x)) is x
    assert (cached.name, cached.is_constant_jacobian, cached.unroll_loop) == ("maf", True, True)
    assert flow.with_cache(0) is flow
    copy.deepcopy(cached)


def test_forward_mode_and_vmap(x):
    flow = MaskedAutoregressiveFlow(network())
    x = x[0]
    assert torch.allclose(torch.func.vmap(flow)(x), flow(x))
    assert torch.func.jacrev(flow)(x[0]).shape == (4, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Exactly one of .* should be specified: expected one, got neither"),
        ({"shift_and_log_scale_fn": by_hand, "bijector_fn": affine}, "Exactly one of .* got both"),
        ({"shift_and_log_scale_fn": by_hand, "event_ndims": 0}, "event_ndims: expected at least 1, got 0"),
    ],
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        MaskedAutoregressiveFlow(**arguments)


@pytest.mark.parametrize("found", [torch.zeros(4, 3), torch.tensor(1.0), (torch.zeros(4),), None])
def test_what_the_callable_returns_is_checked(found):
    with pytest.raises(ValueError, match="shift_and_log_scale_fn: expected one that returns a tensor of shape"):
        MaskedAutoregressiveFlow(lambda _: found)(torch.zeros(4))


def test_transforms_are_of_single_numbers():
    with pytest.raises(TypeError, match="bijector_fn: expected one that returns a torch transform, got Tensor"):
        MaskedAutoregressiveFlow(bijector_fn=by_hand)(torch.zeros(4))
    wrong = MaskedAutoregressiveFlow(bijector_fn=lambda _: StickBreakingTransform(), validate_args=True)
    with pytest.raises(ValueError, match="bijector_fn: expected transforms of single numbers"):
        wrong(torch.zeros(4))
    right = MaskedAutoregressiveFlow(
        bijector_fn=lambda y: CumulativeDistributionTransform(Normal(0 * y, 1.0)), validate_args=True
    )
    assert torch.allclose(right(torch.zeros(4)), torch.full((4,), 0.5))
