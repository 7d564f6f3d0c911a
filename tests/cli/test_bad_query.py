"""What cannot be asked of a model."""

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
    "age=nan": ["expected", "'age=nan'"],
    "age=inf": ["expected", "'age=inf'"],
}


@pytest.mark.parametrize("context", CONTEXTS)
def test_context(context, refused, store):
    line = refused("sample", store / "given_age", "-n", "3", "--context", context)
    assert all(phrase in line for phrase in ("context", *CONTEXTS[context])), line


def test_context_of_an_unconditional_model(refused, store):
    line = refused("sample", store / "one", "-n", "3", "--context", "age=40")
    assert "context" in line
    assert "'age=40'" in line
