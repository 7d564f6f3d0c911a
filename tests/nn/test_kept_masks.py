"""Masks kept between calls follow every change of the degrees."""

import copy
import weakref

import pytest
import torch

import tailormade as tm
from tailormade.flows import MaskedAutoregressive
from tailormade.masks import Degrees
from tailormade.nn.kept_masks import Kept


class Maker:
    """Makes masks and counts how often."""

    def __init__(self):
        self.calls = 0

    def __call__(self, degrees):
        self.calls += 1
        return degrees.masks(), None


def degrees():
    return Degrees(torch.tensor([1, 2, 3]), (torch.tensor([1, 1, 2, 2]),))


def same(masks, others):
    return all(torch.equal(a, b) for a, b in zip(masks[0], others[0], strict=True))


def test_masks_are_made_once():
    kept, make, d = Kept(), Maker(), degrees()
    assert kept.of(d, make) is kept.of(Degrees(d.inputs.view(3), d.hidden), make)
    assert make.calls == 1


CHANGES = {
    "edited in place": lambda d: d.inputs.copy_(torch.tensor([3, 2, 1])),
    "edited behind torch's back": lambda d: d.inputs.data.copy_(torch.tensor([3, 2, 1])),
    "edited through a view": lambda d: d.hidden[0][1:].fill_(2),
    "edited without gradients": lambda d: torch.no_grad()(lambda: d.hidden[0].fill_(1))(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_edits_make_new_masks(change):
    kept, make, d = Kept(), Maker(), degrees()
    kept.of(d, make)
    CHANGES[change](d)
    assert same(kept.of(d, make), make(d))


def test_memory_of_degrees_is_not_used_again_while_their_masks_are_kept():
    kept, make, d = Kept(), Maker(), degrees()
    kept.of(d, make)
    alive = weakref.ref(d)
    del d
    assert alive() is not None


def test_a_strided_view_is_told_from_its_neighbours():
    kept, make = Kept(), Maker()
    table = torch.tensor([[1, 2, 3], [3, 1, 2], [2, 3, 1]])
    for row in (table[0], table.T[0], table[1], table.T[1]):
        assert same(kept.of(Degrees(row), make), make(Degrees(row)))


def test_masks_made_in_inference_mode_do_not_reach_training():
    model, x = tm.MADE(4, hidden_units=8, seed=0), torch.ones(2, 4)
    with torch.inference_mode():
        model.log_prob(x)
    model.log_prob(x).sum().backward()
    with torch.inference_mode():
        model.log_prob(x)
    assert model.network.layers[0].weight.grad.abs().sum() > 0


class Params(torch.nn.Module):
    """The raw parameters that a layer puts out."""

    def __init__(self, order):
        super().__init__()
        self.layer = MaskedAutoregressive(4, hidden_units=8, input_order=order, seed=0)

    def forward(self, x):
        return self.layer.params(x)


@torch.no_grad()
def test_an_ensemble_under_vmap_has_its_own_masks():
    models, x = [Params("left-to-right"), Params("right-to-left")], torch.ones(5, 4)
    apart = torch.stack([model(x) for model in models])
    parameters, buffers = torch.func.stack_module_state(models)
    together = torch.vmap(lambda p, b: torch.func.functional_call(models[0], (p, b), x))(parameters, buffers)
    assert torch.allclose(together, apart, atol=1e-6)
    assert torch.equal(models[0](x), apart[0])


def test_loading_another_order_changes_the_masks():
    a, b = (tm.MADE(4, hidden_units=8, input_order=order, seed=0) for order in ("left-to-right", "right-to-left"))
    x = torch.tensor([[1.0, 0.0, 0.0, 1.0]])
    assert not torch.allclose(a.log_prob(x), b.log_prob(x))
    a.load_state_dict(b.state_dict())
    assert torch.equal(a.log_prob(x), b.log_prob(x))


def test_copies_keep_nothing():
    model = tm.MADE(4, hidden_units=8, seed=0)
    model.log_prob(torch.ones(4))
    assert model.network._kept._last is not None
    assert copy.deepcopy(model).network._kept._last is None
