"""What the verbs on tables share with all others: help with an example, --json, --quiet, --seed."""

import json

import pytest


@pytest.mark.parametrize("verb", ["fit", "score", "sample", "impute", "probability", "show", "check"])
def test_help_has_an_example(verb, done):
    text = " ".join(done(verb, "--help").split())
    assert f"Usage: tailormade {verb}" in text
    assert f"Example: tailormade {verb} " in text
    assert all(option in text for option in ("--seed", "--json", "--quiet"))


def test_help_names_the_verbs(done):
    assert all(f"\n  {verb} " in done("--help") for verb in ("impute", "probability"))


@pytest.fixture(params=["score", "sample", "impute", "probability", "show", "check"])
def words(request, tables):
    """A short run of each verb."""
    model, data = tables / "m", tables / "people.csv"
    return {
        "score": ["score", model, data],
        "sample": ["sample", model, "-n", "2"],
        "impute": ["impute", model, data, "--out", "f.csv", "--force", "--draws", "2"],
        "probability": ["probability", model, "age > 40 and sex == male"],
        "show": ["show", model],
        "check": ["check", model],
    }[request.param]


def test_json_is_one_object_and_quiet_is_all_of_it(words, call):
    outcome = call(*words, "--json", "--quiet", "--seed", "3")
    assert (outcome.status, outcome.err) == (0, "")
    assert isinstance(json.loads(outcome.out), dict)
    assert len(outcome.out.splitlines()) == 1


def test_the_same_seed_gives_the_same_words(words, done):
    assert done(*words, "--seed", "3") == done(*words, "--seed", "3")
