"""One model completes any half of a picture from the other half.

An autoregressive density has an order, and completes exactly what comes last in it. With ``orders="any"`` one network
is trained on a fresh order at every step; ``image_shape`` lets most of these sweep across the picture, as completing a
half asks for. Given a half, the model then answers under an order that has this half first, so that
p(missing | observed) is a product of its own conditionals: nothing is estimated.

How good is it? The mean of log p(missing | observed) over pictures that were not trained on, in nats: higher is better.
A model that treats all pixels as independent learns nothing from the observed half; the difference is what the model
knows of how halves belong together.
"""

import torch

import tailormade as tm
from tailormade.baselines import independent_log_prob
from tailormade.plots import draw_completions, save_figure
from tailormade.regions import HALVES, observed_pixels

PICTURE = "completions_digits.png"


def main() -> None:
    """Fit a model of any order, complete each half of test pictures, and draw some completions."""
    train, valid, test = tm.datasets.digits().parts.values()
    model = tm.MADE(64, hidden_units=(300,), orders="any", image_shape=(8, 8), seed=0)
    config = tm.FitConfig(max_epochs=60, learning_rate=5e-3, seed=0, progress=False)
    tm.fit(model, train, valid, config=config)

    print("observed   log p(missing | observed)   independent pixels")
    for half in HALVES:
        observed = observed_pixels(half, (8, 8))
        given = model().given(test, observed)
        assert given.exact
        with torch.no_grad():
            log_prob = given.log_prob(test[:, ~observed]).mean()
        independent = independent_log_prob(train[:, ~observed], test[:, ~observed]).mean()
        print(f"{half:<8}   {log_prob:>25.2f}   {independent:>18.2f}")

    observed, rows = observed_pixels("top", (8, 8)), test[:6]
    given = model().given(rows, observed)
    drawn = given.fill(given.sample((6,), generator=torch.Generator().manual_seed(0)))
    save_figure(draw_completions(rows, observed, drawn, (8, 8)), PICTURE)
    print(f"completions of lower halves: {PICTURE}")


if __name__ == "__main__":
    main()
