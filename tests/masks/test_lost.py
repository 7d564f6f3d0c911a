"""Lost dependencies: counted from degrees, told to the user."""

import re
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import fill

from tailormade import MADE, MaskedLinear, MaskedSequential
from tailormade.masks import (
    AuditMasks,
    Degrees,
    LostDependencyWarning,
    audit,
    count_lost,
    count_wrong,
    create_degrees,
    report_lost,
)


class Planned:
    """A model that consists of its masks."""

    def __init__(self, plan):
        self.plan = plan

    def audit_masks(self, component=0):
        return self.plan


def random_degrees(seed, residual):
    """Any order with ties, any widths, any hidden degrees."""
    g = torch.Generator().manual_seed(seed)
    features, layers = (int(torch.randint(1, 9, (), generator=g)), int(torch.randint(0, 4, (), generator=g)))
    order = torch.randint(0, features, (features,), generator=g).unique(return_inverse=True)[1] + 1
    groups = int(order.max())
    widths = torch.randint(1, 7, (layers,), generator=g).tolist()
    hidden = tuple(torch.randint(0, groups, (width,), generator=g) for width in widths)
    return Degrees(order, hidden[:1] * (2 * layers - 1) if residual and layers else hidden)


@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("seed", range(60))
def test_count_is_the_audits(seed, residual):
    degrees = random_degrees(seed, residual)
    found = audit(Planned(AuditMasks(tuple(degrees.masks()), degrees.inputs, residual=residual)))
    assert count_lost(degrees) == (len(found.lost), int(found.allowed.sum()))
    assert len(found.forbidden) == 0


@pytest.mark.parametrize("seed", range(10))
def test_direct_connections_lose_nothing(seed):
    degrees = random_degrees(seed, residual=False)
    found = audit(Planned(AuditMasks(tuple(degrees.masks()), degrees.inputs, direct=degrees.direct_mask())))
    assert len(found.lost) == 0
    assert count_lost(degrees, direct=True) == (0, int(found.allowed.sum()))


MNIST = torch.arange(1, 785)
PUBLISHED = {
    "equal": (create_degrees(784, [500]).hidden, 283),
    "random": ((torch.as_tensor(np.random.RandomState(0).randint(1, 784, size=500)),), 825),
    "cyclic": ((torch.arange(500) % 783 + 1,), 40_186),
}


@pytest.mark.parametrize("rule", PUBLISHED)
def test_lost_among_784_variables_with_500_units(rule):
    hidden, lost = PUBLISHED[rule]
    assert count_lost(Degrees(MNIST, hidden)) == (lost, 306_936)


@pytest.mark.parametrize("extra", [0, 1, 5])
@pytest.mark.parametrize("features", [*range(2, 20), 32])
def test_equal_loses_nothing_with_a_unit_for_every_degree(features, extra):
    assert count_lost(create_degrees(features, [features - 1 + extra]))[0] == 0


@pytest.mark.parametrize("features", [*range(3, 20), 32])
def test_equal_loses_something_with_one_unit_less(features):
    assert count_lost(create_degrees(features, [features - 2]))[0] > 0


@pytest.mark.parametrize("widths", [(), (1,), (3, 2)], ids=str)
def test_one_variable_has_nothing_to_lose(widths):
    assert count_lost(create_degrees(1, widths)) == (0, 0)


def test_lost_are_more_the_narrower():
    lost = [count_lost(create_degrees(12, [width]))[0] for width in range(1, 12)]
    assert all(above >= below for above, below in pairwise(lost))


def test_a_narrow_density_warns_with_the_count():
    with pytest.warns(LostDependencyWarning, match=r"\[500\] units lose 283 of 306936 dependencies among 784"):
        model = MADE(784, hidden_units=(500,), seed=0)
    assert model.lost == 283


def test_the_warning_adds_up_over_orders():
    with pytest.warns(LostDependencyWarning, match="lose 3 of 18 dependencies among 4 variables") as caught:
        MADE(4, hidden_units=(2,), orders=3, seed=0)
    assert len(caught) == 1


def test_strict_raises():
    with pytest.raises(ValueError, match="lose 1 of 6 dependencies among 4 variables"):
        MADE(4, hidden_units=(2,), strict=True)


@pytest.mark.parametrize("options", [{"hidden_units": (3,)}, {"hidden_units": (1,), "direct": True}], ids=str)
@pytest.mark.filterwarnings("error")
def test_nothing_is_said_when_nothing_is_lost(options):
    assert MADE(4, strict=True, **options).lost == 0


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("features", [4, 6, 20])
def test_the_advice_of_the_message_is_enough(features, context):
    with pytest.warns(LostDependencyWarning) as caught:
        MADE(features, context, hidden_units=(1,))
    width = int(re.search(r"at least (\d+) units", str(caught[0].message))[1])
    assert MADE(features, context, hidden_units=(width,)).lost == 0


def test_report_returns_the_sum():
    assert report_lost([create_degrees(4, [2]), create_degrees(4, [3])]) == 1


def test_given_masks_are_counted_as_they_are():
    # both units see x1 alone: they have degree 2, but x0 reaches no output
    layers = MaskedLinear(3, 2, mask=torch.tensor([[0, 1, 0], [0, 1, 0]])), MaskedLinear(2, 3)
    with pytest.warns(LostDependencyWarning, match="lose 2 of 3"):
        net = MaskedSequential(*layers)
    assert len(audit(fill(net, 1.0)).lost) == 2


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("widths", [[], [4], [5, 5, 5]])
def test_pairs_are_counted_block_by_block_as_the_audit_finds_them(monkeypatch, direct, widths):
    model = MADE(9, hidden_units=widths, direct=direct, residual=len(widths) == 3, seed=0)
    plan = model.audit_masks()
    plan.masks[-1][2, -1] = True  # a path that must not be there
    monkeypatch.setattr(sys.modules["tailormade.masks.reachability"], "_CELLS", 20)
    found = audit(Planned(plan))
    assert count_wrong(plan) == (len(found.lost), len(found.forbidden))
    assert len(found.forbidden)
