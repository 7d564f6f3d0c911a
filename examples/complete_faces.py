"""The lower half of a face from its upper half, for people the model has never seen.

The Olivetti faces are 10 photographs of each of 40 people. Here they are averaged over 2 x 2 pixels to 32 x 32 and cut
into 16 grey levels. In the usual left-to-right order the upper half comes first, so that p(lower | upper) is exact.

Two things make 350 photographs enough. Grey levels are in order, which a conditional can know: ``GreyLevel`` below is
a rounded logistic variable whose centre the network predicts, two numbers instead of sixteen unrelated ones. (It is a
conditional of our own; a model takes it like any other.) And every photograph is shown many times, each time turned,
shifted, scaled, mirrored or lit a little differently.

Two splits of the photographs are compared. In the first, all 20 of two people are held out, and those of three others
validate; in the second, 20 random ones are, whose subjects the model knows from other photographs.

Run: python examples/complete_faces.py [olivetti.npz] (arrays ``images`` and ``target``; without it scikit-learn
fetches the faces). It takes about five minutes on one thread. ``--quick`` shows the steps on smooth random images.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter
from torch import Tensor
from torch.distributions import Categorical, constraints
from torch.nn.functional import logsigmoid

import tailormade as tm
from tailormade.plots import draw_completions, save_figure
from tailormade.regions import observed_pixels

SIDE, LEVELS = 32, 16
Images = NDArray[np.float64]


@dataclass(frozen=True)
class GreyLevel(tm.Conditional):
    """A level in 0..k-1: a logistic variable, rounded to the nearest level.

    With F(v) = 1 / (1 + exp(-(v - centre) exp(sharpness))), p(x) = F(x + 1/2) - F(x - 1/2); the lowest and the highest
    level take what is beyond them.
    """

    levels: int
    params, width = 2, 1

    @property
    def support(self) -> constraints.Constraint:
        """The integers 0..k-1."""
        return constraints.integer_interval(0, self.levels - 1)

    def encode(self, x: Tensor) -> Tensor:
        """Return the level itself."""
        return x.unsqueeze(-1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return log (F(b) - F(a)) as log F(b) + log (1 - F(a)) + log (1 - exp(a - b)), which loses no digits."""
        centre, rate = raw[..., 0], raw[..., 1].exp()
        lower = torch.where(x < 1, -torch.inf, (x - 0.5 - centre) * rate)
        upper = torch.where(x > self.levels - 2, torch.inf, (x + 0.5 - centre) * rate)
        return logsigmoid(upper) + logsigmoid(-lower) + torch.log(-torch.expm1(lower - upper))

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Invert F and round."""
        value = raw[..., 0] + torch.logit(noise.squeeze(-1)) / raw[..., 1].exp()
        return value.round().clamp(0, self.levels - 1)

    def distribution(self, raw: Tensor) -> Categorical:
        """Return the probabilities of all levels."""
        return Categorical(logits=self.log_prob(raw.unsqueeze(-2), torch.arange(self.levels)))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return the centre and sharpness with each column's mean and standard deviation."""
        return torch.stack([x.double().mean(0), torch.log(np.pi / 3**0.5 / (x.double().std(0) + 0.1))], -1)


def read_faces(path: str | None, *, quick: bool) -> tuple[Images, NDArray[np.int64]]:
    """Return photographs (n, 64, 64) from 0 to 1, and whom they show."""
    if quick:
        rng = np.random.default_rng(0)
        people = gaussian_filter(rng.normal(size=(12, 1, 64, 64)), (0, 0, 6, 6))
        images = people + 0.3 * gaussian_filter(rng.normal(size=(12, 5, 64, 64)), (0, 0, 6, 6))
        images = (images - images.min()).reshape(-1, 64, 64)
        return images / images.max(), np.repeat(np.arange(12), 5)
    if path is None:
        from sklearn.datasets import fetch_olivetti_faces

        print("fetching the Olivetti faces through scikit-learn (no file was given)")
        found = fetch_olivetti_faces()
        images, people = found.images, found.target
    else:
        with np.load(path, allow_pickle=False) as archive:
            images, people = archive["images"], archive["target"]
    return images.reshape(-1, 64, 64).astype(float) / images.max(), people


