"""A flow as sbi's density estimator: inference from simulations alone.

A simulator turns two unknowns into two noisy numbers, x = (a + b², b) + noise. sbi learns the posterior of the unknowns
from pairs (unknowns, x), with a conditional density estimator of one's own in the place of its built-in ones: what it
takes is a function that builds one from the first pairs. The flow models the unknowns, and x is its context.

The adapter is a class of three methods, since shapes mean the same on both sides: sbi scores unknowns of shape
(samples, batch, 2) at conditions (batch, 2), whose batch shapes broadcast as everywhere in tailormade. `adapt` lets
the flow standardise both sides itself, so that sbi need not.

The likelihood is known here, so that the exact posterior of one observation can be had on a grid, and what sbi and
the flow find from simulations is compared with it.

sbi is no dependency of tailormade: pip install 'tailormade[sbi]'

Run: python examples/sbi_density.py
"""

import torch
from sbi.inference import NPE
from sbi.neural_nets.estimators import ConditionalDensityEstimator
from torch import Tensor
from torch.distributions import Independent, Normal

import tailormade as tm

PRIOR = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
SEEN, NOISE = torch.tensor([1.5, 0.5]), 0.4


def observed(unknowns: Tensor) -> Tensor:
    """Return x without its noise, shape (*, 2)."""
    a, b = unknowns.unbind(-1)
    return torch.stack([a + b.square(), b], -1)


class FlowEstimator(ConditionalDensityEstimator):
    """Give a flow the methods that sbi calls."""

    def __init__(self, flow: tm.MAF | tm.IAF) -> None:
        super().__init__(flow, torch.Size([flow.features]), torch.Size([flow.context]))

    def log_prob(self, input: Tensor, condition: Tensor) -> Tensor:
        """Return log-densities of shape (samples, batch)."""
        return self.net.log_prob(input if input.ndim > 2 else input.unsqueeze(0), condition)

    def loss(self, input: Tensor, condition: Tensor) -> Tensor:
        """Return the negative log-density of each row, shape (batch,)."""
        return -self.net.log_prob(input, condition)

    def sample(self, sample_shape: torch.Size, condition: Tensor) -> Tensor:
        """Draw unknowns, shape (*sample_shape, batch, 2)."""
        return self.net(condition).sample(sample_shape)


def build(theta: Tensor, x: Tensor) -> FlowEstimator:
    """Build the estimator from unknowns and simulations, as sbi asks for."""
    flow = tm.MAF(theta.shape[1], x.shape[1], transforms=3, hidden_units=(32, 32), seed=0)
    flow.adapt(theta, x)
    return FlowEstimator(flow)


def main() -> None:
    """Simulate, infer, and compare with the exact posterior of what was seen."""
    torch.manual_seed(0)
    unknowns = PRIOR.sample((3000,))
    x = observed(unknowns) + NOISE * torch.randn(3000, 2)
    trainer = NPE(PRIOR, density_estimator=build, show_progress_bars=False)
    trainer.append_simulations(unknowns, x).train(training_batch_size=100, learning_rate=2e-3, max_num_epochs=40)
    found = trainer.build_posterior().sample((10_000,), x=SEEN, show_progress_bars=False)

    line = torch.linspace(-5, 5, 801)
    grid = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    log = PRIOR.log_prob(grid) + Normal(observed(grid), NOISE).log_prob(SEEN).sum(-1)
    weights = log.softmax(0).unsqueeze(-1)
    mean = (weights * grid).sum(0)
    deviation = (weights * (grid - mean).square()).sum(0).sqrt()
    for i, name in enumerate(("a", "b")):
        print(f"{name}: mean {found[:, i].mean():.3f} and deviation {found[:, i].std():.3f}, ", end="")
        print(f"exactly {mean[i]:.3f} and {deviation[i]:.3f}")


if __name__ == "__main__":
    main()
