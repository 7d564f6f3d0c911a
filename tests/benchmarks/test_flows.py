"""Data, made densities, fits and figures of the benchmarks of flows."""

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import flows, flows_likelihood, flows_models, flows_peers
from benchmarks.flows_data import Split, has_spike, spread, standardised, usable
from benchmarks.flows_pictures import draw_contours
from benchmarks.flows_toys import TOYS, toy_split


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", TOYS)
def test_made_densities_integrate_to_1(name):
    axis = torch.linspace(-4, 4, 401)[:-1] + 0.01  # midpoints, so that no edge of a cell is hit
    grid = torch.cartesian_prod(axis, axis)
    logs = torch.cat([TOYS[name].log_prob(part) for part in grid.split(20_000)])
    assert float(logs.exp().sum()) * 0.02**2 == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("name", TOYS)
def test_samples_are_those_of_the_density(name):
    x = TOYS[name].sample(20_000, generator())
    edges = np.linspace(-4, 4, 9)
    share, _, _ = np.histogram2d(*x.numpy().T, bins=[edges, edges])
    fine = torch.linspace(-4, 4, 161)[:-1] + 1 / 40
    density = TOYS[name].log_prob(torch.cartesian_prod(fine, fine)).exp().reshape(8, 20, 8, 20)
    expected = density.sum((1, 3)).numpy() / 20**2
    assert np.abs(share / len(x) - expected).max() < 0.015


def test_a_toy_is_scored_in_the_units_of_its_training_rows():
    split, truth = toy_split("checkerboard", 4000, 100)
    assert torch.allclose(split.train.std(0), torch.ones(2), atol=1e-3)
    area = 8.0 / float(split.units[1].prod())
    assert truth == pytest.approx(-np.log(area), abs=1e-5)


def test_spikes_are_told_from_resolutions():
    x = np.random.default_rng(0).normal(size=2000)
    assert not has_spike(x, None)
    assert has_spike(np.where(x < -1, -1, x), None)
    assert not has_spike(np.round(x, 1), 0.1)
    assert has_spike(np.round(np.where(x < 0, 0, x), 2), 0.01)


def test_columns_with_spikes_are_left_out_and_others_are_spread_over_their_cells():
    r = np.random.default_rng(0)
    frame = pd.DataFrame({"smooth": r.normal(size=1000), "rounded": np.round(r.normal(size=1000), 1)})
    frame["spike"] = np.where(r.random(1000) < 0.3, 0.0, r.normal(size=1000))
    steps = usable(frame)
    assert steps == {"smooth": None, "rounded": 0.1}
    rows = spread(frame, steps, r)
    assert np.array_equal(rows[:, 0], frame["smooth"])
    off = rows[:, 1] - frame["rounded"]
    assert np.abs(off).max() <= 0.05
    assert np.std(off) == pytest.approx(0.1 / 12**0.5, rel=0.1)


def made_split():
    r = np.random.default_rng(0)
    return standardised(*(r.normal(size=(n, 2)) for n in (200, 50, 50)), columns=["a", "b"])


def test_fits_keep_the_weights_that_were_best_on_the_validation_rows(monkeypatch):
    split = made_split()
    broken = Split(split.train * 5, split.valid, split.test, split.columns, split.units)
    monkeypatch.setattr(flows_models, "EVERY", 1)
    model = flows_models.MODELS["MAF"](2)
    best = flows_models.fit(model, broken, 20)  # gets worse on the validation rows with every step
    after = flows_models.scores(model, split.valid).mean()
    monkeypatch.setattr(flows_models, "EVERY", 100)
    last = flows_models.MODELS["MAF"](2)
    assert flows_models.fit(last, broken, 20) == 0
    assert best < 20
    assert after > flows_models.scores(last, split.valid).mean()


def test_all_models_that_are_there_are_compared(monkeypatch, tmp_path):
    monkeypatch.setattr(flows_likelihood, "missing", lambda: ["zuko"])
    split, _ = toy_split("rings", 200, 50)
    results, models = flows_likelihood.compare(split, 2)
    ours = ["MADE, mixtures", "MAF", "MAF, MADE base", "spline MAF"]
    assert list(models) == ours
    assert flows_likelihood.cells(results)[-2:] == ["missing", "missing"]
    assert all(results[name]["standard_error"] > 0 for name in ours)
    draw_contours(TOYS["rings"], split, models, tmp_path / "new" / "rings.png")
    assert (tmp_path / "new" / "rings.png").exists()


def test_ratios_are_medians_of_pairs():
    times = {"cpu": {"ours": [1.0, 2.0, 9.0], "zuko": [2.0, 2.0, 3.0]}}
    assert flows.compare(times) == {"cpu ms": {"ours": 2.0, "zuko": 2.0}, "cpu ratio": {"zuko": 1.0}}


def test_functions_are_timed_in_turn_without_the_first_round():
    calls = []
    times = flows.in_turn({name: lambda name=name: calls.append(name) for name in "ab"}, 4)
    assert sorted(calls) == ["a"] * 5 + ["b"] * 5
    assert {tuple(calls[i : i + 2]) for i in range(0, 10, 2)} == {("a", "b"), ("b", "a")}
    assert all(len(t) == 4 for by_name in times.values() for t in by_name.values())


def test_ours_is_timed_alone_where_there_are_no_peers(monkeypatch):
    monkeypatch.setattr(flows_peers, "missing", lambda: ["zuko", "nflows"])
    monkeypatch.setattr(flows, "HIDDEN", (8, 8))
    monkeypatch.setattr(flows, "ROWS", 20)
    results = flows.measure(3, True)
    assert set(results["sample 1000"]["cpu ms"]) == {"ours", "our log_prob"}
    assert all("not known" in said for said in flows.judge(results) if "peer" in said or "zuko" in said)
