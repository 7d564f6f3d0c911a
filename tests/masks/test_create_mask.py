"""``create_autoregressive_mask``: tfep's function, argument for argument."""

import numpy as np
import pytest
import torch

from tailormade.masks import create_autoregressive_mask
from tailormade.masks.degrees import weight_mask

STRICT = [[0, 0, 1, 1], [0, 0, 0, 1], [0, 1, 1, 1]]  # degrees 1, 2, 0 below 0, 1, 2, 3
WEAK = [[0, 1, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]
BELOW, ABOVE = [1, 2, 0], [0, 1, 2, 3]


@pytest.fixture(params=[np.array, torch.tensor], ids=["numpy", "tensor"])
def kind(request):
    return request.param


@pytest.mark.parametrize(("strictly_less", "expected"), [(True, STRICT), (False, WEAK)], ids=["strict", "weak"])
def test_rows_are_inputs(kind, strictly_less, expected):
    mask = create_autoregressive_mask(kind(BELOW), kind(ABOVE), strictly_less=strictly_less)
    assert mask.tolist() == expected


@pytest.mark.parametrize(("strictly_less", "expected"), [(True, STRICT), (False, WEAK)], ids=["strict", "weak"])
def test_transpose_has_the_layout_of_a_weight(kind, strictly_less, expected):
    mask = create_autoregressive_mask(kind(BELOW), kind(ABOVE), strictly_less, True)
    assert mask.tolist() == torch.tensor(expected).T.tolist()


def test_strict_is_the_default(kind):
    assert create_autoregressive_mask(kind([1, 2]), kind([1, 2])).tolist() == [[0, 1], [0, 0]]


def test_negative_degrees_reach_everything(kind):
    assert create_autoregressive_mask(kind([-1]), kind([0, 1])).tolist() == [[1, 1]]


def test_dtype_is_torchs_default(kind):
    assert create_autoregressive_mask(kind(BELOW), kind(ABOVE)).dtype == torch.float32


@pytest.mark.usefixtures("double_by_default")
def test_dtype_follows_set_default_dtype(kind):
    assert create_autoregressive_mask(kind(BELOW), kind(ABOVE)).dtype == torch.float64


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.float16])
def test_dtype_can_be_chosen(kind, dtype):
    mask = create_autoregressive_mask(kind(BELOW), kind(ABOVE), dtype=dtype)
    assert mask.dtype == dtype
    assert mask.int().tolist() == STRICT


@pytest.mark.parametrize(
    ("below", "above", "found"),
    [
        (np.array(BELOW), torch.tensor(ABOVE), "ndarray and Tensor"),
        (torch.tensor(BELOW), np.array(ABOVE), "Tensor and ndarray"),
        (BELOW, ABOVE, "list and list"),
        (torch.tensor(BELOW), ABOVE, "Tensor and list"),
    ],
    ids=["numpy_tensor", "tensor_numpy", "lists", "tensor_list"],
)
def test_both_must_be_of_one_kind(below, above, found):
    with pytest.raises(TypeError, match=f"expected two tensors or two numpy arrays, got {found}"):
        create_autoregressive_mask(below, above)


@pytest.mark.parametrize(("output", "expected"), [(True, STRICT), (False, WEAK)], ids=["output", "hidden"])
def test_weight_mask_is_strict_into_outputs_only(output, expected):
    mask = weight_mask(torch.tensor(BELOW), torch.tensor(ABOVE), output=output)
    assert mask.dtype == torch.bool
    assert mask.int().tolist() == torch.tensor(expected).T.tolist()
