"""``tailormade fit``: what it prints, writes and keeps in the model."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.store import load_header
from tailormade.training.recipes import recipe

SHORT = ["--epochs", "2", "-q", "8"]


@pytest.fixture
def fitted(done):
    """Fit a file with options and return the model and what was printed."""

    def fitted(data, *options, out="m"):
        text = done("fit", data, "--out", out, *SHORT, *options)
        return tm.load(out), text

    return fitted


def test_prints_the_best_validation_likelihood(fitted, store):
    model, text = fitted(store / "parts.npz", "--seed", "1")
    valid = torch.from_numpy(np.load(store / "parts.npz")["valid"])
    with torch.no_grad():
        expected = float(model.log_prob(valid).mean())
    epoch = load_header("m")["metadata"]["fit"]["best_epoch"]
    assert text.startswith(f"m: validation log-likelihood {expected:.3f} nats a row at epoch {epoch} of 2")


def test_json(done, store):
    result = json.loads(done("fit", store / "parts.npz", "--out", "m", *SHORT, "--seed", "1", "--json"))
    assert set(result) == {"best_epoch", "best_nll", "epochs", "orders", "rows", "seed", "stopped"}
    assert (result["epochs"], result["seed"], result["stopped"]) == (2, 1, "max_epochs")


def test_remarks(call, store):
    outcome = call("fit", store / "parts.npz", "--out", "m", *SHORT, "--seed", "5")
    assert "parts.npz: 40 training and 10 validation rows of 5 variables" in outcome.err
    assert "1 order(s), seed 5" in outcome.err


def test_what_lies_in_the_folder(fitted, store):
    fitted(store / "parts.npz")
    assert sorted(p.name for p in Path("m").iterdir()) == ["history.csv", "history.jsonl", "model.safetensors"]
    records = [json.loads(line) for line in Path("m/history.jsonl").read_text().splitlines()]
    assert [r["epoch"] for r in records] == [1, 2]
    assert Path("m/history.csv").read_text().startswith("epoch,train_nll,valid_nll,learning_rate,seconds\n1,")


def test_same_seed_same_model(fitted, store):
    fitted(store / "table.npy", "--seed", "3", out="a")
    fitted(store / "table.npy", "--seed", "3", out="b")
    assert Path("a/model.safetensors").read_bytes() == Path("b/model.safetensors").read_bytes()


def test_another_seed_another_model(fitted, store):
    fitted(store / "table.npy", "--seed", "3", out="a")
    fitted(store / "table.npy", "--seed", "4", out="b")
    assert Path("a/model.safetensors").read_bytes() != Path("b/model.safetensors").read_bytes()


def test_without_a_seed_every_run_differs_and_can_be_repeated(fitted, store):
    fitted(store / "table.npy", out="a")
    fitted(store / "table.npy", out="b")
    first, second = (load_header(name)["metadata"]["fit"]["seed"] for name in "ab")
    assert first != second
    fitted(store / "table.npy", "--seed", second, out="c")
    assert Path("b/model.safetensors").read_bytes() == Path("c/model.safetensors").read_bytes()


OPTIONS = {
    "-q 8,4": {"hidden_units": [8, 4]},
    "-q ": {"hidden_units": []},
    "--hiddens 3": {"hidden_units": [3]},
    "-n 3": {"orders": 3},
    "--num-masks any": {"orders": "any"},
    "--residual -q 4,4": {"residual": True, "hidden_units": [4, 4]},
    "--no-direct": {"direct": False},
    "--direct": {"direct": True},
    "--dropout 0.5": {"dropout": 0.5},
    "--activation tanh": {"activation": "tanh"},
    "--hidden-degrees random": {"hidden_degrees": "random"},
}


@pytest.mark.parametrize("words", OPTIONS)
def test_options_reach_the_model(words, fitted, store):
    model, _ = fitted(store / "parts.npz", *words.split(" "))
    assert OPTIONS[words].items() <= model.config().items()


def test_a_recipe_by_size(done, store):
    done("fit", store / "parts.npz", "--out", "m", "--recipe", "default", "--epochs", "2", "--seed", "1")
    model, chosen = tm.load("m"), recipe("default", 40, 5)  # 40 training rows of 5 variables
    expected = {**json.loads(json.dumps(chosen.model)), "input_order": model.table[0].inputs.tolist()}  # for the data
    assert expected.items() <= model.config().items()
    assert model.metadata["identity"]["weight_decay"] == chosen.training["weight_decay"]
    assert model.metadata["identity"]["max_epochs"] == 2


def test_a_recipe_keeps_the_columns_of_a_code_together(done):
    codes = np.random.default_rng(0).integers(0, 4, (300, 4))
    np.save("x.npy", np.eye(4, dtype=np.uint8)[codes].reshape(300, 16))
    words = ["--recipe", "default", "--epochs", "1", "-q", "8", "--seed", "2"]
    done("fit", "x.npy", "--out", "m", *words)
    order = tm.load("m").table[0].inputs.reshape(4, 4)
    assert torch.equal(order.diff(dim=1), torch.ones(4, 3, dtype=torch.long))
    assert not torch.equal(order.flatten(), torch.arange(1, 17))
    done("fit", "x.npy", "--out", "n", *words, "--input-order", "right-to-left")
    assert tm.load("n").table[0].inputs.tolist() == list(range(16, 0, -1))


def test_options_win_over_a_recipe(done, store):
    words = ["--recipe", "best", "--epochs", "1", "-q", "6,4", "--dropout", "0.1", "--patience", "3"]
    done("fit", store / "parts.npz", "--out", "m", *words)
    model = tm.load("m")
    assert {"hidden_units": [6, 4], "residual": False, "dropout": 0.1}.items() <= model.config().items()
    assert model.metadata["identity"]["patience"] == 3


@pytest.mark.parametrize(
    ("order", "degrees"), [("left-to-right", [1, 2, 3, 4, 5]), ("right-to-left", [5, 4, 3, 2, 1])], ids=str
)
def test_input_order(order, degrees, fitted, store):
    model, _ = fitted(store / "parts.npz", "--input-order", order)
    assert model.table[0].inputs.tolist() == degrees


@pytest.mark.parametrize("words", ["-r 5", "--batch-size 7", "--learning-rate 0.1", "--schedule constant"])
def test_options_reach_the_training(words, fitted, store):
    fitted(store / "parts.npz", "-n", "3", "--seed", "1", out="a")
    fitted(store / "parts.npz", "-n", "3", "--seed", "1", *words.split(), out="b")
    first, second = tm.load("a").network.layers[0].weight, tm.load("b").network.layers[0].weight
    assert not torch.equal(first, second)


def test_categorical_codes(fitted, store):
    model, _ = fitted(store / "codes.npy", "--conditional", "categorical")
    assert [c.categories for c in model.layout.conditionals] == [4, 4, 4]


def test_a_column_of_one_code_may_take_another(fitted):
    np.save("x.npy", np.tile([[0, 2], [0, 1]], (10, 1)))
    model, _ = fitted("x.npy", "--conditional", "categorical")
    assert [c.categories for c in model.layout.conditionals] == [2, 3]


def test_context_columns_by_name(fitted, store):
    model, _ = fitted(store / "people.csv", "--context", "age, green", "--conditional", "bernoulli")
    assert (model.features, model.context) == (2, 2)
    assert model.metadata["columns"] == ["red", "blue"]
    assert model.metadata["context_columns"] == ["age", "green"]
    ages = np.genfromtxt(store / "people.csv", delimiter=",", skip_header=1)[:, 0]
    assert abs(float(model.context_shift[0]) - ages.mean()) < 1.5


def test_context_stays_with_its_row(done):
    given = np.random.default_rng(0).normal(size=400)
    np.save("x.npy", np.stack([given > 0, given], 1))
    options = "--epochs 60 --learning-rate 0.05 --seed 0".split()
    done("fit", "x.npy", "--out", "m", "--context", "1", "-q", "", *options)
    assert json.loads(done("score", "m", "x.npy", "--json"))["log_likelihood"] > -0.4  # a coin: -0.69


def test_context_columns_by_number(fitted, store):
    model, _ = fitted(store / "people.csv", "--context", "0", "--conditional", "bernoulli")
    assert model.metadata["context_columns"] == ["age"]


def test_rows_set_aside(call, store):
    outcome = call("fit", store / "table.npy", "--out", "m", *SHORT, "--valid-fraction", "0.5")
    assert "30 training and 30 validation rows" in outcome.err


def test_a_key(call):
    np.savez("x.npz", a=np.zeros((6, 2)), b=np.eye(4, 3))
    outcome = call("fit", "x.npz", "--out", "m", *SHORT, "--key", "b", "--valid-fraction", "0.25")
    assert "3 training and 1 validation rows of 3 variables" in outcome.err


def test_an_ensemble_has_a_network_for_each_order(fitted, done, store):
    model, _ = fitted(store / "parts.npz", "-n", "3", "--ensemble", "--seed", "0")
    assert len(model.networks) == 3
    assert not model.shared
    assert list(json.loads(done("score", "m", store / "parts.npz", "--json"))["by_orders"]) == ["1", "2"]
    assert "mixture of first    1: -" in done("score", "m", store / "parts.npz")
    assert "networks           3" in done("show", "m")


def test_what_is_said_of_an_ensemble_is_of_its_mixture(fitted, done, store):
    model, text = fitted(store / "parts.npz", "-n", "3", "--ensemble", "--seed", "0")
    valid = torch.from_numpy(np.load(store / "parts.npz")["valid"])
    assert f"validation log-likelihood {model.log_prob(valid).mean().item():.3f} nats a row, of the mixture," in text


@pytest.mark.parametrize("orders", ["1", "any"])
def test_an_ensemble_needs_a_number_of_orders(refused, store, orders):
    assert "-n 4" in refused("fit", store / "parts.npz", "--out", "m", "-n", orders, "--ensemble")
