"""The drop-in for karpathy/pytorch-made: its golden values, its layout, its state dict, and what we mend."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from tailormade.compat.pytorch_made import MADE, MaskedLinear
from tailormade.masks import audit, reachability

# Written by the original, commit 81886cc: arguments -> m.
GOLDEN_DEGREES = {
    "two layers": (
        dict(nin=5, hidden_sizes=[6, 6], nout=10),
        [[2, 0, 1, 3, 4], [3, 3, 3, 3, 1, 3], [2, 3, 1, 3, 1, 1]],
    ),
    "natural": (
        dict(nin=5, hidden_sizes=[6, 6], nout=10, natural_ordering=True),
        [[0, 1, 2, 3, 4], [0, 3, 1, 0, 3, 3], [3, 3, 1, 3, 1, 2]],
    ),
    "one layer": (dict(nin=4, hidden_sizes=[5], nout=8), [[2, 3, 1, 0], [1, 1, 2, 0, 2]]),
    "no hidden layer": (dict(nin=3, hidden_sizes=[], nout=3), [[2, 1, 0]]),
    "natural, of two masks": (
        dict(nin=3, hidden_sizes=[4], nout=3, num_masks=2, natural_ordering=True),
        [[0, 1, 2], [0, 1, 1, 0]],
    ),
}
GOLDEN_MASKS = {  # of MADE(4, [5], 8), rows are units above
    "net.0.mask": ["0011", "0011", "1011", "0001", "1011"],
    "net.2.mask": ["11010", "11111", "00010", "00000", "11010", "11111", "00010", "00000"],
}
CASES = {
    "D=1": lambda: MADE(1, [3], 2),
    "D=1, two layers": lambda: MADE(1, [3, 2], 1),
    "no hidden layer": lambda: MADE(5, [], 10),
    "one layer": lambda: MADE(5, [12], 5),
    "P=3": lambda: MADE(4, [9, 7], 12),
    "natural": lambda: MADE(6, [10, 10], 6, natural_ordering=True),
    "narrow": lambda: MADE(7, [2, 2], 7),
    "second of several": lambda: _updated(MADE(6, [16], 12, num_masks=4)),
}
every_case = pytest.mark.parametrize("build", CASES.values(), ids=CASES.keys())


def _updated(made):
    made.update_masks()
    return made


def _randomised(made, activation=None):
    """Float64, every weight random, masked ones too."""
    made = made.double()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    for i, layer in enumerate(made.net):
        if activation is not None and isinstance(layer, nn.ReLU):
            made.net[i] = activation
    return made


def _jacobian(made):
    x = torch.randn(made.nin, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    return torch.autograd.functional.jacobian(made, x)


def _masks(made):
    return [layer.mask for layer in made.net if isinstance(layer, MaskedLinear)]


def _allowed(made):
    """Chunks: output p D + i may depend on input j if j comes before i."""
    place = torch.as_tensor(made.m[-1])
    return (place[None, :] < place[:, None]).repeat(made.nout // made.nin, 1)


# --- the same connectivities, bit for bit


@pytest.mark.parametrize(("arguments", "degrees"), GOLDEN_DEGREES.values(), ids=GOLDEN_DEGREES.keys())
def test_degrees_are_the_originals(arguments, degrees):
    made = MADE(**arguments)
    assert list(made.m) == list(range(-1, len(degrees) - 1))
    assert all(isinstance(m, np.ndarray) and m.dtype.kind == "i" for m in made.m.values())
    assert [m.tolist() for m in made.m.values()] == degrees


def test_masks_are_the_originals():
    state = MADE(4, [5], 8).state_dict()
    assert {k: ["".join(str(int(v)) for v in row) for row in state[k]] for k in GOLDEN_MASKS} == GOLDEN_MASKS


def test_update_masks_cycles_through_the_seeds():
    made = MADE(4, [5], 4, num_masks=3)
    seen = []
    for _ in range(4):
        seen.append((made.m[-1].tolist(), made.m[0].tolist(), made.seed))
        made.update_masks()
    assert seen == [
        ([2, 3, 1, 0], [1, 1, 2, 0, 2], 1),
        ([3, 2, 0, 1], [1, 1, 0, 0, 1], 2),
        ([2, 3, 1, 0], [2, 2, 0, 2, 1], 0),
        ([2, 3, 1, 0], [1, 1, 2, 0, 2], 1),
    ]


def test_update_masks_changes_the_masks_with_the_degrees():
    made = MADE(4, [5], 4, num_masks=3)
    before = [mask.clone() for mask in _masks(made)]
    made.update_masks()
    assert not torch.equal(before[0], _masks(made)[0])
    assert torch.equal(_masks(made)[0].bool(), torch.as_tensor(made.m[-1][None, :] <= made.m[0][:, None]))
    assert torch.equal(_masks(made)[1].bool(), torch.as_tensor(made.m[0][None, :] < made.m[-1][:, None]))


def test_one_mask_never_changes():
    made = MADE(4, [5], 4)
    before, degrees = copy.deepcopy(made.state_dict()), copy.deepcopy(made.m)
    made.update_masks()
    assert all(torch.equal(before[k], v) for k, v in made.state_dict().items())
    assert all(np.array_equal(degrees[k], v) for k, v in made.m.items())
    assert made.seed == 0


def test_global_seeds_neither_matter_nor_move():
    np.random.seed(3)
    torch.manual_seed(3)
    first, numpy_state, torch_state = MADE(6, [9], 6, 2), np.random.get_state()[1].copy(), torch.get_rng_state()
    first.update_masks()
    assert np.array_equal(np.random.get_state()[1], numpy_state)
    assert torch.equal(torch.get_rng_state(), torch_state)
    np.random.seed(4)
    second = _updated(MADE(6, [9], 6, 2))
    assert all(torch.equal(a, b) for a, b in zip(_masks(first), _masks(second), strict=True))
    assert not torch.equal(first.net[0].weight, second.net[0].weight)


def test_initial_weights_are_those_of_plain_layers_under_the_same_seed():
    torch.manual_seed(0)
    made = MADE(4, [5], 8)
    torch.manual_seed(0)
    plain = [nn.Linear(4, 5), nn.Linear(5, 8)]
    for ours, theirs in zip(made.net[::2], plain, strict=True):
        assert torch.equal(ours.weight, theirs.weight)
        assert torch.equal(ours.bias, theirs.bias)


# --- attributes, state dict, layout


def test_attributes():
    made = MADE(4, (5, 6), 8, 3, True)
    assert (made.nin, made.nout, made.hidden_sizes, made.num_masks) == (4, 8, [5, 6], 3)
    assert made.natural_ordering is True
    assert [type(layer) for layer in made.net] == [MaskedLinear, nn.ReLU, MaskedLinear, nn.ReLU, MaskedLinear]
    assert MADE(4, [], 4).natural_ordering is False


def test_state_dict_keys_shapes_and_types():
    state = MADE(4, [5], 8).state_dict()
    assert {k: tuple(v.shape) for k, v in state.items()} == {
        "net.0.weight": (5, 4), "net.0.bias": (5,), "net.0.mask": (5, 4),
        "net.2.weight": (8, 5), "net.2.bias": (8,), "net.2.mask": (8, 5),
    }  # fmt: skip
    assert {v.dtype for v in state.values()} == {torch.float32}
    assert list(MADE(4, [], 4).state_dict()) == ["net.0.weight", "net.0.bias", "net.0.mask"]


def test_outputs_lie_in_chunks():
    """Masks, then Jacobian: the rows p D + i of one variable agree for every p, and are not those of i P + p."""
    made = _randomised(MADE(4, [40], 12), nn.Tanh())
    chunks = _masks(made)[-1].unflatten(0, (3, 4))
    assert torch.equal(chunks[0], chunks[1])
    assert torch.equal(chunks[0], chunks[2])
    first = int(np.flatnonzero(made.m[-1] == 0)[0])
    rows = (_jacobian(made) != 0).unflatten(0, (3, 4))
    assert rows.any(-1).tolist() == [[i != first for i in range(4)]] * 3


@pytest.mark.parametrize("batch", [(), (3,), (0,), (2, 3)])
def test_any_leading_shape(batch):
    assert MADE(4, [5], 8)(torch.zeros(*batch, 4)).shape == (*batch, 8)


def test_more_arguments_than_the_original_takes():
    degrees = MADE(4, [5], 4).m[0].tolist()
    for same in (5, (5,), iter([5]), np.array([5]), np.int64(5)):
        assert MADE(4, same, 4).m[0].tolist() == degrees
    assert MADE(1, [3], 1)(torch.zeros(2, 1)).shape == (2, 1)


# --- autoregressive, both ways


@every_case
def test_forbidden_derivatives_are_zero(build):
    made = _randomised(build())
    assert torch.equal(_jacobian(made)[~_allowed(made)], torch.zeros(int((~_allowed(made)).sum())).double())


@every_case
def test_derivatives_are_nonzero_exactly_where_the_masks_have_a_path(build):
    """With tanh, since a ReLU that is off hides a path."""
    made = _randomised(build(), nn.Tanh())
    reach = reachability(_masks(made))
    assert torch.equal(_jacobian(made) != 0, reach)
    assert not (reach & ~_allowed(made)).any()


@pytest.mark.parametrize("seed", range(3))
def test_wide_layers_realise_every_allowed_dependency(seed):
    made = MADE(6, [64, 64], 12, num_masks=3)
    for _ in range(seed):
        made.update_masks()
    assert torch.equal(reachability(_masks(made)), _allowed(made))


def test_audit_reads_the_masks():
    made = MADE(5, [3], 5)
    found = audit(_masks(made), input_order=made.m[-1] + 1)
    assert len(found.forbidden) == 0
    assert torch.equal(found.realised, reachability(_masks(made)))


@pytest.mark.parametrize("poison", [math.nan, math.inf, 1e30])
def test_masked_weights_are_never_used(poison):
    made, x = MADE(5, [8], 5), torch.ones(2, 5)
    before = made(x)
    with torch.no_grad():
        for layer in made.net[::2]:
            layer.weight[layer.mask == 0] = poison
    after = made(x)
    assert torch.equal(before, after)
    after.sum().backward()
    for layer in made.net[::2]:
        assert torch.equal(layer.weight.grad[layer.mask == 0], torch.zeros(int((layer.mask == 0).sum())))


def test_masks_may_change_between_forward_and_backward():
    """Gradients belong to the masks that the forward pass used."""
    made, x = MADE(4, [6], 4, num_masks=2), torch.ones(1, 4)
    made(x).sum().backward()
    wanted = made.net[0].weight.grad.clone()
    made.zero_grad()
    made.seed = 0
    made.update_masks()
    loss = made(x).sum()
    made.update_masks()
    loss.backward()
    assert torch.equal(made.net[0].weight.grad, wanted)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_casts_keep_the_masks(dtype):
    made = MADE(4, [5], 4)
    wanted = [mask.bool() for mask in _masks(made)]
    made.to(dtype)
    assert made(torch.zeros(2, 4, dtype=dtype)).dtype == dtype
    assert all(torch.equal(mask.bool(), w) for mask, w in zip(_masks(made), wanted, strict=True))


# --- set_mask


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.float32])
def test_set_mask_takes_in_by_out_of_any_type(kind):
    layer = MaskedLinear(2, 3, bias=False)
    assert torch.equal(layer.mask, torch.ones(3, 2))
    layer.set_mask(np.array([[1, 0, 1], [0, 0, 1]]).astype(kind))
    assert layer.mask.dtype == torch.float32
    assert layer.mask.tolist() == [[1, 0], [0, 0], [1, 1]]
    assert torch.equal(layer(torch.eye(2)), torch.where(layer.mask.bool(), layer.weight, 0.0).T)


def test_set_mask_takes_views_and_tensors():
    layer, mask = MaskedLinear(2, 3), np.array([[1, 0, 1], [0, 0, 1]])
    layer.set_mask(mask[::-1, ::-1])
    assert layer.mask.T.tolist() == mask[::-1, ::-1].tolist()
    layer.set_mask(torch.as_tensor(mask))
    assert layer.mask.T.tolist() == mask.tolist()


def test_set_mask_names_the_shape_it_wants():
    layer = MaskedLinear(2, 3)
    with pytest.raises(ValueError, match=r"mask: expected shape \(in, out\) = \(2, 3\), got \(3, 2\)"):
        layer.set_mask(np.ones((3, 2)))
    assert torch.equal(layer.mask, torch.ones(3, 2))


# --- loading and copying


def test_load_state_dict_restores_the_masks():
    torch.manual_seed(0)
    trained = MADE(5, [7], 10, num_masks=3)
    trained.update_masks()
    fresh = MADE(5, [7], 10, num_masks=3)
    x = torch.randn(4, 5)
    assert not torch.equal(_masks(fresh)[0], _masks(trained)[0])
    fresh.load_state_dict(trained.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(_masks(fresh), _masks(trained), strict=True))
    assert torch.equal(fresh(x), trained(x))


def test_a_foreign_state_dict_loads():
    """As the original writes it: float masks, the weights not yet masked."""
    masks = {k: torch.tensor([[float(v) for v in row] for row in rows]) for k, rows in GOLDEN_MASKS.items()}
    weights = {"net.0.weight": torch.ones(5, 4), "net.0.bias": torch.zeros(5)}
    weights |= {"net.2.weight": torch.ones(8, 5), "net.2.bias": torch.zeros(8)}
    made = MADE(4, [5], 8, natural_ordering=True)
    made.load_state_dict(weights | masks)
    wanted = masks["net.2.mask"] @ masks["net.0.mask"].sum(1)
    assert torch.equal(made(torch.ones(4)), wanted)
    made.update_masks()  # of one mask: nothing is drawn, so what was loaded stays
    assert torch.equal(made(torch.ones(4)), wanted)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_copies_go_on_alone(duplicate):
    made = MADE(4, [5], 4, num_masks=3)
    twin = duplicate(made)
    twin.update_masks()
    assert (made.seed, twin.seed) == (1, 2)
    assert made.m[-1].tolist() == [2, 3, 1, 0]
    assert twin.m[-1].tolist() == [3, 2, 0, 1]
    assert not torch.equal(_masks(made)[0], _masks(twin)[0])
