r"""Rows given an event: draws of its constrained variables by weight, then of all others given those.

Within each disjoint box b and component k, progressive sampling draws the constrained variables with weights whose mean
is ``p_k(b)`` (1). A draw picks one of all these by weight (2) and completes it: the network's own conditional density,
in which evidence is an input, proposes several candidates, of which the joint density chooses (3).
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.estimator.events import impossible
from tailormade.queries import PoorEvidenceWarning
from tailormade.queries.progressive import Box, box_particles

_PARTICLES = 2000  # for each box and component, or as many as rows are wanted
_BLOCK, _SHARED = 1024, 16  # draws at a time from one evidence, and candidates for each
_POOR = 50.0  # effective particles for each row below which a warning is given


def draw_within(
    model: MADE, boxes: Sequence[Box], n: int, context: Tensor | None, generator: torch.Generator
) -> Tensor:
    """Draw n rows of all variables within an event, shape ``(n, D)``.

    Args:
        model: A model of incomplete rows.
        boxes: The event, disjoint.
        n: Number of rows.
        context: Shape ``(C,)`` or ``None``.
        generator: Source of the noise.

    Raises:
        ValueError: If the event has probability 0.

    Warns:
        PoorEvidenceWarning: If the rows rest on few particles.
    """
    weights, values, _ = draw_pool(model, boxes, max(n, _PARTICLES), context, generator)
    chosen, density = values[torch.multinomial(weights, n, replacement=True, generator=generator)], model(context)
    if not bool((chosen == chosen[:1]).logical_or(chosen.isnan()).all()):
        return density.complete(chosen, generator=generator)
    blocks = [min(_BLOCK, n - start) for start in range(0, n, _BLOCK)]  # one evidence, so that candidates are shared
    parts = [density.complete(chosen[:1], (m,), candidates=_SHARED * m, generator=generator) for m in blocks]
    return torch.cat([part.squeeze(1) for part in parts]) if parts else chosen


class Pool(NamedTuple):
    """Particles of the constrained columns of an event.

    Attributes:
        weights: Whose sum is the probability of the event, shape ``(s,)``.
        values: Shape ``(s, D)``, NaN where nothing was drawn.
        parts: Which box and component each is of, shape ``(s,)``.
    """

    weights: Tensor
    values: Tensor
    parts: Tensor


def draw_pool(
    model: MADE, boxes: Sequence[Box], particles: int, context: Tensor | None, generator: torch.Generator
) -> Pool:
    """Draw particles for all boxes and components, each weighing its part of the event.

    Args:
        model: A model of incomplete rows.
        boxes: The event, disjoint.
        particles: Number of draws for each box and component, where any are needed.
        context: Shape ``(C,)`` or ``None``.
        generator: Source of the noise.

    Raises:
        ValueError: If the event has probability 0.

    Warns:
        PoorEvidenceWarning: If few particles are worth something.
    """
    pool = _pool(model, boxes, particles, context, generator)
    total = pool.weights.sum()
    if not bool(total > 0):
        raise impossible(boxes)
    drawn = torch.bincount(pool.parts)[pool.parts] > 1  # single values are what they are
    effective = float(total.square() / pool.weights[drawn].square().sum())
    if effective < _POOR:
        warnings.warn(
            f"given: {effective:.1f} of {len(pool.weights)} particles are worth something, so that rows repeat each "
            "other in the columns that are asked about; ask for a wider event.",
            PoorEvidenceWarning,
            stacklevel=5,
        )
    return pool


def _pool(
    model: MADE, boxes: Sequence[Box], particles: int, context: Tensor | None, generator: torch.Generator
) -> Pool:
    found = [
        box_particles(model, degrees, box, context, particles=particles, generator=generator, draw_last=True)
        for box in boxes
        for degrees in model.table
    ]
    if not found:
        return Pool(torch.zeros(0), torch.zeros(0, model.features), torch.zeros(0))
    weights = torch.cat([w / len(w) / len(model.table) for w, _ in found])
    parts = torch.cat([torch.full(w.shape, i) for i, (w, _) in enumerate(found)])
    return Pool(weights, torch.cat([x for _, x in found]), parts)
