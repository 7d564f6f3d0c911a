"""``tailormade sample``: rows on stdout and in files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.random import generator


def read(text):
    names, *rows = text.splitlines()
    return names.split(","), np.array([[int(cell) for cell in row.split(",")] for row in rows])


def expected(folder, n, seed, context=None, order=None):
    """The same draws, from the library."""
    density = tm.load(folder)(context, order)
    return density.sample((n,), generator=generator(seed, "sample")).numpy()


def test_rows_on_stdout(done, store):
    names, rows = read(done("sample", store / "one", "-n", "7", "--seed", "2"))
    assert names == ["x0", "x1", "x2", "x3", "x4"]
    np.testing.assert_array_equal(rows, expected(store / "one", 7, 2))


def test_json(done, store):
    found = json.loads(done("sample", store / "one", "-n", "7", "--seed", "2", "--json"))
    assert found["columns"] == ["x0", "x1", "x2", "x3", "x4"]
    np.testing.assert_array_equal(found["rows"], expected(store / "one", 7, 2))


def test_ten_rows_by_default(done, store):
    assert len(read(done("sample", store / "one"))[1]) == 10


def test_without_a_seed_every_run_differs(done, store):
    first, second = (done("sample", store / "one", "-n", "40") for _ in range(2))
    assert first != second


def test_torchs_own_seed_governs_the_rest(done, store):
    torch.manual_seed(11)
    first = done("sample", store / "one", "-n", "40")
    torch.manual_seed(11)
    assert done("sample", store / "one", "-n", "40") == first


@pytest.mark.parametrize("name", ["s.npy", "s.csv"])
def test_rows_in_a_file(name, call, store):
    outcome = call("sample", store / "one", "-n", "7", "--seed", "2", "--out", name)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err == f"wrote 7 rows to {name} (seed 2)\n"
    rows = np.load(name) if name.endswith("npy") else read(Path(name).read_text())[1]
    np.testing.assert_array_equal(rows, expected(store / "one", 7, 2))
    assert rows.dtype == np.uint8 or name.endswith("csv")


def test_a_picture(done, store):
    done("sample", store / "one", "-n", "7", "--out", "s.png")
    assert Path("s.png").read_bytes().startswith(b"\x89PNG")


def test_the_seed_of_a_file_is_told(call, store):
    told = call("sample", store / "one", "-n", "40", "--out", "a.npy").err
    seed = told.split("(seed ")[1].split(")")[0]
    call("sample", store / "one", "-n", "40", "--out", "b.npy", "--seed", seed)
    np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))


def test_rows_can_be_scored(done, store):
    done("sample", store / "codes", "-n", "30", "--out", "s.csv")
    assert "30 rows: all" in done("score", store / "codes", "s.csv")


def test_more_rows_than_are_drawn_at_once(done, store):
    _, rows = read(done("sample", store / "one", "-n", "20000", "--seed", "2"))
    assert rows.shape == (20000, 5)
    assert len(np.unique(rows[:2000] - rows[-3000:-1000])) > 1
    model = tm.load(store / "one")
    states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 5)
    with torch.no_grad():
        marginal = model.log_prob(states).exp() @ states
    assert np.abs(rows.mean(0) - marginal.numpy()).max() < 0.018  # 5 standard errors


@pytest.mark.parametrize("order", [0, 2])
def test_one_order(order, done, store):
    _, rows = read(done("sample", store / "three", "-n", "50", "--seed", "2", "--order", order))
    np.testing.assert_array_equal(rows, expected(store / "three", 50, 2, order=order))


@pytest.mark.parametrize("name", ["three", "any", "codes"])
def test_other_models(name, done, store):
    _, rows = read(done("sample", store / name, "-n", "50", "--seed", "2"))
    np.testing.assert_array_equal(rows, expected(store / name, 50, 2))


def test_context(done, store):
    names, rows = read(done("sample", store / "given_age", "-n", "50", "--seed", "2", "--context", "age=40"))
    assert names == ["red", "green", "blue"]
    np.testing.assert_array_equal(rows, expected(store / "given_age", 50, 2, context=torch.tensor([40.0])))


def test_context_without_names(done, store):
    done("fit", store / "table.npy", "--out", "m", "--context", "3,1", "--epochs", "1", "-q", "4", "--seed", "1")
    _, rows = read(done("sample", "m", "-n", "50", "--seed", "2", "--context", "1=5, 3=-5"))
    np.testing.assert_array_equal(rows, expected("m", 50, 2, context=torch.tensor([-5.0, 5.0])))


def test_columns_keep_the_names_of_the_file(done, store):
    done("fit", store / "table.npy", "--out", "m", "--context", "1", "--epochs", "1", "-q", "4", "--seed", "1")
    names, _ = read(done("sample", "m", "--context", "1=0"))
    assert "x1" not in names  # the context's column is not among the variables
