"""``tailormade complete``: completions agree with what was observed, and their density is that of the model."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import every_state

import tailormade as tm
from tailormade import plots
from tailormade.cli import run

TOP = np.arange(9) < 3  # of 3 x 3 pixels, the middle row belongs to the bottom
SMALL = ["--epochs", "3", "-q", "16", "--seed", "1", "--quiet"]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """A folder with small images and models of them; nobody writes into it."""
    folder = tmp_path_factory.mktemp("gallery")
    rng = np.random.default_rng(0)
    tone = rng.random((82, 1))
    images = (rng.random((82, 9)) < 0.2 + 0.6 * tone).astype(np.uint8)
    np.savez(folder / "images.npz", train=images[:60], valid=images[60:70], test=images[70:])
    np.save(folder / "grey.npy", rng.integers(0, 4, (40, 6)))
    np.save(folder / "labelled.npy", np.hstack([tone > 0.5, images]))
    for name, data, *options in (
        ("one", "images.npz"),
        ("three", "images.npz", "-n", "3"),
        ("any", "images.npz", "-n", "any", "--image-shape", "3,3"),
        ("grey", "grey.npy", "--conditional", "categorical", "--image-shape", "2,3"),
        ("labelled", "labelled.npy", "--context", "0"),
    ):
        assert run(["fit", str(folder / data), "--out", str(folder / name), *SMALL, *options]) == 0
    return folder


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn, as lists of images row by row: the original, what was observed, and the completions."""
    found = []

    def save(figure, path):
        columns = len(figure.axes[0].images) // len({i.get_extent()[3] for i in figure.axes[0].images})
        images = [np.ma.filled(i.get_array().astype(float), np.nan).ravel() for i in figure.axes[0].images]
        found.extend(images[k : k + columns] for k in range(0, len(images), columns))
        save_figure(figure, path)

    save_figure = plots.save_figure
    monkeypatch.setattr(plots, "save_figure", save)
    return found


def test_rows(gallery):
    return np.load(gallery / "images.npz")["test"]


test_rows.__test__ = False


def expected(folder, rows, observed, context=None):
    """log p(missing | observed) of each row, by summing the joint over everything that might be missing."""
    model = tm.load(folder).double()
    states = every_state(model)
    found = []
    for k, row in enumerate(rows):
        density = model(None if context is None else torch.tensor(context[k]).double())
        agree = (states.numpy()[:, observed] == row[observed]).all(1)
        with torch.no_grad():
            joint = density.log_prob(states[torch.from_numpy(agree)])
            found.append(float(density.log_prob(torch.tensor(row).double()) - joint.logsumexp(0)))
    return np.array(found)


def complete(done, gallery, model, data, *words):
    small = ["--rows", "2", "-n", "2"]  # drawing is what takes time
    return json.loads(done("complete", gallery / model, gallery / data, "--seed", "2", "--json", *small, *words))


def test_json(done, gallery):
    found = complete(done, gallery, "one", "images.npz")
    scores = expected(gallery / "one", test_rows(gallery), TOP)
    assert found["log_likelihood"] == pytest.approx(scores.mean(), abs=1e-5)
    assert found["standard_error"] == pytest.approx(scores.std(ddof=1) / 12**0.5, abs=1e-5)
    rest = {k: v for k, v in found.items() if k not in ("log_likelihood", "standard_error")}
    assert rest == {
        "rows": 12, "part": "test", "exact": True, "describes": "the density of one order", "observed": 3,
        "out": "completions.png", "seed": 2,
    }  # fmt: skip
    assert Path("completions.png").read_bytes().startswith(b"\x89PNG")


def test_words(call, gallery):
    outcome = call("complete", gallery / "one", gallery / "images.npz", "--seed", "2", "--rows", "5", "-n", "4")
    scores = expected(gallery / "one", test_rows(gallery), TOP)
    assert outcome.out.splitlines() == [
        f"log-likelihood  {scores.mean():.3f} ± {scores.std(ddof=1) / 12**0.5:.3f} nats a row (12 rows: test)",
        "of              6 missing pixels, given 3 observed ones",
        "exact           yes",
        "density         the density of one order",
    ]
    assert outcome.err == "wrote 5 images with 4 completions each to completions.png (seed 2)\n"


@pytest.mark.parametrize("region", ["top", "bottom", "left", "right", "random:0.4"])
def test_any_order_is_exact_for_every_region(region, done, gallery):
    found = complete(done, gallery, "any", "images.npz", "--observe", region)
    assert found["exact"]
    assert found["describes"] == "the density of one order with the evidence first, not the mixture over 16 orders"
    assert found["rows"] == 12


