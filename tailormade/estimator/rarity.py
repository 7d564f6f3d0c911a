"""How little a model knows of rows like those it is asked about.

An event whose expected number among the n rows of the fit, ``n P(event)`` (1), is below 0.1 was hardly ever there to
be learnt from. Evidence of single values has a small probability however common it is: what counts is the share of the
model's own rows whose values of the same columns are as improbable, ``P(p(X) <= p(x))`` (2), and the probability of the
rest of the event given those values, ``P(event) / p(x)`` (3), in the place of P(event) in (1).
"""

import math
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.queries.progressive import Box, only_value
from tailormade.random import generator

_EXPECTED = 0.1  # rows of the fit in the event, below which it is rare
_DRAWS = 1000  # for (2); rare is less than one of them
_ROWS = 1000  # of a fit that did not keep their number


class ExtrapolationWarning(UserWarning):
    """Warn of an event so rare under the model that the rows of the fit can hardly have had one like it."""


def warn_if_rare(
    model: MADE, boxes: Sequence[Box], probability: float, context: Tensor | None, *, name: str, seed: int
) -> None:
    """Warn of an event that hardly any row of the fit was in.

    Args:
        model: In float64.
        boxes: The event, disjoint, single values not widened.
        probability: Of the event; of single values of a density, that density.
        context: Shape ``(C,)`` or ``None``.
        name: Of the argument it came from.
        seed: Fixes the draws for (2).
    """
    values = _values(boxes[0]) if len(boxes) == 1 else {}
    density = _log_densities(model, _row(model, values), context) if values else torch.zeros(1)
    rest = probability / math.exp(float(density)) if len(values) < len(boxes[0]) else 1.0
    rows = model.metadata.get("fit", {}).get("rows", _ROWS)
    if rest * rows < _EXPECTED:
        told = f"a probability of about {probability:.2g} under the model" if not values else _rest(rest)
        _warn(f"{name}: this has {told}: none of the {rows} rows of the fit is likely to have been like it")
    elif values and _share(model, values, float(density), context, seed) == 0:
        _warn(f"{name}: fewer than one in {_DRAWS} of the model's own rows have values as improbable as these")


def _rest(rest: float) -> str:
    return f"a probability of about {rest:.2g} under the model, given its single values"


def _warn(text: str) -> None:
    warnings.warn(f"{text}, so that the answer is an extrapolation.", ExtrapolationWarning, stacklevel=5)


def _values(box: Box) -> dict[int, float]:
    found = {v: only_value(region) for v, region in box.items()}
    return {v: value for v, value in found.items() if value is not None and math.isfinite(value)}


def _row(model: MADE, values: dict[int, float]) -> Tensor:
    x = torch.full((1, model.features), torch.nan, dtype=torch.float64)
    x[0, list(values)] = torch.tensor(list(values.values()), dtype=torch.float64)
    return x


@torch.no_grad()
def _log_densities(model: MADE, x: Tensor, context: Tensor | None) -> Tensor:
    return model.log_prob(x, None if context is None else context.expand(len(x), -1))


@torch.no_grad()
def _share(model: MADE, values: dict[int, float], density: float, context: Tensor | None, seed: int) -> float:
    """Return (2), from draws."""
    drawn = model(context).sample((_DRAWS,), generator=generator(seed, "rarity")).double()
    free = [v for v in range(model.features) if v not in values]
    drawn[:, free] = torch.nan
    return float((_log_densities(model, drawn, context) <= density + 1e-9).double().mean())
