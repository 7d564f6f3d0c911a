"""A MADE as a flow: one transform, two orders, and why the order matters.

The data are pairs: x2 ~ N(0, 2²), and x1 = ε + x2²/4 with ε ~ N(0, 1), a curved cloud. A masked network gives every
variable a shift and a log-scale that depend on variables before it; MaskedAutoregressiveFlow makes them a transform
from standard normal noise to data, and torch's TransformedDistribution a density. It is a normal density for each
variable given those before.

Given x2, the variable x1 is indeed normal. So with x2 first in the order the flow can be the truth, whose mean
log-likelihood is known: minus the entropy of two normals, -(log 2πe + log 2) = -3.531 nats. With x1 first it cannot:
given a large x1, x2 has two values that are likely, plus and minus the same root, and no normal density has two modes.

Run: python examples/flow_density.py [--out picture.png]
"""

import argparse

import torch
from torch import Tensor
from torch.distributions import Independent, Normal, TransformedDistribution

import tailormade as tm

BOTH = {"x2 first": [2, 1], "x1 first": [1, 2]}  # the degree of x1, then that of x2


def draw_data(rows: int, seed: int) -> Tensor:
    """Return pairs (x1, x2)."""
    noise = torch.randn(2, rows, generator=torch.Generator().manual_seed(seed))
    x2 = 2 * noise[0]
    return torch.stack([noise[1] + x2.square() / 4, x2], 1)


def fit_flow(data: Tensor, order: list[int]) -> TransformedDistribution:
    """Fit a network of one order by maximum likelihood."""
    torch.manual_seed(0)
    network = tm.AutoregressiveNetwork(2, event_shape=2, hidden_units=[16, 16], input_order=order, activation="silu")
    noise = Independent(Normal(torch.zeros(2), 1.0), 1)
    density = TransformedDistribution(noise, [tm.flows.MaskedAutoregressiveFlow(network)])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(400):
        optimizer.zero_grad()
        (-density.log_prob(data).mean()).backward()
        optimizer.step()
    return density


def draw_picture(out: str, data: Tensor, densities: dict[str, TransformedDistribution]) -> None:
    """Save the contours of each density over the data."""
    import matplotlib.pyplot as plt

    a, b = torch.meshgrid(torch.linspace(-4, 12, 200), torch.linspace(-7, 7, 200), indexing="xy")
    figure, axes = plt.subplots(1, len(densities), figsize=(9, 4), sharey=True, layout="constrained")
    for axis, (name, density) in zip(axes, densities.items(), strict=True):
        axis.scatter(*data[:1000].T, s=2, color="0.7")
        p = density.log_prob(torch.stack([a, b], -1)).detach().exp()
        axis.contour(a, b, p, [0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.07])
        axis.set(title=name, xlabel="x1", ylabel="x2")
    figure.savefig(out, dpi=120)
    print(f"picture: {out}")


def main() -> None:
    """Fit both orders and compare them with the truth."""
    parser = argparse.ArgumentParser(description="a MADE as a flow, with either variable first")
    parser.add_argument("--out", help="where to save the contours of both densities")
    arguments = parser.parse_args()
    train, test = draw_data(2000, seed=0), draw_data(2000, seed=1)
    densities = {name: fit_flow(train, order) for name, order in BOTH.items()}
    truth = Normal(0.0, 2.0).log_prob(test[:, 1]) + Normal(test[:, 1].square() / 4, 1.0).log_prob(test[:, 0])
    print(f"test log-likelihood of the truth: {truth.mean():.3f} nats")
    for name, density in densities.items():
        print(f"test log-likelihood with {name}: {density.log_prob(test).mean():.3f} nats")
        print(f"  mean of x1 in 10000 samples: {density.sample((10000,))[:, 0].mean():.2f}, really 1.00")
    if arguments.out:
        draw_picture(arguments.out, train, densities)


if __name__ == "__main__":
    main()