def test_a_mixture_is_estimated(done, gallery):
    found = complete(done, gallery, "three", "images.npz", "--observe", "left")
    assert (found["exact"], found["describes"], found["rows"]) == (False, "the mixture over 3 orders", 12)
    scores = expected(gallery / "three", test_rows(gallery), np.arange(9) % 3 < 1)
    assert found["log_likelihood"] == pytest.approx(scores.mean(), abs=0.02)  # 3000 draws for each of 12 rows


def test_fewer_rows_are_estimated_where_that_takes_long(done, gallery, monkeypatch):
    monkeypatch.setattr("tailormade.cli.complete._DRAWN", 7 * 50 * 3 * 9)
    options = ["--observe", "left", "--rows", "4", "--particles", "50"]
    assert complete(done, gallery, "three", "images.npz", *options)["rows"] == 7
    assert complete(done, gallery, "three", "images.npz", *options, "--rows", "9", "--force")["rows"] == 9


def test_rows_are_scored_in_blocks_and_at_most_so_many(done, gallery, monkeypatch):
    whole = complete(done, gallery, "any", "images.npz", "--part", "all")
    monkeypatch.setattr("tailormade.cli.complete._AT_ONCE", (7, 1))
    assert complete(done, gallery, "any", "images.npz", "--part", "all", "--force") == pytest.approx(whole)
    assert whole["rows"] == 82
    monkeypatch.setattr("tailormade.cli.complete._SCORED", 13)
    assert complete(done, gallery, "any", "images.npz", "--part", "all", "--force")["rows"] == 13


def test_what_is_estimated_is_said(done, gallery):
    words = done("complete", gallery / "three", gallery / "images.npz", "--observe", "left", "--particles", "200")
    said = "no, estimated from 200 weighted draws an image and order; biased high, as log p(observed) is low"
    assert f"exact           {said}\n" in words


def test_why_fewer_rows_are_scored_is_said(call, gallery, monkeypatch):
    words = ["complete", gallery / "three", gallery / "images.npz", "--observe", "left", "--particles", "100", "--rows"]
    remark = (
        "scoring 7 of 12 rows, as an estimate takes 300 draws for each: fewer --particles score more rows, and a model "
        "fitted with -n any needs no estimate"
    )
    assert "scoring" not in call(*words, "1").err
    monkeypatch.setattr("tailormade.cli.complete._DRAWN", 7 * 100 * 3 * 9)
    assert remark in call(*words, "1", "--force").err.splitlines()


@pytest.mark.parametrize("orders", [1, 3])
def test_several_orders_answer(orders, done, gallery):
    found = complete(done, gallery, "any", "images.npz", "--observe", "left", "--orders", orders)
    density, left = tm.load(gallery / "any")(), np.arange(9) % 3 < 1
    rows = torch.from_numpy(test_rows(gallery)).float()
    with torch.no_grad():
        scores = density.given(rows, left, orders=orders).log_prob(rows[:, ~left])
    assert found["log_likelihood"] == pytest.approx(float(scores.mean()), abs=1e-5)
    assert (f"mixture of {orders} orders with the evidence first" in found["describes"]) == (orders > 1)


def test_the_picture_shows_rows_of_the_part(done, gallery, drawn):
    complete(done, gallery, "one", "images.npz", "--rows", "6", "-n", "3")
    rows = {tuple(row) for row in test_rows(gallery).tolist()}
    assert len(drawn) == 6
    assert all(tuple(original) in rows for original, *_ in drawn)
    assert [len(line) for line in drawn] == [5] * 6


def test_completions_keep_what_was_observed(done, gallery, drawn):
    complete(done, gallery, "any", "images.npz", "--observe", "right", "--rows", "4")
    right = np.arange(9) % 3 >= 1
    for original, observed, *completions in drawn:
        np.testing.assert_array_equal(observed, np.where(right, original, np.nan))
        assert all((completion[right] == original[right]).all() for completion in completions)
        assert {0.0, 1.0}.issuperset(np.concatenate(completions))
    missing = np.array([completion[~right] for _, _, *completions in drawn for completion in completions])
    assert 0 < missing.mean() < 1


def test_completions_follow_their_distribution(done, gallery, drawn):
    complete(done, gallery, "one", "images.npz", "--rows", "1", "-n", "50")
    complete(done, gallery, "one", "images.npz", "--rows", "1", "-n", "50", "--force", "--seed", "5")
    model = tm.load(gallery / "one").double()
    states = every_state(model)
    for original, _, *completions in drawn:
        agree = (states.numpy()[:, TOP] == original[TOP]).all(1)
        with torch.no_grad():
            shares = torch.softmax(model().log_prob(states[torch.from_numpy(agree)]), 0).numpy()
        mean = shares @ states.numpy()[agree]
        assert np.abs(np.mean(completions, 0) - mean).max() < 0.32  # 4.5 standard errors of 50 draws


