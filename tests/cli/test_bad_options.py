"""Options that are unknown or out of range: one line names the option, what was expected and what was found."""

import re

import pytest

VERBS = ("demo", "fit", "score", "sample", "complete", "check", "show")


@pytest.mark.parametrize("verb", VERBS)
def test_unknown_option(verb, refused):
    line = refused(verb, "--colour", "red")
    assert "No such option: --colour" in line
    assert f". Try 'tailormade {verb} --help'" in line


def test_unknown_verb(refused):
    line = refused("fitt", "x.npz")
    assert "No such command 'fitt'" in line
    assert "Try 'tailormade --help'" in line


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["fit"], "'DATA'"),
        (["fit", "x.npz"], "'--out'"),
        *[([verb, "m"], "'DATA'") for verb in ("score", "complete")],
        *[([verb], "'MODEL'") for verb in ("score", "sample", "complete", "check", "show")],
    ],
    ids=str,
)
def test_missing_argument(words, missing, refused):
    line = refused(*words)
    assert f"Missing {'option' if '-' in missing else 'argument'} {missing}" in line
    assert f"Try 'tailormade {words[0]} --help'" in line


def test_no_verb_prints_the_help(call):
    outcome = call()
    assert (outcome.status, outcome.out) == (2, "")
    assert all(verb in outcome.err for verb in ("Usage:", *VERBS))


CHOICES = {
    "--conditional": ("bernoulli", "categorical"),
    "--input-order": ("left-to-right", "right-to-left", "random"),
    "--hidden-degrees": ("equal", "random"),
    "--activation": ("relu", "silu", "tanh"),
    "--schedule": ("cosine", "constant"),
    "--recipe": ("fast", "default", "best"),
    "--device": ("cpu",),
}


@pytest.mark.parametrize("option", CHOICES)
def test_unknown_choice(option, refused, store):
    line = refused("fit", store / "parts.npz", "--out", "m", option, "sideways")
    assert re.search(r"'sideways'|\"sideways\"", line)
    assert all(choice in line for choice in CHOICES[option])
    assert option.strip("-").split("-")[-1].rstrip("s") in line


NUMBERS = {
    "-q 5,x": ["-q:", "whole numbers separated by commas", "500,500", "'5,x'"],
    "-q 5.5": ["-q:", "whole numbers separated by commas", "'5.5'"],
    "-q 0": ["hidden", "at least 1", "0"],
    "-q 8,-3": ["hidden", "at least 1", "-3"],
    "-q 8,9 --residual": ["equal widths", "residual", "[8, 9]"],
    "-n 0": ["-n:", "at least 1 or 'any'", "'0'"],
    "-n -1": ["-n:", "at least 1 or 'any'", "'-1'"],
    "-n some": ["-n:", "at least 1 or 'any'", "'some'"],
    "-s 0": ["-s:", "1..1", "got 0"],
    "-n 3 -s 4": ["-s:", "1..3", "got 4"],
    "-r 0": ["-r:", "at least 1", "got 0"],
    "--dropout 1.5": ["dropout", "[0, 1)", "got 1.5"],
    "--dropout 1": ["dropout", "[0, 1)", "got 1.0"],
    "--dropout nan": ["dropout", "[0, 1)", "got nan"],
    "--dropout -0.1": ["dropout", "[0, 1)", "got -0.1"],
    "--epochs 0": ["epochs", "at least 1", "got 0"],
    "--batch-size 0": ["batch", "at least 1", "got 0"],
    "--batch-size ten": ["--batch-size", "integer", "tailormade fit --help"],
    "--learning-rate -1": ["learning", "positive", "got -1"],
    "--learning-rate 0": ["learning", "positive", "got 0"],
    "--learning-rate nan": ["learning", "positive", "got nan"],
    "--learning-rate inf": ["learning", "expected", "got inf"],
    "--learning-rate fast": ["--learning-rate", "number", "tailormade fit --help"],
    "--weight-decay -1": ["weight", "at least 0", "got -1"],
    "--weight-decay inf": ["weight", "expected", "got inf"],
    "--patience -1": ["patience", "at least 0", "got -1"],
    "--checkpoint-seconds -1": ["checkpoint", "at least 0", "got -1"],
    "--checkpoint-seconds -2": ["--checkpoint-seconds: "],
    "--threads 0": ["'--threads'", "greater than or equal to 1", "tailormade fit --help"],
    "--seed -1": ["seed", "expected", "-1"],
    "--seed 1180591620717411303424": ["seed", "expected", "1180591620717411303424"],
    "--seed one": ["--seed", "integer", "tailormade fit --help"],
}


@pytest.mark.parametrize("words", NUMBERS)
def test_number_out_of_range(words, refused, store):
    line = refused("fit", store / "parts.npz", "--out", "m", "--epochs", "1", *words.split())
    assert all(phrase in line for phrase in NUMBERS[words]), line


AS_TYPED = {
    "-q 5,x": "-q: expected whole numbers",
    "--hiddens 5,x": "--hiddens: expected whole numbers",
    "--hiddens=5,x": "--hiddens: expected whole numbers",
    "-q 8,0": "-q: ",
    "-n some": "-n: expected a number of at least 1 or 'any', got 'some'.",
    "--num-masks some": "--num-masks: expected a number of at least 1 or 'any', got 'some'.",
    "-r 0": "-r: ",
    "--resample-every 0": "--resample-every: ",
    "-s 2": "-s: expected 1..1",
    "-s two": "Invalid value for '-s': ",
    "--samples two": "Invalid value for '--samples': ",
}


@pytest.mark.parametrize("words", AS_TYPED)
def test_options_are_named_as_they_were_typed(words, refused, store):
    line = refused("fit", store / "parts.npz", "--out", "m", "--epochs", "1", *words.split())
    assert line.startswith(f"tailormade: {AS_TYPED[words]}")


@pytest.mark.parametrize("fraction", ["0", "1", "2", "-0.1", "nan"])
def test_fraction_for_validation(fraction, refused, store):
    line = refused("fit", store / "table.npy", "--out", "m", "--valid-fraction", fraction)
    assert "fraction in (0, 1)" in line
    assert f"got {float(fraction)}" in line


def test_fraction_that_leaves_nothing_to_train_on(refused, store):
    line = refused("fit", store / "table.npy", "--out", "m", "--valid-fraction", "0.999")
    assert "expected" in line


COLUMNS = {
    "salary": ["no column 'salary'", "['age', 'red', 'green', 'blue']"],
    "age,4": ["no column '4'", "['age', 'red', 'green', 'blue']"],
    "-1": ["no column '-1'"],
    "age,": ["no column ''"],
    "age,red,green,blue": ["context", "at least one column to be left", "all of them"],
}


@pytest.mark.parametrize("columns", COLUMNS)
def test_context_columns(columns, refused, store):
    line = refused("fit", store / "people.csv", "--out", "m", "--context", columns, "--conditional", "bernoulli")
    assert all(phrase in line for phrase in COLUMNS[columns]), line


def test_context_columns_without_names(refused, store):
    line = refused("fit", store / "parts.npz", "--out", "m", "--context", "age")
    assert "parts.npz: has no column 'age', expected a number in 0..4" in line


def test_unknown_key(refused, store):
    line = refused("fit", store / "parts.npz", "--out", "m", "--key", "rows")
    assert "parts.npz: has no array 'rows', expected one of ['train', 'valid', 'test']" in line
