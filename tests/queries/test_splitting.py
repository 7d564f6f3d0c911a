"""Boxes are disjoint, cover what a question holds for and nothing else, and are few."""

import numpy as np
import pytest
from queries.questions import KINDS, ROWS, TABLE, inside, question

from tailormade.queries.boxes import Categories, Intervals
from tailormade.queries.language import parse
from tailormade.queries.predicates import And, Not, Or
from tailormade.queries.splitting import FALSE, TRUE, Inside, join

SEEDS = pytest.mark.parametrize("seed", range(150))
CATEGORIES = {f"c{i}": ("a", "b", "c") for i in range(400)}
HOLES = {f"h{i}": tuple(range(15)) for i in range(16)}
NUMBERS = {f"x{i}": "numbers" for i in range(1000)}


def drawn(seed, depth=3):
    return question(np.random.default_rng(seed), depth)


@SEEDS
def test_every_row_that_holds_is_in_one_box_and_no_other_is_in_any(seed):
    asked = drawn(seed)
    found = sum((inside(box).astype(int) for box in asked.boxes(KINDS)), np.zeros(len(ROWS), dtype=int))
    assert np.array_equal(found, asked.holds(TABLE).astype(int))


@SEEDS
def test_no_box_is_empty_and_no_region_full(seed):
    regions = [region for box in drawn(seed).boxes(KINDS) for region in box.values()]
    assert not any(region.is_empty or region.is_full for region in regions)


@SEEDS
def test_contradictions_and_tautologies(seed):
    asked = drawn(seed)
    assert And((asked, Not(asked))).boxes(KINDS) == []
    assert Or((Not(asked), asked)).boxes(KINDS) == [{}]


@SEEDS
def test_the_same_event_written_in_another_way_has_the_same_boxes(seed):
    asked = drawn(seed)
    twice = Or((And((asked, asked)), Not(Not(asked)), asked))
    assert twice.boxes(KINDS) == asked.boxes(KINDS)


NUMBER_OF_BOXES = {
    "x0 > 3 and x1 < 5 and x2 == 3": 1,
    "18 <= x0 < 30 and x0 != 20": 1,
    " or ".join(f"x0 == {i}" for i in range(200)): 1,
    "x0 == 1 or x0 == 2 and x0 < 3 or not x0 < 7": 1,
    "x0 > 3 or x1 > 3 or x2 > 3": 3,
    "not (x0 > 3 and x1 > 3 and x2 > 3)": 3,
    "not (x0 > 3 or x1 > 3)": 1,
    "c0 == a and x0 < 5 or c0 == a and x0 >= 5 or c0 == a and x0 is missing": 1,
    "c0 == a and x0 < 5 or c0 == b and x0 < 5": 1,
    "c0 == a or c0 == b or c0 == c": 1,
    "c0 == a or c0 == b or c0 == c or c0 is missing": 1,
    "c0 == a and c0 == b": 0,
    "c0 != a and c0 != b and c0 != c": 0,
    "x0 < 3 and x0 > 3": 0,
    "x0 is missing and x0 > 3": 0,
    "(x0 < 1 or x1 < 1) and (x0 > 1 or x1 > 1) and (x0 > 1 or x1 < 1) and (x0 < 1 or x1 > 1)": 0,
    " and ".join(f"x{i} > 3" for i in range(1000)): 1,
    " and ".join(["(x0 > 3 or x1 > 3)", *(f"x{i} > 3" for i in range(2, 1000))]): 2,
    " or ".join(f"x{i} > 3" for i in range(100)): 100,
}


@pytest.mark.parametrize("text", NUMBER_OF_BOXES, ids=lambda text: text[:40])
def test_number_of_boxes(text):
    assert len(parse(text).boxes({**CATEGORIES, **NUMBERS})) == NUMBER_OF_BOXES[text]


@pytest.mark.parametrize("text", ["c0 in [a, b, c] or c0 is missing", "x0 < 3 or x0 >= 3 or x0 is missing"])
def test_a_tautology_is_one_box_of_every_row(text):
    assert parse(text).boxes({**CATEGORIES, **NUMBERS}) == [{}]


def test_a_missing_cell_is_left_out_by_what_only_looks_like_a_tautology():
    [box] = parse("x0 < 3 or x0 >= 3").boxes(NUMBERS)
    assert box["x0"].contains([-np.inf, 3, np.inf, None]).tolist() == [True, True, True, False]


def test_a_free_column_is_left_out():
    [box] = parse("x0 > 3 and (x1 > 3 or not x1 > 3)").boxes(NUMBERS)
    assert list(box) == ["x0"]


def test_joined_formulas_are_simplified():
    some = Inside("c", Categories(frozenset("a"), ("a", "b")))
    every = Inside("x", Intervals(()).complement())
    assert join(True, [some, every]) == join(False, [some, FALSE]) == join(True, [join(True, [some])]) == some
    assert join(True, [some, FALSE]) == FALSE
    assert join(False, [every, some]) == TRUE


MANY = {
    "paths": " and ".join(f"(x{i} > 1 or x{i + 1} > 1)" for i in range(0, 40, 2)),
    # 16 in 15 holes, none in one with another: a contradiction
    "pigeons": " and ".join(
        [f"h{i} is not missing" for i in range(16)]
        + [f"not (h{i} == {h} and h{j} == {h})" for i in range(16) for j in range(i) for h in range(15)]
    ),
    "deep": " or ".join(f"x{i} > 1" for i in range(350)),
}


@pytest.mark.parametrize("case", MANY)
def test_too_many_boxes(case):
    with pytest.raises(ValueError, match=r"^question: expected an event of at most 1000 disjoint boxes that are found"):
        parse(MANY[case]).boxes({**NUMBERS, **HOLES})
