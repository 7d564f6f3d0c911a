"""One network shared by the channels of an image: which dependencies that keeps, and which it gives up.

The images have three channels of 8 x 8 pixels, each black or white: a handwritten digit, its mirror image, and the
digit upside down. The event shape is [channels, width x height]. A network of 64 inputs and outputs is applied to
every channel alike, as the channels are a batch dimension to it; Bernoulli conditionals and Independent make one event
of all of them, and tm.Autoregressive makes a density of the callable.

A pixel then depends on earlier pixels of its own channel, and on nothing in the others, not even on the same pixel
there: the Jacobian of the network shows it. That is why 64 steps draw a sample of 192 pixels: the channels are drawn
side by side. A third of the weights does for three channels; examples/images_blockwise.py gives each its own.

Run: python examples/images_shared_network.py
"""

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.distributions import Bernoulli, Independent

import tailormade as tm

CHANNELS, PIXELS = 3, 64


def read_images() -> Tensor:
    """Return images of three channels, shape (1797, 3, 64)."""
    digits = torch.tensor(load_digits().images >= 8).float()
    digits = digits[torch.randperm(1797, generator=torch.Generator().manual_seed(0))]
    return torch.stack([digits, digits.flip(2), digits.flip(1)], 1).flatten(2)


def main() -> None:
    """Fit the shared network, show what depends on what, and draw."""
    torch.manual_seed(0)
    images = read_images()
    train, test = images[:1500], images[1500:]
    network = tm.AutoregressiveNetwork(1, event_shape=PIXELS, hidden_units=[200], activation="tanh")

    def given(x: Tensor) -> Independent:
        return Independent(Bernoulli(logits=network(x).squeeze(-1)), 2)

    density = tm.Autoregressive(given, sample0=torch.zeros(CHANNELS, PIXELS), num_steps=PIXELS)
    print(f"event shape: {list(density.event_shape)}, weights: {sum(p.numel() for p in network.parameters())}")

    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    for _ in range(12):
        for rows in torch.randperm(len(train)).split(100):
            optimizer.zero_grad()
            (-density.log_prob(train[rows]).mean()).backward()
            optimizer.step()
    means = train.mean(0).clamp(1e-3, 1 - 1e-3)
    print(
        f"test log-likelihood of independent pixels: {Independent(Bernoulli(means), 2).log_prob(test).mean():.2f} nats"
    )
    print(f"test log-likelihood of the shared network: {density.log_prob(test).mean():.2f} nats")

    depends = torch.func.jacrev(lambda x: network(x).squeeze(-1))(test[0]) != 0  # [channel, pixel, channel, pixel]
    own = torch.eye(CHANNELS, dtype=torch.bool).view(CHANNELS, 1, CHANNELS, 1)
    same_pixel = torch.eye(PIXELS, dtype=torch.bool).view(1, PIXELS, 1, PIXELS)
    print(f"dependencies on the own channel: {int((depends & own).sum())} of {CHANNELS * PIXELS * (PIXELS - 1) // 2}")
    print(f"dependencies on other channels: {int((depends & ~own).sum())}")
    print(f"dependencies within a pixel: {int((depends & same_pixel).sum())}")

    drawn = density.sample((100,))
    print(f"samples: {list(drawn.shape)}, {drawn.mean():.3f} of their pixels white ({train.mean():.3f} of the images')")

    # the same density, with a callable that the sampling engines know: channels are a batch until Independent
    known = tm.flows.NetworkConditionals(network, tm.Bernoulli())
    fast = Independent(tm.Autoregressive(known, sample0=torch.zeros(CHANNELS, PIXELS)), 1)
    print(
        f"the engines know the same density: {torch.allclose(fast.log_prob(test), density.log_prob(test), atol=1e-3)}"
    )


if __name__ == "__main__":
    main()
