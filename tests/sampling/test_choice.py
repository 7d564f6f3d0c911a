"""Which engine draws: by size, type and model, or forced."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from sampling.drawing import FAST, drawn, noise_for, source_of, two_numbers
from torch import nn

from tailormade import MADE, Bernoulli
from tailormade.conditionals import Layout
from tailormade.masks import create_degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling import ENGINES, Source, engine_for, use_engine

MESSAGE = (
    "engine: expected one that can draw from this density, got 'compiled', which needs numba, a CPU, "
    "float32 or float64, Bernoulli or categorical conditionals (or affine bijections) and an activation given by name; "
    "use 'torch'."
)
SMALL = {"features": 4, "hidden_units": (8,), "seed": 0}
LARGE = {"features": 600, "hidden_units": (600,), "seed": 0}


def chosen(model, rows=1):
    return engine_for(source_of(model), noise_for(model, rows))


def test_the_choice_depends_on_size():
    assert [chosen(MADE(**options)) for options in (SMALL, LARGE)] == ["torch", "compiled"]
    assert [chosen(MADE(**SMALL), rows) for rows in (0, 10, 10**6)] == ["torch", "torch", "compiled"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_choice_depends_on_the_type(dtype):
    assert chosen(MADE(**LARGE).to(dtype)) == "torch"


def test_the_choice_depends_on_the_noise():
    model = MADE(**LARGE)
    assert engine_for(source_of(model), noise_for(model, 1).double()) == "torch"


@pytest.mark.parametrize("name", ["loop", *FAST])
def test_forced(name):
    model = MADE(**SMALL)
    with use_engine(name):
        assert chosen(model) == name
    assert chosen(model) == "torch"


def test_nested():
    model, seen = MADE(**SMALL), []
    with use_engine("compiled"):
        for name in ("loop", "auto"):
            with use_engine(name):
                seen.append(chosen(model))
        seen.append(chosen(model))
    assert [*seen, chosen(model)] == ["loop", "torch", "compiled", "torch"]


def test_an_exception_ends_it():
    model = MADE(**SMALL)
    with use_engine("compiled"):
        with pytest.raises(KeyError), use_engine("loop"):
            raise KeyError
        assert chosen(model) == "compiled"


@pytest.mark.parametrize("name", ["numba", "", None, "Loop"])
def test_a_wrong_name(name):
    with pytest.raises(ValueError, match=rf"^engine: expected one of auto, loop, torch, compiled, got {name!r}\.$"):
        use_engine(name)  # no with: the name is checked at once
    assert ENGINES == ("auto", "loop", "torch", "compiled")


def test_without_with_nothing_changes():
    model = MADE(**SMALL)
    use_engine("loop")
    assert chosen(model) == "torch"


def test_each_thread_has_its_own():
    model = MADE(**SMALL)

    def inside(name):
        before = chosen(model)
        with use_engine(name):
            return before, chosen(model)

    with ThreadPoolExecutor(1) as pool, use_engine("compiled"):
        assert pool.submit(inside, "loop").result() == ("torch", "loop")
        assert chosen(model) == "compiled"


def bare(activation):
    """A source whose activation is a callable of its own."""
    network = MaskedNetwork([1] * 3, [1] * 3, [4], activation=activation)
    return Source(network, create_degrees(3, (4,)), Layout([Bernoulli()] * 3), torch.zeros(3), torch.ones(3), None)


CANNOT = {
    "activation": (lambda: bare(nn.Tanh()), torch.float32),
    "type": (lambda: source_of(MADE(**SMALL).bfloat16()), torch.float32),
    "noise": (lambda: source_of(MADE(**SMALL)), torch.float64),
    "conditional": (lambda: source_of(MADE(**SMALL, conditionals=[two_numbers(), Bernoulli()] * 2)), torch.float32),
}


@pytest.mark.parametrize("case", list(CANNOT))
@pytest.mark.usefixtures("unregistered")
def test_the_compiled_engine_says_what_it_cannot_draw(case):
    source, dtype = CANNOT[case][0](), CANNOT[case][1]
    noise = torch.rand(2, source.degrees.features, source.layout.noise, dtype=dtype)
    with pytest.raises(ValueError, match=r"^engine:") as error:
        drawn("compiled", source, noise)
    assert str(error.value) == MESSAGE
    assert drawn("auto", source, noise).shape == drawn("torch", source, noise).shape == noise.shape[:-1]
