"""Random questions, removed cells and generated rows, as the benchmarks judge them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import imputation, queries, synthetic
from benchmarks.imputation_methods import Coding, others
from tailormade.tables import Column, Schema

GENERATOR = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": GENERATOR.integers(20, 60, 400),
        "pay-rate": np.round(GENERATOR.gamma(2, size=400), 2),
        "job": GENERATOR.choice(["it's", "other"], 400),
        "sex": GENERATOR.choice(["f", "m"], 400),
    }
)


class Counter:
    """Answers questions by counting, as a perfect model would: reads the text with the library's own parser."""

    def probability(self, question, random_state):
        from tailormade.queries.language import parse

        found = parse(question).boxes(
            {"age": "numbers", "pay-rate": "numbers", "job": ("it's", "other"), "sex": ("f", "m")}
        )
        inside = [
            np.logical_and.reduce([region.contains(FRAME[name].to_numpy()) for name, region in box.items()])
            for box in found
        ]
        return float(np.logical_or.reduce(inside).mean())


@pytest.mark.parametrize("seed", range(20))
def test_a_random_row_meets_its_question(seed):
    conditions = queries.random_question(FRAME, np.random.default_rng(seed))
    assert 2 <= len(conditions) <= 4
    assert len({condition.column for condition in conditions}) == len(conditions)
    assert np.logical_and.reduce([condition.holds(FRAME) for condition in conditions]).any()
    assert all((c.operator == "==") == (c.column in ("job", "sex")) for c in conditions)


def test_the_text_asks_what_is_counted():
    found = queries.ask(Counter(), FRAME, 60)
    np.testing.assert_allclose(found["q_error"], 1)
    assert (found["selectivity"] > 0).all()


@pytest.mark.parametrize(
    ("estimate", "truth", "expected"), [(20, 10, 2), (10, 20, 2), (0, 4, 4), (0.3, 0.1, 1), (7, 7, 1)]
)
def test_q_error(estimate, truth, expected):
    assert queries.q_error(estimate, truth) == pytest.approx(expected)


def test_q_errors_by_selectivity():
    found = {"q_error": np.array([1.0, 4.0, 2.0, 8.0]), "selectivity": np.array([0.5, 0.02, 0.005, 0.001])}
    rows = queries.summarise(found)
    assert {name: row["max"] for name, row in rows.items()} == {"all": 8, "> 2 %": 1, "0.5-2 %": 4, "< 0.5 %": 8}
    assert rows["all"]["median"] == 3


def test_a_fifth_of_the_cells_is_removed():
    frame = FRAME.assign(job=FRAME["job"].mask(FRAME["age"] < 30))
    damaged, gone = imputation.remove(frame)
    assert gone.mean() == pytest.approx(0.2, abs=0.03)
    assert damaged.isna().to_numpy()[gone].all()
    assert not (gone & frame.isna().to_numpy()).any()
    kept = ~gone & frame.notna().to_numpy()
    assert (damaged.to_numpy()[kept] == frame.to_numpy()[kept]).all()


def test_coding_and_back():
    coding = Coding.of(FRAME)
    encoded = coding.encode(FRAME)
    assert encoded.shape == (400, 6)
    pd.testing.assert_frame_equal(
        coding.decode(encoded, list(FRAME)), coding.standardise(FRAME), check_dtype=False, atol=1e-12
    )


def test_missing_text_is_missing_in_all_indicators():
    coding = Coding.of(FRAME)
    assert np.isnan(coding.encode(FRAME.assign(job=None))[:, 2:4]).all()


def test_others_fill_every_gap_and_leave_the_rest():
    damaged, gone = imputation.remove(FRAME)
    coding = Coding.of(FRAME)
    truth = coding.standardise(FRAME)
    for filled in others(FRAME, damaged, coding).values():
        assert filled.notna().all().all()
        assert (filled["sex"].to_numpy() == truth["sex"].to_numpy())[~gone[:, 3]].all()
        np.testing.assert_allclose(filled["age"].to_numpy(float)[~gone[:, 0]], truth["age"].to_numpy()[~gone[:, 0]])


