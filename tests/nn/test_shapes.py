"""Shapes that cannot be are refused in words, by every distribution of ours."""

import pytest
import torch

import tailormade as tm

MODELS = {"MADE": tm.MADE(2, 1, hidden_units=(8,), seed=0), "MAF": tm.MAF(2, 1, hidden_units=(8,), seed=0)}
WRONG = {
    (-1,): (ValueError, r"sample_shape: expected numbers of at least 0, got \(-1,\)"),
    3: (TypeError, r"sample_shape: expected a sequence of whole numbers such as \(1000,\), got 3"),
    (2.5,): (TypeError, r"sample_shape: expected a sequence of whole numbers such as \(1000,\), got \(2.5,\)"),
    "a": (TypeError, "sample_shape: expected a sequence of whole numbers"),
}


@pytest.fixture(params=list(MODELS))
def density(request):
    return MODELS[request.param](torch.zeros(3, 1))


@pytest.mark.parametrize("shape", list(WRONG))
def test_sample_shape(density, shape):
    kind, message = WRONG[shape]
    with pytest.raises(kind, match=message):
        density.sample(shape)


@pytest.mark.parametrize("shape", [(), (0,), [2], torch.Size([2, 1])])
def test_shapes_that_can_be(density, shape):
    assert density.sample(shape).shape == (*shape, 3, 2)


def test_expand(density):
    assert density.expand((2, 3)).batch_shape == (2, 3)
    with pytest.raises(ValueError, match=r"batch_shape: expected one that \(3,\) broadcasts to, got \(2,\)"):
        density.expand((2,))


def test_samples_that_are_differentiable():
    with pytest.raises(ValueError, match="sample_shape"):
        MODELS["MAF"](torch.zeros(1)).rsample((-1,))


@pytest.mark.parametrize("seed", ["a", 1.5])
def test_seeds(seed):
    with pytest.raises(TypeError, match="seed: expected a whole number"):
        tm.MAF(2, seed=seed)


def test_noise_is_that_of_the_base_distribution():
    density = tm.MAF(30, hidden_units=(8,), seed=0)()
    torch.manual_seed(0)
    expected = density.transforms[0](density.base_dist.sample((2, 2)))
    torch.manual_seed(0)
    torch.testing.assert_close(density.sample((2, 2)), expected)
