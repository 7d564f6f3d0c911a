"""What all verbs share: help with an example, --json, --quiet, --seed."""

import json
import shutil
import warnings
from pathlib import Path

import pytest

VERBS = ("demo", "fit", "score", "sample", "complete", "check", "show")


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb, done):
    text = " ".join(done(verb, "--help").split())
    assert f"Usage: tailormade {verb}" in text
    assert f"Example: tailormade {verb} " in text
    assert all(option in text for option in ("--seed", "--json", "--quiet"))


@pytest.mark.parametrize("verb", ["demo", "check"])
def test_help_tells_the_default_seed(verb, done):
    text = " ".join(done(verb, "--help").split("--seed")[1].split("--json")[0].split())
    assert "default: 0" in text


def test_help_names_every_verb(done):
    text = done("--help")
    assert all(f"\n  {verb} " in text for verb in VERBS)


@pytest.fixture(params=["fit", "score", "sample", "complete", "check", "show"])
def words(request, store):
    """A short run of each verb."""
    model, data = store / "one", store / "parts.npz"
    return {
        "fit": ["fit", data, "--out", "m", "--epochs", "1", "-q", "4"],
        "score": ["score", model, data],
        "sample": ["sample", model, "-n", "2"],
        "complete": ["complete", model, data, "--image-shape", "1,5", "--observe", "left", "--rows", "1", "--force"],
        "check": ["check", model],
        "show": ["show", model],
    }[request.param]


def test_json_is_one_object(words, done):
    out = done(*words, "--json")
    assert isinstance(json.loads(out), dict)
    assert len(out.splitlines()) == 1


def test_quiet_prints_nothing_else(words, call):
    outcome = call(*words, "--quiet")
    assert (outcome.status, outcome.err) == (0, "")


def test_the_same_seed_gives_the_same_words(words, done):
    first = done(*words, "--seed", "3")
    shutil.rmtree("m", ignore_errors=True)
    assert done(*words, "--seed", "3") == first


OUTPUTS = {
    "score": ["score", "{store}/one", "{store}/parts.npz", "--out", "s.csv"],
    "sample": ["sample", "{store}/one", "-n", "2", "--out", "s.csv"],
    "complete": ["complete", "{store}/one", "{store}/parts.npz", "--image-shape", "5,1", "--rows", "1"],
    "show": ["show", "{store}/one", "--out", "s.png", "--samples", "t.png"],
}


@pytest.mark.parametrize("verb", OUTPUTS)
def test_quiet_writes_without_a_word(verb, call, store):
    outcome = call(*[word.format(store=store) for word in OUTPUTS[verb]], "--quiet")
    assert (outcome.status, outcome.err) == (0, "")
    assert sorted(Path().iterdir())


@pytest.mark.parametrize("verb", OUTPUTS)
def test_what_is_written_is_named(verb, call, store):
    outcome = call(*[word.format(store=store) for word in OUTPUTS[verb]])
    assert outcome.err.splitlines()
    assert all(f"{path}" in outcome.err for path in Path().iterdir())


@pytest.mark.parametrize("quiet", [True, False], ids=["quiet", "aloud"])
def test_lost_dependencies_are_told_in_plain_words(quiet, call, store):
    words = ["fit", store / "parts.npz", "--out", "m", "--epochs", "1", "-q", "2", "--no-direct"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = call(*words, *(["--quiet"] if quiet else []))
    assert [str(w.message) for w in caught] == []
    assert ("lose 2 of 10 dependencies" in outcome.err) != quiet
