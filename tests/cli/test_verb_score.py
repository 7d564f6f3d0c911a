"""``tailormade score``: the figures it prints and writes."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm


@pytest.fixture
def parts(store):
    return {name: torch.from_numpy(rows) for name, rows in np.load(store / "parts.npz").items()}


@pytest.fixture
def scored(done):
    """The figures as JSON."""
    return lambda *words: json.loads(done("score", *words, "--json"))


@torch.no_grad()
def log_probs(model, rows, orders):
    """The mixture's log-likelihood and the single orders', spelled out."""
    single = torch.stack([model(order=k).log_prob(rows) for k in range(orders)]).double()
    return torch.log(single.exp().mean(0)), single.mean()


def test_json(scored, store, parts):
    result = scored(store / "one", store / "parts.npz")
    mixture, _ = log_probs(tm.load(store / "one"), parts["test"], 1)
    assert set(result) >= {"log_likelihood", "standard_error", "rows", "bits_per_dim"}
    assert result["rows"] == 10
    assert result["part"] == "test"
    assert result["orders"] == 1
    assert result["log_likelihood"] == pytest.approx(float(mixture.mean()), abs=1e-5)
    assert result["standard_error"] == pytest.approx(float(mixture.std()) / math.sqrt(10), abs=1e-5)
    assert result["bits_per_dim"] == pytest.approx(-float(mixture.mean()) / 5 / math.log(2), abs=1e-5)


def test_words(done, scored, store):
    figures = scored(store / "one", store / "parts.npz")
    lines = done("score", store / "one", store / "parts.npz").splitlines()
    likelihood, error = figures["log_likelihood"], figures["standard_error"]
    assert re.sub(" +", " ", lines[0]) == f"log-likelihood {likelihood:.3f} ± {error:.3f} nats a row (10 rows: test)"
    assert re.sub(" +", " ", lines[1]) == f"bits per dimension {figures['bits_per_dim']:.4f}"
    assert len(lines) == 2


@pytest.mark.parametrize(("part", "rows"), [("train", 40), ("valid", 10), ("test", 10)])
def test_split(part, rows, scored, store, parts):
    result = scored(store / "one", store / "parts.npz", "--split", part)
    mixture, _ = log_probs(tm.load(store / "one"), parts[part], 1)
    assert (result["part"], result["rows"]) == (part, rows)
    assert result["log_likelihood"] == pytest.approx(float(mixture.mean()), abs=1e-5)


def test_all_rows_of_a_file_with_parts(scored, store):
    result = scored(store / "one", store / "parts.npz", "--split", "all")
    assert (result["part"], result["rows"]) == ("all", 60)


def test_a_file_without_parts(scored, store):
    result = scored(store / "one", store / "table.npy")
    assert (result["part"], result["rows"]) == ("all", 60)


def test_a_single_row_has_no_standard_error(done, store):
    np.save("x.npy", np.zeros((1, 5)))
    assert json.loads(done("score", store / "one", "x.npy", "--json"))["standard_error"] is None
    assert "±" not in done("score", store / "one", "x.npy")


@pytest.mark.parametrize(("options", "orders"), [([], 2), (["-s", "3"], 3), (["--samples", "1"], 1)], ids=str)
def test_orders_of_a_mixture(options, orders, scored, store, parts):
    # the model was fitted with -n 3 -s 2
    result = scored(store / "three", store / "parts.npz", *options)
    mixture, single = log_probs(tm.load(store / "three"), parts["test"], orders)
    assert result["orders"] == orders
    assert result["log_likelihood"] == pytest.approx(float(mixture.mean()), abs=1e-5)
    assert result["single_order"] == pytest.approx(float(single), abs=1e-5)


def test_any_order_is_a_mixture_of_sixteen(scored, store, parts):
    result = scored(store / "any", store / "parts.npz")
    mixture, single = log_probs(tm.load(store / "any"), parts["test"], 16)
    assert result["orders"] == 16
    assert result["log_likelihood"] == pytest.approx(float(mixture.mean()), abs=1e-5)
    assert result["single_order"] == pytest.approx(float(single), abs=1e-5)
    assert result["log_likelihood"] > result["single_order"]


def test_the_gain_is_seen(done, scored, store):
    figures = scored(store / "three", store / "parts.npz")
    text = done("score", store / "three", store / "parts.npz")
    gain = figures["log_likelihood"] - figures["single_order"]
    assert f"{figures['single_order']:.3f} nats on average; the mixture of 2 gains {gain:.3f}" in text


def test_a_single_order_has_no_gain(done, store):
    assert "mixture" not in done("score", store / "one", store / "parts.npz")


def test_reconstruction(scored, store, parts):
    result = scored(store / "three", store / "parts.npz", "--reconstruction")
    model, x = tm.load(store / "three"), parts["test"].float()
    with torch.no_grad():
        logits = torch.stack([model.params(x, None, model.table[k]) for k in range(2)]).mean(0)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    assert result["reconstruction"] == pytest.approx(float(cross_entropy), abs=1e-5)


def test_reconstruction_of_one_order_is_its_likelihood(scored, store):
    result = scored(store / "three", store / "parts.npz", "--reconstruction", "-s", "1")
    assert result["reconstruction"] == pytest.approx(-result["log_likelihood"], abs=1e-5)


def test_reconstruction_is_called_no_likelihood(done, store):
    text = done("score", store / "three", store / "parts.npz", "--reconstruction")
    line = next(line for line in text.splitlines() if line.startswith("reconstruction"))
    assert "likelihood" not in line
    assert "this is no likelihood" in text
    assert "reconstruction" not in done("score", store / "three", store / "parts.npz")


@pytest.mark.parametrize("name", ["s.npy", "s.csv"])
def test_one_score_a_row(name, call, store, parts):
    outcome = call("score", store / "three", store / "parts.npz", "--out", name)
    assert outcome.err == f"wrote 10 scores to {name}\n"
    assert "log-likelihood" in outcome.out
    rows = np.load(name) if name.endswith("npy") else np.genfromtxt(name, skip_header=1)
    expected, _ = log_probs(tm.load(store / "three"), parts["test"], 2)
    np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_scores_in_csv_have_a_name(done, store):
    done("score", store / "one", store / "parts.npz", "--out", "s.csv")
    assert Path("s.csv").read_text().splitlines()[0] == "log_likelihood"


def test_context_is_found_by_name(scored, store):
    result = scored(store / "given_age", store / "people.csv")
    table = torch.from_numpy(np.genfromtxt(store / "people.csv", delimiter=",", skip_header=1)).float()
    model = tm.load(store / "given_age")
    with torch.no_grad():
        expected = model(table[:, :1]).log_prob(table[:, 1:]).mean()
    assert result["log_likelihood"] == pytest.approx(float(expected), abs=1e-5)


def test_context_matters(scored, store):
    text = (store / "people.csv").read_text().splitlines()
    Path("old.csv").write_text("\n".join([text[0], *("90" + line[line.index(",") :] for line in text[1:])]) + "\n")
    before = scored(store / "given_age", store / "people.csv")["log_likelihood"]
    assert scored(store / "given_age", "old.csv")["log_likelihood"] != pytest.approx(before, abs=1e-4)


def test_codes(scored, store):
    result = scored(store / "codes", store / "codes.npy")
    mixture, _ = log_probs(tm.load(store / "codes"), torch.from_numpy(np.load(store / "codes.npy")), 1)
    assert result["log_likelihood"] == pytest.approx(float(mixture.mean()), abs=1e-5)
