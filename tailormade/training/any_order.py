r"""Which order a step trains, of a network that answers by any order.

A pass under an order σ trains D conditionals ``p(x_i | x_S)`` with ``S = σ(<k), i = σ(k)`` (1). Drawing orders trains
each of them as often as ``w(S, i) = P(σ asks i right after S)`` (2), and no other weights are needed where the orders
drawn are those that answers will use. Uniformly random ones ask all ``D 2^(D-1)`` conditionals, each with
``w = 1 / (D C(D - 1, |S|))`` (3). Answers ask far fewer:

- the density ``model()`` asks those along the K stored orders: at most ``K D`` (4);
- ``given(evidence)`` asks, after the evidence, for the first of the stored sequence that is not known yet: one for each
  set S and sequence, ``K (2^D - 1)`` at most (5), and before it, for the probability of the evidence, for the last of
  each set: as many again (6). With K = 1 the latter are all that is asked in the paper below.

Andy Shih, Dorsa Sadigh, Stefano Ermon, "Training and Inference on Any-Order Autoregressive Models the Right Way", 2022,
train on what is asked alone, as often as it is asked, by one sequence. Here, on validation rows of five binary sets:

- (5) and (6) of one sequence are the best that one order does where rows are many for the variables, but answers that
  mix several orders are no longer better than one, and where rows are few all answers are worse than by (3);
- weighting the k-th term of (3) by the chance ``k / D`` that it is asked, for evidence of a random size, trades nearly
  as much of the joint likelihood as it gains given evidence;
- half of the steps on (4) and half on (3) gives the joint density :func:`step_order` is for, at hardly any cost.
"""

import math

from tailormade.density import MADE
from tailormade.masks import Degrees
from tailormade.random import generator
from tailormade.training.likelihood import Model


def check_stored_orders(model: Model, share: float) -> None:
    """Check that a share of stored orders is asked only of a model of any order.

    Raises:
        ValueError: If it is above 0 for another.

    Example:
        >>> check_stored_orders(MADE(3, orders=2, seed=0), 0.5)
        Traceback (most recent call last):
        ValueError: stored_orders: expected 0 for a model with orders of its own, got 0.5; build it with orders='any'.
    """
    if share and not (isinstance(model, MADE) and model.orders == "any"):
        raise ValueError(
            f"stored_orders: expected 0 for a model with orders of its own, got {share}; build it with orders='any'."
        )


def step_order(model: MADE, draw: int, seed: int, stored: float) -> Degrees:
    """Return the connectivity of one step: one of those stored, which take turns, or one with a fresh order.

    Args:
        model: Of any order.
        draw: Number of the draw, from 0.
        seed: Of the fit.
        stored: Share of the draws that are stored ones, spread evenly.

    Example:
        >>> model = MADE(9, orders="any", seed=0)
        >>> drawn = [step_order(model, draw, 0, 0.5).inputs.tolist() for draw in range(4)]
        >>> drawn[1] == model.table[0].inputs.tolist(), drawn[3] == model.table[1].inputs.tolist()
        (True, True)
    """
    turn = math.floor(stored * draw)
    if math.floor(stored * (draw + 1)) > turn:
        return model.table[turn % len(model.table)]
    return model.draw(generator(seed, "order", draw))
