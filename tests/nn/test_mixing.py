"""Whatever stands between masked layers must act on every unit alone."""

import pytest
import torch
from torch import nn

from tailormade import MADE, AutoregressiveNetwork, MaskedLinear, MaskedSequential

MIXING = {
    "layer_norm": lambda: nn.LayerNorm(16),
    "rms_norm": lambda: nn.RMSNorm(16),
    "softmax": lambda: nn.Softmax(-1),
    "unmasked": lambda: nn.Linear(16, 16),
    "group_norm": lambda: nn.GroupNorm(2, 16),
    "nested": lambda: nn.Sequential(nn.ReLU(), nn.LayerNorm(16)),
}
ALONE = {
    "relu": nn.ReLU,
    "dropout": lambda: nn.Dropout(0.5),
    "batch_norm": lambda: nn.BatchNorm1d(16),
    "prelu": lambda: nn.PReLU(16),
    "nested": lambda: nn.Sequential(nn.Tanh(), nn.Dropout(0.1)),
}


@pytest.mark.parametrize("name", MIXING)
def test_modules_that_mix_units_are_refused(name):
    with pytest.raises(ValueError, match=r"layer 1 \(.*mixes units of different degrees"):
        MaskedSequential(MaskedLinear(3, 16), MIXING[name](), MaskedLinear(16, 6))


@pytest.mark.parametrize("name", ALONE)
def test_element_wise_modules_are_taken_and_left_as_they_were(name):
    module = ALONE[name]()
    state = {k: v.clone() for k, v in module.state_dict().items()}
    net = MaskedSequential(MaskedLinear(3, 16), module, MaskedLinear(16, 6))
    assert net(torch.zeros(5, 3)).shape == (5, 6)
    assert module.training
    if name != "batch_norm":  # whose statistics the call above has moved
        assert all(torch.equal(v, module.state_dict()[k]) for k, v in state.items())


def test_a_mixing_module_in_front_is_refused():
    with pytest.raises(ValueError, match=r"layer 0 \(LayerNorm\)"):
        MaskedSequential(nn.LayerNorm(3), MaskedLinear(3, 6))


def test_activations_that_mix_are_refused():
    with pytest.raises(ValueError, match="activation: expected a function of each unit alone"):
        AutoregressiveNetwork(2, 3, hidden_units=[8], activation=nn.Softmax(-1))
    with pytest.raises(TypeError, match="activation: expected one of"):
        MADE(3, activation=nn.ReLU())
