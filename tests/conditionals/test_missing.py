"""Layouts of values that may be missing: flags, evidence, and logs without NaN."""

import math

import pytest
import torch
from conditionals.families import FAMILIES, TABLE, table_rows

from tailormade.conditionals import Layout


def gappy(*batch):
    raw, _, x = table_rows(*batch)
    gaps = torch.rand(x.shape, generator=torch.Generator().manual_seed(2)) < 0.4
    return raw, x, gaps, x.masked_fill(gaps, torch.nan)


def test_flags_follow_codes():
    layout, (_, x, gaps, holes) = Layout(TABLE, missing=True), gappy(9)
    parts = [
        torch.cat([c.encode(x[..., i]) * ~gaps[..., i, None], gaps[..., i, None]], -1) for i, c in enumerate(TABLE)
    ]
    torch.testing.assert_close(layout.encode(holes), torch.cat(parts, -1), atol=1e-12, rtol=0)
    assert layout.input_sizes == [c.width + 1 for c in TABLE]
    assert layout.param_sizes == [c.params for c in TABLE]


def test_evidence_is_coded_with_its_own_flags():
    layout, (_, x, gaps, _) = Layout(TABLE, missing=True), gappy(9)
    seen = ~gaps
    parts = [torch.cat([c.encode(x[..., i]) * seen[..., i, None], seen[..., i, None]], -1) for i, c in enumerate(TABLE)]
    for elsewhere in (torch.nan, 1e9, -3.0):
        x_seen = torch.where(seen, x, elsewhere)
        torch.testing.assert_close(layout.encode_evidence(x_seen, seen), torch.cat(parts, -1), atol=1e-12, rtol=0)


def test_evidence_broadcasts():
    layout, (_, _, x) = Layout(TABLE, missing=True), table_rows(4)
    seen = torch.arange(len(TABLE)) < 3
    assert torch.equal(layout.encode_evidence(x, seen), layout.encode_evidence(x, seen.expand(4, -1)))
    assert layout.encode_evidence(x[0], seen.expand(4, -1)).shape == (4, sum(layout.input_sizes))


def test_missing_evidence_is_not_known():
    layout, (_, _, _, holes) = Layout(TABLE, missing=True), gappy(5)
    everything = torch.ones(len(TABLE), dtype=torch.bool)
    assert torch.equal(layout.encode_evidence(holes, everything), layout.encode_evidence(holes, ~holes.isnan()))


def test_layouts_without_flags_code_no_evidence():
    with pytest.raises(ValueError, match="missing: expected a layout with missing=True, got one without"):
        Layout(TABLE).encode_evidence(torch.zeros(8), torch.ones(8, dtype=torch.bool))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_missing_cells_have_log_1_and_no_gradient(dtype):
    layout, (raw, x, gaps, holes) = Layout(TABLE, missing=True), gappy(9)
    raw = raw.to(dtype).requires_grad_()
    logs = layout.log_prob(raw, holes.to(dtype))
    assert bool((logs[gaps] == 0).all())
    torch.testing.assert_close(logs[~gaps], Layout(TABLE).log_prob(raw, x.to(dtype))[~gaps], atol=0, rtol=0)
    logs.sum().backward()
    assert bool(raw.grad.isfinite().all())
    owner = torch.arange(len(TABLE)).repeat_interleave(torch.tensor(layout.param_sizes))
    assert bool((raw.grad[gaps[:, owner]] == 0).all())


def test_missing_cells_are_in_the_support():
    (_, _, gaps, holes) = gappy(9)
    assert bool(Layout(TABLE, missing=True).in_support(holes).all())
    assert torch.equal(Layout(TABLE).in_support(holes), ~gaps)
    wrong = torch.tensor([0.5, 1.0, 2.0, 1.0, 0.0, 3.0, math.inf, 0.0])
    assert Layout(TABLE, missing=True).in_support(wrong).tolist() == [
        False, True, False, True, True, False, False, True,
    ]  # fmt: skip


def test_a_part_of_a_layout_keeps_its_flags():
    part = Layout(TABLE, missing=True).part([1, 2])
    assert part.missing
    assert part.input_sizes == [2, 2]


@pytest.mark.parametrize("name", FAMILIES)
def test_fillers_are_in_the_support(name):
    family = FAMILIES[name]
    assert bool(family.support.check(torch.tensor(family.filler, dtype=torch.float64)))
    assert bool(family.support.check(torch.tensor(family.filler, dtype=torch.float32)))
