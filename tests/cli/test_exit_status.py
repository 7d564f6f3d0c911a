"""The command as a process: its exit status, what goes where, and readers that leave early."""

import importlib
import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "tailormade"]


def process(*words, **options):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*COMMAND, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **options)


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


def test_a_reader_that_leaves_early(store):
    pipeline = (
        f"'{sys.executable}' -m tailormade sample '{store / 'one'}' -n 20000 | head -n 1; echo ${{PIPESTATUS[0]}}"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    found = subprocess.run(["bash", "-c", pipeline], capture_output=True, text=True, env=environment, check=True)
    assert found.stdout == "x0,x1,x2,x3,x4\n0\n"
    assert found.stderr == ""


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
    assert "the loss is nan" in outcome.err
    assert "Lower learning_rate" in outcome.err
    assert not (tmp_path / "m").exists()
