"""Saved models are the same models, and a failure leaves the old file."""

import os
from pathlib import Path

import pytest
import torch
from registry import CASES
from safetensors.torch import save_file

import tailormade as tm
from tailormade.files import write_atomically
from tailormade.store import MODEL_FILE, load_header


def probe(model):
    g = torch.Generator().manual_seed(0)
    sizes = [c.cardinality for c in model.layout.conditionals]
    rows = torch.stack([torch.randint(size, (7,), generator=g) for size in sizes], -1)
    context = torch.randn(7, model.context, generator=g) if model.context else None
    return model.eval().log_prob(rows, context)


@pytest.mark.parametrize("name", CASES)
def test_every_case_comes_back_bit_for_bit(name, tmp_path):
    model = CASES[name]()
    tm.save(model, tmp_path / "m")
    loaded = tm.load(tmp_path / "m")
    assert torch.equal(probe(model), probe(loaded))
    assert model.config() == loaded.config()
    for key, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key]), key
        assert value.dtype == loaded.state_dict()[key].dtype


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_type_comes_back(dtype, tmp_path):
    tm.save(tm.MADE(3, seed=0).to(dtype), tmp_path / "m")
    assert next(tm.load(tmp_path / "m").parameters()).dtype == dtype


def test_explicit_hidden_degrees_and_metadata_come_back(tmp_path):
    model = tm.MADE(4, hidden_units=(3, 3), residual=True, hidden_degrees=[[1, 2, 3]] * 2, seed=0)
    model.metadata = {"columns": ["a", "b", "c", "d"]}
    tm.save(model, tmp_path / "m")
    loaded = tm.load(tmp_path / "m")
    assert [layer.tolist() for layer in loaded.table[0].hidden] == [[1, 2, 3]] * 3
    assert loaded.metadata == model.metadata
    assert not loaded.training


def test_the_header_can_be_read_alone_and_holds_orders_and_degrees(tmp_path):
    tm.save(tm.MADE(3, hidden_units=(2,), orders=2, seed=0), tmp_path / "m")
    header = load_header(tmp_path / "m")
    assert header["format"] == 1
    assert header["degrees"]["table.inputs"][0] == [1, 2, 3]
    assert header["config"]["hidden_units"] == [2]


def test_loading_says_nothing_of_lost_dependencies_again(tmp_path, recwarn):
    tm.save(tm.MADE(6, hidden_units=(2,), seed=0), tmp_path / "m")
    recwarn.clear()
    tm.load(tmp_path / "m")
    assert not recwarn


def test_loading_leaves_the_global_generator_alone(tmp_path):
    tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    before = torch.get_rng_state()
    tm.load(tmp_path / "m")
    assert torch.equal(before, torch.get_rng_state())


def test_equal_models_are_equal_files(tmp_path):
    for name in "ab":
        tm.save(tm.MADE(5, orders=3, seed=2), tmp_path / name)
    assert (tmp_path / "a" / MODEL_FILE).read_bytes() == (tmp_path / "b" / MODEL_FILE).read_bytes()


@pytest.mark.parametrize("stage", ["fsync", "replace"])
def test_a_failure_while_saving_leaves_the_old_model_and_no_litter(stage, tmp_path, monkeypatch):
    old = tm.MADE(3, seed=0)
    tm.save(old, tmp_path / "m")

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync", fail) if stage == "fsync" else (Path, "replace", fail)))
        with pytest.raises(OSError, match="No space left"):
            tm.save(tm.MADE(3, seed=1), tmp_path / "m")
    assert torch.equal(probe(tm.load(tmp_path / "m")), probe(old))
    assert [p.name for p in (tmp_path / "m").iterdir()] == [MODEL_FILE]


def test_a_failure_while_creating_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        tm.save(tm.MADE(3, seed=1), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_write_atomically_replaces(tmp_path):
    write_atomically(tmp_path / "f", b"old")
    write_atomically(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"new"


def damaged(file, how):
    content = bytearray(file.read_bytes())
    if how == "truncated":
        content = content[:-40]
    elif how == "flipped weight":
        content[-3] ^= 1
    elif how == "flipped header":
        content[content.index(b"hidden_units") + 1] ^= 1
    elif how == "no safetensors":
        content = bytearray(b"something else altogether")
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("truncated", "cannot be read"),
        ("flipped weight", "damaged"),
        ("flipped header", "damaged"),
        ("no safetensors", "cannot be read"),
    ],
)
def test_damaged_files_are_refused(how, message, tmp_path):
    tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    damaged(tmp_path / "m" / MODEL_FILE, how)
    with pytest.raises(ValueError, match=message):
        tm.load(tmp_path / "m")


def test_foreign_missing_and_newer_files_are_refused(tmp_path):
    (tmp_path / "m").mkdir()
    with pytest.raises(ValueError, match=r"has no model\.safetensors; expected a model folder"):
        tm.load(tmp_path / "m")
    with pytest.raises(ValueError, match="does not exist; expected a model folder"):
        tm.load(tmp_path / "nothing")
    save_file({"a": torch.zeros(1)}, tmp_path / "m" / MODEL_FILE)
    with pytest.raises(ValueError, match="got a safetensors file of another origin"):
        tm.load(tmp_path / "m")


def test_a_newer_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tailormade.store.FORMAT", 2)
    tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="expected a MADE of format 1 or older, got MADE of format 2"):
        tm.load(tmp_path / "m")


def test_saving_onto_a_file_is_refused(tmp_path):
    (tmp_path / "m").write_text("mine")
    with pytest.raises(ValueError, match="expected a folder, or nothing yet, got a file"):
        tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    assert (tmp_path / "m").read_text() == "mine"


def test_metadata_that_json_cannot_hold_is_refused_before_anything_is_written(tmp_path):
    model = tm.MADE(3, seed=0)
    model.metadata = {"bad": float("nan")}
    with pytest.raises(ValueError, match="not JSON compliant"):
        tm.save(model, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []
