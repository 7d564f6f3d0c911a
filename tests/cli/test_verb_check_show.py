"""``tailormade check`` and ``tailormade show``."""

import json
from pathlib import Path

import pytest

import tailormade as tm

MODELS = ("one", "three", "any", "given_age", "codes")
NAMES = ("autoregressive", "normalised", "sampler", "save and load")
PNG = b"\x89PNG"


@pytest.mark.parametrize("name", MODELS)
def test_good_models_pass(name, done, store):
    lines = done("check", store / name).splitlines()
    assert [line[:6].strip() for line in lines] == ["ok"] * 4
    assert all(line[8:].startswith(check) for line, check in zip(lines, NAMES, strict=True))


def test_check_json(done, store):
    found = json.loads(done("check", store / "one", "--json"))
    assert found["passed"] is True
    assert [check["name"] for check in found["checks"]] == list(NAMES)
    assert all(check["passed"] and check["figure"] for check in found["checks"])


@pytest.fixture
def broken(monkeypatch):
    """Every model may look at its own value."""
    from tailormade.masks import degrees

    monkeypatch.setattr(
        "tailormade.nn.masked_network.weight_mask",
        lambda below, above, output: degrees.weight_mask(below, above, output=False),
    )


@pytest.mark.usefixtures("broken")
def test_a_broken_model_fails(call, store):
    outcome = call("check", store / "one")
    assert outcome.status == 1
    assert outcome.err == ""
    first, second, *_ = outcome.out.splitlines()
    assert first.startswith("FAILED  autoregressive  largest forbidden derivative ")
    assert second.startswith("FAILED  normalised")
    assert json.loads(call("check", store / "one", "--json").out)["passed"] is False


@pytest.mark.usefixtures("broken")
def test_quiet_shows_failures_alone(call, store):
    lines = call("check", store / "one", "--quiet").out.splitlines()
    assert lines
    assert all(line.startswith("FAILED") for line in lines)


def test_quiet_says_nothing_of_a_good_model(done, store):
    assert done("check", store / "one", "--quiet") == ""


def test_show_words(done, store):
    found = dict(line.split(maxsplit=1) for line in done("show", store / "one").splitlines() if " of" not in line)
    assert found["variables"] == "5"
    assert found["conditionals"] == "Bernoulli(): 5"
    assert found["activation"] == "silu"
    assert found["parameters"] == str(sum(p.numel() for p in tm.load(store / "one").parameters()))
    assert found["fit"].startswith("seed: 1, rows: 40, orders: 1, epochs: 2")


def test_show_json(done, store):
    found = json.loads(done("show", store / "three", "--order", "2", "--json"))
    model = tm.load(store / "three")
    assert found["orders"] == 3
    assert found["hidden_units"] == [8]
    assert found["input_order"] == model.table[2].inputs.tolist()
    assert (found["dependencies"], found["lost_dependencies"]) == (10, 0)


def test_show_counts_what_is_lost(done, store):
    done("fit", store / "parts.npz", "--out", "m", "--epochs", "1", "-q", "2", "--no-direct")
    assert json.loads(done("show", "m", "--json"))["lost_dependencies"] == 2


def test_show_says_what_the_command_calls_variables_without_names(done, store):
    assert "names              x0 x1 x2 x3 x4 (counted from 0; pictures count from 1)" in done("show", store / "one")
    assert "counted from 0" not in done("show", store / "given_age")


def test_show_names_columns(done, store):
    found = json.loads(done("show", store / "given_age", "--json"))
    assert (found["variables"], found["context"]) == (3, 1)
    assert (found["columns"], found["context_columns"]) == (["red", "green", "blue"], ["age"])


@pytest.mark.parametrize("options", [["--out", "p.png"], ["--samples", "p.png"], ["--curves", "p.png"]], ids=str)
def test_pictures(options, call, store):
    outcome = call("show", store / "one", *options)
    assert (outcome.status, outcome.err) == (0, "wrote p.png\n")
    assert Path("p.png").read_bytes().startswith(PNG)


def test_all_pictures_at_once(call, store):
    outcome = call("show", store / "one", "--out", "a.png", "--samples", "b.png", "--curves", "c.png")
    assert outcome.err.splitlines() == ["wrote a.png", "wrote b.png", "wrote c.png"]
    assert len({Path(name).read_bytes() for name in ("a.png", "b.png", "c.png")}) == 3


def test_another_order_is_another_picture(done, store):
    for order in (0, 2):
        done("show", store / "three", "--out", f"{order}.png", "--order", order)
    assert Path("0.png").read_bytes() != Path("2.png").read_bytes()


def test_a_path_is_highlighted(done, store):
    done("show", store / "one", "--out", "plain.png")
    done("show", store / "one", "--out", "path.png", "--highlight", "2")
    assert Path("plain.png").read_bytes() != Path("path.png").read_bytes()


@pytest.mark.parametrize("seeds", [("1", "1"), ("1", "2")], ids=str)
def test_sampled_pictures_follow_the_seed(seeds, done, store):
    for name, seed in zip("ab", seeds, strict=True):
        done("show", store / "one", "--samples", f"{name}.png", "--seed", seed)
    assert (Path("a.png").read_bytes() == Path("b.png").read_bytes()) == (seeds[0] == seeds[1])
