"""Arguments of the families: what is refused, how they are stored, and what they say of themselves."""

import json

import pytest
import torch
from conditionals.families import FAMILIES

from tailormade.conditionals import (
    Bernoulli,
    Categorical,
    DiscretisedLogistics,
    Heaped,
    Histogram,
    LogisticMixture,
    NegativeBinomial,
    Normal,
    NormalMixture,
    Ordinal,
    PointMasses,
    Poisson,
    Recurring,
    Spline,
    StudentTMixture,
    conditional_from_config,
)


@pytest.mark.parametrize("name", FAMILIES)
def test_configs_are_json_and_build_the_same_family(name):
    family = FAMILIES[name]
    again = conditional_from_config(json.loads(json.dumps(family.config(), allow_nan=False)))
    assert again == family
    assert hash(again) == hash(family)


def test_configs_of_nested_families():
    config = PointMasses((0.0, 9.0), Normal(loc=2.0)).config()
    assert config == {
        "family": "PointMasses", "values": [0.0, 9.0],
        "base": {"family": "Normal", "loc": 2.0, "scale": 1.0, "min_scale": 0.0, "warp": False},
    }  # fmt: skip


def test_open_ends_are_left_out_of_configs():
    config = DiscretisedLogistics(2, low=0).config()
    assert config["low"] == 0
    assert "high" not in config
    assert "min_scale" not in config


def test_old_configs_stay_as_they_were():
    assert Categorical(7).config() == {"family": "Categorical", "categories": 7}
    assert Categorical(7, code=3).config() == {"family": "Categorical", "categories": 7, "code": 3}


@pytest.mark.parametrize("family", ["Conditional", "Numeric", "Bounded", "Counts"])
def test_what_families_share_is_no_family(family):
    with pytest.raises(ValueError, match=rf"expected one of \['Bernoulli', .* got '{family}'"):
        conditional_from_config({"family": family})


