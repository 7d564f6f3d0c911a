"""What units add up over the inputs they see is that of the mask, in parts of any size."""

import pytest
import torch

from tailormade.nn import seen as module
from tailormade.nn.seen import seen_sum

G = torch.Generator().manual_seed(0)
BELOW, ENDS = torch.randperm(7, generator=G) + 1, torch.tensor([1, 1, 3, 4, 8])
MASK = BELOW < ENDS.unsqueeze(1)


@pytest.fixture(autouse=True, params=[1, 14, 2**17], ids=["row by row", "two rows", "all rows"])
def parts(request, monkeypatch):
    monkeypatch.setattr(module, "_ENTRIES", request.param)


@pytest.fixture
def weight():
    return torch.randn(5, 7, generator=G, dtype=torch.float64).requires_grad_()


def test_values_and_derivatives(weight):
    found, expected = seen_sum(weight, BELOW, ENDS), weight.where(MASK, 0.0).sum(1)
    torch.testing.assert_close(found, expected)
    g = torch.randn(5, generator=G, dtype=torch.float64)
    ours, theirs = (torch.autograd.grad(y, weight, g)[0] for y in (found, expected))
    assert torch.equal(ours, theirs)


def test_derivatives_of_derivatives_and_many_at_a_time(weight):
    assert torch.autograd.gradgradcheck(lambda w: seen_sum(w, BELOW, ENDS).square(), [weight])
    g = torch.randn(3, 5, generator=G, dtype=torch.float64)
    many = torch.autograd.grad(seen_sum(weight, BELOW, ENDS), weight, g, is_grads_batched=True)[0]
    assert torch.equal(many, g.unsqueeze(2) * MASK)


@pytest.mark.parametrize("poison", [torch.nan, torch.inf])
def test_masked_entries_have_no_effect(weight, poison):
    poisoned = weight.detach().where(MASK, poison)
    assert torch.equal(seen_sum(poisoned, BELOW, ENDS), seen_sum(weight, BELOW, ENDS))
