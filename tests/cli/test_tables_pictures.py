"""``tailormade show --data``: the model of a table against the rows of a file, as a picture."""

from pathlib import Path

import pytest
from cli.table_store import people

import tailormade.cli.tables
from tailormade.plots.tables import marginals

KINDS = ["marginals", "dependence", "calibration"]


@pytest.fixture
def held_out():
    """Rows that no model was fitted to, with gaps; their lines."""
    text = people(rows=90, seed=5)
    Path("held_out.csv").write_text(text)
    return text.splitlines()


def drawn(done, model, *words):
    """The bytes of the picture that the command writes."""
    assert done("show", model, "--data", "held_out.csv", "--out", "p.png", "--seed", "1", "--force", *words) == ""
    return Path("p.png").read_bytes()


@pytest.mark.parametrize("name", ["m", "given", "three"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_every_model(name, kind, done, tables, held_out):
    assert drawn(done, tables / name, "--kind", kind).startswith(b"\x89PNG")


def test_marginals_are_drawn_if_no_kind_is_named_and_the_picture_is_named(call, done, tables, held_out):
    outcome = call("show", tables / "m", "--data", "held_out.csv", "--out", "p.png", "--seed", "1")
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.splitlines()[-1] == "wrote p.png"
    assert Path("p.png").read_bytes() == drawn(done, tables / "m", "--kind", "marginals")
    assert Path("p.png").read_bytes() != drawn(done, tables / "m", "--kind", "calibration")


def test_seeds_fix_the_picture(done, tables, held_out):
    assert drawn(done, tables / "m") == drawn(done, tables / "m")
    assert drawn(done, tables / "m") != drawn(done, tables / "m", "--seed", "2")


def test_rows_at_most_however_the_file_is_read(done, tables, held_out, monkeypatch):
    titles, panels = [], marginals.panels
    monkeypatch.setattr(marginals, "panels", lambda *a, **k: titles.append(a[1]) or panels(*a, **k))
    whole = drawn(done, tables / "given", "-n", "40")
    monkeypatch.setattr(tailormade.cli.tables.read_blocks, "__defaults__", (7,))
    assert drawn(done, tables / "given", "-n", "40") == whole
    assert titles == ["Columns: 40 real and 40 sampled rows"] * 2


def test_without_data_the_network_is_drawn(done, tables, held_out):
    done("show", tables / "m", "--out", "network.png")
    assert Path("network.png").read_bytes() != drawn(done, tables / "m")


BAD = {
    "--kind calibration --out p.png": "--kind: says how rows are drawn; name the file that they",
    "-n 5 --out p.png": "-n: says how rows are drawn; name the file that they are in with --data FILE.",
    "--data held_out.csv": "--data: says what to compare the model with; name the picture with --out PNG.",
    "--data held_out.csv --out p.jpg": "p.jpg: expected a name ending in one of .png, got '.jpg'.",
    "--data held_out.csv --out p.png --kind pairs": (
        "--kind: expected one of marginals, dependence, calibration, got 'pairs'."
    ),
    "--data held_out.csv --out p.png --highlight 0": "--highlight: says what to draw of a network;",
    "--data held_out.csv --out p.png -n 0": "'-n'",
    "--data nothing.csv --out p.png": "nothing.csv: expected a file, found none.",
    "--data narrow.csv --out p.png": "narrow.csv: expected columns ['sex', 'age', ",
    "--data strange.csv --out p.png": "strange.csv: column 'sex' has 'x' in row 0",
    "--data one.csv --out p.png --kind dependence": "columns: expected two that can be compared",
    "--data held_out.csv --out there.png": "there.png: exists already.",
}


@pytest.mark.parametrize("words", BAD)
def test_what_cannot_be_drawn(words, refused, tables, held_out):
    Path("narrow.csv").write_text("\n".join(line.rpartition(",")[0] for line in held_out))
    Path("strange.csv").write_text("\n".join([held_out[0], "P0,x,40.0,clerk,0,True"]))
    Path("one.csv").write_text("\n".join(held_out[:2]))
    Path("there.png").write_text("")
    assert BAD[words] in refused("show", tables / "m", *words.split())


def test_a_model_of_an_array(refused, store, held_out):
    found = refused("show", store / "one", "--data", "held_out.csv", "--out", "p.png")
    assert "--data: expected a model of a table for this, got one of an array; leave it out." in found
