"""Models to break, and what a check that fails looks like."""

import re

from helpers import redraw

from tailormade import MADE, Categorical

ARCHITECTURES = {
    "one order": {"features": 5},
    "three orders": {"features": 5, "orders": 3},
    "any order, context": {"features": 5, "orders": "any", "context": 2},
    "categories": {"features": 4, "conditionals": Categorical(3)},
    "fifteen variables": {"features": 15, "orders": 2, "hidden_units": (60,)},
    "one variable": {"features": 1, "direct": True},
}


def build(features=5, **options):
    return redraw(MADE(features, **{"hidden_units": (12,), "seed": 3, "activation": "tanh", **options}))


def assert_failed(check, figure):
    assert not check, check
    assert str(check).startswith(f"FAILED  {check.name}")
    assert re.search(figure, check.figure), check.figure
