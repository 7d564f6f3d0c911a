"""Networks that know which inputs a unit sees: biases with a term for each input that is not masked."""

import pytest
import torch
from helpers import context_for, pattern, redraw
from registry import CASES, named

from tailormade import MADE, Bernoulli, Categorical
from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling import Evidence, draw, use_engine

ANY = named(CASES, "any")


def small(units=(5, 4), direct=True, **options):
    """Three variables of 1, 2 and 1 inputs, and 1, 2 and 3 outputs, in the order 2, 3, 1."""
    degrees = create_degrees(3, units, input_order=[2, 3, 1])
    net = MaskedNetwork([1, 2, 1], [1, 2, 3], units, direct=direct, activation=torch.tanh, order_aware=True, **options)
    return redraw(net.double()), degrees


def added(layer, above, *, output):
    """What a bias gains: the sum over the inputs that a unit of each degree sees, one by one."""
    below = [2, 3, 3, 1]
    rows = []
    for weights, degree in zip(layer.weight, above, strict=True):
        seen = [w for w, d in zip(weights, below, strict=True) if (d < degree if output else d <= degree)]
        rows.append(sum(seen, torch.zeros(()).double()))
    return torch.stack(rows)


OUTPUTS = [2, 3, 3, 1, 1, 1]  # degrees


@pytest.mark.parametrize("direct", [False, True])
def test_biases_by_hand(direct):
    net, degrees = small(direct=direct)
    first, middle, last = net.biases(degrees)
    expected = net.layers[2].bias
    expected = expected + added(net.direct_seen, OUTPUTS, output=True) if direct else expected
    torch.testing.assert_close(first, net.layers[0].bias + added(net.seen, degrees.hidden[0].tolist(), output=False))
    torch.testing.assert_close(last, expected)
    assert torch.equal(middle, net.layers[1].bias)


@pytest.mark.parametrize("direct", [False, True])
def test_without_hidden_layers_outputs_know_what_they_see(direct):
    net, degrees = small((), direct)
    expected = net.layers[0].bias + added(net.seen, OUTPUTS, output=True)
    expected = expected + added(net.direct_seen, OUTPUTS, output=True) if direct else expected
    torch.testing.assert_close(net.biases(degrees)[0], expected)


def test_the_network_runs_on_those_biases():
    net, degrees = small()
    x = torch.randn(7, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    plain = MaskedNetwork([1, 2, 1], [1, 2, 3], (5, 4), direct=True, activation=torch.tanh).double()
    plain.load_state_dict({name: w for name, w in net.state_dict().items() if "seen" not in name})
    for layer, bias in zip(plain.layers, net.biases(degrees), strict=True):
        layer.bias.data = bias.detach()
    torch.testing.assert_close(net(x, None, degrees), plain(x, None, degrees), atol=1e-12, rtol=0)
    assert all(
        torch.equal(a, b) for a, b in zip(net.effective_weights(degrees).biases, net.biases(degrees), strict=True)
    )


def test_without_a_bias_there_is_nothing_to_add_to():
    net, degrees = small(use_bias=False)
    assert net.biases(degrees) == (None, None, None)
    assert net(torch.zeros(4).double(), None, degrees).shape == (6,)


@pytest.mark.parametrize(("orders", "direct"), [("any", True), ("any", False), (1, True), (3, True)])
def test_only_models_of_any_order_are_aware_of_it(orders, direct):
    network = MADE(4, hidden_units=(5,), orders=orders, direct=direct, seed=0).network
    assert (network.seen is not None) is (orders == "any")
    assert (network.direct_seen is not None) is (orders == "any" and direct)
    assert {"seen.weight"} & set(network.state_dict()) == ({"seen.weight"} if orders == "any" else set())


def test_they_begin_as_if_they_were_not():
    model = MADE(4, hidden_units=(5,), orders="any", direct=True, seed=0)
    assert not bool(model.network.seen.weight.any())
    assert not bool(model.network.direct_seen.weight.any())


@pytest.mark.parametrize("layer", ["seen", "direct_seen"])
def test_params_depend_on_what_is_seen_and_not_on_its_value_alone(layer):
    model = redraw(MADE(4, hidden_units=(9,), orders="any", direct=True, seed=0).double())
    x, degrees = torch.zeros(4).double(), model.table[0]
    before = model.params(x, None, degrees)
    getattr(model.network, layer).weight.data += 1.0
    after = model.params(x, None, degrees)
    first = degrees.inputs == 1
    assert torch.equal(after[first], before[first])  # sees nothing
    assert bool((after != before)[~first].all())


@pytest.mark.parametrize("model", named(CASES, "any", "one_wide"), indirect=True)
def test_these_weights_are_learnt(model):
    model.log_prob(torch.zeros(model.features).double(), context_for(model)).backward()
    seen = [layer for layer in (model.network.seen, model.network.direct_seen) if layer is not None]
    assert all(bool(layer.weight.grad.isfinite().all() and layer.weight.grad.any()) for layer in seen)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e6])
