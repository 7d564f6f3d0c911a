r"""The probability of a box: one region for each of some variables, all others free.

In the order of the factorisation ``P(x_v ∈ R_v for all v) = E[Π_v P(x_v ∈ R_v | x_<v)]`` (1), where each constrained
x_v is drawn from its conditional within its region R_v and each free one from its conditional: progressive sampling,
unbiased for the model's joint density, in one run of the sampling schedule, which ends at the last constrained
variable. Nothing needs to be drawn where all before that one are constrained to single values: then (1) is exact. Free
variables can instead be left out as missing (2): no noise comes from them, and the answer is that of the model's
density of the constrained ones, which is learnt beside the joint one. Draws are stratified, ``u_s = (s + U) / S`` in a
random sequence (3), which only lowers the variance; the standard error is that of independent draws.

Zongheng Yang, Eric Liang, Amog Kamsetty, Chenggang Wu, Yan Duan, Xi Chen, Pieter Abbeel, Joseph M. Hellerstein, Sanjay
Krishnan, Ion Stoica, "Deep Unsupervised Cardinality Estimation", 2019.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.conditionals import Conditional
from tailormade.masks import Degrees
from tailormade.queries.evidence import Factorised
from tailormade.queries.given import Estimate
from tailormade.sampling import draw_by


class Interval(NamedTuple):
    """Numbers between two ends, each of which belongs to it or not."""

    low: float
    high: float
    closed_low: bool = True
    closed_high: bool = True


class States(NamedTuple):
    """Some of the values 0..k-1: a boolean for each, shape ``(k,)``."""

    allowed: Tensor


Region = States | Sequence[Interval]  # disjoint intervals in ascending order
Box = Mapping[int, Region]


@torch.no_grad()
def box_probability(
    model: Factorised,
    components: Sequence[Degrees],
    box: Box,
    context: Tensor | None = None,
    *,
    particles: int = 1000,
    generator: torch.Generator | None = None,
) -> Estimate:
    """Return the probability of a box under a mixture by (1), with its standard error.

    Args:
        model: The model.
        components: The connectivities that are mixed with equal weights.
        box: A region for each constrained variable.
        context: Shape ``(C,)`` or ``None``.
        particles: Number of draws for each component, where any are needed.
        generator: Source of the noise.

    Returns:
        Probability and standard error, each a tensor of shape ``()``; the error is 0 where nothing was drawn.
    """
    weights = [box_weights(model, d, box, context, particles=particles, generator=generator) for d in components]
    value = torch.stack([w.mean() for w in weights]).mean()
    variances = [w.var() / len(w) if len(w) > 1 else w.new_zeros(()) for w in weights]
    return Estimate(value, torch.stack(variances).sum().sqrt() / len(weights))


def box_weights(
    model: Factorised,
    degrees: Degrees,
    box: Box,
    context: Tensor | None = None,
    *,
    particles: int = 1000,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return the product in (1) for every particle, shape ``(n,)``; one particle where nothing needs to be drawn.

    Args:
        model: The model.
        degrees: The connectivity.
        box: A region for each constrained variable.
        context: Shape ``(C,)`` or ``None``.
        particles: Number of draws.
        generator: Source of the noise.
    """
    n = particles if _draws(degrees, box) else 1
    weights, left = torch.ones(n, dtype=torch.float64), set(box)
    if not left:
        return weights
    noise = torch.stack([stratified(n, generator) for _ in range(model.features * model.layout.noise)], 1)
    noise = noise.unflatten(1, (model.features, model.layout.noise))

    def choose(v: int, raw: Tensor, values: Tensor) -> Tensor | None:
        if v not in left:
            return values
        left.discard(v)
        point = only_value(box[v])
        draws = noise[:, v, 0] if left and point is None else None
        mass, drawn = within(model.layout.conditionals[v], raw.double(), box[v], draws)
        weights.mul_(mass)
        if not left:
            return None
        return drawn if point is None else torch.full_like(values, point)

    rows = None if context is None else context.reshape(1, -1).expand(n, -1)
    draw_by(model.sampling_source(degrees, rows), noise, choose)
    return weights


def _draws(degrees: Degrees, box: Box) -> bool:
    """Whether anything is drawn before the last constrained variable."""
    if not box:
        return False
    last = max(int(degrees.inputs[v]) for v in box)
    before = torch.nonzero(degrees.inputs < last).flatten().tolist()
    return not all(v in box and only_value(box[v]) is not None for v in before)


