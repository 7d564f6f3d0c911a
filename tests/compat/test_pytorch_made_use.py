"""The drop-in in use: what it refuses, how it becomes a model of ours, and a script written for the original."""

import itertools
import math

import numpy as np
import pytest
import torch
from helpers import redraw
from torch.nn import functional

import tailormade as tm
from tailormade.compat.pytorch_made import MADE

# --- errors


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3, [4], 4), ValueError, r"nout must be integer multiple of nin: expected 3, 6, \.\.\., got 4\."),
        ((3, [4], 2), ValueError, r"nout must be integer multiple of nin: expected 3, 6, \.\.\., got 2\."),
        ((3, [4], 0), ValueError, r"nout: expected at least 1, got 0\."),
        ((0, [4], 0), ValueError, r"nin: expected at least 1, got 0\."),
        ((3, [4, 0], 3), ValueError, r"hidden_sizes: expected at least 1, got 0\."),
        ((3, [4], 3, 0), ValueError, r"num_masks: expected at least 1, got 0\."),
        ((3, [4.0], 3), TypeError, r"hidden_sizes: expected integers of at least 1, got 4\.0\."),
        ((3, "44", 3), TypeError, r"hidden_sizes: expected integers of at least 1, got '4'\."),
        ((3.0, [4], 3), TypeError, r"nin: expected integers of at least 1, got 3\.0\."),
        ((3, [4], 3, True), TypeError, r"num_masks: expected integers of at least 1, got True\."),
    ],
)
def test_errors_say_what_was_expected(arguments, error, message):
    with pytest.raises(error, match=message):
        MADE(*arguments)


# --- the way to tailormade


@pytest.mark.parametrize("params", [1, 2])
def test_conversion_by_the_module_docstring(params):
    made = MADE(5, [16, 16], 5 * params)
    net = tm.AutoregressiveNetwork(
        params, 5, hidden_units=made.hidden_sizes, input_order=made.m[-1] + 1,
        hidden_degrees=[made.m[0] + 1, made.m[1] + 1], activation="relu",
    )  # fmt: skip
    ours = [{"weight": layer.weight, "bias": layer.bias} for layer in made.net[::2]]
    ours[-1] = {k: rows.unflatten(0, (params, 5)).transpose(0, 1).flatten(0, 1) for k, rows in ours[-1].items()}
    for layer, weights in zip(net.network.layers, ours, strict=True):
        layer.load_state_dict(weights, strict=False)
    x = torch.randn(3, 5)
    torch.testing.assert_close(net(x), made(x).unflatten(-1, (params, 5)).mT)


def test_conditionals_add_up_to_one():
    """The reason for it all: with Bernoulli logits the 2^D states have total probability 1."""
    made = redraw(MADE(6, [20], 6).double())
    states = torch.tensor(list(itertools.product([0.0, 1.0], repeat=6)), dtype=torch.float64)
    losses = functional.binary_cross_entropy_with_logits(made(states), states, reduction="none").sum(1)
    torch.testing.assert_close(torch.exp(-losses).sum().item(), 1.0, rtol=1e-10, atol=0)


# --- a script as its users write theirs


def test_a_training_script_runs_unchanged():
    np.random.seed(42)
    torch.manual_seed(42)
    bits = (np.random.rand(600, 4) < 0.5).astype(np.float32)
    xtr = torch.from_numpy(np.concatenate([bits, bits], axis=1))  # entropy: 4 ln 2 = 2.77 nats
    model = MADE(xtr.size(1), [64], xtr.size(1), num_masks=4)
    opt = torch.optim.Adam(model.parameters(), 1e-2, weight_decay=1e-4)
    batch, resample_every, samples = 50, 3, 4

    def run_epoch(split):
        torch.set_grad_enabled(split == "train")
        model.train() if split == "train" else model.eval()
        nsamples = 1 if split == "train" else samples
        losses = []
        for step in range(len(xtr) // batch):
            xb = xtr[step * batch : step * batch + batch]
            xbhat = torch.zeros_like(xb)
            for _ in range(nsamples):
                if step % resample_every == 0 or split == "test":
                    model.update_masks()
                xbhat += model(xb)
            xbhat /= nsamples
            loss = functional.binary_cross_entropy_with_logits(xbhat, xb, reduction="sum") / batch
            losses.append(loss.item())
            if split == "train":
                opt.zero_grad()
                loss.backward()
                opt.step()
        return float(np.mean(losses))

    try:
        before = run_epoch("test")
        train = [run_epoch("train") for _ in range(40)]
        after = run_epoch("test")
    finally:
        torch.set_grad_enabled(True)
    assert math.isclose(before, 8 * math.log(2), rel_tol=0.1)
    assert train[0] > train[9] > train[-1]
    assert after < 0.7 * before
    # One mask at a time is a likelihood, so the entropy bounds it: approached from above, up to the sample's error.
    assert 4 * math.log(2) - 0.05 < train[-1] < 4 * math.log(2) + 0.4
    # The mean of the logits is none: it sees later variables and falls below the entropy.
    assert after < 4 * math.log(2) - 0.05
