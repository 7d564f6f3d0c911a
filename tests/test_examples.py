"""Every example runs, and what it prints is what it teaches."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest
from matplotlib import image

from tailormade.conditionals import base

FOLDER = Path(__file__).parent.parent / "examples"


def _check_by_autograd(out):
    found = {int(i): inputs for i, inputs in re.findall(r"output (\d) .* inputs \[(.*)\]", out)}
    assert found == {0: "1, 3", 1: "", 2: "0, 1, 3, 4", 3: "1", 4: "0, 1, 3"}  # for the order 3 1 5 2 4


def _five_lines(out):
    scores = dict(re.findall(r"test log-likelihood of (.*): (-[\d.]+) nats", out))
    independent, made = float(scores["independent pixels"]), float(scores["the MADE"])
    assert independent == pytest.approx(-25.31, abs=0.02)  # a property of the data and the split
    assert made > independent + 4  # measured: 6.3 nats
    pictures = [line.split() for line in out.splitlines()[-8:]]
    assert all(re.fullmatch(r"[.#]{8}", part) for row in pictures for part in row)
    assert [len(row) for row in pictures] == [3] * 8


def _lecture_mask(out):
    rows = [line.split(": ")[1].split() for line in out.splitlines() if line.startswith("unit of degree")]
    assert ["".join(row) for row in rows] == ["10100", "10100", "11110", "10100", "11111"]
    assert "degrees below:    1 2 1 2 3" in out


def _ancestral_generation(out):
    steps = re.findall(r"x(\d): .* before\) ([\d.]+), .* drawn ([\d.]+)", out)
    assert sorted(int(i) for i, _, _ in steps) == list(range(6))
    assert [i for i, _, _ in steps] != sorted(i for i, _, _ in steps)  # a random order, and it is followed
    for _, expected, drawn in steps:
        assert float(drawn) == pytest.approx(float(expected), abs=0.06)  # 1000 rows: 4 standard errors of 0.016
    assert re.findall(r": (True|False)$", out, re.MULTILINE) == ["True"] * 3


def _complete_digits(out):
    lines = re.findall(r"^(\w+) +(-[\d.]+) +(-[\d.]+)$", out, re.MULTILINE)
    halves = {name: (float(a), float(b)) for name, a, b in lines}
    assert list(halves) == ["top", "bottom", "left", "right"]
    assert halves["top"][1] == pytest.approx(-13.0, abs=0.02)  # a property of the data and the split
    for log_prob, independent in halves.values():
        assert log_prob > independent + 2  # measured: 2.9 to 3.9 nats
    assert image.imread("completions_digits.png").ndim == 3


def _complete_faces(out):
    assert re.findall(r"^(\w+): log p\(lower \| upper\)", out, re.MULTILINE) == ["people", "photographs"]
    pair = r"upper\) (-[\d.]+) nats a pixel, independent pixels (-[\d.]+)$"
    scores = [(float(a), float(b)) for a, b in re.findall(pair, out, re.MULTILINE)]
    assert len(scores) == 2
    assert all(log_prob > independent for log_prob, independent in scores)  # with next to no training
    pictures = re.findall(r"completions: (.*)$", out, re.MULTILINE)
    assert [image.imread(picture).ndim for picture in pictures] == [3, 3]


def _table_anomalies(out):
    usual, ninth = map(float, re.search(r"of a wine: (-[\d.]+) nats, of nine in ten above (-[\d.]+)", out).groups())
    spoilt = re.findall(r"spoilt: (-[\d.]+) nats, ([\d.]+) of them lost in (\w+)", out)
    assert [name for *_, name in spoilt] == ["proline", "alcohol", "grape"]
    assert all(float(score) < ninth < usual for score, *_ in spoilt)
    filled, really = (list(map(float, found.split(", "))) for found in re.findall(r"\[([\d., ]+)\]", out))
    assert all(abs(a - b) < 250 for a, b in zip(filled, really, strict=True))  # one standard deviation is 315


CHECKS = {
    "ancestral_generation": _ancestral_generation,
    "check_by_autograd": _check_by_autograd,
    "complete_digits": _complete_digits,
    "complete_faces": _complete_faces,
    "five_lines": _five_lines,
    "lecture_mask": _lecture_mask,
    "table_anomalies": _table_anomalies,
}


ARGUMENTS = {"complete_faces": ["--quick"]}  # stand-ins for faces: no file, no network
LINES = {"complete_faces": 160}  # a whole application; the others are shorter than 80


def test_every_example_is_registered():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_example(name, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(base, "_REGISTRY", dict(base._REGISTRY))  # where an example adds a family
    monkeypatch.setattr(sys, "argv", [name, *ARGUMENTS.get(name, [])])
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    captured = capsys.readouterr()
    CHECKS[name](captured.out)
    assert captured.err == ""


@pytest.mark.parametrize("name", CHECKS)
def test_example_is_a_short_tutorial(name):
    source = (FOLDER / f"{name}.py").read_text()
    tree = ast.parse(source)
    assert len(ast.get_docstring(tree) or "") > 300
    assert "main" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert len(source.splitlines()) < LINES.get(name, 80)


def test_a_relu_would_raise_a_false_alarm():
    """As the docstring of check_by_autograd says."""
    source = (FOLDER / "check_by_autograd.py").read_text()
    changed = source.replace('activation="tanh"', 'activation="relu"')
    assert changed != source
    with pytest.raises(AssertionError, match=r"output \d depends on .*, expected"):
        exec(compile(changed, "check_by_relu", "exec"), {"__name__": "__main__"})
