"""Derivatives of draws by the reversed schedule are those of the plain loop."""

from dataclasses import dataclass

import pytest
import torch
from helpers import redraw
from sampling.drawing import FAST

from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import Source, engines, sample_ancestral
from tailormade.sampling.recorded import draw_recorded, pull_back
from tailormade.sampling.table import AFFINE_EXP


@dataclass(frozen=True)
class Affine:
    """``(u - b) exp(-a)`` of raw parameters b, a, for all of D variables."""

    features: int
    params, width, noise, missing, loop = 2, 1, 1, False, (AFFINE_EXP, 0)

    @property
    def kinds(self):
        return [self]

    @property
    def kind_of(self):
        return [0] * self.features

    @property
    def input_sizes(self):
        return [1] * self.features

    @property
    def param_sizes(self):
        return [2] * self.features

    def encode(self, x):
        return x

    def encode_drawn(self, _kind, values):
        return values.unsqueeze(-1)

    def sample(self, raw, noise):
        raw = raw.unflatten(-1, (-1, 2)) if raw.ndim < noise.ndim else raw
        return (noise[..., 0] - raw[..., 0]) * torch.exp(-raw[..., 1])

    def slopes(self, raw, x):
        scale = torch.exp(-raw[..., 1])
        return scale, torch.stack([-scale, -x], -1)


def source(rows, *, context=2, everywhere=False, residual=True, activation="tanh", dtype=torch.float64):
    """A density of 7 variables whose inputs are moved and scaled, and its contexts."""
    widths = (12, 12, 12)
    network = MaskedNetwork(
        [1] * 7, [2] * 7, widths, context=context, context_everywhere=everywhere, residual=residual, direct=True,
        activation=ACTIVATIONS[activation],
    )  # fmt: skip
    redraw(network.to(dtype), scale=0.08)
    degrees = create_degrees(7, widths, input_order=[2, 5, 1, 3, 3, 1, 4], degree_zero=context, allow_groups=True)
    generator = torch.Generator().manual_seed(0)
    shift, scale = torch.rand(2, 7, generator=generator, dtype=dtype)
    given = torch.randn(rows, context, generator=generator, dtype=dtype).requires_grad_() if context else None
    return Source(network, degrees, Affine(7), shift, 0.5 + scale, given)


def both(density, engine, rows):
    """Values, and derivatives of a function of them, by an engine and by the loop."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(rows, 7, 1, generator=generator, dtype=density.shift.dtype).requires_grad_()
    x, tapes = draw_recorded(density, noise, density.layout.slopes, engine)
    found = pull_back(density, tapes, x.cos(), params=True)
    expected = sample_ancestral(density.params(), density.layout, density.degrees, noise)
    wanted = [noise, *density.network.parameters(), *([] if density.context is None else [density.context])]
    grads = torch.autograd.grad(expected.sin().sum(), wanted)
    ours = [found.noise.unsqueeze(-1), *(found.params[p] for p in density.network.parameters())]
    return [x, *ours, *([] if found.context is None else [found.context])], [expected, *grads]


CASES = {
    "residual": {},
    "plain": {"residual": False},
    "context everywhere": {"everywhere": True},
    "no context": {"context": 0},
    "linear": {"activation": "linear"},
}


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("rows", [1, 9])
def test_agreement(engine, case, rows):
    for found, expected in zip(*both(source(rows, **CASES[case]), engine, rows), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("block", [1, 2])
def test_runs_and_blocks(engine, block, monkeypatch):
    for name, value in (("_BLOCK", block), ("_ONE_BLOCK", 0), ("_LEAST_ROWS", 20), ("_STATE_BYTES", 0)):
        monkeypatch.setattr(engines, name, value)
    for found, expected in zip(*both(source(50), engine, 50), strict=True):
        torch.testing.assert_close(found, expected)


def test_threads_take_ranges_of_rows():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found, expected = both(source(700), "compiled", 700)
    finally:
        torch.set_num_threads(threads)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("engine", FAST)
def test_parameters_that_are_not_wanted(engine):
    density = source(4)
    x, tapes = draw_recorded(density, torch.zeros(4, 7, 1).double(), density.layout.slopes, engine)
    wanted, other = (pull_back(density, tapes, x, params=p) for p in (True, False))
    assert wanted.params
    assert not other.params
    assert torch.equal(wanted.noise, other.noise)


@pytest.mark.parametrize("engine", FAST)
def test_no_rows(engine):
    x, tapes = draw_recorded(source(0), torch.zeros(0, 7, 1).double(), Affine(7).slopes, engine)
    assert (x.shape, tapes) == ((0, 7), [])
    assert pull_back(source(0), [], x, params=True).noise.shape == (0, 7)