@pytest.mark.parametrize("units", [(5, 4), ()], ids=str)
def test_masked_entries_have_no_effect(units, value):
    net, degrees = small(units)
    x = torch.ones(4).double()
    before = net(x, None, degrees)
    masks = net._masks(degrees)
    for layer, mask in ((net.seen, masks[0][0]), (net.direct_seen, masks[1])):
        assert bool((~mask).any())
        layer.weight.data[~mask] = value
    assert torch.equal(net(x, None, degrees), before)


def values_of(model):
    generator = torch.Generator().manual_seed(0)
    sizes = torch.tensor([c.cardinality for c in model.layout.conditionals])
    return (torch.rand(2, model.features, generator=generator) * sizes).floor().double()


@pytest.mark.parametrize("model", ANY, indirect=True)
def test_params_do_not_depend_on_later_values(model):
    x, other = values_of(model)
    for degrees in list(model.table)[:4]:
        for place in range(1, degrees.groups + 1):
            mixed = torch.where(degrees.inputs < place, x, other)
            now = (degrees.inputs == place).repeat_interleave(torch.tensor(model.layout.param_sizes))
            params = [model.params(v, context_for(model), degrees)[now] for v in (x, mixed)]
            assert torch.equal(*params)


@pytest.mark.parametrize("model", named(CASES, "any", "one_wide"), indirect=True)
def test_the_jacobian_is_zero_where_the_order_says_so(model):
    sizes, context = (model.layout.param_sizes, model.layout.input_sizes), context_for(model)
    x = torch.linspace(-1.0, 1.2, sum(sizes[1]), dtype=torch.float64)
    for degrees in (model.table[0], model.table[5], model.draw(torch.Generator().manual_seed(0))):
        found = pattern(lambda v, d=degrees: model.network(v, context, d), x, *sizes)
        assert not bool((found & ~degrees.direct_mask()).any())


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("units", [(), (9,), (9, 9, 9)], ids=str)
@pytest.mark.parametrize("observed", [[], [1, 4]], ids=str)
def test_engines_agree_with_the_loop(observed, units, engine):
    events = [Bernoulli(), Categorical(3)] * 3
    model = redraw(
        MADE(
            6, conditionals=events, hidden_units=units, residual=len(units) > 1, orders="any", direct=True, seed=0
        ).double()
    )
    noise = torch.rand(99, 6, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mask = torch.zeros(6, dtype=torch.bool).index_fill(0, torch.tensor(observed).long(), True)
    evidence, source = Evidence(torch.ones(99, 6).double(), mask), model.sampling_source(model.table[7], None)
    drawn = []
    for name in (engine, "loop"):
        with use_engine(name):
            drawn.append(draw(source, noise, evidence if observed else None))
    assert torch.equal(*drawn)
