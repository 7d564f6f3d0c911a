"""An IAF as a guide of Pyro's, where the posterior is known; Pyro is optional."""

import warnings

import pytest
import torch
from torch.distributions import MultivariateNormal

import tailormade as tm

with warnings.catch_warnings():  # of its imports
    warnings.simplefilter("ignore")
    pyro = pytest.importorskip("pyro", reason="pip install 'tailormade[pyro]'")
    from pyro import distributions as dist
    from pyro.infer import SVI, Trace_ELBO
    from pyro.optim import ClippedAdam

SEEN, NOISE = torch.tensor([1.4, -0.6, 0.8]), 0.5
DESIGN = torch.tensor([[1.0, 0.2], [0.3, -1.0], [1.0, 1.0]])


def known():
    """The posterior of the unknowns z in seen = DESIGN z + noise, and the log evidence."""
    precision = torch.eye(2) + DESIGN.T @ DESIGN / NOISE**2
    mean = torch.linalg.solve(precision, DESIGN.T @ SEEN / NOISE**2)
    seen = MultivariateNormal(torch.zeros(3), DESIGN @ DESIGN.T + NOISE**2 * torch.eye(3))
    return MultivariateNormal(mean, precision_matrix=precision), seen.log_prob(SEEN)


def model():
    z = pyro.sample("z", dist.Normal(torch.zeros(2), 1.0).to_event(1))
    mean = (z.unsqueeze(-2) * DESIGN).sum(-1)
    pyro.sample("seen", dist.Normal(mean, NOISE).to_event(1), obs=SEEN)


def guide_of(flow):
    def guide():
        pyro.module("flow", flow)
        noise = dist.Normal(torch.zeros(2), 1.0).to_event(1)
        pyro.sample("z", dist.TransformedDistribution(noise, [flow.transform().with_cache()]))

    return guide


def elbo(particles):
    return Trace_ELBO(num_particles=particles, vectorize_particles=True, max_plate_nesting=0)


@pytest.fixture
def fitted():
    with torch.random.fork_rng():
        pyro.set_rng_seed(0)
        pyro.clear_param_store()
        flow = tm.IAF(2, transforms=2, hidden_units=(16,), standardise=False, seed=0)
        svi = SVI(model, guide_of(flow), ClippedAdam({"lr": 0.02, "lrd": 0.97}), elbo(32))
        losses = [svi.step() for _ in range(120)]
        yield flow, losses
        pyro.clear_param_store()


def test_svi_finds_the_posterior(fitted):
    flow, losses = fitted
    posterior, evidence = known()
    assert losses[0] > -evidence + 1
    bound = -elbo(4000).loss(model, guide_of(flow))
    assert evidence - 0.05 < bound < evidence + 0.02  # measured: 0.01 below
    z = flow().sample((20_000,), generator=torch.Generator().manual_seed(0))
    assert torch.allclose(z.mean(0), posterior.mean, atol=0.05)
    assert torch.allclose(z.T.cov(), posterior.covariance_matrix, atol=0.03)


def test_scoring_what_was_drawn_inverts_nothing(monkeypatch):
    flow = tm.IAF(2, transforms=2, hidden_units=(16,), seed=0)

    def refuse(*_):
        raise AssertionError("inverted")

    monkeypatch.setattr("tailormade.flows.transform.invert", refuse)
    pyro.poutine.trace(guide_of(flow)).get_trace().compute_log_prob()
