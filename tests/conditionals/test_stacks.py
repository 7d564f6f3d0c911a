"""A stack computes what its members compute, one by one; layouts stack what differs in constants alone."""

import math
from dataclasses import fields

import pytest
import torch
from conditionals.families import FAMILIES, TABLE, noise_for, points_of, raw_for, table_rows, times, values_for

from tailormade.conditionals import (
    DiscretisedLogistics,
    Histogram,
    Layout,
    Normal,
    NormalMixture,
    PointMasses,
    stack,
)

STACKED = [name for name, family in FAMILIES.items() if type(family).constants]
ROWS = 40


@pytest.fixture(params=STACKED)
def members(request):
    family = FAMILIES[request.param]
    return [family, times(family, 4.0), times(family, 0.5), family]


def side_by_side(members, rows=ROWS):
    raw = torch.stack([raw_for(m, rows, seed=i) for i, m in enumerate(members)], 1)
    x = torch.stack([values_for(m, rows, seed=i) for i, m in enumerate(members)], 1)
    x[0, 0] = members[0].filler
    return raw, x


def one_by_one(members, method, *arrays):
    """Call a method of each member on its own slice of dimension 1."""
    return torch.stack([getattr(m, method)(*(a[:, i] for a in arrays)) for i, m in enumerate(members)], 1)


@pytest.mark.parametrize("method", ["log_prob", "cdf", "mass_below"])
def test_functions_of_values(members, method):
    raw, x = side_by_side(members)
    found = getattr(stack(members), method)(raw, x)
    torch.testing.assert_close(found, one_by_one(members, method, raw, x), atol=1e-12, rtol=1e-12)


def test_quantiles(members):
    raw, _ = side_by_side(members)
    u = torch.rand(ROWS, 4, dtype=torch.float64)
    expected = one_by_one(members, "icdf", raw, u)
    torch.testing.assert_close(stack(members).icdf(raw, u), expected, atol=1e-9, rtol=1e-9)


def test_samples(members):
    raw, _ = side_by_side(members)
    noise = torch.stack([noise_for(m, ROWS, seed=i) for i, m in enumerate(members)], 1)
    expected = one_by_one(members, "sample", raw, noise)
    torch.testing.assert_close(stack(members).sample(raw, noise), expected, atol=1e-12, rtol=1e-12)


def test_codes_support_and_start(members):
    raw, x = side_by_side(members)
    together = stack(members)
    torch.testing.assert_close(together.encode(x), one_by_one(members, "encode", x), atol=1e-12, rtol=1e-12)
    odd = torch.cat([x, x + 0.37, x * 1000, torch.full_like(x[:1], math.inf)])
    expected = [m.support.check(odd[:, i]) for i, m in enumerate(members)]
    assert torch.equal(together.support.check(odd), torch.stack(expected, 1))
    starts = [m.marginal_params(x[:, i : i + 1]) for i, m in enumerate(members)]
    torch.testing.assert_close(together.marginal_params(x), torch.cat(starts), atol=1e-6, rtol=1e-6)
    assert together.width == members[0].width
    assert together.noise == members[0].noise
    assert together.params == raw.shape[-1]


def test_float32_in_float32_out(members):
    raw, x = side_by_side(members)
    together = stack(members)
    assert together.log_prob(raw.float(), x.float()).dtype == torch.float32
    assert together.sample(raw.float(), torch.rand(ROWS, 4, together.noise)).dtype == torch.float32
    assert together.encode(x.float()).dtype == torch.float32


def test_equal_members_need_no_stack(members):
    assert stack([members[0], members[3]]) is members[0]


def test_structure_leaves_out_constants(members):
    assert len({m.structure() for m in members}) == 1
    assert hash(members[0].structure()) == hash(members[1].structure())


DIFFERENT = {
    "family": [Normal(), NormalMixture(1)],
    "components": [NormalMixture(2), NormalMixture(3)],
    "warp": [Normal(), Normal(warp=True)],
    "density": [DiscretisedLogistics(), DiscretisedLogistics(density=True)],
    "number_of_points": [PointMasses((0.0,), Normal()), PointMasses((0.0, 1.0), Normal())],
    "base": [PointMasses((0.0,), Normal()), PointMasses((0.0,), NormalMixture(2))],
    "bins": [Histogram(2), Histogram(3)],
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_cannot_be_stacked_has_another_structure(case):
    one, other = DIFFERENT[case]
    assert one.structure() != other.structure()


def test_ends_in_a_stack_may_be_rounded_to_float32():
    together = stack([Histogram(2, -0.1, 1 / 3), Histogram(2, -1 / 3, 0.1)])
    ends = torch.tensor([[-0.1, -1 / 3], [1 / 3, 0.1]])
    assert bool(together.support.check(ends).all())


@pytest.mark.parametrize("name", FAMILIES)
def test_constants_are_fields(name):
    family = FAMILIES[name]
    assert set(type(family).constants) <= {f.name for f in fields(family)} | {"min_scale"}


def split(raw):
    return raw.split([c.params for c in TABLE], -1)


def test_a_table_is_computed_in_few_blocks():
    layout = Layout(TABLE)
    assert [block.size for block in layout.blocks] == [2, 3, 1, 1, 1]
    assert layout.kinds == list(dict.fromkeys(TABLE))
    assert [layout.kinds[k] for k in layout.kind_of] == TABLE
    assert layout.noise == 3


def test_a_table_is_computed_as_its_columns_are():
    layout, (raw, noise, x) = Layout(TABLE), table_rows(7, 2)
    drawn = [c.sample(r, noise[..., i, : c.noise]) for i, (c, r) in enumerate(zip(TABLE, split(raw), strict=True))]
    assert torch.equal(x, torch.stack(drawn, -1))
    logs = [c.log_prob(r, x[..., i]) for i, (c, r) in enumerate(zip(TABLE, split(raw), strict=True))]
    torch.testing.assert_close(layout.log_prob(raw, x), torch.stack(logs, -1), atol=1e-12, rtol=0)
    codes = [c.encode(x[..., i]) for i, c in enumerate(TABLE)]
    torch.testing.assert_close(layout.encode(x), torch.cat(codes, -1), atol=1e-12, rtol=0)
    assert bool(layout.in_support(x).all())


def test_inputs_of_numbers_are_scaled_and_indicators_are_not():
    layout = Layout(TABLE[:3], missing=True)
    assert layout.input_scaled().tolist() == [True, False, False, False, True, False, False, False]


def test_points_are_stacked_with_their_values():
    together = stack([TABLE[0], TABLE[4]])
    assert points_of(TABLE[4]).tolist() == together.values[1].tolist()
    assert together.encode(torch.tensor([1.0, 5.0]))[:, 1:].tolist() == [[0.0, 1.0], [1.0, 0.0]]
