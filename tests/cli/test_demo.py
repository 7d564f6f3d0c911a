"""``tailormade demo``: from nothing to a model, figures and pictures."""

import json
from pathlib import Path

import pytest

import tailormade as tm

PICTURES = ("samples.png", "curves.png", "masks.png")


@pytest.mark.slow
def test_demo(done):
    found = json.loads(done("demo", "--out", "d", "--quiet", "--json"))
    assert found["rows"] == 360
    assert found["pictures"] == [f"d/{name}" for name in PICTURES]
    assert found["log_likelihood"] > found["chow_liu_tree"] + 2 > found["independent"] + 4
    assert found["log_likelihood"] > found["single_order"]
    assert all(Path("d", name).read_bytes().startswith(b"\x89PNG") for name in PICTURES)
    assert "ok" in done("check", "d")


@pytest.fixture
def short(monkeypatch):
    """Two epochs."""
    from dataclasses import replace

    fit = tm.fit
    monkeypatch.setattr(tm, "fit", lambda *a, config: fit(*a, config=replace(config, max_epochs=2)))


@pytest.mark.usefixtures("short")
def test_demo_in_words(call):
    outcome = call("demo", "--out", "d", "--seed", "3")
    assert outcome.status == 0
    assert "1078 training, 359 validation, 360 test images of 64 pixels" in outcome.err
    lines = outcome.out.splitlines()
    assert [line.split("  ")[1] for line in lines[1:5]] == [
        "independent pixels",
        "Chow-Liu tree",
        "MADE, a single order",
        "MADE, mixture of orders",
    ]
    assert "tailormade check d" in outcome.out
    assert all(f"d/{name}" in outcome.out for name in PICTURES)
    assert tm.load("d").features == 64


@pytest.mark.usefixtures("short")
def test_demo_keeps_what_exists(done, refused):
    done("demo", "--out", "d", "--quiet")
    assert "d: exists already" in refused("demo", "--out", "d", "--quiet")
