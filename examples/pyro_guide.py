"""An inverse autoregressive flow as a guide in Pyro, where the exact posterior is known.

A line, y = a + b t + noise, is seen at five points far from t = 0, so that the data tie a and b together: the
posterior is a narrow, tilted normal that can be written down. Stochastic variational inference has to find it by
maximising the evidence lower bound, whose gap to the evidence is the distance (KL) of guide and posterior.

Pyro's `sample` statement wants distributions of its own, with `mask`, `expand_by` and the like. Its
`TransformedDistribution` takes any transform of torch's, and so a flow: `flow.transform()` is the map from noise to
unknowns. `with_cache()` remembers the noise of the last sample, as its density is what the bound asks for next: an IAF
then never has to be inverted. `pyro.module` hands the flow's weights to Pyro's optimiser.

Pyro is no dependency of tailormade: pip install 'tailormade[pyro]'

Run: python examples/pyro_guide.py
"""

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import SVI, Trace_ELBO
from pyro.optim import ClippedAdam
from torch.distributions import MultivariateNormal

import tailormade as tm

TIMES = torch.linspace(1.0, 3.0, 5)
SEEN = torch.tensor([0.9, 1.8, 1.9, 3.1, 3.2])
NOISE = 0.5
STEPS = 400


def exact() -> tuple[MultivariateNormal, torch.Tensor]:
    """Return the posterior of (a, b) under standard normal priors, and the log evidence."""
    design = torch.stack([torch.ones(5), TIMES], 1)
    precision = torch.eye(2) + design.T @ design / NOISE**2
    posterior = MultivariateNormal(
        torch.linalg.solve(precision, design.T @ SEEN / NOISE**2), precision_matrix=precision
    )
    seen = MultivariateNormal(torch.zeros(5), design @ design.T + NOISE**2 * torch.eye(5))
    return posterior, seen.log_prob(SEEN)


def model() -> None:
    """Draw a line, then what is seen of it."""
    z = pyro.sample("z", dist.Normal(torch.zeros(2), 1.0).to_event(1))
    pyro.sample("y", dist.Normal(z[..., :1] + z[..., 1:] * TIMES, NOISE).to_event(1), obs=SEEN)


def main() -> None:
    """Fit the guide and compare it with the posterior."""
    pyro.set_rng_seed(0)
    posterior, evidence = exact()
    flow = tm.IAF(2, transforms=2, hidden_units=(16,), standardise=False, seed=0)

    def guide() -> None:
        pyro.module("flow", flow)
        noise = dist.Normal(torch.zeros(2), 1.0).to_event(1)
        pyro.sample("z", dist.TransformedDistribution(noise, [flow.transform().with_cache()]))

    optimiser = ClippedAdam({"lr": 0.02, "lrd": 0.02 ** (1 / STEPS)})  # ends at a fiftieth of the step size
    svi = SVI(model, guide, optimiser, Trace_ELBO(num_particles=32, vectorize_particles=True, max_plate_nesting=0))
    for _ in range(STEPS):
        svi.step()
    bound = -Trace_ELBO(num_particles=4000, vectorize_particles=True, max_plate_nesting=0).loss(model, guide)
    print(f"log evidence {evidence:.3f}, bound of the guide {bound:.3f}")
    z = flow().sample((20000,))
    for name, i in (("a", 0), ("b", 1)):
        print(f"{name}: mean {z[:, i].mean():.3f} and deviation {z[:, i].std():.3f}, ", end="")
        print(f"exactly {posterior.mean[i]:.3f} and {posterior.variance[i].sqrt():.3f}")
    covariance = posterior.covariance_matrix
    correlation = covariance[0, 1] / (covariance[0, 0] * covariance[1, 1]).sqrt()
    print(f"correlation {torch.corrcoef(z.T)[0, 1]:.3f}, exactly {correlation:.3f}")


if __name__ == "__main__":
    main()
