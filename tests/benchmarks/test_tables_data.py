"""Splits, reduced tables and the base measure of the benchmarks of tables."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.tables import to_probabilities
from benchmarks.tables_data import Parts, comparable, divide, few, fitted, measured_schema, parts_of, read
from tailormade.tables import Column, Schema

SHARES = (0.8, 0.1, 0.1)


def table(copies, rows=3000, seed=0):
    values = np.random.default_rng(seed).integers(0, rows // copies, rows)
    return pd.DataFrame({"n": values, "text": [f"t{v}" if v % 5 else None for v in values]})


@pytest.mark.parametrize("copies", [1, 3, 30])
def test_a_split_keeps_equal_rows_together(copies):
    frame = table(copies)
    parts = divide(frame, SHARES)
    sides = [set(map(tuple, part.fillna("").to_numpy())) for part in parts]
    assert not sides[0] & (sides[1] | sides[2])
    assert not sides[1] & sides[2]
    joined = pd.concat(parts).sort_values("n", ignore_index=True)
    pd.testing.assert_frame_equal(joined, frame.sort_values("n", ignore_index=True))
    np.testing.assert_allclose([len(part) / len(frame) for part in parts], SHARES, atol=0.03)


def test_a_split_is_that_of_its_seed():
    first, same, other = (divide(table(3), SHARES, seed)[2]["n"].tolist() for seed in (0, 0, 1))
    assert first == same != other


def test_near_copies_and_few_values_are_dropped():
    x = np.random.default_rng(0).normal(size=(200, 2))
    frame = pd.DataFrame({"a": x[:, 0], "flag": x[:, 0] > 0, "copy": -x[:, 0] + 1e-3 * x[:, 1], "b": x[:, 1]})
    assert list(comparable(frame)) == ["a", "b"]


def test_files_are_read(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,?\n2,NA\n")
    assert read(tmp_path / "x.csv")["b"].isna().tolist() == [True, False]
    assert read(tmp_path / "x.csv", unknown="unknown")["b"].tolist() == ["unknown", "NA"]
    np.savez(tmp_path / "uci_x.npz", data=np.arange(60.0).reshape(20, 3) ** [1, 2, 0], columns=["a", "b", "one"])
    assert list(parts_of(tmp_path, "uci_x", whole=True).test) == ["a", "b"]


def test_a_trial_is_tested_on_its_own_rows():
    parts = few(Parts._make(divide(table(3), SHARES)), 40)
    assert [len(part) for part in parts] == [40, 20, 20]
    assert len(parts.fit) == 60
    assert parts.test["n"].tolist() == parts.train["n"].tolist()[:20]


def test_no_point_mass_where_the_rest_is_a_density():
    x = np.random.default_rng(0).normal(size=500)
    x[:100] = 0
    frame = pd.DataFrame({"x": x, "cents": np.round(x, 2)})
    real, cents = measured_schema(frame).columns
    assert (real.step, real.atoms) == (None, ())
    assert cents.step == 0.01
    assert 0 in cents.atoms


def test_repeated_values_without_resolution_are_scored_as_cells():
    generator = np.random.default_rng(0)
    often = np.where(generator.random(500) < 0.95, generator.integers(20, 60, 500) / 10, generator.normal(size=500))
    column = measured_schema(pd.DataFrame({"x": often})).columns[0]
    assert (column.kind, column.step, column.atoms) == ("continuous", 0.1, ())
    assert measured_schema(pd.DataFrame({"x": generator.normal(size=500)})).columns[0].step is None


def test_densities_become_probabilities():
    schema = Schema(
        (
            Column("cents", "continuous", step=0.01, atoms=(0.3,)),
            Column("n", "integer", step=1.0),
            Column("x", "continuous"),
            Column("grade", "ordinal", categories=(1, 2), step=1.0),
        )
    )
    rows = np.array([[1.25, 3, 0.1, 0], [0.1 * 3, 3, 0.1, 0], [np.nan, 3, 0.1, 1]])
    np.testing.assert_allclose(to_probabilities(schema, rows), [np.log(0.01), 0, 0])


def test_our_scores_become_probabilities_that_add_up_to_1(tmp_path):
    x = np.round(np.random.default_rng(0).gamma(2, size=300), 1)
    x[:90] = 0.5  # a point mass
    frame = pd.DataFrame({"x": x})
    model, _ = fitted("one", frame, tmp_path, epochs=1, schema=measured_schema(frame))
    assert 0.5 in model.schema_.columns[0].atoms
    grid = pd.DataFrame({"x": np.arange(0, 4000) / 10})  # amounts: none is negative
    logs = model.score_samples(grid) + to_probabilities(model.schema_, model.schema_.encode(grid))
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-3)


def test_a_model_is_fitted_once(tmp_path):
    frame = table(100, rows=200)[["n"]]
    first, notes = fitted("m", frame, tmp_path, epochs=1)
    again, found = fitted("m", frame.head(0), tmp_path, epochs=1)
    assert notes == found
    assert notes["rows"] == 200
    np.testing.assert_array_equal(first.score_samples(frame), again.score_samples(frame))
