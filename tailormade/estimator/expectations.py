r"""Expectations and quantiles of one column of a table, given what is known of the row.

A row that is drawn given an event has particles e_s of the event's columns, with weights w_s; each is completed by
candidates x_sj of the whole row, with shares v_sj by which the joint density weighs them. So the distribution of column
i is that of the values ``x_sj[i]`` with weights ``w_s v_sj`` (1). Where the event is single values that come first in
the order, and column i is next, nothing is drawn: ``p(x_i | event)`` (2) is one conditional of the joint density, or
with several orders their mixture, weighted by ``p_k(e)``, and the answer is exact. Values count in the column's units,
dates in seconds since 1970, truth values as 0 and 1. Where a cell may be missing, or of a category never seen, the
answer is of the values that are there.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tailormade.conditionals import Conditional, MaybeMissing
from tailormade.density import MADE, MADEDistribution
from tailormade.estimator.drawing import Pool
from tailormade.estimator.laws import Mixture, Values
from tailormade.queries.conditions import named
from tailormade.queries.estimates import Estimated
from tailormade.queries.masked import MaskedQuery
from tailormade.tables import Column, Schema
from tailormade.tables.decode import tidy

_CANDIDATES = 8  # completions of each particle where there are many


def numeric_place(schema: Schema, name: str) -> int:
    """Return which variable a column is.

    Raises:
        ValueError: If there is no such column, or it holds text.
    """
    [place] = schema.indices([name])
    words = [value for value in schema.variables[place].categories if isinstance(value, str)]
    if words:
        raise ValueError(
            f"column: expected one of numbers, truth values or dates, got '{name}', which holds text; ask for the "
            f"probability of each of its values, such as {named(name)} == {words[0]!r}."
        )
    return place


@torch.no_grad()
def law_of(
    model: MADE,
    column: Column,
    place: int,
    pool: Pool,
    context: Tensor | None,
    particles: int,
    generator: torch.Generator,
) -> Mixture | Values:
    """Return the distribution of a column within an event (1, 2).

    Args:
        model: A model of incomplete rows.
        column: Of numbers.
        place: Which variable it is.
        pool: Particles of the event.
        context: Shape ``(C,)`` or ``None``.
        particles: Number of draws for each box and order, where any are needed.
        generator: Source of the noise.
    """
    pool = _collapsed(pool)
    if not bool(pool.values[:, place].isnan().any()):
        return _known(column, pool, place)
    if _is_exact(model, place, pool):
        return _exact(model, column, place, pool, context)
    return _drawn(model(context), column, place, pool, particles, generator)


def _collapsed(pool: Pool) -> Pool:
    """One particle for all of a part, where they are the same."""
    kept = []
    for part in pool.parts.unique():
        mine = torch.nonzero(pool.parts == part).flatten()
        same = bool((pool.values[mine].nan_to_num(torch.inf) == pool.values[mine[0]].nan_to_num(torch.inf)).all())
        total = pool.weights[mine].sum()
        if bool(total > 0):
            kept.append((total.reshape(1), mine[:1]) if same else (pool.weights[mine], mine))
    index = torch.cat([index for _, index in kept])
    return Pool(torch.cat([weights for weights, _ in kept]), pool.values[index], pool.parts[index])


def _known(column: Column, pool: Pool, place: int) -> Values:
    """What the event itself says of the column."""
    single = len(pool.parts.unique()) == len(pool.parts)
    return _of_rows(column, pool.values[:, place], pool.weights, None if single else pool.parts)


def _is_exact(model: MADE, place: int, pool: Pool) -> bool:
    """Whether the event is single values of just those columns that come before this one, in every order."""
    known = ~pool.values.isnan()
    before = torch.stack([d.inputs.cpu() < d.inputs[place].cpu() for d in model.table])
    return len(pool.parts.unique()) == len(pool.parts) and all(bool((row == before).all()) for row in known)


def _exact(model: MADE, column: Column, place: int, pool: Pool, context: Tensor | None) -> Mixture | Values:
    fed = None if context is None else context.reshape(1, -1).expand(len(pool.values), -1)
    values = pool.values.to(model.draw_dtype)
    seen = ~values.isnan()
    query = MaskedQuery(model, list(model.table), torch.where(seen, values, 0.0), seen, fed)
    shares = torch.softmax(query.terms(values, drop=False)[0].double(), 0)
    raws = [model.sampling_source(d, fed).params()(values) for d in model.table]
    raw = torch.cat([r.split(list(model.layout.param_sizes), -1)[place].double() for r in raws])
    weights, conditional = (pool.weights * shares).flatten(), model.layout.conditionals[place]
    if isinstance(conditional, MaybeMissing):
        weights, raw, conditional = weights * torch.sigmoid(-raw[:, 0]), raw[:, 1:], conditional.base
    if column.coded:
        return _coded(column, conditional, raw, weights)
    return Mixture(conditional, raw, weights / weights.sum(), column.step)


def _coded(column: Column, conditional: Conditional, raw: Tensor, weights: Tensor) -> Values:
    """The probabilities of all categories that have been seen, for each part."""
    states = torch.arange(len(column.categories), dtype=torch.float64)
    masses = conditional.log_prob(raw.unsqueeze(1), states).exp()
    total = masses.sum(1)
    values = torch.tensor([float(value) for value in column.categories], dtype=torch.float64)
    shares = masses / total.clamp(min=torch.finfo(torch.float64).tiny).unsqueeze(1)
    return Values(values.expand(masses.shape), shares, weights * total)


def _drawn(
    density: MADEDistribution, column: Column, place: int, pool: Pool, particles: int, generator: torch.Generator
) -> Values:
    """Values and weights (1), part by part."""
    found = []
    for part in pool.parts.unique():
        mine = pool.parts == part
        draws = 4 * particles if int(mine.sum()) == 1 else _CANDIDATES
        rows, shares = density.complete_weighted(pool.values[mine], draws, generator=generator)
        found.append((rows[..., place].flatten(), (shares * pool.weights[mine]).flatten()))
    groups = torch.cat([torch.full(values.shape, i) for i, (values, _) in enumerate(found)])
    return _of_rows(column, torch.cat([v for v, _ in found]), torch.cat([w for _, w in found]), groups)


def _of_rows(column: Column, x: Tensor, weights: Tensor, groups: Tensor | None) -> Values:
    """Encoded values of rows with their weights, those left out that are missing or were never seen."""
    x = x.double()
    there = x < (len(column.categories) if column.coded else math.inf)
    if column.coded:
        units = torch.tensor([float(value) for value in column.categories], dtype=torch.float64)
        x = units[torch.where(there, x, 0.0).long()]
    x, weights = x[there].unsqueeze(1), weights[there]
    return Values(x, torch.ones_like(x), weights, None if groups is None else groups[there])


def checked_shares(q: float | Sequence[float]) -> list[float]:
    """Return the probabilities of quantiles as a list.

    Raises:
        ValueError: If one is not from 0 to 1.
    """
    shares = [float(share) for share in torch.as_tensor(q, dtype=torch.float64).flatten()]
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(f"q: expected probabilities from 0 to 1, got {q!r}; the median is q=0.5.")
    return shares


def as_cell(schema: Schema, place: int, found: tuple[float, float]) -> Any:  # noqa: ANN401 - a number or a date
    """Return a quantile as a number with its standard error, or as a date as the table has them."""
    column, (value, error) = schema.variables[place], found
    if column.dated:
        return schema.decode_value(column.name, value)
    return Estimated(float(tidy(column, np.array([value]))[0]), error)
