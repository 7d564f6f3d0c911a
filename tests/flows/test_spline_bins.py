"""The spline looks for its bins once, and torch.compile takes flows of several bounds in one process."""

import pytest
import torch

import tailormade as tm
from tailormade.conditionals import Spline
from tailormade.flows import RationalQuadraticSpline


def test_cdf_and_log_prob_are_those_computed_apart():
    spline, generator = Spline(5, -1.0, 3.0), torch.Generator().manual_seed(0)
    raw = torch.randn(50, spline.params, generator=generator, dtype=torch.float64)
    x = torch.linspace(-1, 3, 50, dtype=torch.float64)
    cdf, log_prob = spline.cdf_and_log_prob(raw, x)
    assert torch.equal(cdf, spline.cdf(raw, x))
    assert torch.equal(log_prob, spline.log_prob(raw, x))


def test_bins_are_looked_for_once(monkeypatch):
    calls, inside = [], Spline._inside
    monkeypatch.setattr(Spline, "_inside", lambda *args: calls.append(1) or inside(*args))
    RationalQuadraticSpline(4, 3.0).forward(torch.zeros(5, 11), torch.ones(5))
    assert len(calls) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what the compiler itself uses
@torch.no_grad()
def test_flows_of_two_bounds_compile_in_one_process():
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    for bound in (3.0, 5.0):
        flow = tm.MAF(3, transforms=2, hidden_units=8, bijection=RationalQuadraticSpline(4, bound), seed=0)
        compiled = torch.compile(flow.log_prob, fullgraph=True)
        assert torch.allclose(compiled(x), flow.log_prob(x), atol=1e-5)
