"""The list of connections agrees with the masks, and its paths with the audit, for every model of the registry."""

import pytest
import torch

from tailormade import MADE
from tailormade.masks import audit
from tailormade.plots.wiring import Unit, read_wiring


def check_against_audit(model, order):
    plan, found, wiring = model.audit_masks(order), audit(model, component=order), read_wiring(model, order)
    kinds = [edge.kind for edge in wiring.edges()]
    features = len(plan.inputs)
    last = plan.masks[-1].unflatten(0, (features, -1)).any(1)
    assert kinds.count("masked") == sum(int(mask.sum()) for mask in (*plan.masks[:-1], last))
    assert kinds.count("direct") == (0 if plan.direct is None else int(plan.direct.sum()))
    blocks = (len(plan.masks) - 2) // 2 if plan.residual and len(plan.masks) > 1 else 0
    assert kinds.count("skip") == blocks * len(plan.masks[0])
    for output in range(features):
        edges, units = wiring.paths_to(output)
        seen = {unit.place for unit in units if unit.layer == 0}
        assert {j for j in seen if j < features} == set(torch.nonzero(found.realised[output]).flatten().tolist())
        if wiring.context:
            assert (max(seen, default=0) >= features) == bool(found.context_reaches[output])
        assert units == {unit for edge in edges for unit in edge[1:]} | {Unit(len(plan.masks), output)}


def test_densities(model):
    check_against_audit(model, len(model.table) - 1)


def test_networks(net):
    check_against_audit(net, 0)


def test_context_enters_only_where_it_does():
    edges = read_wiring(MADE(3, context=2, hidden_units=(5, 5))).edges()
    fed = [edge for edge in edges if edge.kind == "context"]
    assert len(fed) == 2 * 5
    assert {edge.above.layer for edge in fed} == {1}
    assert {edge.below.place for edge in fed} == {3, 4}


@pytest.mark.parametrize(
    ("hidden", "names"),
    [
        ((), ("inputs", "outputs")),
        ((4, 4), ("inputs", "hidden 1", "block 1 inner", "block 1 sum", "outputs")),
    ],
)
def test_names_of_layers(hidden, names):
    assert read_wiring(MADE(3, hidden_units=hidden, residual=True)).names == names


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="model: expected a MADE, network or MaskedSequential, got Linear"):
        read_wiring(torch.nn.Linear(2, 2))
