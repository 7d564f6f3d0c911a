r"""Draws from one density made into draws from another: sampling, importance, resampling.

Of m candidates ``x_1 .. x_m`` from q, each is kept with a probability in proportion to ``w_j = p(x_j) / q(x_j)`` (1).
The n that are kept are draws from p in the limit of many candidates, and nearer to it than q for any number. They are
chosen systematically: ``j_r = min {j: Σ_{i<=j} w_i > (r + u) / n}`` for one uniform u (2), so that a candidate is kept
as often as its weight says, to within one. Here q is what a network with evidence as an input says of the rest, and p
the joint density: so all answers are those of one density, however well the network has learnt the others.

Donald B. Rubin, "Using the SIR Algorithm to Simulate Posterior Distributions", 1988; Genshiro Kitagawa, "Monte Carlo
Filter and Smoother for Non-Gaussian Nonlinear State Space Models", 1996, has (2).
"""

import torch
from torch import Tensor

from tailormade.queries.evidence import Query, log_mean
from tailormade.queries.masked import MaskedQuery
from tailormade.sampling import Evidence, draw


def resample(log_weights: Tensor, n: int, generator: torch.Generator | None) -> Tensor:
    """Choose n of m candidates of each row (2).

    Args:
        log_weights: ``log w``, shape ``(m, rows)``.
        n: How many.
        generator: Source of u; torch's default generator if ``None``.

    Returns:
        Their numbers in ascending order, shape ``(n, rows)``.

    Example:
        >>> resample(torch.tensor([[0.0, 0.0], [-torch.inf, 0.0]]), 2, None).tolist()
        [[0, 0], [0, 1]]
    """
    reached = torch.softmax(log_weights.double(), 0).cumsum(0)
    u = torch.rand(log_weights.shape[1], generator=generator, dtype=torch.float64)
    wanted = (torch.arange(n, dtype=torch.float64).unsqueeze(1) + u) / n * reached[-1].cpu()
    chosen = torch.searchsorted(reached.T.contiguous(), wanted.T.contiguous().to(reached.device), right=True)
    return chosen.T.clamp(max=len(log_weights) - 1)


@torch.no_grad()
def log_weights(query: MaskedQuery, drawn: Tensor) -> Tensor:
    """Return ``log w`` of completions (1): the joint density over the one that proposed them, shape ``(m, rows)``.

    Args:
        query: The evidence, which proposed them.
        drawn: Complete rows, shape ``(m, rows, D)``.
    """
    rows = drawn.reshape(len(drawn), *query.values.shape)
    seen, rest = query.terms(rows, drop=False)
    proposed = torch.logsumexp(torch.log_softmax(seen, 0) + rest, 0)
    return (log_mean(query.logs(rows, drop=False).sum(-1)) - proposed).flatten(1)


def keep(query: MaskedQuery, drawn: Tensor, n: int, generator: torch.Generator | None) -> Tensor:
    """Return n of many completions of each row, chosen by their weights, shape ``(n, rows, D)``.

    Args:
        query: The evidence, which proposed them.
        drawn: Complete rows, shape ``(m, rows, D)``.
        n: How many are kept.
        generator: Source of the choice.
    """
    kept = resample(log_weights(query, drawn), n, generator)
    return torch.take_along_dim(drawn, kept.unsqueeze(-1), 0)


@torch.no_grad()
def log_marginal(query: Query, draws: int, generator: torch.Generator | None) -> Tensor:
    """Return an estimate of ``log p(e) = log E_q[p(e, u) / q(u | e)]`` of the joint density, shape ``(rows,)``.

    Variables that come after all evidence in the order add up to 1 and are left out, so that evidence which comes first
    is exact. The mean within is unbiased, its logarithm too low by half the relative variance. All rows share their
    noise, so that a row's answer does not depend on those beside it.

    Args:
        query: The evidence e, in rows.
        draws: For each component, at least one.
        generator: Source of the noise.
    """
    shape = (draws, query.model.features, query.model.layout.noise)
    noise = torch.rand(shape, generator=generator, dtype=query.model.draw_dtype).to(query.values.device)
    many, every = query.repeat(draws), noise.repeat(len(query.values), 1, 1)
    logs = [_log_ratios(many._replace(components=[degrees]), every) for degrees in query.components]
    return log_mean(torch.stack([log_mean(ratios.reshape(-1, draws), 1) for ratios in logs]))


def _log_ratios(query: Query, noise: Tensor) -> Tensor:
    """``log p(e, u) - log q(u | e)`` of a draw of u for each row, up to the last variable of e, shape ``(rows,)``."""
    [degrees], given = query.components, Evidence(query.values, query.observed)
    x = draw(query.model.sampling_source(degrees, query.context, given), noise, given)
    observed = query.observed.expand(x.shape)
    joint = query.logs(x, drop=False)[0]
    proposed = torch.where(observed, 0.0, query.logs(x, drop=False, evidence=observed)[0])
    order = degrees.inputs.to(x.device)
    asked = order <= torch.where(observed, order, 0).amax(-1, keepdim=True)
    return torch.where(asked, joint - proposed, 0.0).sum(-1)
