"""Whatever happens to the raw weights, only masked weights are used."""

import copy

import pytest
import torch
from helpers import context_for, fill, forbidden_entries, masked_layers, pattern, poison, redraw
from registry import CASES, NETWORKS, named

from tailormade.masks import audit

X = torch.tensor([0.3, -1.1, 0.7, 0.4], dtype=torch.float64)
C = torch.tensor([0.5, -0.2, 0.9], dtype=torch.float64)
SOME = [
    *named(NETWORKS, "degree_zero", "three_wide"),
    *named(NETWORKS, "all_layers", "three_narrow"),
    *named(NETWORKS, "unconditional", "none"),
    *named(NETWORKS, "stack"),
]


def run(net, x=X):
    return net(x, C.to(x.dtype)) if getattr(net, "context", 0) else net(x)


def assert_autoregressive(net, x=X):
    """Zeros where they must be; the output is finite, as the Jacobian is checked to be."""
    found = pattern(lambda value: run(net, value), x, [run(net, x).numel() // 4] * 4)
    assert not bool((found & ~audit(net).allowed).any())
    assert bool(run(net, x).isfinite().all())


def train(net, optimiser, steps=3):
    batch = torch.randn(8, 4, dtype=torch.float64)
    for _ in range(steps):
        optimiser.zero_grad()
        run(net, batch).square().mean().backward()
        optimiser.step()


def sgd(net):
    train(net, torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True))


def adamw(net):
    train(net, torch.optim.AdamW(net.parameters(), lr=0.1, weight_decay=0.1))


def averaged(net):
    ones = fill(copy.deepcopy(net), 1.0)
    with torch.no_grad():
        for parameter, other in zip(net.parameters(), ones.parameters(), strict=True):
            parameter.lerp_(other, 0.5)


def loaded(net):
    # raw weights of a stranger, none of them zero where this network is masked
    state = redraw(copy.deepcopy(net), seed=9).state_dict()
    net.load_state_dict(state)


DAMAGES = {
    "sgd": sgd,
    "adamw": adamw,
    "averaging": averaged,
    "ones": lambda net: fill(net, 1.0),
    "inf": lambda net: poison(net, float("inf")),
    "nan": lambda net: poison(net, float("nan")),
    "load": loaded,
    "replaced_data": lambda net: [setattr(p, "data", torch.ones_like(p)) for p in net.parameters()],
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("net", SOME, indirect=True)
def test_networks_stay_autoregressive(net, damage):
    DAMAGES[damage](net)
    assert_autoregressive(net)


CASTS = {
    "float": lambda net: net.float(),
    "half": lambda net: net.half(),
    "bfloat16": lambda net: net.bfloat16(),
    "there_and_back": lambda net: net.half().to(torch.float64),
}


@pytest.mark.parametrize("cast", CASTS)
@pytest.mark.parametrize("net", SOME, indirect=True)
def test_casts_keep_networks_autoregressive(net, cast):
    CASTS[cast](net)
    assert_autoregressive(net, X.to(next(net.parameters()).dtype))


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_poisoned_masked_entries_change_nothing(net, value):
    before = run(net)
    poison(net, value)
    assert torch.equal(run(net), before)


def test_masked_entries_get_a_gradient_of_exactly_zero(net):
    run(net).square().sum().backward()
    pairs = zip(masked_layers(net), forbidden_entries(net), strict=True)
    assert all(bool((layer.weight.grad[masked] == 0).all()) for (layer, _), masked in pairs)


DENSITIES = named(CASES, "1", "three_wide")


@pytest.mark.parametrize("damage", ["inf", "nan", "ones"])
@pytest.mark.parametrize("model", DENSITIES, indirect=True)
def test_densities_stay_autoregressive(model, damage):
    DAMAGES[damage](model)
    layout = model.layout
    x = torch.linspace(-1, 1, sum(layout.input_sizes), dtype=torch.float64)
    context, degrees = context_for(model), model.table[0]
    found = pattern(lambda v: model.network(v, context, degrees), x, layout.param_sizes, layout.input_sizes)
    assert not bool((found & ~audit(model).allowed).any())
