"""``tailormade sample --given``: the rest of a row from what is known."""

import numpy as np
import pytest

import tailormade as tm


@pytest.fixture
def model():
    density = tm.MADE(5, hidden_units=(16,), orders="any", seed=0)
    density.metadata["columns"] = ["a", "b", "c", "d", "e"]
    tm.save(density, "m")
    return "m"


@pytest.fixture
def fixed():
    tm.save(tm.MADE(5, hidden_units=(16,), seed=0), "fixed")
    return "fixed"


def table(text):
    names, *rows = text.splitlines()
    return names.split(","), np.array([row.split(",") for row in rows], dtype=int)


def test_known_values_stay(model, call):
    outcome = call("sample", model, "-n", 20, "--given", "b=1, e=0", "--seed", 1)
    names, rows = table(outcome.out)
    assert (outcome.status, names, len(rows)) == (0, ["a", "b", "c", "d", "e"], 20)
    assert (rows[:, 1] == 1).all()
    assert (rows[:, 4] == 0).all()
    assert len(np.unique(rows, axis=0)) > 2
    assert "given 2 of 5 variables: the density of one order with the evidence first" in outcome.err
    assert "exact" in outcome.err


def test_rows_of_a_csv_one_after_another(model, done):
    with open("given.csv", "w") as file:
        file.write("d,a\n1,0\n0,1\n")
    _, rows = table(done("sample", model, "-n", 3, "--given", "given.csv", "--seed", 1, "--quiet"))
    assert rows[:, [0, 3]].tolist() == [[0, 1]] * 3 + [[1, 0]] * 3


def test_rows_of_an_array_with_gaps(model, done):
    np.save("given.npy", np.array([[np.nan, 1, np.nan, 0, np.nan]]))
    done("sample", model, "-n", 4, "--given", "given.npy", "--out", "x.npy", "--quiet")
    assert np.load("x.npy")[:, [1, 3]].tolist() == [[1, 0]] * 4


def test_estimates_say_so(fixed, call):
    outcome = call("sample", fixed, "-n", 4, "--given", "4=1", "--seed", 1)
    assert (outcome.status, table(outcome.out)[1][:, 4].tolist()) == (0, [1] * 4)
    assert "the density of one order; estimated from 1000 weighted draws (effective sample size " in outcome.err


def test_the_same_seed_gives_the_same_rows(fixed, done):
    first, second = (done("sample", fixed, "-n", 9, "--given", "x3=1", "--seed", 5, "--quiet") for _ in range(2))
    assert first == second


BAD = {
    "b": "--given: expected 'NAME=VALUE,...' or a file ending in .csv or .npy, got 'b'.",
    "b=high": "--given: expected numbers as values, got 'b=high'.",
    "z=1": "--given: there is no column 'z'; expected one of a, b, c, d, e or a number in 0..4.",
    "b=1,1=0": "--given: expected different columns, got ['b', '1'].",
    "b=3": "--given: column 'b' has 3 in row 0 (counted from 0), expected 0 or 1 (Bernoulli).",
    "no.csv": "no.csv: expected a data file, found nothing.",
}


NO_NAMES = {
    "x9=1": "--given: there is no column 'x9'; expected one of x0, x1, x2, x3, x4 or a number in 0..4.",
    "x3=7": "--given: column 'x3' has 7 in row 0 (counted from 0), expected 0 or 1 (Bernoulli).",
    "3=7": "--given: column 'x3' has 7 in row 0 (counted from 0), expected 0 or 1 (Bernoulli).",
}


@pytest.mark.parametrize("text", NO_NAMES)
def test_variables_without_names_are_called_x0_and_so_on(text, fixed, refused):
    assert refused("sample", fixed, "--given", text) == f"tailormade: {NO_NAMES[text]}\n"


@pytest.mark.parametrize("rows", ["a,b\n1,\n", "a,b\n1,0\n,1\n", "a,b\n1, \n"])
def test_empty_cells(rows, model, refused):
    with open("given.csv", "w") as file:
        file.write(rows)
    assert refused("sample", model, "--given", "given.csv") == (
        "tailormade: given.csv: expected a number in every cell, got an empty one. Leave columns that are not known "
        "out of the CSV, or give an .npy of all columns with NaN where nothing is known.\n"
    )


def test_other_faults_of_a_csv_are_told_as_they_are(model, refused):
    with open("given.csv", "w") as file:
        file.write("a,b\n1,high\n")
    assert "column 'b' has 'high' in row 0" in refused("sample", model, "--given", "given.csv")


@pytest.mark.parametrize("text", BAD)
def test_bad_evidence(text, model, refused):
    assert refused("sample", model, "--given", text) == f"tailormade: {BAD[text]}\n"


def test_arrays_that_do_not_fit(model, refused):
    np.save("given.npy", np.array([[0, np.nan, 1, np.nan, np.nan], [0, 1, 1, np.nan, np.nan]]))
    assert "row 1 (counted from 0) has other missing cells than row 0" in refused(
        "sample", model, "--given", "given.npy"
    )
    np.save("given.npy", np.zeros((2, 4)))
    assert "expected rows of 5 numbers" in refused("sample", model, "--given", "given.npy")
