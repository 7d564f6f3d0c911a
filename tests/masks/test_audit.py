"""The audit tells realised from lost, and finds dead units, without and with residual blocks and context."""

import pytest
import torch
from torch import nn

from tailormade import MADE, AutoregressiveNetwork, MaskedLinear, MaskedSequential
from tailormade.masks import AuditMasks, Degrees, audit, create_degrees, reachability


class Planned:
    """A model that consists of its masks."""

    def __init__(self, **plan):
        self.plan = AuditMasks(**plan)

    def audit_masks(self, component=0):
        return self.plan


def matrices(*rows):
    return tuple(torch.tensor(row, dtype=torch.bool) for row in rows)


def test_realised_and_lost():
    found = audit(Degrees(torch.arange(1, 4), (torch.tensor([2, 2]),)).masks())
    assert found.allowed.int().tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert found.realised.int().tolist() == [[0, 0, 0], [0, 0, 0], [1, 1, 0]]
    assert found.lost.tolist() == [[1, 0]]
    assert found.forbidden.tolist() == []


def test_forbidden_is_found():
    found = audit([torch.ones(4, 3), torch.ones(3, 4)])
    assert found.forbidden.tolist() == [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]
    assert found.lost.tolist() == []


def test_bare_masks_against_an_order():
    masks = create_degrees(3, (4,), input_order=[3, 1, 2]).masks()
    assert len(audit(masks).forbidden) > 0
    found = audit(masks, input_order=[3, 1, 2])
    assert torch.equal(found.realised, found.allowed)


def test_bare_masks_with_several_outputs_a_variable():
    first, last = create_degrees(3, (4,)).masks()
    found = audit((first, last.repeat_interleave(2, 0)))
    assert torch.equal(found.realised, found.allowed)


def test_groups_are_not_conditioned_on_each_other():
    found = audit(
        create_degrees(4, (8,), input_order=[1, 2, 1, 2], allow_groups=True).masks(), input_order=[1, 2, 1, 2]
    )
    assert found.allowed.int().tolist() == [[0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0]]
    assert torch.equal(found.realised, found.allowed)


def test_reachability_is_a_product():
    first, last = matrices([[1, 0], [0, 1], [0, 0]], [[1, 0, 1], [0, 0, 1]])
    assert reachability([first, last]).int().tolist() == [[1, 0], [0, 0]]
    assert reachability([first]).int().tolist() == first.int().tolist()


def test_reachability_around_a_residual_block():
    first, inner, exit_, last = matrices([[1, 0], [0, 1]], [[0, 1], [0, 0]], [[1, 0], [0, 0]], [[1, 0], [0, 1]])
    assert reachability([first, inner, exit_, last]).int().tolist() == [[0, 1], [0, 0]]
    assert reachability([first, inner, exit_, last], residual=True).int().tolist() == [[1, 1], [0, 1]]


def test_reachability_through_a_direct_connection():
    first, last, direct = matrices([[1, 0]], [[0], [1]], [[0, 0], [0, 1]])
    assert reachability([first, last], direct=direct).int().tolist() == [[0, 0], [1, 1]]


def test_dead_units_see_nothing_or_are_not_seen():
    # degree 2 in the first layer is seen by no unit of the second, whose degree 1 sees none but the first
    degrees = Degrees(torch.arange(1, 4), (torch.tensor([1, 2, 0]), torch.tensor([1, 0])))
    assert audit(degrees.masks()).dead_units == ((1, 2), (1,))


@pytest.mark.parametrize("features", [1, 3])
def test_units_of_degree_0_are_dead_without_context(features):
    degrees = Degrees(torch.arange(1, features + 1), (torch.zeros(2, dtype=torch.long),))
    assert audit(degrees.masks()).dead_units == ((0, 1),)


def test_context_brings_units_of_degree_0_to_life():
    assert audit(MADE(3, context=2, hidden_units=(8, 8), residual=True)).dead_units == ((),) * 3
    assert audit(MADE(3, context=2, hidden_units=(8, 8))).dead_units == ((),) * 2


