"""The README is true: its Python runs, its commands exist, its files are there."""

import doctest
import re
from pathlib import Path

import pytest

from tailormade.cli import run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_python_runs():
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 5
    assert failed == 0


def test_the_two_commands_are_targets_and_ci_runs_the_test_command():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for command in ("make demo", "make test"):
        assert command in README
        assert command.removeprefix("make ") in targets
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("exec make test")


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"^tailormade (\w+)", README, re.MULTILINE))))
def test_every_flag_shown_exists(verb, capsys):
    assert run([verb, "--help"]) == 0
    text = capsys.readouterr().out
    for line in re.findall(rf"^tailormade {verb} (.*?)(?:  #.*)?$", README, re.MULTILINE):
        for flag in re.findall(r"(?<!\w)--?[a-z]+", line):
            assert flag in text


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", README))
def test_links_lead_somewhere(link):
    assert (ROOT / link).exists()
