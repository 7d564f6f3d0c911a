"""Every example runs, and what it prints is what it teaches."""

import ast
import math
import re
import runpy
import sys
import warnings
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


def _flow_density(out):
    found = dict(re.findall(r"test log-likelihood (.*): (-[\d.]+) nats", out))
    truth, right, wrong = (float(found[name]) for name in ("of the truth", "with x2 first", "with x1 first"))
    assert truth == pytest.approx(-3.546, abs=0.001)  # a property of the data
    assert truth - 0.06 < right <= truth  # measured: 0.03 below
    assert wrong < truth - 0.3  # measured: 0.40
    assert all(abs(float(mean) - 1) < 0.1 for mean in re.findall(r"samples: ([\d.]+), really 1.00", out))
    assert image.imread("flow.png").ndim == 3


def _flow_conditional(out):
    found = re.findall(r"samples at context (\d): mean (-?[\d.]+), standard deviation ([\d.]+)", out)
    assert [context for context, *_ in found] == ["0", "1"]
    for (_, mean, deviation), expected in zip(found, (0.0, 5.0), strict=True):
        assert float(mean) == pytest.approx(expected, abs=0.2)
        assert float(deviation) == pytest.approx(1.0, abs=0.1)
    known = float(re.search(r"with the context: (-[\d.]+) nats", out).group(1))
    assert known == pytest.approx(-1.449, abs=0.03)  # of these rows, by the true densities
    assert float(re.search(r"the context is worth ([\d.]+)", out).group(1)) == pytest.approx(0.69, abs=0.05)


def _images_autoregressive(out):
    assert "event shape: [8, 8, 3]" in out
    assert "dependencies: 18336 of 18336, 192 of them within a pixel" in out
    independent, flow = map(float, re.findall(r"test log-likelihood of .*: (-?[\d.]+) nats a number", out))
    assert flow > independent + 0.35  # measured: 0.48
    drawn, real = re.findall(r"mean (-?[\d.]+), standard deviation ([\d.]+)", out)
    assert all(float(a) == pytest.approx(float(b), abs=0.15) for a, b in zip(drawn, real, strict=True))


def _images_shared_network(out):
    assert "event shape: [3, 64]" in out
    counts = dict(re.findall(r"^dependencies (.*): (\d+)", out, re.MULTILINE))
    assert counts == {"on the own channel": "6048", "on other channels": "0", "within a pixel": "0"}
    independent, shared = map(float, re.findall(r"test log-likelihood of .*: (-[\d.]+) nats", out))
    assert shared > independent + 10  # measured: 13.6
    drawn, real = map(float, re.search(r"samples: \[100, 3, 64\], ([\d.]+) of .* \(([\d.]+) of", out).groups())
    assert drawn == pytest.approx(real, abs=0.03)
    assert "the same density: True" in out


def _images_blockwise(out):
    weights, scores = zip(*re.findall(r": (\d+) weights, test log-likelihood (-[\d.]+) nats", out), strict=True)
    shared, separate, joint = map(float, scores)
    assert int(weights[1]) == 3 * int(weights[0])
    assert separate > shared + 2  # measured: 4.1
    assert joint > separate + 15  # measured: 29.6
    agree = [float(share) for share in re.findall(r"\[500, 3, 8, 8\]: ([\d.]+) of the pixels", out)]
    assert agree[2] > max(agree[:2]) + 0.1  # the others do not know that it is one digit


def _iaf_posterior(out):
    evidence = float(re.search(r"log evidence by quadrature: (-[\d.]+)", out).group(1))
    assert evidence == pytest.approx(-1.539, abs=0.002)  # a property of the model
    bounds = [float(bound) for bound in re.findall(r"bound (-[\d.]+)", out)]
    assert bounds[0] < evidence - 0.8  # measured: 1.12
    assert evidence - 0.15 < bounds[1] < evidence + 0.01  # measured: 0.06 below
    estimates = re.findall(r"weighting its samples: (-[\d.]+), effective share of them ([\d.]+)", out)
    assert float(estimates[1][0]) == pytest.approx(evidence, abs=0.03)
    assert float(estimates[1][1]) > 0.6 > float(estimates[0][1])
    assert image.imread("posterior.png").ndim == 3


def _pyro_guide(out):
    evidence, bound = map(float, re.search(r"log evidence (-[\d.]+), bound of the guide (-[\d.]+)", out).groups())
    assert evidence == pytest.approx(-5.166, abs=0.001)  # a property of the model
    assert evidence - 0.06 < bound < evidence + 0.02  # measured: 0.02 below
    _check_moments(out)
    found, exactly = map(float, re.search(r"correlation (-[\d.]+), exactly (-[\d.]+)", out).groups())
    assert found == pytest.approx(exactly, abs=0.02)


def _sbi_density(out):
    _check_moments(out)


def _check_moments(out):
    """Means and deviations are within 0.1 of the exact ones."""
    found = re.findall(r"^\w: mean ([\d.]+) and deviation ([\d.]+), exactly ([\d.]+) and ([\d.]+)$", out, re.MULTILINE)
    assert len(found) == 2
    for mean, deviation, *exactly in found:
        assert [float(mean), float(deviation)] == pytest.approx(list(map(float, exactly)), abs=0.1)  # measured: 0.03


def _free_energy(out):
    number = r"(-[\d.]+) \+- ([\d.]+), ([\d.]+) errors away, effective share of the samples ([\d.]+)"
    (_, alone, _, few), (delta, error, away, share) = [tuple(map(float, found)) for found in re.findall(number, out)]
    assert delta == pytest.approx(-3 * math.log(2), abs=0.03)
    assert away < 3
    assert error < alone / 5  # measured: a thirtieth
    assert share > 0.4 > 0.05 > few