def test_units_of_degree_0_are_dead_in_every_layer_of_a_residual_network():
    model = MADE(3, hidden_units=(3, 3), hidden_degrees=[[0, 1, 2]] * 2, residual=True)
    assert audit(model).dead_units == ((0,),) * 3


def test_dead_inside_a_residual_block_but_alive_around_it():
    # the inner layer sees nothing; the skip keeps the stream alive before and after it
    first, inner, exit_, last = matrices([[1, 0]], [[0]], [[1]], [[0], [1]])
    plan = {"masks": (first, inner, exit_, last), "inputs": torch.tensor([1, 2])}
    assert audit(Planned(**plan, residual=True)).dead_units == ((), (0,), ())
    assert audit(Planned(**plan)).dead_units == ((0,), (0,), (0,))


def test_dead_at_the_exit_of_a_residual_block():
    # the block's inner unit is not used, yet the stream passes it by
    first, inner, exit_, last = matrices([[1, 0]], [[1]], [[0]], [[0], [1]])
    found = audit(Planned(masks=(first, inner, exit_, last), inputs=torch.tensor([1, 2]), residual=True))
    assert found.dead_units == ((), (0,), ())


REACH = {
    "none": ({}, None),
    "all_layers": ({"conditional_input_layers": "all_layers"}, [1, 1, 1]),
    "degree_zero": ({"conditional_input_layers": "degree_zero"}, [1, 1, 1]),
    "first_layer": ({"conditional_input_layers": "first_layer"}, [1, 0, 1]),
}


@pytest.mark.parametrize("case", REACH)
@pytest.mark.filterwarnings("ignore:.*ignore the context")
def test_context_reach(case):
    options, expected = REACH[case]
    context = {"conditional": True, "conditional_event_shape": 2} if options else {}
    net = AutoregressiveNetwork(1, 3, hidden_units=[4, 4], input_order=[3, 1, 2], **context, **options)
    reached = audit(net).context_reaches
    assert (None if reached is None else reached.int().tolist()) == expected


def test_context_reaches_the_first_variable_without_a_hidden_layer():
    net = AutoregressiveNetwork(1, 3, True, 2, "first_layer")
    assert audit(net).context_reaches.tolist() == [True] * 3


def test_component_picks_an_order():
    model = MADE(3, hidden_units=(8,), orders=2, input_order="right-to-left", seed=1)
    assert audit(model).allowed.int().tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert torch.equal(audit(model, component=1).allowed, model.table[1].direct_mask())


def test_the_table():
    assert str(audit(MADE(3, context=2, hidden_units=(2, 2)))).splitlines() == [
        "dependencies allowed by the order  3",
        "realised                           2",
        "lost                               1 (x1 to output 2)",
        "forbidden                          0",
        "dead units in hidden layer 1       0",
        "dead units in hidden layer 2       0",
        "variables that context reaches     3 of 3",
    ]


def test_the_table_shortens_long_lists():
    assert "lost                               10 (x0 to output 1, x0 to output 2, x1 to output 2, ...)" in str(
        audit([torch.zeros(2, 5), torch.zeros(5, 2)])
    )


def test_a_stack_is_audited():
    found = audit(MaskedSequential(MaskedLinear(3, 8), nn.ELU(), MaskedLinear(8, 6)))
    assert torch.equal(found.realised, found.allowed)


@pytest.mark.parametrize("wrong", [[], 3, torch.ones(2, 2), nn.Linear(2, 2)], ids=lambda w: type(w).__name__)
def test_what_cannot_be_audited(wrong):
    with pytest.raises(TypeError, match="model_or_masks: expected a tailormade model or a list of masks, got"):
        audit(wrong)


def test_masks_that_do_not_fit():
    with pytest.raises(ValueError, match=r"expected 3 inputs and a multiple of 3 outputs, got \(3, 4\)"):
        audit([torch.ones(4, 3)])
