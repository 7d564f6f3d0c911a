"""Families in a density: every engine draws the same rows, cells may be missing, some variables have no inputs."""

import pytest
import torch
from helpers import redraw

from tailormade import MADE
from tailormade.conditionals import (
    Bernoulli,
    Categorical,
    DiscretisedLogistics,
    LogisticMixture,
    Normal,
    Ordinal,
    PointMasses,
    Poisson,
)
from tailormade.sampling import Evidence, draw, use_engine
from tailormade.sampling.table import supports

EVENTS = {
    "numbers": [Normal(loc=1.0), Normal(loc=5.0, scale=3.0), LogisticMixture(2, loc=-4.0), Normal(loc=1.0)],
    "table": [
        Ordinal(4), PointMasses((0.0,), DiscretisedLogistics(2, low=0, warp=True)), Bernoulli(), Poisson(),
        PointMasses((3.0,), DiscretisedLogistics(2, low=1, warp=True)), Categorical(30, code=5), Ordinal(1),
        Normal(warp=True),
    ],
    "no_inputs": [Ordinal(1), Bernoulli(), Ordinal(1)],
}  # fmt: skip
ORDERS = ["left-to-right", "random", "groups"]


@pytest.fixture(params=list(EVENTS))
def event(request):
    return EVENTS[request.param]


def model_of(event, missing=False, order="random"):
    order = [1 + i % 2 for i in range(len(event))] if order == "groups" else order
    model = MADE(len(event), conditionals=event, hidden_units=(12, 12), input_order=order, missing=missing, seed=3)
    return redraw(model.double(), scale=0.3)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("missing", [False, True], ids=["complete", "missing"])
@pytest.mark.parametrize("observed", [(), (0,), (1, 2)], ids=str)
def test_engines_agree(event, missing, order, observed):
    model = model_of(event, missing, order)
    n, seen = 30, torch.zeros(len(event), dtype=torch.bool)
    seen[list(observed)] = True
    noise = torch.rand(n, len(event), model.layout.noise, dtype=torch.float64)
    values = torch.tensor([c.filler for c in event], dtype=torch.float64).expand(n, -1)
    source = model.sampling_source(model.table[0], None)
    rows = []
    for engine in ("loop", "torch"):
        with use_engine(engine):
            rows.append(draw(source, noise, Evidence(values, seen) if observed else None))
    torch.testing.assert_close(*rows, atol=1e-9, rtol=1e-9)
    assert bool(model.layout.in_support(rows[0]).all())


def test_drawn_rows_have_finite_logs(event):
    model = model_of(event)
    x = model().sample((50,))
    assert bool(model().log_prob(x).isfinite().all())
    model.adapt(x)
    assert bool(model().log_prob(x).isfinite().all())


def test_columns_that_are_never_there_do_no_harm():
    model = model_of(EVENTS["table"], missing=True)
    x = model().sample((50,))
    x[:, 1], x[:25, 3] = torch.nan, torch.nan
    model.adapt(x)
    logs = model.log_prob(x)
    logs.sum().backward()
    assert bool(logs.isfinite().all())
    assert all(p.grad is None or bool(p.grad.isfinite().all()) for p in model.parameters())


@pytest.mark.parametrize(
    ("event", "missing", "expected"),
    [
        ([Bernoulli(), Categorical(3)], False, True),
        ([Bernoulli()], True, False),
        ([Categorical(9, code=2)], False, False),
        ([Ordinal(3)], False, False),
    ],
    ids=["plain", "missing", "coded", "other"],
)
def test_which_layouts_compiled_loops_know(event, missing, expected):
    assert supports(model_of(event, missing).layout) is expected
