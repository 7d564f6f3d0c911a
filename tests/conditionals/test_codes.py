"""How ordered and numerous categories enter a network."""

import pytest
import torch

from tailormade.conditionals import Categorical, Ordinal
from tailormade.conditionals.categorical import code_table


def test_ordinal_code_is_a_thermometer():
    assert Ordinal(4).encode(torch.arange(4.0)).tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_any_ordinal_distribution_can_be_reached():
    wanted = torch.tensor([0.5, 0.001, 0.25, 0.2, 0.049], dtype=torch.float64)
    below = wanted.cumsum(0)[:-1]
    cuts = torch.logit(below)
    raw = torch.cat([cuts[:1], torch.log(torch.expm1(cuts.diff()))])
    torch.testing.assert_close(Ordinal(5).log_prob(raw, torch.arange(5)).exp(), wanted)


@pytest.mark.parametrize("raw", [[3.0, -80.0, -80.0], [-200.0, 300.0, 1.0], [0.0, 0.0, -1000.0]], ids=str)
def test_narrow_gaps_have_logs(raw):
    logs = Ordinal(4).log_prob(torch.tensor(raw), torch.arange(4))
    assert bool(logs.isfinite().all())
    torch.testing.assert_close(logs.exp().sum(), torch.tensor(1.0))


def test_a_code_is_a_function_of_its_numbers_for_ever():
    signs = (code_table(5, 8) > 0).int()
    assert ["".join(map(str, row)) for row in signs.tolist()] == CODE_5_8


CODE_5_8 = ["10000111", "01001000", "00011101", "10110101", "01110100"]


def test_codes_leave_generators_alone():
    code_table.cache_clear()
    before = torch.get_rng_state()
    code_table(100, 4)
    assert torch.equal(torch.get_rng_state(), before)


def test_codes_are_nearly_orthogonal():
    table = code_table(1000, 64)
    products = table @ table.T
    torch.testing.assert_close(products.diag(), torch.ones(1000))
    assert float((products - torch.eye(1000)).abs().max()) < 0.75
    assert len(table.unique(dim=0)) == 1000


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_codes_are_looked_up(dtype):
    family = Categorical(200, code=16)
    x = torch.tensor([[0.0, 199.0], [7.0, 7.0]]).to(dtype)
    assert family.width == 16
    assert family.params == 200
    assert torch.equal(family.encode(x), code_table(200, 16)[x.long()].to(dtype))


def test_a_code_changes_no_probability():
    raw, x = torch.randn(9, 30), torch.randint(30, (9,)).float()
    assert torch.equal(Categorical(30, code=4).log_prob(raw, x), Categorical(30).log_prob(raw, x))
