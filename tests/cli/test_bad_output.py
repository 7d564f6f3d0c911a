"""Outputs that cannot or must not be written are refused before any work is done."""

from pathlib import Path

import pytest

MODEL = "{store}/one"
DATA = "{store}/parts.npz"
FIT = ["fit", DATA, "--epochs", "1", "-q", "4", "--out"]
WRITERS = {
    "fit": (FIT, "m", ()),
    "score": (["score", MODEL, DATA, "--out"], "s.csv", (".npy", ".csv")),
    "sample": (["sample", MODEL, "--out"], "s.npy", (".npy", ".csv", ".parquet", ".png")),
    "complete": (["complete", MODEL, DATA, "--image-shape", "1,5", "--observe", "left", "--out"], "s.png", (".png",)),
    "show": (["show", MODEL, "--out"], "s.png", (".png",)),
    "show --samples": (["show", MODEL, "--samples"], "s.png", (".png",)),
    "show --curves": (["show", MODEL, "--curves"], "s.png", (".png",)),
    "demo": (["demo", "--out"], "demo", ()),
}


@pytest.fixture(params=list(WRITERS))
def writer(request, store):
    """The words before an output's name, a good name, and the suffixes it may have."""
    words, name, suffixes = WRITERS[request.param]
    return [word.format(store=store) for word in words], name, suffixes


def test_a_parent_that_is_a_file(writer, refused):
    words, name, _ = writer
    Path("file").write_text("not a folder")
    line = refused(*words, f"file/{name}")
    assert f"file/{name}: cannot be written" in line
    assert "Choose another place" in line


def test_what_exists_is_kept(writer, refused):
    words, name, _ = writer
    Path(name).write_text("precious")
    line = refused(*words, name)
    assert f"{name}: exists already" in line
    assert "--force" in line


@pytest.mark.parametrize("name", ["x.txt", "x", "x.CSVS"])
@pytest.mark.parametrize("writer", [w for w in WRITERS if WRITERS[w][2]], indirect=True)
def test_an_unknown_suffix(writer, name, refused):
    words, _, suffixes = writer
    line = refused(*words, name)
    assert f"{name}: expected a name ending in one of {', '.join(suffixes)}" in line
    assert f"'{Path(name).suffix}'" in line


def test_a_model_is_kept(refused, done):
    words = ["fit", "x.npy", "--out", "m", "--epochs", "1", "-q", "4", "--quiet"]
    _write_table()
    done(*words, "--seed", "1")
    assert "m: exists already. Choose another name, or overwrite it with --force." in refused(*words, "--seed", "2")


def test_force_overwrites(done):
    words = ["fit", "x.npy", "--out", "m", "--epochs", "1", "-q", "4", "--quiet"]
    _write_table()
    done(*words, "--seed", "1")
    before = Path("m/model.safetensors").read_bytes()
    done(*words, "--seed", "2", "--force")
    assert Path("m/model.safetensors").read_bytes() != before


def test_force_does_not_turn_a_file_into_a_model(refused):
    _write_table()
    Path("m").write_text("precious")
    line = refused("fit", "x.npy", "--out", "m", "--force")
    assert "m: " in line
    assert "folder" in line


@pytest.mark.parametrize("name", ["s.npy", "s.csv", "s.parquet", "s.png"])
def test_force_overwrites_samples(name, done, store):
    Path(name).write_text("old")
    done("sample", store / "one", "-n", "3", "--out", name, "--force")
    assert Path(name).read_bytes() != b"old"


def test_a_folder_is_no_place_for_samples(refused, store):
    Path("s.csv").mkdir()
    assert "s.csv" in refused("sample", store / "one", "-n", "3", "--out", "s.csv", "--force")


def test_folders_on_the_way_are_made(done, store):
    done("fit", store / "parts.npz", "--out", "a/b/m", "--epochs", "1", "-q", "4")
    assert Path("a/b/m/model.safetensors").is_file()


@pytest.mark.parametrize("name", ["a/b/s.csv", "a/b/s.parquet", "a/b/s.png"])
def test_folders_on_the_way_are_made_for_samples(name, done, store):
    done("sample", store / "one", "-n", "3", "--out", name)
    assert Path(name).is_file()


def _write_table():
    import numpy as np

    np.save("x.npy", np.random.default_rng(0).integers(0, 2, (20, 4)))
