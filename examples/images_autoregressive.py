"""Images of shape [width, height, channels] as one autoregressive event.

The images are scikit-learn's handwritten digits, 8 x 8, each painted in a colour of its own: three channels, the grey
picture times the strength of red, green and blue. Flattened, an image is 192 numbers; a masked network gives each its
shift and log-scale from all before it, in the order in which they lie in memory: the channels of a pixel after one
another, then the next pixel. ReshapeTransform gives the density the event shape of the images.

So a pixel's green depends on its red, and on every channel of all pixels before. That is worth a lot here: once one
pixel has shown the colour, a pixel's green and blue follow from its red. Compare examples/images_shared_network.py,
which gives these dependencies up, and says what for.

Run: python examples/images_autoregressive.py
"""

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.distributions import Independent, Normal, TransformedDistribution
from torch.distributions.transforms import ReshapeTransform

import tailormade as tm

SHAPE = (8, 8, 3)
SIZE = 8 * 8 * 3


def paint_digits() -> Tensor:
    """Return painted digits, shape (1797, 8, 8, 3), with values about 0 and noise in place of the steps of grey."""
    generator = torch.Generator().manual_seed(0)
    grey = torch.tensor(load_digits().images).float()[torch.randperm(1797, generator=generator)]
    colour = torch.rand(1797, 1, 1, 3, generator=generator)
    return (grey.unsqueeze(-1) * colour + torch.rand(1797, *SHAPE, generator=generator)) / 8 - 1


def main() -> None:
    """Fit the flow, compare it with independent numbers, and count what depends on what."""
    torch.manual_seed(0)
    images = paint_digits()
    train, test = images[:1500], images[1500:]
    network = tm.AutoregressiveNetwork(2, event_shape=SIZE, hidden_units=[200], activation="tanh")
    noise = Independent(Normal(torch.zeros(SIZE), 1.0), 1)
    flow = tm.flows.MaskedAutoregressiveFlow(network)
    density = TransformedDistribution(noise, [flow, ReshapeTransform((SIZE,), SHAPE)])
    print(f"event shape: {list(density.event_shape)}")

    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    for _ in range(20):
        for rows in torch.randperm(len(train)).split(100):
            optimizer.zero_grad()
            (-density.log_prob(train[rows]).mean()).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 100.0)
            optimizer.step()
        schedule.step()

    independent = Independent(Normal(train.mean(0), train.std(0)), 3).log_prob(test).mean()
    print(f"test log-likelihood of independent normals: {independent / SIZE:.3f} nats a number")
    print(f"test log-likelihood of the flow: {density.log_prob(test).mean() / SIZE:.3f} nats a number")

    x = test[0].flatten()
    depends = torch.func.jacrev(network)(x)[:, 0].reshape(SIZE, SIZE) != 0  # of the shift on the values
    pixels = depends.view(64, 3, 64, 3)
    inside = sum(int(pixels[i, :, i].sum()) for i in range(64))
    print(f"dependencies: {int(depends.sum())} of {SIZE * (SIZE - 1) // 2}, {inside} of them within a pixel")

    drawn = density.sample((200,))
    print(f"samples: {list(drawn.shape)}, mean {drawn.mean():.2f}, standard deviation {drawn.std():.2f}")
    print(f"the images themselves: mean {train.mean():.2f}, standard deviation {train.std():.2f}")


if __name__ == "__main__":
    main()
