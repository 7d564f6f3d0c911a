"""The command as a process: its exit status, what goes where, and readers that leave early."""

import importlib
import os
import shlex
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "tailormade"]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": ""}


def process(*words):
    command = [*COMMAND, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_a_result_goes_to_stdout_and_remarks_to_stderr(store):
    words = ["fit", store / "parts.npz", "--out", "m", "--epochs", "1", "-q", "4", "--seed", "1"]
    first = process(*words)
    assert first.returncode == 0
    assert first.stdout.startswith("m: validation log-likelihood -")
    assert first.stderr.splitlines()[0].endswith("40 training and 10 validation rows of 5 variables")
    assert "seed 1" in first.stderr
    again = process(*words)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "tailormade: m: exists already. Choose another name, or overwrite it with --force.\n"


@pytest.mark.parametrize(
    ("words", "reader", "read"),
    [("sample {} -n 300000", "head -n 1", "x0,x1,x2,x3,x4\n"), ("check {}", "true", "")],
    ids=str,
)
def test_a_reader_that_leaves_early(words, reader, read, store):
    writer = shlex.join([*COMMAND, *words.format(store / "one").split()])
    pipeline = ["bash", "-c", f"{writer} | {reader}; echo ${{PIPESTATUS[0]}}"]
    found = subprocess.run(pipeline, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert (found.stdout, found.stderr) == (f"{read}0\n", "")


@pytest.fixture
def run_class():
    """The class that holds one fit; the package's name for its module stands for the function."""
    return importlib.import_module("tailormade.training.run").Run


def test_ctrl_c(call, store, monkeypatch, run_class):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_class, "_record", interrupt)
    outcome = call("fit", store / "parts.npz", "--out", "m", "-q", "4", "--quiet")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "tailormade: stopped.\n")


def test_what_nobody_foresaw_is_not_hidden(call, store, monkeypatch, run_class):
    def fail(*_):
        raise RuntimeError("no such tensor")

    monkeypatch.setattr(run_class, "_step", fail)
    with pytest.raises(RuntimeError, match="no such tensor"):
        call("fit", store / "parts.npz", "--out", "m", "-q", "4")


def test_a_loss_that_explodes(call, store, tmp_path):
    outcome = call("fit", store / "parts.npz", "--out", "m", "-q", "4", "--quiet", "--learning-rate", "1e38")
    assert (outcome.status, outcome.out) == (1, "")
    assert "loss is nan" in outcome.err
    assert "Lower learning_rate" in outcome.err
    assert not (tmp_path / "m").exists()
