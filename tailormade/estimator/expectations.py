r"""Expectations and quantiles of one column of a table, given what is known of the row.

A row that is drawn given an event has particles e_s of the event's columns, with weights w_s, and values u_s of the
columns that come before column i in the order. Instead of drawing x_i as well, its conditional is kept:
``p(x_i | event) = Σ_s w_s p(x_i | u_s, e_s) / Σ_s w_s`` (1), so that the answers are those of endless draws in this
column, but for the noise of the others. Where the event is single values and no unknown column comes before i, nothing
is drawn: (1) is one conditional, or with several orders their mixture, weighted by ``p_k(e)``, and the answer is exact.
Values count in the column's own units, dates in seconds since 1970, truth values as 0 and 1. Where a cell may be
missing, or of a category never seen, the answer is of the values that are there.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tailormade.conditionals import Conditional, MaybeMissing
from tailormade.density import MADE
from tailormade.estimator.drawing import Pool
from tailormade.estimator.laws import Mixture, Values
from tailormade.estimator.questions import Estimated
from tailormade.masks import Degrees
from tailormade.queries import MaskedQuery, Query
from tailormade.queries.conditions import named
from tailormade.queries.evidence import choose
from tailormade.sampling import Evidence
from tailormade.tables import Column, Schema
from tailormade.tables.decode import tidy

_STRATA = 8  # values of a numeric column for each particle


class Parts(NamedTuple):
    """The conditionals that (1) is made of.

    Attributes:
        raw: Their parameters, float64, shape ``(n, params)``.
        known: What the event itself says of the column, NaN if nothing, shape ``(n,)``.
        weights: Shape ``(n,)``.
        groups: Which box and component of the event each is of; ``None`` if nothing was drawn.
    """

    raw: Tensor
    known: Tensor
    weights: Tensor
    groups: Tensor | None


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
    """Return the distribution of a column within an event (1).

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
    parts = _parts(model, place, pool, context, particles, generator)
    conditional = model.layout.conditionals[place]
    if isinstance(conditional, MaybeMissing):
        conditional, parts = conditional.base, _there(parts)
    if column.coded:
        return _coded(column, conditional, parts)
    if parts.groups is None and bool(parts.known.isnan().all()):
        return Mixture(conditional, parts.raw, parts.weights / parts.weights.sum(), column.step)
    return _numeric(conditional, parts, generator)


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


def _parts(
    model: MADE, place: int, pool: Pool, context: Tensor | None, particles: int, generator: torch.Generator
) -> Parts:
    exact = _is_exact(model, place, pool)
    pool = pool if exact else _repeated(pool, particles)
    query, known = _query(model, place, pool.values, context), pool.values[:, place]
    shares = torch.softmax(query.terms(query.values, drop=False)[0].double(), 0).T
    if exact:
        raw = torch.stack([_raw(query, degrees, place, generator) for degrees in model.table], 1).flatten(0, 1)
        return Parts(
            raw, known.repeat_interleave(len(model.table)), (pool.weights.unsqueeze(1) * shares).flatten(), None
        )
    which = choose(shares, 1, generator).flatten()
    mine = [torch.nonzero(which == k).flatten() for k in range(len(model.table))]
    found = [_raw(query.pick(rows), degrees, place, generator) for rows, degrees in zip(mine, model.table, strict=True)]
    index = torch.cat(mine)
    return Parts(torch.cat(found), known[index], pool.weights[index], pool.parts[index])


def _is_exact(model: MADE, place: int, pool: Pool) -> bool:
    """Whether the event is single values, and no unknown column comes before this one in any order."""
    unknown = pool.values.isnan().any(0)
    asked = bool(unknown[place])
    unknown[place] = False
    before = any(bool((d.inputs[unknown] < d.inputs[place]).any()) for d in model.table)
    return len(pool.parts.unique()) == len(pool.parts) and not (asked and before)


def _repeated(pool: Pool, particles: int) -> Pool:
    """The particle of a part that has no other, many times."""
    sizes = torch.bincount(pool.parts)[pool.parts]
    counts = torch.where(sizes == 1, particles, 1)
    index = torch.arange(len(counts)).repeat_interleave(counts)
    return Pool((pool.weights / counts)[index], pool.values[index], pool.parts[index])


def _query(model: MADE, place: int, values: Tensor, context: Tensor | None) -> MaskedQuery:
    observed = ~values.isnan()
    observed[:, place] = False
    evidence = torch.where(observed, values, 0.0).to(model.draw_dtype)
    fed = None if context is None else context.reshape(1, -1).expand(len(values), -1)
    return MaskedQuery(model, list(model.table), evidence, observed, fed)


def _raw(query: Query, degrees: Degrees, place: int, generator: torch.Generator) -> Tensor:
    """Parameters of the conditional of a column after drawing what comes before it, ``(n, params)``."""
    rows, given = query.propose(degrees, generator), Evidence(query.values, query.observed)
    raw = query.model.sampling_source(degrees, query.context, given).params()(rows)
    return raw.split(list(query.model.layout.param_sizes), -1)[place].double()


def _there(parts: Parts) -> Parts:
    """The same of cells that are not missing."""
    value = torch.where(parts.known.isnan(), torch.sigmoid(-parts.raw[:, 0]), (parts.known < torch.inf).double())
    return parts._replace(raw=parts.raw[:, 1:], weights=parts.weights * value)


def _coded(column: Column, conditional: Conditional, parts: Parts) -> Values:
    """The probabilities of all categories that have been seen, for each part."""
    states = torch.arange(len(column.categories), dtype=torch.float64)
    masses = conditional.log_prob(parts.raw.unsqueeze(1), states).exp()
    masses = torch.where(parts.known.isnan().unsqueeze(1), masses, (parts.known.unsqueeze(1) == states).double())
    total = masses.sum(1)
    values = torch.tensor([float(value) for value in column.categories], dtype=torch.float64)
    shares = masses / total.clamp(min=torch.finfo(torch.float64).tiny).unsqueeze(1)
    return Values(values.expand(masses.shape), shares, parts.weights * total, parts.groups)


def _numeric(conditional: Conditional, parts: Parts, generator: torch.Generator) -> Values:
    """Values in equal strata of each conditional."""
    inside = torch.rand(len(parts.raw), _STRATA, generator=generator, dtype=torch.float64)
    drawn = conditional.icdf(
        parts.raw.unsqueeze(1), ((torch.arange(_STRATA) + inside) / _STRATA).clamp(1e-15, 1 - 1e-15)
    )
    values = torch.where(parts.known.isnan().unsqueeze(1), drawn, parts.known.unsqueeze(1))
    return Values(values, torch.full_like(values, 1 / _STRATA), parts.weights, parts.groups)


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
