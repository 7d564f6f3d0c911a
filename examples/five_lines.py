"""A density estimate in five lines.

The data are scikit-learn's handwritten digits, 8 x 8 pixels, each made black or white: 1797 rows of 64 zeros and ones.
There are 2^64 such pictures; the model gives every one of them a probability, and all of these add up to 1.

How good is it? The mean log-likelihood of pictures that were not trained on, in nats: higher is better, and e^(a - b)
says how much more probable the first model finds a typical picture than the second. The yardstick is a model that
knows how often each pixel is white and nothing else, and so treats all pixels as independent.
"""

import torch
from sklearn.datasets import load_digits

import tailormade as tm


def main() -> None:
    """Fit a MADE to the digits and compare it with independent pixels."""
    pixels = torch.tensor(load_digits().data >= 8).float()
    pixels = pixels[torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))]
    train, valid, test = pixels[:1200], pixels[1200:1500], pixels[1500:]

    # The five lines.
    model = tm.MADE(64, hidden_units=(300,), seed=0)
    tm.fit(model, train, valid, config=tm.FitConfig(max_epochs=30, seed=0, progress=False))
    density = model()
    log_likelihood = density.log_prob(test).mean()
    drawn = density.sample((3,), generator=torch.Generator().manual_seed(0))

    independent = tm.Bernoulli().log_prob(tm.Bernoulli().marginal_params(train), test).sum(-1).mean()
    print(f"test log-likelihood of independent pixels: {independent:.2f} nats")
    print(f"test log-likelihood of the MADE: {log_likelihood:.2f} nats")
    print("three digits it dreams up:")
    for row in range(8):
        print("   ".join("".join(".#"[int(v)] for v in picture.view(8, 8)[row]) for picture in drawn))


if __name__ == "__main__":
    main()