def test_the_most_frequent_category_is_the_simple_answer():
    frame = pd.DataFrame({"x": np.arange(50.0), "text": ["a"] * 30 + ["b"] * 20})
    damaged = frame.assign(text=frame["text"].mask(frame["x"] > 45))
    filled = others(frame, damaged, Coding.of(frame))["simple"]
    assert filled["text"].tolist()[46:] == ["a"] * 4


def test_judging():
    coding, gone = Coding.of(FRAME), np.zeros(FRAME.shape, dtype=bool)
    gone[:2] = True
    truth = coding.standardise(FRAME)
    wrong = truth.assign(age=truth["age"] + 1, sex="neither")
    judged = imputation.judge(wrong, truth, gone, coding)
    assert judged.figures() == pytest.approx({"rmse": 0.5**0.5, "accuracy": 0.5})


def test_the_centre_of_completions():
    drawn = [FRAME.head(2).assign(age=value, sex=text) for value, text in ((1, "f"), (2, "m"), (6, "m"))]
    middle = imputation.centre(drawn, Coding.of(FRAME))
    assert middle["age"].tolist() == [3, 3]
    assert middle["sex"].tolist() == ["m", "m"]


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_coverage_by_rank_is_right_also_for_repeated_values(decimals):
    drawn = np.round(np.random.default_rng(1).normal(size=(100, 5000)), decimals)
    truth = np.round(np.random.default_rng(2).normal(size=5000), decimals)
    covered = imputation.coverage(drawn, truth)
    assert covered["rank"] == pytest.approx(0.9, abs=0.015)
    assert covered["interval"] >= covered["rank"] - 0.02


def test_few_completions_give_intervals_as_wide():
    drawn, truth = np.random.default_rng(1).normal(size=(20, 5000)), np.random.default_rng(2).normal(size=5000)
    assert imputation.coverage(drawn, truth)["interval"] == pytest.approx(0.9, abs=0.015)


def test_a_last_digit_is_no_difference():
    assert imputation.coverage(np.full((100, 5000), 0.3), np.full(5000, 0.1 * 3))["rank"] == pytest.approx(
        0.9, abs=0.015
    )


def test_an_interval_holds_its_ends():
    assert imputation.coverage(np.full((10, 3), 0.1 * 3), np.full(3, 0.3))["interval"] == 1


@pytest.mark.parametrize(
    ("rmse", "accuracy", "expected"), [(1.0, 0.8, True), (2.0, 0.9, True), (2.1, 0.9, False), (1.0, 0.7, False)]
)
def test_no_worse_than_the_best(rmse, accuracy, expected):
    figures = {"ours": {"rmse": rmse, "accuracy": accuracy}, "a": {"rmse": 2.0, "accuracy": 0.8}}
    assert imputation.no_worse({**figures, "b": {"rmse": 3.0, "accuracy": 0.5}}) is expected


SCHEMA = Schema(
    (
        Column("colour", "categorical", categories=("r", "g"), dtype="string"),
        Column("tenths", "continuous", step=0.1, low=0.0, high=2.0),
        Column("x", "continuous"),
    )
)
ROW = [1.0, 0.1 * 3, -7.5]


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, 2.0), (0, 0.5), (0, np.nan), (1, -0.1), (1, 2.1), (1, 0.25), (1, np.nan), (2, np.inf), (2, np.nan)],
)
def test_violations_are_seen(column, value):
    rows = np.array([ROW, ROW])
    assert synthetic.violations(SCHEMA, rows) == {}
    rows[1, column] = value
    assert synthetic.violations(SCHEMA, rows) == {SCHEMA.names[column]: 1}


def test_telling_and_teaching():
    generator = np.random.default_rng(0)
    real, alike = generator.normal(size=(2, 300, 3))
    for x in (real, alike):
        x[:, 0], x[:, 1] = x[:, 2] > 0, np.abs(np.round(x[:, 1], 1))
    assert synthetic.telling(SCHEMA, real, alike) == pytest.approx(0.5, abs=0.08)
    assert synthetic.telling(SCHEMA, real, alike + np.array([0, 0, 9])) > 0.99
    assert synthetic.teaching(SCHEMA, real, alike, "colour") > 0.95
