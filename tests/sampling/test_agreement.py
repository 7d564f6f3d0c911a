"""Every engine gives, for the same noise, the samples of the plain loop: to the bit in float64."""

import pytest
import torch
from sampling.configurations import CONFIGURATIONS
from sampling.drawing import FAST


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_agreement(configuration, engine, monkeypatch):
    configuration.cut(monkeypatch)
    model = configuration.model()
    expected = configuration.draw("loop", model)
    assert bool(model.layout.in_support(expected).all())
    assert torch.equal(configuration.draw(engine, model), expected)
