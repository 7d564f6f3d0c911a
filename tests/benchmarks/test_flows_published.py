"""Preprocessing of the MAF paper's sets, on small made files of the same layout."""

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.flows_published import PUBLISHED, create, run
from benchmarks.flows_published_data import WIDTHS, load, without_correlated, without_recurring

RNG = np.random.default_rng


def is_standardised(*parts):
    rows = np.concatenate(parts)
    return np.allclose(rows.mean(0), 0, atol=1e-4) and np.allclose(rows.std(0), 1, atol=1e-2)


def household(rows=300):
    """Eight columns whose cells say which they are: power, reactive, voltage, intensity, meters, time."""
    r = RNG(0)
    resolutions = [0.001, 0.1, 0.01, 0.1, 1, 1, 1, 1]
    return np.round(r.normal(size=(rows, 8)) * 50) * resolutions


def test_power_drops_two_columns_and_spreads_what_is_rounded(tmp_path):
    rows = household()
    np.save(tmp_path / "data.npy", rows)
    data = load("power", tmp_path)
    assert [len(part) for part in data] == [243, 27, 30]
    assert data.train.shape[1] == 6 == WIDTHS["power"]
    assert data.train.dtype == np.float32
    assert is_standardised(data.train, data.valid)
    everything = np.concatenate(data)
    shuffled = rows.copy()
    np.random.RandomState(42).shuffle(shuffled)
    kept = shuffled[:, [0, 2, 4, 5, 6, 7]]
    fitted = [np.polynomial.Polynomial.fit(a, b, 1) for a, b in zip(everything.T, kept.T, strict=True)]
    resolutions = [0.001, 0.01, 1, 1, 1, 0]
    for line, column, cell, step in zip(fitted, everything.T, kept.T, resolutions, strict=True):
        off = line(column) - cell
        assert np.ptp(off) < 1.2 * step + 1e-4
        assert np.ptp(off) > 0.6 * step


def test_power_reads_the_text_file(tmp_path):
    lines = ["Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;S1;S2;S3"]
    r = RNG(1)
    for i in range(200):
        cells = ";".join(f"{v:.3f}" for v in r.normal(size=7))
        lines.append(f"16/12/2006;{i % 24:02d}:{i % 60:02d}:00;{cells if i % 10 else ';'.join('?' * 6) + ';'}")
    (tmp_path / "household_power_consumption.txt").write_text("\n".join(lines))
    data = load("power", tmp_path)
    assert sum(len(part) for part in data) == 180
    minutes = np.concatenate(data)[:, 5]
    whole = np.sort([60 * (i % 24) + i % 60 for i in range(200) if i % 10])
    assert np.corrcoef(np.sort(minutes), whole)[0, 1] > 0.999


def test_gas_drops_time_concentrations_and_correlated_sensors(tmp_path):
    r = RNG(0)
    sensors = r.normal(size=(400, 3))
    rows = np.column_stack([np.arange(400.0), r.normal(size=(400, 2)), sensors, sensors[:, 0] + 0.01])
    text = "\n".join(" ".join(f"{v:.6f}" for v in row) for row in rows)
    (tmp_path / "ethylene_CO.txt").write_text("Time (seconds), CO conc (ppm), sensors\n" + text)
    data = load("gas", tmp_path)
    assert [part.shape for part in data] == [(324, 3), (36, 3), (40, 3)]
    everything = np.concatenate(data)
    expected = sensors[:, [1, 2, 0]]  # the first of two equal ones goes
    assert np.allclose(everything, (expected - expected.mean(0)) / expected.std(0, ddof=1), atol=1e-4)


def test_correlated_columns_go_one_at_a_time():
    x, y = RNG(0).normal(size=(2, 100))
    assert np.array_equal(without_correlated(np.column_stack([x, y, 2 * x, 3 * x])), np.column_stack([y, 3 * x]))
    assert without_correlated(np.column_stack([x, -x])).shape == (100, 2)


def test_hepmass_keeps_signals_and_columns_of_the_training_file(tmp_path):
    r = RNG(0)
    for part, extra in (("train", 0), ("test", 1)):
        rows = r.normal(2.0, 3.0, size=(300, 4 + extra))
        rows[:, 2] = r.integers(0, 3, 300)  # its smallest value recurs
        labels = np.arange(300) % 2
        frame = pd.DataFrame(np.column_stack([labels, rows]))
        frame.to_csv(tmp_path / f"1000_{part}.csv", index=False)
    data = load("hepmass", tmp_path)
    assert [part.shape for part in data] == [(135, 3), (15, 3), (150, 3)]
    assert is_standardised(data.train, data.valid)
    assert not is_standardised(data.test)
    assert np.allclose(data.test.mean(0), 0, atol=0.4)


def test_columns_whose_smallest_value_recurs_are_left_out():
    x = np.arange(20.0)
    columns = [x, np.where(x < 6, 0, x), np.where(x < 5, 0, x), np.where(x > 5, 9, x)]
    assert without_recurring(np.column_stack(columns)).tolist() == [0, 2, 3]


def test_miniboone_keeps_the_signals_that_are_no_outliers(tmp_path):
    r = RNG(0)
    rows = r.normal(size=(300, 5))
    rows[:200, 1] = np.round(rows[:200, 1]).clip(0)
    rows[7, 0] = -999.0
    rows[200:] += 50
    body = "\n".join(" ".join(f"{v:.6e}" for v in row) for row in rows)
    (tmp_path / "MiniBooNE_PID.txt").write_text(" 200  100\n" + body)
    data = load("miniboone", tmp_path)
    assert sum(len(part) for part in data) == 199
    assert data.train.shape[1] == 4
    assert is_standardised(data.train, data.valid)


def test_miniboone_and_bsds300_read_arrays(tmp_path):
    r = RNG(0)
    rows = r.normal(size=(100, 43))
    np.save(tmp_path / "data.npy", rows)
    assert [len(part) for part in load("miniboone", tmp_path)] == [81, 9, 10]
    for part in ("train", "validation", "test"):
        np.save(tmp_path / f"{part}.npy", r.normal(size=(10, 63)))
    data = load("bsds300", tmp_path)
    assert np.allclose(data.valid, np.load(tmp_path / "validation.npy"), atol=1e-6)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"1000_train\.csv"):
        load("hepmass", tmp_path)
    with pytest.raises(ValueError, match="name: expected one of"):
        load("mnist", tmp_path)
    (tmp_path / "ethylene_CO.pickle").touch()
    with pytest.raises(FileNotFoundError, match="nothing is unpickled"):
        load("gas", tmp_path)


def test_pickled_arrays_are_refused(tmp_path):
    np.save(tmp_path / "data.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        load("miniboone", tmp_path)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_every_model_of_the_paper_is_fitted(kind, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("benchmarks.flows_published").flows_published.HIDDEN, "power", 8)
    np.save(tmp_path / "data.npy", household())
    data = load("power", tmp_path)
    found = run(kind, "power", data, 1, tmp_path / "model")
    assert np.isfinite(found["mean"])
    assert (tmp_path / "model" / "model.safetensors").exists()


def test_models_are_those_of_the_paper():
    flow = create("maf-mog", "gas", 3)
    assert [t.network.layers[0].out_features for t in flow.transforms] == [100] * 5
    assert [layer.table[0].inputs.tolist() for layer in flow.transforms[:2]] == [[1, 2, 3], [3, 2, 1]]
    assert flow.batch_normalised
    assert type(flow.base).__name__ == "MADE"
    assert flow.transforms[0].network.activation is torch.tanh
    assert len(create("maf10", "gas", 3).transforms) == 10
