"""Constraints on weights: they hold, and they never break a mask."""

import pytest
import torch
from helpers import masked_layers, pattern, redraw

from tailormade import AutoregressiveNetwork
from tailormade.masks import audit

X = torch.randn(8, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def halves(weight):
    return weight.clamp(-0.5, 0.5)


def is_unit(weight):
    norm = weight.norm(dim=1)
    return bool((((norm - 1).abs() < 1e-9) | (norm == 0)).all())  # a fully masked unit stays at zero


HOLDS = {
    "non_neg": ("non_neg", lambda w: bool((w >= 0).all())),
    "unit_norm": ("unit_norm", is_unit),
    "max_norm": ("max_norm", lambda w: bool((w.norm(dim=1) <= 2 + 1e-9).all())),
    "callable": (halves, lambda w: bool((w.abs() <= 0.5).all())),
}


def network(constraint, **options):
    options = {"hidden_units": [6, 6], "input_order": [3, 1, 4, 2], "activation": "tanh", **options}
    return redraw(AutoregressiveNetwork(2, 4, kernel_constraint=constraint, **options).double(), scale=2.0)


def step(net, optimiser):
    optimiser.zero_grad()
    net(X).square().mean().backward()
    optimiser.step()


def trained(constraint, **options):
    """A network after some optimiser steps, with a forward pass in training mode after the last."""
    net = network(constraint, **options)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(3):
        step(net, optimiser)
    net(X)
    return net


@pytest.mark.parametrize("case", HOLDS)
@pytest.mark.parametrize("options", [{}, {"residual": True, "direct": True}], ids=["plain", "residual-direct"])
def test_constraints_hold_in_training(case, options):
    constraint, holds = HOLDS[case]
    net = trained(constraint, **options)
    assert all(holds(weight) for _, weight in masked_layers(net))


@pytest.mark.parametrize("case", HOLDS)
def test_constraints_hold_in_evaluation_after_the_last_step(case):
    # in TFP the projection follows every step, so whatever is used afterwards satisfies it
    constraint, holds = HOLDS[case]
    net = network(constraint)
    step(net, torch.optim.SGD(net.parameters(), lr=1.0))
    net.eval()
    net(X)
    assert all(holds(weight) for _, weight in masked_layers(net))


def test_constraints_hold_after_an_edit_of_data():
    net = network("non_neg")
    net(X)
    for parameter in net.parameters():
        parameter.data.fill_(-1.0)
    net(X)
    assert all(bool((weight >= 0).all()) for _, weight in masked_layers(net))


def shifted(weight):
    """A constraint that would move masked entries away from zero."""
    return weight + 1.0


@pytest.mark.parametrize("constraint", [*(c for c, _ in HOLDS.values()), shifted], ids=[*HOLDS, "shifted"])
def test_constraints_never_break_a_mask(constraint):
    net = trained(constraint)
    found = pattern(net.eval(), X[0], [2] * 4)
    assert not bool((found & ~audit(net).allowed).any())


def test_masked_entries_do_not_count_for_a_norm():
    net = network("max_norm")
    with torch.no_grad():
        for layer, weight in masked_layers(net):
            layer.weight.copy_(torch.where(weight == 0, 1e9, 0.1))
    before = [weight.clone() for _, weight in masked_layers(net)]
    net.apply_constraints()
    assert all(torch.equal(a, b) for a, (_, b) in zip(before, masked_layers(net), strict=True))


def test_bias_constraint():
    net = redraw(AutoregressiveNetwork(2, 4, hidden_units=[6], bias_constraint="non_neg"))
    net.apply_constraints()
    assert all(bool((layer.bias >= 0).all()) for layer, _ in masked_layers(net))


def test_evaluation_changes_no_weight_without_constraints():
    net = network(None)
    before = [p.detach().clone() for p in net.parameters()]
    net(X)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))


@pytest.mark.parametrize("constraint", ["unit_norm", "max_norm", "non_neg"])
def test_two_forward_passes_before_one_backward(constraint):
    # a contrastive or accumulated loss; the context needs a gradient, so its kernels are kept for it
    options = {"conditional": True, "conditional_event_shape": 2}
    net = network(constraint, **options)
    context = torch.randn(8, 2, dtype=torch.float64, requires_grad=True)
    (net(X, context).sum() + net(-X, context).sum()).backward()
    assert bool(context.grad.isfinite().all())