def vary(image: Images, rng: np.random.Generator) -> Images:
    """Mirror, turn, scale, shift and light a photograph a little differently."""
    angle, size, light = rng.normal(0, [0.1, 0.1, 0.2])
    turn = np.exp(size) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = 31.5 - turn @ [31.5, 31.5] + rng.normal(0, 3, 2)
    mirrored = image[:, :: rng.choice([1, -1])]
    return affine_transform(mirrored, turn, shift, order=1, mode="nearest") * np.exp(light)


def grey_levels(images: Images) -> NDArray[np.uint8]:
    """Average over 2 x 2 pixels and cut into levels, shape (n, 1024)."""
    small = images.reshape(-1, SIDE, 2, SIDE, 2).mean((2, 4)).reshape(-1, SIDE * SIDE)
    return np.clip(small * LEVELS, 0, LEVELS - 1).astype(np.uint8)


def complete(name: str, train: Images, valid: Images, test: Images, *, quick: bool) -> None:
    """Fit a model, print how probable it finds the lower halves of test photographs, and draw some completions."""
    rng = np.random.default_rng(0)
    copies, epochs = (2, 2) if quick else (50, 12)
    rows = grey_levels(np.concatenate([train, *([vary(i, rng) for i in train] for _ in range(copies - 1))]))
    model = tm.MADE(
        SIDE * SIDE, conditionals=GreyLevel(LEVELS), hidden_units=(16,) if quick else (500, 500), direct=True,
        dropout=0.3, seed=0,
    )  # fmt: skip
    config = tm.FitConfig(max_epochs=epochs, learning_rate=1e-3, weight_decay=0.05, seed=0, progress=not quick)
    tm.fit(model, rows, grey_levels(valid), config=config)

    observed, unseen = observed_pixels("top", (SIDE, SIDE)), grey_levels(test)
    given = model().given(unseen, observed)
    with torch.no_grad():
        log_prob = given.log_prob(unseen[:, ~observed]).mean() / sum(~observed)
    alone = tm.Categorical(LEVELS)
    lower = torch.from_numpy(unseen[:, ~observed])
    marginals = alone.marginal_params(torch.from_numpy(grey_levels(train)[:, ~observed]))
    independent = alone.log_prob(marginals, lower).mean()
    print(f"{name}: log p(lower | upper) {log_prob:.3f} nats a pixel, independent pixels {independent:.3f}")

    shown = unseen[np.linspace(0, len(unseen) - 1, min(8, len(unseen))).astype(int)]
    given = model().given(shown, observed)
    drawn = given.fill(given.sample((6,), generator=torch.Generator().manual_seed(0)))
    figure = draw_completions(shown, observed, drawn, (SIDE, SIDE), levels=LEVELS, ink=False)
    print(f"completions: {save_figure(figure, f'completions_faces_{name}.png')}")


def main() -> None:
    """Hold out two people, then as many random photographs."""
    parser = argparse.ArgumentParser(description="Complete faces.")
    parser.add_argument("faces", nargs="?", help="an .npz with images and target")
    parser.add_argument("--quick", action="store_true", help="stand-ins for faces, and next to no training")
    arguments = parser.parse_args()
    images, people = read_faces(arguments.faces, quick=arguments.quick)
    last = people.max()
    parts = [images[people < last - 4], images[(people >= last - 4) & (people < last - 1)], images[people >= last - 1]]
    complete("people", *parts, quick=arguments.quick)
    order, held = np.random.default_rng(0).permutation(len(images)), len(parts[2])
    parts = [images[order[2 * held :]], images[order[held : 2 * held]], images[order[:held]]]
    complete("photographs", *parts, quick=arguments.quick)


if __name__ == "__main__":
    main()
