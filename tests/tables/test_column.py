"""What a column may be, its conditional, and its JSON."""

import json
import math
from dataclasses import replace

import pytest
from tables.cases import CASES, column

from tailormade import Bernoulli, Categorical, conditionals
from tailormade.tables import Column
from tailormade.tables.infer import infer_column

INFERRED = {name: infer_column("x", column(case.values, missing=True)) for name, case in CASES.items()}
NUMBERS = [name for name, c in INFERRED.items() if c.kind in ("integer", "continuous")]


@pytest.mark.parametrize("name", CASES)
def test_json(name):
    found = INFERRED[name]
    assert Column.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found


WRONG = {
    "kind": ({"kind": "count"}, r"column 'x': kind: expected one of \['binary', .*'ignored'\], got 'count'"),
    "unseen": ({"unseen": "maybe"}, r"column 'x': unseen: expected one of \['error', 'probability'\], got 'maybe'"),
    "binary": ({"kind": "binary", "categories": ("a",)}, "column 'x': categories: expected 2 of them for a binary col"),
    "constant": ({"kind": "constant"}, r"column 'x': categories: expected 1 of them for a constant column, got \(\)"),
    "no categories": (
        {"kind": "categorical"},
        "column 'x': categories: expected at least one for a categorical column",
    ),
    "repeated": ({"kind": "ordinal", "categories": (1, 2, 1)}, "column 'x': categories: expected different strings"),
    "mixed": ({"kind": "ordinal", "categories": (1, "2")}, "column 'x': categories: expected different .*of one type"),
    "truth and number": (
        {"kind": "binary", "categories": (0, True)},
        "column 'x': categories: expected .* of one type",
    ),
    "lists": ({"kind": "ordinal", "categories": ((1,), (2,))}, "column 'x': categories: expected different strings"),
    "heap without a step": ({"heap": 1.0}, "column 'x': heap: expected None, or an integer or continuous column that"),
    "crooked heap": ({"step": 1.0, "heap": 2.5}, "column 'x': heap: expected a multiple of its step 1, got 2.5"),
    "heap of categories": (
        {"kind": "datetime", "step": 1.0, "heap": 5.0},
        "column 'x': heap: expected None, or an integer or continuous",
    ),
    "recurring without a step": ({"recurring": (1.0,), "share": 0.9}, "column 'x': recurring: expected none, or an"),
    "recurring and heap": (
        {"step": 1.0, "heap": 5.0, "recurring": (1.0,), "share": 0.9},
        "column 'x': recurring: expected none, or",
    ),
    "recurring unsorted": (
        {"step": 1.0, "recurring": (2.0, 1.0), "share": 0.9},
        "column 'x': recurring: expected different numbers, sort",
    ),
    "no share": ({"step": 1.0, "recurring": (1.0,)}, "column 'x': share: expected a probability above 0, got 0.0"),
    "scale": ({"scale": 0.0}, "column 'x': scale: expected a positive number, got 0.0"),
    "loc": ({"loc": math.inf}, "column 'x': loc: expected a finite number, got inf"),
    "no loc": ({"loc": None}, "column 'x': loc: expected a finite number, got None"),
    "step": ({"step": -1.0}, "column 'x': step: expected a positive number or None, got -1.0"),
    "step of text": ({"step": "1"}, "column 'x': step: expected a positive number or None, got '1'"),
    "no step": ({"kind": "integer"}, "column 'x': step: expected a positive number for an integer column, such as 1"),
    "low": ({"low": math.nan}, "column 'x': low: expected a finite number or None, got nan"),
    "bounds": ({"low": 2.0, "high": 1.0}, r"column 'x': low: expected at most high \(1.0\), got 2.0"),
    "atoms": ({"atoms": (2.0, 1.0)}, r"column 'x': atoms: expected different numbers .*, sorted, got \(2.0, 1.0\)"),
    "atom twice": ({"atoms": (1.0, 1.0)}, "column 'x': atoms: expected different numbers"),
    "atom outside": (
        {"atoms": (1.0,), "low": 2.0},
        "column 'x': atoms: expected different numbers between 2.0 and inf",
    ),
    "many atoms": ({"atoms": tuple(map(float, range(17)))}, "column 'x': atoms: expected at most 16, got"),
}


@pytest.mark.parametrize("case", WRONG)
def test_columns_that_are_refused(case):
    changes, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        Column(**{"name": "x", "kind": "continuous", **changes})


@pytest.mark.parametrize("name", ["", 3, None])
def test_names_that_are_refused(name):
    with pytest.raises(TypeError, match="name: expected a column's name, got"):
        Column(name, "continuous")


