"""Two-sided: networks depend on exactly what the audit says, and the audit finds exactly what the order allows."""

import pytest
import torch
from helpers import jacobian, pattern
from registry import NETWORKS, named

from tailormade import AutoregressiveNetwork
from tailormade.masks import audit, order_from_sequence

X = torch.tensor([0.3, -1.1, 0.7, 0.4], dtype=torch.float64)
C = torch.tensor([0.5, -0.2, 0.9], dtype=torch.float64)
CONTEXTUAL = named(NETWORKS, without=("unconditional", "stack"))
NARROW = (*named(NETWORKS, "one_narrow", without=("direct",)), *named(NETWORKS, "three_narrow", without=("direct",)))
WIDE = [name for name in NETWORKS if name not in NARROW]


def with_context(net):
    """The network as a function of x at a fixed context."""
    return (lambda x: net(x, C)) if getattr(net, "context", 0) else net


def params(net):
    return with_context(net)(X).numel() // 4


def test_dependence_on_x_is_what_the_audit_says(net):
    found = audit(net)
    assert torch.equal(pattern(with_context(net), X, [params(net)] * 4), found.realised)
    assert len(found.forbidden) == 0


@pytest.mark.parametrize("net", WIDE, indirect=True)
def test_wide_networks_realise_all_that_the_order_allows(net):
    found = audit(net)
    assert torch.equal(found.realised, found.allowed)


@pytest.mark.parametrize("net", NARROW, indirect=True)
def test_narrow_networks_lose_something(net):
    assert len(audit(net).lost) > 0


@pytest.mark.parametrize("net", CONTEXTUAL, indirect=True)
def test_dependence_on_context_is_what_the_audit_says(net):
    found = pattern(lambda c: net(X, c), C, [2] * 4, [3])
    assert torch.equal(found.flatten(), audit(net).context_reaches)


@pytest.mark.parametrize("net", named(NETWORKS, "unconditional"), indirect=True)
def test_no_context_no_reach(net):
    assert audit(net).context_reaches is None


def first(net):
    return int(net.degrees.inputs.argmin())


def curvature(net):
    """Second difference of the first variable's params along the context; exactly affine functions give rounding."""
    values = [net(X, C + step)[first(net)] for step in (-1.0, 0.0, 1.0)]
    return float((values[0] - 2 * values[1] + values[2]).detach().abs().max())


@pytest.mark.parametrize("net", named(NETWORKS, "degree_zero", without=("none",)), indirect=True)
def test_degree_zero_gives_the_first_variable_a_non_linear_function_of_context(net):
    assert curvature(net) > 1e-3


@pytest.mark.parametrize("net", named(NETWORKS, "degree_zero", "none"), indirect=True)
def test_without_a_hidden_layer_it_is_affine(net):
    assert curvature(net) < 1e-12


@pytest.mark.parametrize("net", named(NETWORKS, "all_layers"), indirect=True)
def test_all_layers_is_affine_for_the_first_variable(net):
    assert curvature(net) < 1e-12
    assert bool((jacobian(lambda c: net(X, c)[first(net)], C) != 0).all())


@pytest.mark.parametrize("net", named(NETWORKS, "first_layer", without=("none", "direct")), indirect=True)
def test_first_layer_never_shows_context_to_the_first_variable(net):
    assert bool((jacobian(lambda c: net(X, c)[first(net)], C) == 0).all())


@pytest.mark.parametrize("order", ["left-to-right", "right-to-left", [2, 3, 1]], ids=str)
def test_first_layer_warns_and_names_the_variable(order):
    with pytest.warns(UserWarning, match="ignore the context.*'first_layer'") as caught:
        net = AutoregressiveNetwork(1, 3, True, 2, "first_layer", hidden_units=[8], input_order=order)
    assert f"[{first(net)}] ignore the context" in str(caught[0].message)


@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("units", [[], [4]], ids=["none", "one"])
@pytest.mark.parametrize("mode", ["all_layers", "degree_zero"])
def test_other_modes_do_not_warn(features, units, mode):
    net = AutoregressiveNetwork(1, features, True, 2, mode, hidden_units=units)
    assert bool(audit(net).context_reaches.all())


GOLDEN = {
    "order_3_1_2": (torch.tensor([3, 1, 2]), [[0, 1, 1], [0, 0, 0], [0, 1, 0]]),
    "permutation_2_0_3_1": (
        order_from_sequence([2, 0, 3, 1]),
        [[0, 0, 1, 0], [1, 0, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0]],
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_jacobians_other_projects_show(case):
    order, expected = GOLDEN[case]
    net = AutoregressiveNetwork(1, len(order), hidden_units=[16, 16], input_order=order, activation="tanh").double()
    assert pattern(net, X[: len(order)], [1] * len(order)).int().tolist() == expected
