"""Random questions about a small table that holds every combination of cells that they tell apart."""

from itertools import product

import numpy as np

from tailormade.queries.conditions import Missing, OneOf, Order
from tailormade.queries.predicates import And, Not, Or
from tailormade.queries.values import seconds

TEXTS = ("it's", 'a "b"', "back\\slash")
DAYS = ("2020-02-29", "2020-03-01T12:00")
KINDS = {"x": "numbers", "hours per week": "ordered", "in": TEXTS, "class-1.a": (1, 2, 3), "born": "dates"}

# numbers in questions are 0, 1, 2, so that these meet every cell of a column
_CELLS = {
    "x": [-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, None],
    "hours per week": [0, 1, 2, 3, None],
    "in": [*TEXTS, None],
    "class-1.a": [1, 2, 3, None],
    "born": [seconds("2020-01-01"), *map(seconds, DAYS), seconds("2020-03-02"), None],
}
ROWS = [dict(zip(_CELLS, row, strict=True)) for row in product(*_CELLS.values())]
TABLE = {name: np.array([row[name] for row in ROWS], dtype=object) for name in _CELLS}

_VALUES = {"x": (0, 1.0, 2), "hours per week": (0, 1, 2), "in": TEXTS, "class-1.a": (1, 2, 3), "born": DAYS}


def condition(rng):
    """Draw a condition on one column."""
    column = str(rng.choice(list(KINDS)))
    options = _VALUES[column]
    drawn = [options[i] for i in rng.choice(len(options), rng.integers(1, len(options) + 1), replace=False)]
    kind = rng.integers(5)
    if kind == 0:
        return Missing(column, bool(rng.integers(2)))
    if kind < 3 or column == "in":
        return OneOf(column, tuple(drawn), bool(rng.integers(2)))
    return Order(column, str(rng.choice(["<", "<=", ">", ">="])), drawn[0])


def question(rng, depth=3):
    """Draw an expression of at most four levels."""
    if depth == 0 or rng.integers(4) == 0:
        return condition(rng)
    if rng.integers(4) == 0:
        return Not(question(rng, depth - 1))
    parts = tuple(question(rng, depth - 1) for _ in range(rng.integers(2, 4)))
    return (And, Or)[rng.integers(2)](parts)


def inside(box, table=None):
    """Return which rows of a table are in a box."""
    table = TABLE if table is None else table
    every = np.ones(len(next(iter(table.values()))), dtype=bool)
    return np.logical_and.reduce([every, *(region.contains(table[name]) for name, region in box.items())])
