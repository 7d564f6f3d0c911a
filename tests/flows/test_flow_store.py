"""Saved flows are the same flows, and nothing is unpickled."""

import pickle

import pytest
import torch
from flows.flow_cases import CASES, SMALL, build, contexts, new, rows
from safetensors import safe_open

import tailormade as tm
from tailormade.files import pack, unpack
from tailormade.flows import Flow
from tailormade.store import MODEL_FILE, load_header


@pytest.mark.parametrize("name", CASES)
def test_every_case_comes_back_bit_for_bit(name, tmp_path):
    flow = build(name)
    tm.save(flow, tmp_path / "m")
    loaded = tm.load(tmp_path / "m")
    assert type(loaded) is type(flow)
    assert not loaded.training
    x, c = rows(flow, 7), contexts(flow, 7)
    assert torch.equal(flow.log_prob(x, c), loaded.log_prob(x, c))
    assert loaded.config() == flow.config()
    for key, value in flow.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key]), key
        assert value.dtype == loaded.state_dict()[key].dtype


@pytest.mark.parametrize("kind", ["MAF", "IAF"])
def test_the_header_says_what_it_is(kind, tmp_path):
    tm.save(getattr(tm, kind)(3, transforms=2, hidden_units=(2,), seed=0), tmp_path / "m")
    header = load_header(tmp_path / "m")
    assert (header["kind"], header["format"]) == (kind, 1)
    orders = [value for name, value in header["degrees"].items() if name.endswith("table.inputs")]
    assert orders == [[[1, 2, 3]], [[3, 2, 1]]]
    with safe_open(tmp_path / "m" / MODEL_FILE, framework="pt") as file:
        assert not any("table" in key for key in file.keys())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_type_comes_back(dtype, tmp_path):
    tm.save(new("maf_plain").to(dtype), tmp_path / "m")
    assert next(tm.load(tmp_path / "m").parameters()).dtype == dtype


def test_metadata_and_drawn_orders_come_back_and_no_generator_moves(tmp_path, recwarn):
    flow = tm.MAF(6, transforms=3, hidden_units=(2,), orders="random", seed=3)
    flow.metadata = {"columns": list("abcdef")}
    tm.save(flow, tmp_path / "m")
    recwarn.clear()
    before = torch.get_rng_state()
    loaded = tm.load(tmp_path / "m")
    assert torch.equal(before, torch.get_rng_state())
    assert not recwarn  # lost dependencies were reported when the flow was made
    assert loaded.metadata == flow.metadata
    assert loaded.asked_orders == "random"
    for a, b in zip(flow.transforms, loaded.transforms, strict=True):
        assert torch.equal(a.degrees.inputs, b.degrees.inputs)


def test_equal_flows_are_equal_files(tmp_path):
    for name in "ab":
        tm.save(new("iaf_spline"), tmp_path / name)
    assert (tmp_path / "a" / MODEL_FILE).read_bytes() == (tmp_path / "b" / MODEL_FILE).read_bytes()


def test_a_flow_replaces_a_made_and_a_made_a_flow(tmp_path):
    tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    tm.save(new("maf_plain"), tmp_path / "m")
    assert isinstance(tm.load(tmp_path / "m"), Flow)
    tm.save(tm.MADE(3, seed=0), tmp_path / "m")
    assert isinstance(tm.load(tmp_path / "m"), tm.MADE)


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("unpickled")

    tm.save(new("maf_conditional_made"), tmp_path / "m")
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    monkeypatch.setattr(torch, "load", refuse)
    tm.load(tmp_path / "m")


def test_other_kinds_are_refused(tmp_path):
    tm.save(new("maf_plain"), tmp_path / "m")
    tensors, header = unpack(tmp_path / "m" / MODEL_FILE)
    (tmp_path / "m" / MODEL_FILE).write_bytes(pack(tensors, {**header, "kind": "GAN"}))
    with pytest.raises(ValueError, match="expected a MADE or MAF or IAF of format 1 or older, got GAN of format 1"):
        tm.load(tmp_path / "m")
    with pytest.raises(TypeError, match="model: expected a MADE, MAF or IAF, got Linear"):
        tm.save(torch.nn.Linear(2, 2), tmp_path / "n")


@pytest.mark.parametrize(
    "change",
    [{"bijection": {"family": "Unknown"}}, {"base": {"kind": "Unknown", "features": 3}}, {"transforms": 3}, {"new": 1}],
)
def test_headers_that_describe_no_flow_are_refused(change, tmp_path):
    tm.save(new("maf_plain"), tmp_path / "m")
    tensors, header = unpack(tmp_path / "m" / MODEL_FILE)
    header["config"] = {**header["config"], **change}
    (tmp_path / "m" / MODEL_FILE).write_bytes(pack(tensors, header))
    with pytest.raises(ValueError, match="header and tensors do not describe one model"):
        tm.load(tmp_path / "m")


def test_the_weights_of_another_flow_are_refused(tmp_path):
    tm.save(new("maf_plain"), tmp_path / "m")
    _, header = unpack(tmp_path / "m" / MODEL_FILE)
    tm.save(tm.MAF(**{**SMALL, "hidden_units": (9,)}), tmp_path / "n")
    tensors, _ = unpack(tmp_path / "n" / MODEL_FILE)
    (tmp_path / "m" / MODEL_FILE).write_bytes(pack(tensors, header))
    with pytest.raises(ValueError, match="do not describe one model"):
        tm.load(tmp_path / "m")
