"""``tailormade sample --out x.png`` of a flow: dots, over contours where there are two variables."""

from pathlib import Path

import numpy as np
import pytest

import tailormade as tm
from tailormade.plots import contours
from tailormade.random import generator


@pytest.fixture
def drawn(monkeypatch):
    """What the pictures are made of, by the name of the function that draws them."""
    found = {}

    def watch(name):
        draw = getattr(contours, name)

        def record(*args, **kwargs):
            found[name] = (*args, kwargs)
            return draw(*args, **kwargs)

        monkeypatch.setattr(f"tailormade.plots.{name}", record)

    watch("draw_contours")
    watch("draw_pairs")
    return found


def test_two_variables_are_dots_over_contours(call, drawn, flows):
    outcome = call("sample", flows / "pair", "-n", 40, "--out", "p.png", "--seed", 3)
    assert outcome.err == "wrote 40 rows to p.png (seed 3)\n"
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")
    _, samples, data, names, title, options = drawn["draw_contours"]
    expected = tm.load(flows / "pair")().sample((1000,), generator=generator(3, "sample"))[:40]
    assert samples[:40] == pytest.approx(expected.numpy())
    assert (len(samples), data, names, title) == (5000, None, ["x0", "x1"], "MAF of 2 transforms")
    assert options == {"dots": 40}


def test_the_rows_are_those_of_other_formats(done, drawn, flows):
    done("sample", flows / "pair", "-n", 40, "--out", "p.npy", "--seed", 3)
    done("sample", flows / "pair", "-n", 40, "--out", "p.png", "--seed", 3)
    assert np.array_equal(drawn["draw_contours"][1][:40], np.load("p.npy"))


@pytest.mark.parametrize("given", [None, "width=3.1, heat > 12"])
def test_other_numbers_of_variables_are_pairs(given, done, drawn, flows):
    words = [] if given is None else ["--given", given]
    done("sample", flows / "all", "-n", 40, "--out", "p.png", "--seed", 3, "--quiet", *words)
    samples, data, names, title, _ = drawn["draw_pairs"]
    assert (samples.shape, data, names) == ((40, 4), None, ["width", "height", "heat", "season"])
    assert title.endswith("transforms" if given is None else f", given {given}")


def test_two_variables_given_something_are_pairs(done, drawn, flows):
    done("sample", flows / "pair", "-n", 40, "--out", "p.png", "--seed", 3, "--quiet", "--given", "x0 > 3")
    assert (drawn["draw_pairs"][0][:, 0] > 3).all()
    assert "draw_contours" not in drawn


def test_variables_that_form_an_image_are_images(done, drawn):
    tm.save(tm.MAF(16, transforms=1, hidden_units=(16,), seed=0), "m")
    done("sample", "m", "-n", 4, "--out", "p.png", "--seed", 3, "--quiet")
    assert Path("p.png").exists()
    assert not drawn
