"""What tests of sampling share: noise, evidence, and draws by a named engine."""

import math
from dataclasses import dataclass

import torch
from helpers import context_for

from tailormade import Bernoulli
from tailormade.sampling import Evidence, draw, use_engine

FAST = ["torch", "compiled"]  # what is compared with the plain loop


def source_of(model, rows=0, order=0):
    """What engines draw from: one order of a model, at contexts for some rows."""
    return model.sampling_source(model.table[order], context_for(model, rows))


def noise_for(model, rows, seed=3):
    """Uniform noise of the type that the model's values have."""
    generator = torch.Generator().manual_seed(seed)
    shape = (rows, model.features, model.layout.noise)
    return torch.rand(shape, generator=generator, dtype=model.value_dtype)


def drawn(engine, source, noise, evidence=None):
    """Draw by one engine."""
    with use_engine(engine):
        return draw(source, noise, evidence)


def sampled(engine, dist, rows, seed=1):
    """Sample a distribution by one engine, with a seed."""
    with use_engine(engine):
        return dist.sample((rows,), generator=torch.Generator().manual_seed(seed))


def evidence_on(model, rows, observed, seed=4):
    """Values on some variables, different in each row; NaN where nothing is observed."""
    seen = torch.zeros(model.features, dtype=torch.bool)
    seen[list(observed)] = True
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.tensor([c.cardinality for c in model.layout.conditionals])
    values = (torch.rand(rows, model.features, generator=generator, dtype=torch.float64) * sizes).floor()
    return Evidence(values.masked_fill(~seen, math.nan), seen)


def counted(model, samples):
    """How often each state of the event was drawn, in the order of ``every_state``."""
    sizes = [c.cardinality for c in model.layout.conditionals]
    steps = torch.tensor([math.prod(sizes[i + 1 :]) for i in range(len(sizes))], dtype=torch.float64)
    return torch.bincount((samples.double() @ steps).long(), minlength=math.prod(sizes)).double()


def two_numbers():
    """Return a conditional that needs two uniform numbers; for tests that use the fixture ``unregistered``."""

    @dataclass(frozen=True)
    class Both(Bernoulli):
        noise = 2

        def sample(self, raw, noise):
            return ((noise < raw.sigmoid()).sum(-1) == 2).to(raw.dtype)

    return Both()
