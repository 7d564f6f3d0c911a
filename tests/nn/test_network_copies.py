"""Networks can be copied, pickled, saved, differentiated and vectorised."""

import copy
import pickle

import pytest
import torch
from helpers import redraw
from registry import NETWORKS, named

from tailormade import AutoregressiveNetwork

SOME = [*named(NETWORKS, "three_wide"), *named(NETWORKS, "none")]


def inputs(net, *batch):
    x = torch.randn(*batch, 4, dtype=torch.float64)
    return (x, torch.randn(*batch, 3, dtype=torch.float64)) if getattr(net, "context", 0) else (x,)


COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda net: pickle.loads(pickle.dumps(net))}


@pytest.mark.parametrize("how", COPIES)
def test_copies_compute_the_same_and_share_nothing(net, how):
    again = COPIES[how](net)
    values = inputs(net, 5)
    assert torch.equal(again(*values), net(*values))
    redraw(again, seed=3)
    assert not torch.equal(again(*values), net(*values))


OPTIONS = {
    "named_activation": {"activation": "gelu"},
    "linear_activation": {"activation": "linear"},
    "leaky_relu": {"activation": "leaky_relu"},
    "module_activation": {"activation": torch.nn.PReLU()},
    "regularizer": {"kernel_regularizer": "l2"},
    "constraint": {"kernel_constraint": "non_neg"},
    "generator": {"input_order": "random", "generator": torch.Generator()},
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("options", OPTIONS)
def test_copies_whatever_the_options(options, how):
    net = AutoregressiveNetwork(2, 3, hidden_units=[4], **OPTIONS[options]).eval()
    assert torch.equal(COPIES[how](net)(torch.ones(3)), net(torch.ones(3)))


@pytest.mark.parametrize("how", COPIES)
def test_copies_before_the_first_call(how):
    net = COPIES[how](AutoregressiveNetwork(2, hidden_units=[4]))
    assert net(torch.zeros(5, 3)).shape == (5, 3, 2)


@pytest.mark.parametrize("net", named(NETWORKS, "shuffled", "three_wide", without=("stack",)), indirect=True)
def test_state_dict_restores_order_and_degrees(net):
    other = copy.deepcopy(net)
    state = {name: value.clone() for name, value in net.state_dict().items()}
    flipped = {name: value.flip(-1) if name.startswith("table") else value for name, value in state.items()}
    other.load_state_dict(flipped)
    values = inputs(net, 5)
    assert not torch.equal(other(*values), net(*values))
    other.load_state_dict(state)
    assert torch.equal(other(*values), net(*values))


@pytest.mark.parametrize("net", SOME, indirect=True)
def test_vmap(net):
    values = inputs(net, 5)
    torch.testing.assert_close(torch.func.vmap(net)(*values), net(*values), atol=1e-12, rtol=0)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # torch's own, on first use of jacfwd
@pytest.mark.parametrize("net", SOME, indirect=True)
def test_jacrev_and_jacfwd_agree(net):
    values = inputs(net)
    torch.testing.assert_close(torch.func.jacrev(net)(*values), torch.func.jacfwd(net)(*values), atol=1e-10, rtol=0)


@pytest.mark.parametrize("net", SOME, indirect=True)
def test_gradcheck(net):
    x, *rest = inputs(net, 2)
    assert torch.autograd.gradcheck(lambda value: net(value, *rest), (x.requires_grad_(),))


@pytest.mark.parametrize("net", SOME, indirect=True)
def test_gradgradcheck(net):
    x, *rest = inputs(net, 1)
    assert torch.autograd.gradgradcheck(lambda value: net(value, *rest), (x.requires_grad_(),))


def test_gradients_of_an_ensemble():
    nets = [redraw(AutoregressiveNetwork(2, 3, hidden_units=[4], activation="tanh"), seed) for seed in (1, 2)]
    weights, buffers = torch.func.stack_module_state(nets)
    values = torch.func.vmap(lambda p, b: torch.func.functional_call(nets[0], (p, b), (torch.ones(3),)))
    expected = torch.stack([net(torch.ones(3)) for net in nets])
    torch.testing.assert_close(values(weights, buffers), expected)


@pytest.mark.parametrize("constraint", [None, "non_neg"])
def test_built_and_used_in_inference_mode(constraint):
    with torch.inference_mode():
        net = AutoregressiveNetwork(2, 3, hidden_units=[4], kernel_constraint=constraint)
        assert net(torch.zeros(5, 3)).shape == (5, 3, 2)