@pytest.mark.parametrize("values", [{}, {"name": "x"}, {"kind": "integer"}, {"name": "x", "kind": "integer", "stp": 1}])
def test_json_that_is_refused(values):
    with pytest.raises(ValueError, match=r"column: expected fields \['name', 'kind', .* with name and kind among them"):
        Column.from_dict(values)


CODED = {
    "binary": (("a", "b"), Bernoulli(), Categorical(3)),
    "constant": (("a",), Categorical(1), Categorical(2)),
    "categorical": (("a", "b", "c"), Categorical(3), Categorical(4)),
}


@pytest.mark.parametrize("kind", CODED)
def test_conditionals_of_categories(kind):
    categories, seen, unseen = CODED[kind]
    found = Column("x", kind, categories)
    assert found.conditional() == seen
    assert replace(found, unseen="probability").conditional() == unseen
    assert replace(found, unseen="probability").cardinality == found.cardinality + 1 == len(categories) + 1


def test_conditionals_of_ordered_categories():
    found = Column("x", "ordinal", (1, 2, 3))
    assert found.conditional() == conditionals.Ordinal(3)
    assert replace(found, unseen="probability").conditional() == Categorical(4)


@pytest.mark.parametrize(("count", "code"), [(200, None), (201, 64), (5000, 64)])
def test_many_categories_have_a_code(count, code):
    found = Column("x", "categorical", tuple(map(str, range(count)))).conditional()
    assert found == Categorical(count, code=code)


@pytest.mark.parametrize("kind", ["integer", "continuous", "datetime"])
def test_conditionals_of_a_grid(kind):
    found = Column("x", kind, step=0.5, low=-1.0, loc=3.0, scale=4.0).conditional(components=7)
    assert found == conditionals.DiscretisedLogistics(
        7, low=-1.0, high=math.inf, step=0.5, loc=3.0, scale=4.0, warp=True, density=kind != "integer"
    )


@pytest.mark.parametrize("kind", ["integer", "continuous"])
def test_conditionals_of_gathering_values(kind):
    plain = Column("x", kind, step=0.5, loc=3.0, scale=4.0)
    heaped, recurring = replace(plain, heap=2.5), replace(plain, recurring=(1.0, 7.5), share=0.9)
    assert heaped.conditional() == conditionals.Heaped(plain.conditional(), 2.5)
    assert recurring.conditional() == conditionals.Recurring(plain.conditional(), (1.0, 7.5), 0.9)
    assert replace(heaped, atoms=(5.0,)).conditional() == conditionals.PointMasses((5.0,), heaped.conditional())
    assert heaped.rescaled(4.0).heap == 10.0
    assert recurring.rescaled(4.0).recurring == (4.0, 30.0)


def test_conditionals_without_a_grid():
    found = Column("x", "continuous", loc=3.0, scale=4.0).conditional()
    assert found == conditionals.LogisticMixture(10, loc=3.0, scale=4.0, min_scale=2.0**-10, warp=True)


@pytest.mark.parametrize("step", [None, 0.5])
def test_atoms_are_point_masses(step):
    found = Column("x", "continuous", step=step, atoms=(0.0, 2.0))
    assert found.conditional() == conditionals.PointMasses((0.0, 2.0), replace(found, atoms=()).conditional())


def test_what_is_ignored_has_no_conditional():
    with pytest.raises(ValueError, match="column 'x': is ignored and has no conditional; give it another kind first"):
        Column("x", "ignored").conditional()


@pytest.mark.parametrize("name", CASES)
def test_every_inferred_column_has_a_conditional_but_the_ignored(name):
    found = INFERRED[name]
    assert not found.modelled or found.conditional() == Column.from_dict(found.to_dict()).conditional()


@pytest.mark.parametrize("name", NUMBERS)
def test_rescaled_is_what_would_be_inferred_of_rescaled_values(name):
    scaled = infer_column("x", column([float(1024 * v) for v in CASES[name].values], missing=True), "continuous")
    found = INFERRED[name].rescaled(1024.0)
    assert (found.loc, found.scale, found.atoms) == (scaled.loc, scaled.scale, scaled.atoms)
    assert found.rescaled(2.0**-10) == INFERRED[name]


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan])
def test_factors_that_are_refused(factor):
    with pytest.raises(ValueError, match="column 'x': expected an integer or continuous column and a positive factor"):
        Column("x", "continuous").rescaled(factor)


@pytest.mark.parametrize("name", ["words", "days", "codes"])
def test_what_has_no_units_is_not_rescaled(name):
    with pytest.raises(ValueError, match="column 'x': expected an integer or continuous column and a positive factor"):
        INFERRED[name].rescaled(2.0)
