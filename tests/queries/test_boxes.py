"""Regions: every operation is the Boolean one on each value, ends of intervals and a missing cell included."""

import math
import operator

import numpy as np
import pytest

from tailormade.queries.boxes import Categories, Interval, Intervals

CATEGORIES = ("a", "b", "c", 1, 2.5)
# numbers in regions are 0..4, so that these meet every cut and every gap
VALUES = {
    Intervals: [-math.inf, -1, *np.arange(0, 5, 0.5), math.inf, None],
    Categories: [*CATEGORIES, None],
}
KINDS = pytest.mark.parametrize("kind", [Intervals, Categories])
SEEDS = pytest.mark.parametrize("seed", range(40))
OPERATIONS = {
    "intersect": operator.and_,
    "union": operator.or_,
    "subtract": lambda a, b: a & ~b,
    "complement": lambda a, _: ~a,
    "everything": lambda a, _: np.ones_like(a),
}
ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def drawn(kind, rng):
    missing = bool(rng.integers(2))
    if kind is Categories:
        chosen = frozenset(value for value in CATEGORIES if rng.integers(2))
        return Categories(chosen, CATEGORIES, missing=missing)
    line = [(-math.inf, 0), *((float(v), side) for v in range(5) for side in (0, 1)), (math.inf, 1)]
    picked = rng.choice(len(line), 2 * rng.integers(0, 4), replace=False)
    return Intervals(tuple(line[i] for i in sorted(picked)), missing=missing)


@SEEDS
@KINDS
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_those_of_sets(kind, name, seed):
    rng = np.random.default_rng(seed)
    first, second = drawn(kind, rng), drawn(kind, rng)
    others = [second] if name in ("intersect", "union", "subtract") else []
    found = getattr(first, name)(*others)
    expected = OPERATIONS[name](first.contains(VALUES[kind]), second.contains(VALUES[kind]))
    assert np.array_equal(found.contains(VALUES[kind]), expected)


@SEEDS
@KINDS
def test_equal_sets_are_equal(kind, seed):
    rng = np.random.default_rng(seed)
    first, second = drawn(kind, rng), drawn(kind, rng)
    again = first.subtract(second).union(second.intersect(first))
    assert again == first
    assert hash(again) == hash(first)
    assert first.complement().complement() == first


@SEEDS
@KINDS
def test_empty_and_full(kind, seed):
    region = drawn(kind, np.random.default_rng(seed))
    assert region.subtract(region).is_empty
    assert region.everything().is_full
    assert region.is_empty == (not region.contains(VALUES[kind]).any())
    assert region.is_full == region.contains(VALUES[kind]).all()


@KINDS
@pytest.mark.parametrize("missing", [False, True])
def test_a_missing_cell_is_one_more_value(kind, missing):
    nothing = (Intervals(()) if kind is Intervals else Categories(frozenset(), CATEGORIES)).with_missing(missing)
    assert nothing.is_empty == (not missing)
    assert nothing.complement().is_full == (not missing)
    assert nothing.contains(None) == missing
    assert nothing.contains(math.nan) == missing


@pytest.mark.parametrize("name", ORDERS)
def test_compared(name):
    values = np.array([-1.0, 2.0, 3.0, 4.0])
    assert np.array_equal(Intervals.compared(name, 3).contains(values), ORDERS[name](values, 3))


def test_points():
    region = Intervals.points([3, 1, 3.0])
    assert region.contains([1, 2, 3]).tolist() == [True, False, True]
    assert region.intervals == (Interval(1, 1, True, True), Interval(3, 3, True, True))


def test_intervals_that_touch_are_one():
    region = Intervals.compared("<", 3).union(Intervals.compared(">=", 3))
    assert region.intervals == (Interval(-math.inf, math.inf, True, True),)
    assert len(Intervals.compared("<", 3).union(Intervals.compared(">", 3)).intervals) == 2


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (3,), (2, 3)], ids=str)
@KINDS
def test_shapes(kind, shape):
    region = drawn(kind, np.random.default_rng(0))
    found = region.contains(np.full(shape, "a" if kind is Categories else 1.0))
    assert (found.shape, found.dtype) == (shape, bool)


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float32, np.float64, bool, object])
def test_categories_that_are_numbers(dtype):
    region = Categories(frozenset({1, 2.0, "1"}), (0, 1, 2.0, "1"))
    assert region.contains(np.array([0, 1], dtype=dtype)).tolist() == [False, True]


def test_dates_are_seconds():
    dates = np.array(["1970-01-01", "1970-01-02", "NaT"], dtype="datetime64[D]")
    assert Intervals.compared(">=", 86400).contains(dates).tolist() == [False, True, False]


def test_regions_of_different_kinds():
    numbers, words = Intervals(()), Categories(frozenset(), ("a",))
    with pytest.raises(TypeError, match=r"^other: expected Intervals, got Categories\.$"):
        numbers.intersect(words)
    with pytest.raises(TypeError, match=r"^other: expected Categories, got Intervals\.$"):
        words.union(numbers)
    with pytest.raises(ValueError, match=r"^other: expected a region of \('a',\), got one of \('b',\)\.$"):
        words.subtract(Categories(frozenset(), ("b",)))
    with pytest.raises(TypeError, match=r"^values: expected numbers or dates, got text\.$"):
        numbers.contains(["a"])


def test_an_unknown_operator():
    with pytest.raises(ValueError, match=r"^operator: expected <, <=, > or >=, got '=='\.$"):
        Intervals.compared("==", 3)
