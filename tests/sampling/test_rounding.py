"""In float32 engines may round differently, and then a value may differ where its uniform is at a boundary."""

import pytest
import torch
from helpers import redraw
from sampling.configurations import move_inputs
from sampling.drawing import FAST, drawn, noise_for

from tailormade import MADE, Bernoulli, Categorical

TOLERANCE = 1e-5
ROWS = 400


def wide(seed=0, **options):
    """A model of 60 variables in float32."""
    conditionals = [Bernoulli(), Categorical(3), Bernoulli(), Categorical(4)] * 15
    options = {"hidden_units": (40, 50), "input_order": "random", "activation": "tanh", **options}
    return move_inputs(redraw(MADE(60, conditionals=conditionals, seed=seed, **options), seed))


def source_of(model):
    return model.sampling_source(model.table[0], None)


def limits_of(model, raw):
    """What the uniform number of each variable is compared with: ``(n, b)`` for each."""
    raws = raw.split(model.layout.param_sizes, -1)
    return [r.sigmoid() if r.shape[-1] == 1 else r.softmax(-1).cumsum(-1)[:, :-1] for r in raws]


@torch.no_grad()
def boundaries(model, x):
    """The same, given the variables before each."""
    return limits_of(model, source_of(model).params()(x))


def first_differences(degrees, a, b):
    """Pairs (row, variable): in each row those variables that differ and have the lowest degree of all that do."""
    degree = torch.where(a != b, degrees.inputs, degrees.groups + 1)
    first = (degree == degree.min(1, keepdim=True).values) & (a != b)
    return first.nonzero().tolist()


def unexplained(model, noise, loop, other):
    """First differences at which some boundary between the two values is not within rounding of the uniform."""
    limits, found = boundaries(model, loop), []
    for row, i in first_differences(model.table[0], loop, other):
        low, high = sorted((int(loop[row, i]), int(other[row, i])))
        between = limits[i][row, low:high]
        if not bool(((between - noise[row, i, 0]).abs() <= TOLERANCE).all()):
            found.append((row, i))
    return found


@torch.no_grad()
def on_the_boundary(model, noise, share=0.2):
    """Move a share of the uniforms to a probability they are compared with, as exactly as the loop knows it."""
    degrees, params = model.table[0].inputs, source_of(model).params()
    chosen = torch.rand(noise.shape, generator=torch.Generator().manual_seed(8)) < share
    x = torch.zeros(noise.shape[:2])
    for degree in range(1, model.table[0].groups + 1):
        raw, here = params(x), (degrees == degree)[:, None]
        exact = torch.stack([limits[:, -1:].clamp(max=1 - 2**-24) for limits in limits_of(model, raw)], 1)
        noise = torch.where(chosen & here, exact, noise)
        x = torch.where(degrees == degree, model.layout.sample(raw, noise), x)
    return noise


@pytest.fixture(scope="module", params=["plain", "residual", "ties"])
def tight(request):
    """A model, noise of which a part is at the boundaries, and the loop's samples."""
    ties = [1 + i % 20 for i in range(60)]
    options = {"plain": {}, "residual": {"hidden_units": (40, 40), "residual": True}, "ties": {"input_order": ties}}
    model = wide(**options[request.param])
    noise = on_the_boundary(model, noise_for(model, ROWS))
    return model, noise, drawn("loop", source_of(model), noise)


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_noise(engine, seed):
    model = wide(seed, direct=seed == 1)
    noise = noise_for(model, ROWS)
    loop, other = (drawn(name, source_of(model), noise) for name in ("loop", engine))
    assert other.dtype == torch.float32
    assert unexplained(model, noise, loop, other) == []
    assert int((loop != other).any(1).sum()) <= 2  # 24,000 uniforms, each within 1e-6 of a boundary by chance


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("rows", [1, ROWS])
def test_noise_at_the_boundaries(tight, engine, rows):
    model, noise, loop = tight
    other = drawn(engine, source_of(model), noise[:rows])
    assert unexplained(model, noise[:rows], loop[:rows], other) == []


def flipped(model, loop, row, i):
    """The samples with one value changed by one."""
    other = loop.clone()
    other[row, i] += 1 if loop[row, i] == 0 else -1
    return other


def distance(model, noise, loop, row, i):
    """How far the uniform is from the boundary that :func:`flipped` crosses."""
    crossed = max(int(loop[row, i]) - 1, 0)
    return float((boundaries(model, loop)[i][row, crossed] - noise[row, i, 0]).abs())


def place(model, noise, loop, near):
    """The first row and variable that are near a boundary, or far from it."""
    pairs = ((row, i) for row in range(ROWS) for i in range(60))
    return next(p for p in pairs if near(distance(model, noise, loop, *p)))


def test_the_checker_reports_a_wrong_value(tight):
    model, noise, loop = tight
    row, i = place(model, noise, loop, lambda d: d > 0.1)
    assert unexplained(model, noise, loop, flipped(model, loop, row, i)) == [(row, i)]


def test_the_checker_reports_the_rows_of_another_sample(tight):
    model, noise, loop = tight
    assert len({row for row, _ in unexplained(model, noise, loop, loop.roll(1, 0))}) > 0.9 * ROWS


def test_the_checker_reports_another_order(tight):
    model, noise, loop = tight
    assert len(unexplained(model, noise, loop, loop.flip(1))) > 0.9 * ROWS


def test_the_checker_allows_what_is_at_a_boundary_and_all_that_follows(tight):
    model, noise, loop = tight
    row, i = place(model, noise, loop, lambda d: d < 1e-6)
    other, later = flipped(model, loop, row, i), model.table[0].inputs > model.table[0].inputs[i]
    other[row, later] = 1 - loop[row, later].clamp(max=1)
    assert unexplained(model, noise, loop, other) == []
    other[row, model.table[0].inputs < model.table[0].inputs[i]] += 1
    assert unexplained(model, noise, loop, other) != []
