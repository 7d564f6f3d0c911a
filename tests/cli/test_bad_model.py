"""Models that are damaged, foreign or from the future."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tailormade.files import pack, unpack

FILE = "model.safetensors"
FIX = ["m/model.safetensors", "expected a", "tailormade"]


def header_end(data):
    return 8 + int.from_bytes(data[:8], "little")


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def renumbered(data):
    """A header whose JSON is as good as before, but says something else."""
    assert data.count(b'\\"silu\\"') == 2  # in the configuration and in what a resumed fit must share
    return data.replace(b'\\"silu\\"', b'\\"tanh\\"')


DAMAGED = {
    "empty": (lambda data: b"", FIX),
    "length cut": (lambda data: data[:5], FIX),
    "header cut": (lambda data: data[:200], FIX),
    "one byte short": (lambda data: data[:-1], FIX),
    "one byte long": (lambda data: data + b"\0", FIX),
    "length flipped": (lambda data: flipped(data, 2), FIX),
    "header flipped": (lambda data: flipped(data, 40), FIX),
    "header's last bracket": (lambda data: flipped(data, data.rindex(b"]}}")), FIX),
    "configuration changed": (renumbered, ["m/model.safetensors", "damaged", "checksum", "Restore or refit"]),
    "first tensor byte": (
        lambda data: flipped(data, header_end(data)),
        ["m/model.safetensors", "damaged", "checksum", "Restore or refit"],
    ),
    "last tensor byte": (
        lambda data: flipped(data, len(data) - 1),
        ["m/model.safetensors", "damaged", "checksum", "Restore or refit"],
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_file(damage, refused, store):
    spoil, phrases = DAMAGED[damage]
    Path("m").mkdir()
    Path("m", FILE).write_bytes(spoil((store / "one" / FILE).read_bytes()))
    line = refused("check", "m")
    assert all(phrase in line for phrase in phrases), line


READERS = {
    "check": ["check", "m"],
    "show": ["show", "m"],
    "sample": ["sample", "m", "--out", "s.csv"],
    "score": ["score", "m", "{store}/parts.npz", "--out", "s.csv"],
    "complete": ["complete", "m", "{store}/parts.npz"],
}


@pytest.fixture(params=list(READERS))
def reader(request, store):
    """The words of a verb that reads the model ``m``."""
    return [word.format(store=store) for word in READERS[request.param]]


def test_every_verb_sees_damage(reader, refused, store):
    Path("m").mkdir()
    whole = (store / "one" / FILE).read_bytes()
    Path("m", FILE).write_bytes(flipped(whole, len(whole) - 9))
    assert "damaged" in refused(*reader)


def test_no_such_folder(reader, refused):
    line = refused(*reader)
    assert "m: does not exist; expected a model folder made by `tailormade fit`" in line


def test_folder_without_a_model(reader, refused):
    Path("m").mkdir()
    line = refused(*reader)
    assert f"m: has no {FILE}; expected a model folder made by `tailormade fit`" in line


def test_foreign_tensors(refused):
    Path("m").mkdir()
    save_file({"weight": torch.ones(2)}, Path("m", FILE))
    line = refused("check", "m")
    assert "expected a file written by tailormade, got a safetensors file of another origin" in line


@pytest.mark.parametrize("name", ["parts.npz", "people.csv"])
def test_data_in_place_of_a_model(name, refused, store):
    assert "expected a safetensors file written by tailormade" in refused("check", store / name)


def rewrite(store, **changes):
    """Write a model whose checksum is right, but whose header is not; ``None`` drops an entry."""
    tensors, header = unpack(store / "one" / FILE)
    header = {k: v for k, v in (header | changes).items() if v is not None}
    Path("m").mkdir()
    Path("m", FILE).write_bytes(pack(tensors, header))


def test_newer_format(refused, store):
    rewrite(store, format=2)
    line = refused("check", "m")
    assert "m/model.safetensors: expected a MADE of format 1 or older, got MADE of format 2" in line
    assert "newer tailormade" in line


HEADERS = {
    "another kind": {"kind": "Forest"},
    "no format": {"format": None},
    "format in words": {"format": "one"},
    "no configuration": {"config": None},
    "no degrees": {"degrees": {}},
    "unknown option": {"config": {"features": 5, "conditionals": [{"family": "Bernoulli"}], "colour": "red"}},
    "unknown dtype": {"dtype": "float99"},
    "no notes": {"metadata": None},
}


@pytest.mark.parametrize("name", HEADERS)
def test_header_of_another_program(name, refused, store):
    rewrite(store, **HEADERS[name])
    line = refused("check", "m")
    assert "m/model.safetensors: " in line


def test_tensors_of_another_model(refused, store):
    tensors, header = unpack(store / "one" / FILE)
    Path("m").mkdir()
    Path("m", FILE).write_bytes(pack({k: v for k, v in tensors.items() if "bias" not in k}, header))
    line = refused("check", "m")
    assert "m/model.safetensors: header and tensors do not describe one model" in line
    assert "bias" in line


HISTORIES = {
    None: "expected a history.jsonl, written by fit",
    "": "expected at least one epoch",
    "{broken": "cannot be read as JSON lines of a fit",
    "[1]\n": "cannot be read as JSON lines of a fit",
    json.dumps({"epoch": 1}) + "\n": "expected",
}


@pytest.mark.parametrize("text", HISTORIES, ids=str)
def test_curves_of_a_broken_history(text, refused, store):
    shutil.copytree(store / "one", "m")
    Path("m/history.jsonl").unlink()
    if text is not None:
        Path("m/history.jsonl").write_text(text)
    assert HISTORIES[text] in refused("show", "m", "--curves", "c.png")
