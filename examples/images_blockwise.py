"""Networks of their own for the channels of an image, side by side in one density.

The images have three channels of 8 x 8 pixels, each black or white: a handwritten digit, its mirror image, and the
digit upside down. tm.Blockwise puts independent densities side by side, so three networks, one for a channel, make a
density of the whole image: its log-probability is the sum of theirs, and fitting it fits all three.

Used three times, one and the same network makes the density of examples/images_shared_network.py. It has a third of
the weights, but must do for three kinds of pictures, and cannot know which channel it is looking at; so networks of
their own should be better. Neither knows that the channels show the same digit: to know that, a network must see all
192 pixels, as in the last figure and in examples/images_autoregressive.py.

Run: python examples/images_blockwise.py
"""

import torch
from sklearn.datasets import load_digits
from torch import Tensor

import tailormade as tm

CHANNELS, PIXELS = 3, 64


def read_images() -> Tensor:
    """Return images of three channels one after the other, shape (1797, 192)."""
    digits = torch.tensor(load_digits().images >= 8).float()
    digits = digits[torch.randperm(1797, generator=torch.Generator().manual_seed(0))]
    return torch.stack([digits, digits.flip(2), digits.flip(1)], 1).flatten(1)


def make_network(size: int = PIXELS) -> tm.AutoregressiveNetwork:
    """Return a network that gives each pixel one parameter."""
    return tm.AutoregressiveNetwork(1, event_shape=size, hidden_units=[200], activation="tanh")


def join(networks: list[tm.AutoregressiveNetwork]) -> tm.flows.Blockwise:
    """Return the density of what the networks model, side by side."""
    known = [tm.flows.NetworkConditionals(network, tm.Bernoulli()) for network in networks]
    return tm.Blockwise([tm.Autoregressive(fn) for fn in known])


def fit(density: tm.flows.Blockwise, weights: list[Tensor], train: Tensor) -> None:
    """Fit by maximum likelihood."""
    optimizer = torch.optim.Adam(weights, lr=5e-3)
    for _ in range(12):
        for rows in torch.randperm(len(train)).split(100):
            optimizer.zero_grad()
            (-density.log_prob(train[rows]).mean()).backward()
            optimizer.step()


def main() -> None:
    """Fit networks shared, separate and joint, and compare them."""
    torch.manual_seed(0)
    images = read_images()
    train, test = images[:1500], images[1500:]
    shared = make_network()
    designs = {
        "one network for all channels": [shared] * CHANNELS,
        "a network for each channel": [make_network() for _ in range(CHANNELS)],
        "one network that sees all pixels": [make_network(CHANNELS * PIXELS)],
    }
    for name, networks in designs.items():
        density = join(networks)
        weights = list({id(p): p for network in networks for p in network.parameters()}.values())
        fit(density, weights, train)
        numbers, mean = sum(p.numel() for p in weights), density.log_prob(test).mean()
        print(f"{name}: {numbers} weights, test log-likelihood {mean:.2f} nats")
        drawn = density.sample((500,)).view(500, CHANNELS, 8, 8)
        agree = (drawn[:, 0] == drawn[:, 1].flip(2)).float().mean()
        print(f"  samples {list(drawn.shape)}: {agree:.2f} of the pixels of channel 1 agree with the mirror image in 2")


if __name__ == "__main__":
    main()
