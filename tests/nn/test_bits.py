"""Masks as bits do what masks do, to numbers that are none as well."""

import pytest
import torch

from tailormade.nn.bits import create_bits, keep, keep_

LOW, HIGH = torch.tensor([0, 1, 2, 5]), torch.tensor([[2], [0], [6]])
VALUES = torch.tensor([[1.5, -2.0, torch.nan, -torch.inf], [0.1, torch.nan, torch.inf, 1.0], [-0.0, 3.0, 4.0, 1e-40]])


def test_ones_where_less():
    bits = create_bits(LOW, HIGH)
    assert bits.dtype == torch.int32
    assert torch.equal(bits, -(LOW < HIGH).int())


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_as_where(dtype, turned):
    values, bits = VALUES.to(dtype), create_bits(LOW, HIGH)
    values, bits = (values.T, bits.T) if turned else (values, bits)
    expected = values.where(bits != 0, 0.0)
    for found in (keep(values, bits), keep_(values.clone(), bits)):
        torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)


def test_in_place_in_a_part():
    values = torch.ones(3, 6)
    keep_(values[:, 2:], create_bits(LOW, HIGH))
    assert values.tolist() == [[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]]
