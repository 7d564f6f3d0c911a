r"""Which order a step trains, of a network that answers by any order, and which of its conditionals.

A pass under an order σ gives D conditionals ``p(x_i | x_S)``, ``S = σ(<k), i = σ(k)`` (1). Training on orders drawn at
random weights each of them by ``w(S, i) = P(σ has i right after S)`` (2). Those that answers ask should be trained as
often as they are asked (Shih, Sadigh and Ermon, 2022). Uniformly random orders train all ``D 2^(D-1)`` of them, with
``w = 1 / (D C(D - 1, |S|))`` (3), but answers ask far fewer:

- the density ``model()`` asks those along its K stored orders, ``K D`` at most (4);
- ``given(evidence)`` puts the evidence first and keeps a stored sequence otherwise. Given S it asks for the first
  variable of the sequence that is not in S: one for each set and sequence, ``K (2^D - 1)`` at most (5).

So there are three kinds of steps, each of which draws what it trains as it is asked, which is (2) without any weights:
fresh orders (3); stored orders in turn (4), ``stored_orders`` of the steps; and with ``evidence_first``, in place of
(3), a random set of a uniformly random size in front of a stored order, and of its terms those that follow (5).

What it buys, in nats of validation rows of binary sets (``benchmarks/any_order.py``, one seed, all of the same budget):
joint NLL of ``model()``, then the mean of log p(rest | evidence) by one order, of 10, 50 and 90% of the variables.

=========  ==============================  ==============================  ==============================
set, rows  (3)                             (3), half (4)                   (5), half (4), one stored order
=========  ==============================  ==============================  ==============================
nltcs 16k    6.18    -5.38   -2.73  -0.76    6.01    -5.31   -2.73  -0.75    5.91    -4.99   -2.59  -0.69
plants 17k  14.06   -13.07   -6.31  -1.32   13.19   -13.08   -6.30  -1.30   12.46   -11.30   -5.79  -1.24
mushr. 2k   15.84   -13.81   -4.50  -0.70   14.32   -13.22   -4.54  -0.73   10.62   -11.58   -4.80  -0.94
dna 1.4k    94.38   -85.05  -45.67  -8.83   93.36   -84.41  -45.61  -8.74   86.34   -79.80  -44.43  -8.52
nips 400   272.46  -247.64 -136.10 -27.51  272.50  -247.44 -135.75 -27.51  275.26  -249.89 -138.53 -27.85
=========  ==============================  ==============================  ==============================

So one stored order with (5) has the best joint density, and the best answers given little, unless rows are very few:
then fresh orders keep a network from overfitting. It has nothing to mix with: answers by more orders than are stored go
by orders that were never trained, and are worse, while four orders by (3) answer better than its one given 50 or 90%,
but on dna. With three times the epochs it keeps its lead over (3): dna 85.21 to 93.82, -79.00 to -84.43, -43.88 to
-45.18, -8.37 to -8.64; mushrooms 9.76 to 13.33, -9.93 to -11.41, -3.34 to -3.39, -0.57 to -0.43.

Of images (4) betters the joint likelihood, but completions of halves hardly, or worsens them by up to 0.8 nats.

Andy Shih, Dorsa Sadigh, Stefano Ermon, "Training and Inference on Any-Order Autoregressive Models the Right Way", 2022.
"""

import math
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.masks import Degrees
from tailormade.random import generator
from tailormade.training.likelihood import Model

if TYPE_CHECKING:
    from tailormade.training.config import FitConfig


class Question(NamedTuple):
    """What a step trains: a connectivity, and which variables it is given, boolean, shape ``(D,)``, if any."""

    degrees: Degrees
    known: Tensor | None = None


def check_any_order(model: Model, config: "FitConfig") -> None:
    """Check that what is said about orders fits the model.

    Raises:
        ValueError: If it is said of a model that is not of any order, or evidence comes first of one that takes it
            otherwise.

    Example:
        >>> from tailormade import FitConfig
        >>> check_any_order(MADE(3, orders=2, seed=0), FitConfig(stored_orders=0.5))
        Traceback (most recent call last):
        ValueError: stored_orders: expected 0 for a model with orders of its own, got 0.5; build it with orders='any'.
    """
    of_any = isinstance(model, MADE) and model.orders == "any"
    for name, expected in (("stored_orders", 0), ("evidence_first", False)):
        found = getattr(config, name)
        if found and not of_any:
            raise ValueError(
                f"{name}: expected {expected} for a model with orders of its own, got {found}; "
                "build it with orders='any'."
            )
    if config.evidence_first and isinstance(model, MADE) and (model.missing or model.source.image is not None):
        what = "an image, whose orders are sweeps" if model.source.image else "incomplete rows, to which it is an input"
        raise ValueError(f"evidence_first: expected False for a model of {what}, got True.")


def draw_question(model: MADE, draw: int, seed: int, config: "FitConfig") -> Question:
    """Return what a step trains: a stored order, these taking turns, a fresh one, or one with evidence first.

    Args:
        model: Of any order.
        draw: Number of the draw, from 0; the stored ones are spread evenly among them.
        seed: Of the fit.
        config: How to fit.

    Example:
        >>> from tailormade import FitConfig
        >>> model = MADE(9, orders="any", seed=0)
        >>> drawn = [draw_question(model, k, 0, FitConfig(stored_orders=0.5)).degrees.inputs for k in range(4)]
        >>> torch.equal(drawn[1], model.table[0].inputs), torch.equal(drawn[3], model.table[1].inputs)
        (True, True)
    """
    turn = math.floor(config.stored_orders * draw)
    if math.floor(config.stored_orders * (draw + 1)) > turn:
        return Question(model.table[turn % len(model.table)])
    source = generator(seed, "order", draw)
    return _evidence_first(model, source) if config.evidence_first else Question(model.draw(source))


def _evidence_first(model: MADE, source: torch.Generator) -> Question:
    """Draw a set of 0 to D - 1 variables, each size alike, and one of the stored orders that follows it."""
    size = int(torch.randint(model.features, (), generator=source))
    turn = int(torch.randint(len(model.table), (), generator=source))
    known = torch.randperm(model.features, generator=source) < size
    return Question(model.evidence_first(known, turn), known)
