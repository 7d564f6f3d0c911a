"""The compiled loops compute what torch computes: activations and probabilities, near zero and at the extremes."""

import pytest
import torch
from sampling.drawing import drawn

from tailormade import Bernoulli, Categorical
from tailormade.conditionals import Layout
from tailormade.masks import Degrees
from tailormade.nn import MaskedNetwork
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import Source
from tailormade.sampling.blocked import run_blocked
from tailormade.sampling.compiled import run_compiled
from tailormade.sampling.plan import plan
from tailormade.sampling.state import initial_state, sorted_weights
from tailormade.sampling.table import LANES

CLOSE = {torch.float32: {"rtol": 2e-6, "atol": 5e-7}, torch.float64: {"rtol": 1e-14, "atol": 1e-15}}
DTYPES = list(CLOSE)


def grid(name):
    """Pre-activations from tiny to huge, but none that overflow."""
    top = 80.0 if name == "exponential" else 1000.0
    sizes = torch.cat(
        [torch.logspace(-8, 1, 60), torch.linspace(10, 40, 61), torch.tensor([80.0, 100.0, 300.0, 1000.0])]
    )
    sizes = sizes[sizes <= top].double()
    return torch.cat([-sizes.flip(0), torch.zeros(1).double(), sizes])


def one_unit(name, z):
    """Two variables with one hidden unit between them, whose pre-activation in row i is ``z[i]``."""
    network = MaskedNetwork([1, 1], [1, 1], [1], context=1, activation=ACTIVATIONS[name]).to(z.dtype)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.ones_(network.context_layers[0].weight)
    degrees = Degrees(torch.tensor([1, 2]), (torch.tensor([1]),))
    shift = torch.zeros(2, dtype=z.dtype)
    return Source(network, degrees, Layout([Bernoulli()] * 2), shift, shift + 1, z[:, None])


@torch.no_grad()
def states(source, noise):
    """The state that either engine leaves."""
    planned = plan(source, None, width=2, tables=True)
    weights = sorted_weights(source, planned.program, mask=False)
    blocked, compiled = (initial_state(source, planned.program, noise, None) for _ in range(2))
    run_blocked(source, planned.program, weights, blocked)
    run_compiled(source, planned, weights, compiled)
    return blocked.rows, compiled.rows


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("single", [False, True], ids=["", "single"])
def test_activations(name, dtype, single):
    z = grid(name).to(dtype)
    assert len(z) > LANES
    for rows in z[::20].split(1) if single else [z]:
        blocked, compiled = states(one_unit(name, rows), torch.full((len(rows), 2, 1), 0.25, dtype=dtype))
        torch.testing.assert_close(compiled, blocked, **CLOSE[dtype])


def no_hidden_layer(event, logits):
    """Variables that depend on nothing, with given params."""
    layout = Layout(event)
    network = MaskedNetwork(layout.input_sizes, layout.param_sizes, []).to(logits.dtype)
    torch.nn.init.zeros_(network.layers[0].weight)
    network.layers[0].bias.data = logits
    shift = torch.zeros(sum(layout.input_sizes), dtype=logits.dtype)
    return Source(network, Degrees(torch.arange(1, len(event) + 1)), layout, shift, shift + 1, None)


def ends(dtype):
    """Uniform numbers next to 0 and to 1, and between."""
    step = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}[dtype]
    return torch.tensor([step, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1 - step], dtype=dtype)


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("size", [30.0, 87.0, 90.0, 700.0, 1000.0, 1e30])
def test_extreme_params(engine, dtype, size):
    """A probability of 0 or 1 gives the one value, whatever the uniform."""
    event = [Bernoulli(), Categorical(4), Bernoulli(), Categorical(1)]
    source = no_hidden_layer(event, size * torch.tensor([1, 0, 0, 1, 0, -1, 1], dtype=dtype))
    noise = ends(dtype)[1:-1, None, None].expand(-1, 4, 1)
    x = drawn(engine, source, noise)
    assert x.tolist() == [[1.0, 2.0, 0.0, 0.0]] * len(noise)
    assert torch.equal(drawn(engine, source, noise[:1]), x[:1])


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_params_of_any_common_size(engine, dtype):
    """Categories' params may share a large constant."""
    logits = torch.tensor([0.3, -1.0, 0.7], dtype=dtype)
    sources = [no_hidden_layer([Categorical(3)], logits + constant) for constant in (0.0, 1024.0, -1024.0)]
    noise = torch.linspace(0.0005, 0.9995, 100, dtype=dtype)[:, None, None]
    expected = drawn("loop", sources[0], noise)
    assert all(torch.equal(drawn(engine, source, noise), expected) for source in sources)
    assert expected.unique().tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_uniform_number_at_a_boundary(engine, dtype):
    """One half is not below one half; a cumulative probability that is reached counts."""
    source = no_hidden_layer([Bernoulli(), Categorical(2), Categorical(4)], torch.zeros(7, dtype=dtype))
    for u, expected in ((0.5, [0, 1, 2]), (0.25, [1, 0, 1]), (0.0, [1, 0, 0])):
        assert drawn(engine, source, torch.full((3, 3, 1), u, dtype=dtype)).tolist() == [expected] * 3