def test_rows_are_picked_at_random(done, gallery, drawn):
    for seed in ("1", "2"):
        done("complete", gallery / "one", gallery / "images.npz", "--seed", seed, "--force", "--rows", "5")
    originals = np.array([line[0] for line in drawn])
    first, second = originals[:5], originals[5:]
    assert (first != second).any()
    assert (first != test_rows(gallery)[:5]).any()


def test_all_rows_there_are(done, gallery, drawn):
    complete(done, gallery, "one", "images.npz", "--rows", "50")
    np.testing.assert_array_equal(sorted(line[0].tolist() for line in drawn), sorted(test_rows(gallery).tolist()))


def test_the_same_seed_gives_the_same_picture(done, gallery):
    words = ["complete", gallery / "three", gallery / "images.npz", "--seed", "3", "--rows", "2", "--particles", "99"]
    assert done(*words, "--out", "a.png") == done(*words, "--out", "b.png")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_the_seed_is_told(call, gallery):
    words = ["complete", gallery / "any", gallery / "images.npz", "--observe", "random:0.5", "--rows", "3"]
    seed = call(*words).err.split("(seed ")[1].split(")")[0]
    call(*words, "--seed", seed, "--out", "b.png")
    assert Path("completions.png").read_bytes() == Path("b.png").read_bytes()


MASKS = {"flat.npy": TOP, "shaped.npy": TOP.reshape(3, 3).astype(int), "shaped.csv": TOP.reshape(3, 3), "flat.csv": TOP}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_from_a_file(name, done, gallery):
    if name.endswith("npy"):
        np.save(name, MASKS[name])
    else:
        np.savetxt(name, MASKS[name].astype(int), fmt="%d", delimiter=",")
    assert complete(done, gallery, "one", "images.npz", "--observe", name, "--out", "a.png") == {
        **complete(done, gallery, "one", "images.npz", "--observe", "top"), "out": "a.png"
    }  # fmt: skip
    assert Path("a.png").read_bytes() == Path("completions.png").read_bytes()


def test_grey_levels(done, gallery, drawn):
    found = complete(done, gallery, "grey", "grey.npy", "--rows", "4", "-n", "5")
    assert (found["part"], found["rows"], found["observed"]) == ("all", 40, 3)
    rows = np.load(gallery / "grey.npy")
    assert found["log_likelihood"] == pytest.approx(expected(gallery / "grey", rows, np.arange(6) < 3).mean(), abs=1e-5)
    assert {0.0, 1.0, 2.0, 3.0} == set(np.concatenate([c for _, _, *completions in drawn for c in completions]))


@pytest.mark.parametrize(("model", "data", "caption"), [
    ("one", "images.npz", "white is 0, black is 1"), ("grey", "grey.npy", "white is 3, black is 0")
])  # fmt: skip
def test_strokes_are_dark_and_photographs_are_not(model, data, caption, done, gallery, monkeypatch):
    texts = []
    monkeypatch.setattr(
        plots, "save_figure", lambda figure, _: texts.extend(t.get_text() for t in figure.axes[0].texts)
    )
    complete(done, gallery, model, data)
    assert any(text.startswith(caption) for text in texts)


def test_context_comes_from_the_data(done, gallery):
    found = complete(done, gallery, "labelled", "labelled.npy")
    table = np.load(gallery / "labelled.npy")
    scores = expected(gallery / "labelled", table[:, 1:], TOP, context=table[:, :1])
    assert found["log_likelihood"] == pytest.approx(scores.mean(), abs=1e-5)
    other = expected(gallery / "labelled", table[:, 1:], TOP, context=1 - table[:, :1])
    assert abs(other.mean() - scores.mean()) > 1e-3  # the context matters


@pytest.mark.parametrize("part", ["train", "all"])
def test_another_part(part, done, gallery):
    parts = np.load(gallery / "images.npz")
    rows = parts[part] if part != "all" else np.concatenate([parts[name] for name in parts])
    found = complete(done, gallery, "one", "images.npz", "--part", part)
    assert (found["part"], found["rows"]) == (part, len(rows))
    assert found["log_likelihood"] == pytest.approx(expected(gallery / "one", rows, TOP).mean(), abs=1e-5)


def test_rows_of_the_fit_are_told(call, gallery):
    assert (
        "rows the model was fitted to"
        in call("complete", gallery / "one", gallery / "images.npz", "--part", "train").err
    )


def test_one_row_has_no_error(done, gallery):
    np.save("x.npy", [[0, 1, 0, 1, 1, 0, 0, 0, 1]])
    assert json.loads(done("complete", gallery / "one", "x.npy", "--json"))["standard_error"] is None
    assert "±" not in done("complete", gallery / "one", "x.npy", "--force")