def _table_penguins(out):
    bill = re.findall(r"^  (\w+) +probability ([\d.]+), counted ([\d.]+)$", out, re.MULTILINE)
    assert [name for name, *_ in bill] == ["Adelie", "Chinstrap", "Gentoo"]
    assert max(bill, key=lambda line: float(line[1]))[0] == "Gentoo"
    assert sum(float(found) for _, found, _ in bill) == pytest.approx(1, abs=0.01)
    groups = re.findall(r"mean (\d+), nine in ten in (\d+)\.\.(\d+); .* mean (\d+), (\d+)% inside", out)
    assert len(groups) == 6
    assert all(int(low) < int(mean) < int(high) for mean, low, high, *_ in groups)
    assert all(int(inside) > 60 for *_, inside in groups)  # measured: 88 and more
    assert int(re.search(r"hidden (\d+)% are right", out).group(1)) > 60  # by chance 50, measured: 82


def _table_titanic(out):
    groups = re.findall(r"class (\d), (\w+) +([\d.]+) +counted ([\d.]+) ± [\d.]+, (\d+) passengers", out)
    assert [(pclass, sex) for pclass, sex, *_ in groups] == [(c, s) for c in "123" for s in ("female", "male")]
    found = {(pclass, sex): float(probability) for pclass, sex, probability, *_ in groups}
    assert all(found[c, "female"] > found[c, "male"] + 0.1 for c in "123")  # measured: 0.22 and more
    assert int(re.search(r"from the count: (\d) of 6", out).group(1)) <= 6
    filled, plain = map(float, re.search(r"is ([\d.]+) years off, the mean age ([\d.]+)", out).groups())
    assert filled < plain + 1.5  # next to nothing can be known of the ages of the made-up passengers
    right, nobody = map(int, re.search(r"(\d+)% right; saying 'nobody': (\d+)%", out).groups())
    assert right > nobody - 10


def _table_adult(out):
    answers = re.findall(r"\) = ([\d.]+), counted ([\d.]+)$", out, re.MULTILINE)
    assert len(answers) == 4
    assert all(abs(float(found) - float(counted)) < 0.15 for found, counted in answers)  # measured: 0.05
    joint, alone = map(float, re.search(r"(-[\d.]+) nats a row, (-[\d.]+) with each", out).groups())
    gains = [float(gain) for gain in re.findall(r"^  [a-z-]+ +([+-][\d.]+)$", out, re.MULTILINE)]
    assert joint - alone == pytest.approx(sum(gains), abs=0.06)  # as they are rounded
    assert gains == sorted(gains, reverse=True)


def _table_diamonds(out):
    offers = re.findall(r": (\d+) \| (\d+) ± \d+ \| (\d+); \d+ such", out)
    assert len(offers) == 4
    assert all(int(low) < int(half) < int(high) for low, half, high in offers)
    assert int(offers[1][1]) > 1.3 * int(offers[0][1])  # twice the weight
    assert int(re.search(r"(\d+)% of \d+ held-out prices", out).group(1)) >= 70
    total, below = map(int, re.search(r"of (\d+) rows with a size of 0, (\d+) are below", out).groups())
    assert below == total > 0


def _two_processes(out):
    two, one = map(float, re.findall(r"processe?s?: validation log-likelihood (-[\d.]+) nats", out))
    assert two == pytest.approx(one, abs=1e-3)
    assert one > -25  # trained: independent pixels have -25.3
    assert float(re.search(r"difference of a parameter: (.*)", out).group(1)) < 1e-5


CHECKS = {
    "ancestral_generation": _ancestral_generation,
    "check_by_autograd": _check_by_autograd,
    "complete_digits": _complete_digits,
    "complete_faces": _complete_faces,
    "five_lines": _five_lines,
    "flow_conditional": _flow_conditional,
    "flow_density": _flow_density,
    "free_energy": _free_energy,
    "iaf_posterior": _iaf_posterior,
    "images_autoregressive": _images_autoregressive,
    "images_blockwise": _images_blockwise,
    "images_shared_network": _images_shared_network,
    "lecture_mask": _lecture_mask,
    "pyro_guide": _pyro_guide,
    "sbi_density": _sbi_density,
    "table_adult": _table_adult,
    "table_anomalies": _table_anomalies,
    "table_diamonds": _table_diamonds,
    "table_penguins": _table_penguins,
    "table_titanic": _table_titanic,
    "two_processes": _two_processes,
}


ARGUMENTS = {
    "complete_faces": ["--quick"],  # stand-ins for faces: no file, no network
    "flow_density": ["--out", "flow.png"],
    "iaf_posterior": ["--out", "posterior.png"],
    "table_adult": ["--rows", "600", "--epochs", "20"],  # without a file: made-up rows
    "table_diamonds": ["--rows", "800", "--epochs", "20", "--checked", "20"],
    "table_penguins": ["--epochs", "40"],
    "table_titanic": ["--epochs", "40"],
}
NEEDS = {"pyro_guide": "pyro", "sbi_density": "sbi"}  # optional dependencies
# whole applications; the others are shorter than 80
LINES = {"complete_faces": 160, "iaf_posterior": 105, "sbi_density": 90, "table_adult": 100, "table_diamonds": 100}


def test_every_example_is_registered():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(CHECKS)


def _need(name):
    """Skip an example whose optional dependency is not there; other projects' warnings are none of ours."""
    if name in NEEDS:
        warnings.simplefilter("ignore")
        pytest.importorskip(NEEDS[name], reason=f"pip install 'tailormade[{NEEDS[name]}]'")


@pytest.mark.parametrize("name", CHECKS)
def test_example(name, capsys, monkeypatch, tmp_path):
    _need(name)
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