@torch.no_grad()
def box_particles(
    model: Factorised,
    degrees: Degrees,
    box: Box,
    context: Tensor | None = None,
    *,
    particles: int = 1000,
    generator: torch.Generator | None = None,
    draw_last: bool = False,
) -> tuple[Tensor, Tensor]:
    """Draw values of the constrained variables within a box, all others missing (2), with weights as in (1).

    Args:
        model: A model of incomplete rows.
        degrees: The connectivity.
        box: A region for each constrained variable.
        context: Shape ``(C,)`` or ``None``.
        particles: Number of draws, once anything is drawn; one until then.
        generator: Source of the noise.
        draw_last: Draw the last variable, too, instead of only weighing its region.

    Returns:
        Weights ``(n,)``, whose mean is the probability of the box, and values ``(n, D)``, NaN where nothing was drawn.
    """
    x = torch.full((1, model.features), torch.nan, dtype=torch.float64)
    weights = torch.ones(1, dtype=torch.float64)
    params = model.sampling_source(degrees, None if context is None else context.reshape(1, -1)).params()
    starts = _starts(model.layout.param_sizes)
    sequence = sorted(box, key=lambda v: int(degrees.inputs[v]))
    for v in sequence:
        raw, point = params(x)[:, starts[v] : starts[v + 1]].double(), only_value(box[v])
        wanted = point is None and (draw_last or v != sequence[-1])
        if wanted and len(x) < particles:
            x, raw, weights = (t.expand(particles, *t.shape[1:]).clone() for t in (x, raw, weights))
        noise = stratified(len(x), generator) if wanted else None
        mass, drawn = within(model.layout.conditionals[v], raw, box[v], noise)
        weights = weights * mass
        x[:, v] = drawn if point is None else point
    return weights, x


def _starts(sizes: Sequence[int]) -> list[int]:
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size)
    return starts


def stratified(n: int, generator: torch.Generator | None) -> Tensor:
    """Return (2): one uniform number from each of n strata, in a random sequence."""
    places = torch.randperm(n, generator=generator)
    return (places + torch.rand(n, generator=generator, dtype=torch.float64)) / n


def only_value(region: Region) -> float | None:
    """Return the one value of a region, ``None`` if it has more."""
    if isinstance(region, States):
        allowed = torch.nonzero(region.allowed).flatten().tolist()
        return float(allowed[0]) if len(allowed) == 1 else None
    return region[0].low if len(region) == 1 and region[0].low == region[0].high else None


def within(conditional: Conditional, raw: Tensor, region: Region, noise: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the probability of a region and, if there is noise, values drawn within it.

    Args:
        conditional: The family.
        raw: Its parameters, float64, shape ``(n, params)``.
        region: Of values.
        noise: Uniform in [0, 1), shape ``(n,)``, or ``None`` to draw nothing (NaN).
    """
    nothing = torch.full_like(raw[:, 0], torch.nan)
    if isinstance(region, States):
        states = torch.arange(len(region.allowed), dtype=torch.float64)
        masses = conditional.log_prob(raw.unsqueeze(1), states).exp() * region.allowed
        reached, total = masses.cumsum(-1), masses.sum(-1)
        if noise is None:
            return total, nothing
        index = (reached <= (noise * total).unsqueeze(-1)).sum(-1)
        return total, _nearest_allowed(index, region.allowed).double()
    lower, upper = _ends(conditional, raw, region)
    masses = (upper - lower).clamp(min=0)
    total = masses.sum(-1)
    if noise is None:
        return total, nothing
    target, reached = noise * total, masses.cumsum(-1)
    which = (reached <= target.unsqueeze(-1)).sum(-1, keepdim=True).clamp(max=len(region) - 1)
    inside = target - (reached - masses).gather(-1, which).squeeze(-1)
    quantile = lower.gather(-1, which).squeeze(-1) + inside
    drawn = conditional.icdf(raw, quantile.clamp(1e-15, 1 - 1e-15))
    lows, highs = (torch.tensor([i[end] for i in region], dtype=torch.float64)[which.squeeze(-1)] for end in (0, 1))
    return total, torch.minimum(torch.maximum(drawn, lows), highs)


def _ends(conditional: Conditional, raw: Tensor, region: Sequence[Interval]) -> tuple[Tensor, Tensor]:
    """The cumulative probabilities before and at the end of each interval, shape ``(n, intervals)``."""
    lower = [(conditional.mass_below if i.closed_low else conditional.cdf)(raw, _end(i.low)) for i in region]
    upper = [(conditional.cdf if i.closed_high else conditional.mass_below)(raw, _end(i.high)) for i in region]
    return torch.stack(lower, -1), torch.stack(upper, -1)


def _end(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def _nearest_allowed(index: Tensor, allowed: Tensor) -> Tensor:
    """Move an index that rounding put on a value that is not allowed to the next one, or the last."""
    places = torch.nonzero(allowed).flatten()
    after = torch.searchsorted(places, index.clamp(max=len(allowed) - 1)).clamp(max=len(places) - 1)
    return places[after]