def test_poor_evidence_is_told_once_in_a_plain_line(call, gallery):
    words = [
        "complete",
        gallery / "three",
        gallery / "images.npz",
        "--observe",
        "bottom",
        "--particles",
        "5",
        "--seed",
        "1",
        "--rows",
        "3",
    ]
    lines = call(*words).err.splitlines()
    told = r"tailormade: warning: hardly any draw agrees with what is observed in 1?\d of the 12 rows scored, so that"
    assert re.match(told, lines[0])
    assert [line.startswith("tailormade") for line in lines] == [True, False]
    assert call(*words, "--force", "--quiet").err == ""


def test_shape_of_the_image(done, gallery, monkeypatch):
    shapes = []
    monkeypatch.setattr(
        plots, "save_figure", lambda figure, _: shapes.append(figure.axes[0].images[0].get_array().shape)
    )
    done("complete", gallery / "grey", gallery / "grey.npy", "--image-shape", "3,2")
    done("complete", gallery / "grey", gallery / "grey.npy")
    done("complete", gallery / "one", gallery / "images.npz")
    assert shapes == [(3, 2), (2, 3), (3, 3)]


REFUSED = {
    "--observe middle": "--observe: expected top, bottom, left, right, random:FRACTION such as random:0.5, or a mask",
    "--observe random": "--observe: expected random:FRACTION with a fraction in (0, 1), got 'random'",
    "--observe random:1": "fraction in (0, 1), got 'random:1'",
    "--observe random:0": "fraction in (0, 1), got 'random:0'",
    "--observe random:nan": "fraction in (0, 1), got 'random:nan'",
    "--observe random:0.01": "'random:0.01' observes none",
    "--observe mask.npy": "--observe: mask.npy: expected a file with a mask, found nothing",
    "--image-shape 4,2": "--image-shape: expected (rows, columns) of 9 pixels in all, got (4, 2)",
    "--image-shape 9": "--image-shape: expected (rows, columns) of 9 pixels in all, got (9,)",
    "--image-shape wide": "--image-shape: expected whole numbers separated by commas",
    "--image-shape 1,9": "'top' observes none",
    "--part tests": "images.npz: has no part 'tests', expected one of ['test', 'train', 'valid']",
    "-n 0": "'-n'",
    "--rows 0": "'--rows'",
    "--particles 1": "'--particles'",
    "--orders 0": "'--orders'",
    "--orders 2": "--orders: expected a model fitted with -n any, and no --order, for 2 orders to answer",
    "--seed -1": "seed",
    "--key rows": "has no array 'rows'",
    "--out c.jpg": "c.jpg: expected a name ending in one of .png, got '.jpg'",
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused(words, refused, gallery):
    assert REFUSED[words] in refused("complete", gallery / "one", gallery / "images.npz", *words.split())


WRONG_MASKS = {
    "narrow": (np.ones(4), "mask.npy has shape (4,), expected (3, 3) or (9,)"),
    "turned": (np.ones((1, 3, 3)), "mask.npy has shape (1, 3, 3)"),
    "everything": (np.ones(9), "'mask.npy' observes all"),
    "nothing": (np.zeros((3, 3), bool), "'mask.npy' observes none"),
    "numbers": (np.arange(9), "mask.npy has 2, expected 0 (missing) and 1 (observed)"),
    "text": (np.array(["a"] * 9), "mask.npy: expected an array of 0 (missing) and 1 (observed)"),
}


@pytest.mark.parametrize("name", WRONG_MASKS)
def test_wrong_mask(name, refused, gallery):
    mask, message = WRONG_MASKS[name]
    np.save("mask.npy", mask)
    assert message in refused("complete", gallery / "one", gallery / "images.npz", "--observe", "mask.npy")


def test_no_image(refused, gallery, store):
    line = refused("complete", store / "one", store / "parts.npz")
    assert "--image-shape: the 5 variables of this model form no square image" in line
    assert "--image-shape ROWS,COLUMNS" in line


def test_data_of_another_width(refused, gallery, store):
    assert "parts.npz: expected 9 columns" in refused("complete", gallery / "one", store / "parts.npz")


def test_data_without_the_context(refused, gallery):
    np.save("x.npy", np.zeros((4, 9)))
    assert "expected 9 columns, as the model has that many variables, got 8" in refused(
        "complete", gallery / "labelled", "x.npy"
    )


def test_what_exists_is_kept(refused, gallery):
    Path("completions.png").write_text("precious")
    line = refused("complete", gallery / "one", gallery / "images.npz")
    assert "completions.png: exists already" in line
