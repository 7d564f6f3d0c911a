"""An inverse autoregressive flow as a variational posterior, and how far it is from the true one.

Two unknowns, a and b, with standard normal priors, are seen through one noisy number: y = a + b² + noise of standard
deviation 0.3, and y = 1.5. Many pairs explain it: the posterior is a thin arc. A posterior q is fitted by maximising
the evidence lower bound, E_q[log p(y, a, b) - log q(a, b)] = log p(y) - KL(q || posterior), over samples of q itself.

An IAF is made for that: drawing differentiable samples together with their log-densities takes one pass through each
of its networks. With two unknowns the evidence p(y) can be had by quadrature, so the bound's gap, which is the KL
divergence, is known and not guessed. Independent normals, the usual choice, cannot bend; the flow can. Weighting its
samples by p(y, a, b) / q(a, b) then estimates the evidence itself.

Run: python examples/iaf_posterior.py [--out picture.png]
"""

import argparse

import torch
from torch import Tensor, nn
from torch.distributions import Normal

import tailormade as tm

SEEN, NOISE = 1.5, 0.3


def log_joint(z: Tensor) -> Tensor:
    """Return log p(y, a, b) for z = (a, b), shape (*)."""
    a, b = z.unbind(-1)
    return Normal(0.0, 1.0).log_prob(z).sum(-1) + Normal(a + b.square(), NOISE).log_prob(torch.tensor(SEEN))


class MeanField(nn.Module):
    """Independent normals with the same method as the flow's distribution."""

    def __init__(self) -> None:
        super().__init__()
        self.loc, self.log_scale = nn.Parameter(torch.tensor([0.5, 0.5])), nn.Parameter(torch.zeros(2))

    def rsample_and_log_prob(self, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Return samples and their log-densities."""
        q = Normal(self.loc, self.log_scale.exp())
        z = q.rsample(shape)
        return z, q.log_prob(z).sum(-1)


def fit(q: "MeanField | tm.flows.FlowDistribution", weights: list[Tensor], steps: int) -> Tensor:
    """Maximise the bound; return the log-weights of 20000 fresh samples, whose mean is the bound."""
    optimizer = torch.optim.Adam(weights, lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        z, log_q = q.rsample_and_log_prob((128,))
        optimizer.zero_grad()
        (log_q - log_joint(z)).mean().backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        z, log_q = q.rsample_and_log_prob((20000,))
    return log_joint(z) - log_q


def draw_picture(out: str, grid: Tensor, drawn: Tensor) -> None:
    """Save the posterior's contours with samples of the flow."""
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(5, 4), layout="constrained")
    axis.scatter(*drawn.T, s=2, color="0.6", label="samples of the flow")
    joint = log_joint(grid).exp()
    axis.contour(*grid.unbind(-1), joint / joint.max(), [0.01, 0.1, 0.3, 0.5, 0.7, 0.9])
    axis.set(xlabel="a", ylabel="b", title="posterior", xlim=(-4, 3), ylim=(-3, 3))
    figure.savefig(out, dpi=120)
    print(f"picture: {out}")


def main() -> None:
    """Fit both posteriors and compare their bounds with the evidence."""
    parser = argparse.ArgumentParser(description="an inverse autoregressive flow as a variational posterior")
    parser.add_argument("--out", help="where to save the posterior and samples")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    line = torch.linspace(-6, 6, 1201)
    grid = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1)
    evidence = log_joint(grid).flatten().logsumexp(0) + 2 * torch.log(line[1] - line[0])
    print(f"log evidence by quadrature: {evidence:.3f} nats")

    mean_field = MeanField()
    flow = tm.IAF(2, transforms=4, hidden_units=(32,), standardise=False, seed=0)
    for name, q, weights in (
        ("independent normals", mean_field, mean_field.parameters()),
        ("the flow", flow(), flow.parameters()),
    ):
        ratios = fit(q, list(weights), steps=600)
        estimate = ratios.logsumexp(0) - torch.tensor(float(len(ratios))).log()
        effective = ratios.softmax(0).square().sum().reciprocal() / len(ratios)
        print(f"{name}: bound {ratios.mean():.3f}, so {evidence - ratios.mean():.3f} from the posterior")
        print(f"  evidence by weighting its samples: {estimate:.3f}, effective share of them {effective:.2f}")
    if arguments.out:
        draw_picture(arguments.out, grid, flow().sample((2000,)))


if __name__ == "__main__":
    main()
