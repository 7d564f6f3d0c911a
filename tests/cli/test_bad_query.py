"""What cannot be asked of a model, and data that are not those it was fitted to."""

from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize("n", ["0", "-2", "ten"])
def test_number_of_samples(n, refused, store):
    line = refused("sample", store / "one", "-n", n)
    assert "'-n'" in line
    assert "tailormade sample --help" in line


@pytest.mark.parametrize("verb", ["sample", "show"])
@pytest.mark.parametrize("order", ["3", "-1"])
def test_order(verb, order, refused, store):
    assert f"order: expected 0..2, got {order}" in refused(verb, store / "three", "--order", order)


@pytest.mark.parametrize("variable", ["5", "-1"])
def test_highlight(variable, refused, store):
    line = refused("show", store / "one", "--out", "m.png", "--highlight", variable)
    assert f"highlight: expected a variable in 0..4, got {variable}" in line


@pytest.mark.parametrize(("verb", "seed"), [("sample", "-1"), ("check", "1180591620717411303424")])
def test_seed(verb, seed, refused, store):
    line = refused(verb, store / "one", "--seed", seed)
    assert "seed" in line
    assert seed in line


def test_context_is_asked_for(refused, store):
    line = refused("sample", store / "given_age", "-n", "3")
    assert "context: this model needs the values of ['age']: --context 'age=VALUE,...'" in line


def test_context_of_a_picture(refused, store):
    line = refused("show", store / "given_age", "--samples", "s.png")
    assert "this model is conditional; use `tailormade sample MODEL --context" in line


CONTEXTS = {
    "weight=70": ["one NAME=VALUE for each of ['age']", "'weight=70'"],
    "age=40,weight=70": ["one NAME=VALUE for each of ['age']", "'age=40,weight=70'"],
    "40": ["one NAME=VALUE for each of ['age']", "'40'"],
    "age=40,50": ["one NAME=VALUE for each of ['age']", "'age=40,50'"],
    "age=40,age=50": ["one NAME=VALUE for each of ['age']", "'age=40,age=50'"],
    "age=old": ["expected numbers as values", "'age=old'"],
    "age=": ["expected numbers as values", "'age='"],
    "age=nan": ["expected", "numbers"],
    "age=inf": ["expected", "numbers"],
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_context(context, refused, store):
    line = refused("sample", store / "given_age", "-n", "3", "--context", context)
    assert all(phrase in line for phrase in ("context", *CONTEXTS[context])), line


def test_context_of_an_unconditional_model(refused, store):
    line = refused("sample", store / "one", "-n", "3", "--context", "age=40")
    assert "context" in line
    assert "'age=40'" in line


def test_too_narrow_at_score(refused, store):
    np.save("x.npy", np.zeros((4, 3)))
    line = refused("score", store / "one", "x.npy")
    assert "x.npy: expected 5 columns, as the model has that many variables, got 3" in line


def test_wrong_values_at_score(refused, store):
    np.save("x.npy", np.pad([[2]], ((3, 0), (1, 3))))
    line = refused("score", store / "one", "x.npy")
    assert "x.npy: column 1 has 2 in row 3 (counted from 0), expected 0 or 1 (Bernoulli)" in line


def test_unknown_codes_at_score(refused, store):
    np.save("x.npy", [[0, 4, 0]])
    line = refused("score", store / "codes", "x.npy")
    assert "x.npy: column 1 has 4 in row 0 (counted from 0), expected an integer in 0..3 (Categorical)" in line


@pytest.mark.parametrize("header", ["age,red,green,teal", "red,age,green", "0,1,2,3"], ids=str)
def test_other_columns_at_score(header, refused, store):
    Path("x.csv").write_text(header + "\n" + ",".join("0" for _ in header.split(",")) + "\n")
    line = refused("score", store / "given_age", "x.csv")
    assert "x.csv: expected the columns ['age', 'red', 'green', 'blue']" in line
    assert f"got {header.split(',')}" in line


def test_context_missing_at_score(refused, store):
    np.save("x.npy", np.zeros((4, 4)))
    assert "x.npy: has no column 'age'" in refused("score", store / "given_age", "x.npy")


@pytest.mark.parametrize(("option", "found"), [("valid", "['test', 'train']"), ("tests", "['test', 'train']")])
def test_unknown_part_at_score(option, found, refused, store):
    np.savez("x.npz", train=np.zeros((4, 5)), test=np.zeros((4, 5)))
    line = refused("score", store / "one", "x.npz", "--split", option)
    assert f"x.npz: has no part '{option}', expected one of {found}" in line


@pytest.mark.parametrize("samples", ["0", "-1", "4"])
def test_number_of_orders_at_score(samples, refused, store):
    line = refused("score", store / "three", store / "parts.npz", "-s", samples)
    assert "-s: expected 1..3, the orders of this model" in line
    assert f"got {samples}" in line
