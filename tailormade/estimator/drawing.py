r"""Rows given an event: draws of its constrained variables by weight, then of all others given those.

Within each disjoint box b and component k, progressive sampling draws the constrained variables with weights whose mean
is ``p_k(b)`` (1). A draw picks one of all these by weight (2) and completes it with the model's own conditional
density (3), which needs no weights. Where every region is a single value, (1) is exact and so is the whole.
"""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.queries import PoorEvidenceWarning
from tailormade.queries.progressive import Box, box_particles

_PARTICLES = 2000  # for each box and component, or as many as rows are wanted
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
    weights, values = _pool(model, boxes, max(n, _PARTICLES), context, generator)
    total = weights.sum()
    if not bool(total > 0):
        raise ValueError("given: expected an event that can happen, got one of probability 0; ask for another.")
    effective = float(total.square() / weights.square().sum())
    if 1 < len(weights) and effective < _POOR:
        warnings.warn(
            f"given: {effective:.1f} of {len(weights)} particles are worth something, so that rows repeat each other "
            "in the columns that are asked about; ask for a wider event.",
            PoorEvidenceWarning,
            stacklevel=4,
        )
    chosen = values[torch.multinomial(weights, n, replacement=True, generator=generator)]
    return model(context).complete(chosen, generator=generator)


def _pool(
    model: MADE, boxes: Sequence[Box], particles: int, context: Tensor | None, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Particles of all boxes and components, each weighing its part of the event."""
    parts = [
        box_particles(model, degrees, box, context, particles=particles, generator=generator, draw_last=True)
        for box in boxes
        for degrees in model.table
    ]
    if not parts:
        return torch.zeros(1, dtype=torch.float64), torch.full((1, model.features), torch.nan, dtype=torch.float64)
    weights = torch.cat([w / len(w) / len(model.table) for w, _ in parts])
    return weights, torch.cat([x for _, x in parts])
