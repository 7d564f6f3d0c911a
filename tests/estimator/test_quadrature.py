"""Densities of tables integrate to 1 in the table's own units, whichever cells are missing.

Numbers without a resolution are integrated over ``z = asinh((x - loc) / scale)``, at midpoints that miss all atoms;
recorded ones have a value for each interval of their resolution, and atoms, whole numbers, categories and modelled
missing cells a mass.
"""

import numpy as np
import pandas as pd
import pytest

from tailormade import DensityEstimator
from tailormade.tables import Schema

MODEL = {"missing": "model"}
POINTS = 750


def made_table(rows=300):
    rng = np.random.default_rng(0)
    group = rng.choice(["a", "b"], rows)
    real = rng.normal(np.where(group == "a", -2, 3), 1)
    frame = pd.DataFrame(
        {
            "group": group,
            "real": real,
            "wide": np.exp(rng.normal(8 + real / 2, 1.5)),
            "zeros": np.where(rng.random(rows) < 0.3, 0.0, 5 + real + rng.normal(size=rows)),
            "quarters": np.clip(np.round(4 * (3 + real / 2)) / 4, 0, 6),
            "halves": np.where(rng.random(rows) < 0.3, 1.5, np.clip(np.round(2 * (4 + real)) / 2, 0, 12)),
            "count": rng.poisson(np.exp(real / 4 + 1)).clip(0, 15),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 60, rows), unit="D"),
        }
    )
    return frame.mask(pd.DataFrame(rng.random(frame.shape) < 0.15, columns=frame.columns))


FRAME = made_table()
BOUNDED = {
    "quarters": {"kind": "continuous", "step": 0.25, "low": 0.0, "high": 6.0},
    "halves": {"kind": "continuous", "step": 0.5, "low": 0.0, "high": 12.0, "atoms": [1.5]},
    "count": {"kind": "integer", "low": 0.0, "high": 15.0},
    "zeros": {"kind": "continuous", "atoms": [0.0], "step": None},
}


def fitted(columns, *, frame=FRAME, policy=None, **options):
    """A short fit to some columns."""
    said = {name: BOUNDED.get(name, {}) | (policy or {}) for name in (*columns, *options.get("context", ()))}
    est = DensityEstimator(max_epochs=2, hidden_units=(8,), random_state=0, schema=said, **options)
    return est.fit(frame[list(said)])


def axis(column, points=POINTS, reach=10.0):
    """Values of a column, and what each stands for in a sum or an integral."""
    if column.coded:
        values, weights = np.array(column.categories, dtype=object), np.ones(len(column.categories))
    elif column.step is None:
        z = (np.arange(points) + 0.5) * 2 * reach / points - reach
        values = np.r_[column.loc + column.scale * np.sinh(z), column.atoms]
        weights = np.r_[column.scale * np.cosh(z) * 2 * reach / points, np.ones(len(column.atoms))]
    else:
        values = _recorded(column)
        weights = np.where(np.isin(values, column.atoms) | (column.kind == "integer"), 1.0, column.step)
    if column.dated:
        values = pd.to_datetime(values, unit="s")
    if column.gaps == "model":
        values, weights = [*values, None], np.r_[weights, 1.0]
    return list(values), weights


def _recorded(column):
    """The grid; without bounds, of 300 scales around the middle."""
    low = column.loc - 300 * column.scale if column.low is None else column.low
    high = column.loc + 300 * column.scale if column.high is None else column.high
    return np.arange(np.ceil(low / column.step), np.floor(high / column.step) + 1) * column.step


def total(est, free, points=POINTS, reach=10.0, **fixed):
    """The integral of the density over some columns, all others being as they are given, or missing."""
    columns = [est.schema_.column(name) for name in free]
    axes = [axis(column, points, reach) for column in columns]
    places = np.meshgrid(*[np.arange(len(values)) for values, _ in axes], indexing="ij")
    rows = {c.name: pd.Series(v)[p.ravel()].array for c, (v, _), p in zip(columns, axes, places, strict=True)}
    others = {name: fixed.get(name) for name in (*est.schema_.names, *(est.context or ())) if name not in free}
    weights = np.prod([w[p.ravel()] for (_, w), p in zip(axes, places, strict=True)], 0)
    frame = pd.DataFrame(rows).assign(**others)
    return float((np.exp(est.score_samples(frame)) * weights).sum())


SINGLE = ["group", "real", "wide", "zeros", "quarters", "halves", "count"]


@pytest.mark.parametrize("policy", [None, MODEL], ids=["observed", "modelled"])
@pytest.mark.parametrize("name", SINGLE)
def test_one_column(name, policy):
    assert total(fitted([name], policy=policy), [name], points=20_000, reach=30.0) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("policy", [None, MODEL], ids=["observed", "modelled"])
def test_dates(policy):
    # the tails of days without bounds reach further than can be summed
    assert total(fitted(["day"], policy=policy), ["day"]) == pytest.approx(1, abs=1e-3)


PAIRS = [("real", "wide"), ("zeros", "real"), ("real", "quarters"), ("halves", "zeros"), ("count", "wide")]


@pytest.mark.parametrize("policy", [None, MODEL], ids=["observed", "modelled"])
@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_two_columns_and_each_of_them_while_the_other_is_missing(names, policy):
    est = fitted(list(names), policy=policy)
    assert total(est, names) == pytest.approx(1, abs=1e-3)
    for name in names:
        alone = Schema((est.schema_.column(name),))
        values, weights = axis(alone.columns[0], 5000, 30.0)
        density = np.exp(est.marginal([name]).score_samples(_beside(est, name, values), draws=0))
        assert float((density * weights).sum()) == pytest.approx(1, abs=1e-3)


def _beside(est, name, values):
    """Rows of one column, the others empty."""
    return pd.DataFrame({other: values if other == name else None for other in est.schema_.names})


def test_a_marginal_is_what_is_left_when_the_other_cell_is_missing():
    est = fitted(["real", "quarters"])
    rows = _beside(est, "real", np.linspace(-3, 3, 7))
    np.testing.assert_array_equal(est.score_samples(rows), est.marginal(["real"]).score_samples(rows, draws=0))
    assert total(est, ["real"], points=5000, reach=30.0) == pytest.approx(1, abs=1e-6)


def test_a_mixture_over_orders():
    est = fitted(["real", "halves"], orders=3)
    assert total(est, ["real", "halves"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("group", "policy"), [("a", None), (None, None), ("b", MODEL), (None, MODEL)])
def test_given_context(group, policy):
    est = fitted(["real", "zeros"], context=["group"], policy=policy)
    assert total(est, ["real", "zeros"], group=group) == pytest.approx(1, abs=1e-3)


def test_given_evidence():
    est = fitted(["real", "wide", "group"])
    values, weights = axis(est.schema_.column("wide"), 5000, 30.0)
    rows = pd.DataFrame({"wide": values}).assign(real=1.0, group="a")
    density = np.exp(est.log_prob_given(rows, ["real", "group"]))
    assert float((density * weights).sum()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("factor", [2.0**-10, 2.0**20])
def test_other_units_move_densities_by_the_factor(factor):
    est, scaled = fitted(["real", "wide"]), fitted(["real", "wide"], frame=FRAME.assign(real=FRAME["real"] * factor))
    assert total(scaled, ["real"], points=20_000, reach=30.0) == pytest.approx(1, abs=1e-6)
    rows = FRAME[["real", "wide"]].dropna()
    moved = scaled.score_samples(rows.assign(real=rows["real"] * factor))
    np.testing.assert_allclose(moved, est.score_samples(rows) - np.log(factor), atol=1e-3)