REFUSED = {
    "no_components": (lambda: NormalMixture(0), "components: expected at least 1, got 0"),
    "no_scale": (lambda: Normal(scale=0), "scale: expected a finite number above 0, got 0"),
    "infinite_loc": (lambda: LogisticMixture(loc=float("inf")), "loc: expected a finite number, got inf"),
    "negative_least": (lambda: Normal(min_scale=-1.0), "min_scale: expected a finite number of at least 0, got -1.0"),
    "freedom": (lambda: StudentTMixture(2, 3), "freedom: expected 1, 2 or 4, got 3"),
    "no_step": (lambda: DiscretisedLogistics(step=0.0), "step: expected a finite number above 0, got 0.0"),
    "off_grid": (lambda: DiscretisedLogistics(low=0.5), "low: expected 0 plus a multiple of 1, got 0.5; change offset"),
    "ends": (lambda: DiscretisedLogistics(low=3, high=2), "low, high: expected low up to high, got 3 and 2"),
    "nan_end": (lambda: DiscretisedLogistics(low=float("nan")), "low: expected a finite number, got nan"),
    "wrong_infinity": (lambda: DiscretisedLogistics(low=float("inf")), "low: expected a finite number, got inf"),
    "no_points": (
        lambda: PointMasses((), Normal()),
        r"values: expected a tuple of distinct numbers, at least one, got",
    ),
    "twice": (lambda: PointMasses((1.0, 1.0), Normal()), "values: expected a tuple of distinct numbers"),
    "infinite_point": (lambda: PointMasses((float("inf"),), Normal()), "values: expected a finite number, got inf"),
    "outside": (lambda: PointMasses((-1.0,), DiscretisedLogistics(low=0)), "values of the base, .* from 0, got -1.0"),
    "between": (
        lambda: PointMasses((0.4,), DiscretisedLogistics(step=0.5, density=True)),
        "values: expected values of the base, a finite number, got 0.4",
    ),
    "no_heap": (lambda: Heaped(DiscretisedLogistics(), 1.0), "heap: expected a multiple of the base's step 1, got 1"),
    "crooked_heap": (
        lambda: Heaped(DiscretisedLogistics(), 2.5),
        "heap: expected a multiple of the base's step 1, got",
    ),
    "heap_off_ends": (
        lambda: Heaped(DiscretisedLogistics(step=0.5, low=0.5), 1.0),
        "heap: expected ends that are on the coarser grid",
    ),
    "none_recur": (lambda: Recurring(DiscretisedLogistics(), (), 0.9), "values: expected different values of the base"),
    "unsorted": (
        lambda: Recurring(DiscretisedLogistics(), (3.0, 1.0), 0.9),
        "values: expected .* sorted, at least one",
    ),
    "off_the_grid": (lambda: Recurring(DiscretisedLogistics(), (0.5,), 0.9), "values: expected different values of"),
    "no_share": (
        lambda: Recurring(DiscretisedLogistics(), (1.0,), 0.0),
        "share: expected a probability above 0, got 0",
    ),
    "no_categories": (lambda: Ordinal(0), "categories: expected at least 1, got 0"),
    "no_code": (lambda: Categorical(3, code=0), "code: expected at least 1, or None for one-hot inputs, got 0"),
    "no_bins": (lambda: Histogram(0), "bins: expected at least 1, got 0"),
    "empty_interval": (lambda: Spline(3, 2.0, 2.0), "low, high: expected low below high, got 2 and 2"),
    "open_interval": (lambda: Histogram(3, 0.0, float("inf")), "high: expected a finite number, got inf"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_arguments_that_are_refused(case):
    make, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        make()


WRONG_TYPES = {
    "text": (lambda: Normal(loc="far"), "loc: expected a number, got 'far'"),
    "truth": (lambda: Normal(scale=True), "scale: expected a number, got True"),
    "heap_of_normals": (lambda: Heaped(Normal(), 1.0), "base: expected DiscretisedLogistics, got Normal"),
    "no_family": (lambda: PointMasses((0.0,), "Normal"), "base: expected a conditional, got 'Normal'"),
}


@pytest.mark.parametrize("case", WRONG_TYPES)
def test_arguments_of_the_wrong_type(case):
    make, message = WRONG_TYPES[case]
    with pytest.raises(TypeError, match=message):
        make()


WORDS = [
    (Bernoulli(), "0 or 1"),
    (Ordinal(4), "an integer in 0..3"),
    (Poisson(), "a whole number from 0"),
    (NegativeBinomial(), "a whole number from 0"),
    (Normal(), "a finite number"),
    (DiscretisedLogistics(), "a whole number"),
    (DiscretisedLogistics(low=0, high=255), "a whole number from 0 to 255"),
    (DiscretisedLogistics(step=0.25, offset=0.5), "0.5 plus a multiple of 0.25"),
    (DiscretisedLogistics(step=0.25, low=0.0, density=True), "a finite number from 0"),
    (Spline(4, -1.0, 2.5), "a number from -1 to 2.5"),
    (PointMasses((0.0,), DiscretisedLogistics(low=0)), "a whole number from 0"),
    (PointMasses((7.0, 9.5), Histogram(4)), "a number from 0 to 1, or one of 7, 9.5"),
]


@pytest.mark.parametrize(("family", "words"), WORDS, ids=str)
def test_what_is_expected_is_said_in_words(family, words):
    assert family.describe() == words


SUPPORTS = [
    (Normal(), [0.0, -1e300], [float("inf"), float("nan")]),
    (Poisson(), [0.0, 5.0], [-1.0, 0.5, float("inf"), float("nan")]),
    (DiscretisedLogistics(low=0, high=9), [0.0, 9.0], [-1.0, 10.0, 4.5, float("inf"), float("nan")]),
    (DiscretisedLogistics(step=0.1), [0.1 + 0.2, 1e6 + 0.3], [0.35, 0.05]),
    (DiscretisedLogistics(step=0.1, low=0.0, density=True), [0.0, 0.123], [-0.2, float("inf"), float("nan")]),
    (Histogram(3, -1.0, 0.1), [-1.0, 0.1, 0.0], [-1.1, 0.2, float("nan")]),
    (PointMasses((7.0,), Histogram(3)), [0.5, 7.0], [6.0, float("nan")]),
]


@pytest.mark.parametrize(("family", "inside", "outside"), SUPPORTS, ids=lambda c: str(c)[:40])
def test_support(family, inside, outside):
    assert bool(family.support.check(torch.tensor(inside, dtype=torch.float64)).all())
    assert not bool(family.support.check(torch.tensor(outside, dtype=torch.float64)).any())


@pytest.mark.parametrize("value", [0.1, 1 / 3, 123.456])
def test_ends_may_be_rounded_to_float32(value):
    assert bool(Histogram(2, -value, value).support.check(torch.tensor([-value, value])).all())
    grid = DiscretisedLogistics(step=value, offset=value, low=value, high=1000 * value)
    assert bool(grid.support.check(torch.tensor([value, 1000 * value])).all())


def test_cardinality_is_that_of_values_from_0():
    grids = [{"low": 0, "high": 255}, {"low": 1, "high": 255}, {"low": 0}, {"low": 0, "high": 255, "density": True}]
    assert [DiscretisedLogistics(**grid).cardinality for grid in grids] == [256, None, None, None]
    assert [Poisson().cardinality, Ordinal(3).cardinality] == [None, 3]
