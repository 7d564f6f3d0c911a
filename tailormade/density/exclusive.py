r"""A start for binary columns that exclude each other, as those of a category written as a one-hot code do.

That x_j = 1 rules out x_i = 1 is a large negative weight, which steps of a bounded size take hundreds of steps to make,
against weight decay, for every pair of columns; with few rows a fit stops before. The rows say it at once. Let E(i) be
the columns before i in the order that exclude it. The direct connection then starts at

    logit p(x_i = 1 | x_<i) = h_i + Σ_{j ∈ E(i)} w_ij x_j,   w_ij = -log(2 n_ij + 1) - h_i           (1)

where h_i is the logit of x_i = 1 among the rows in which no column of E(i) is 1, with half a count added to either
value. After one such column the probability is that of an event not seen in n_ij trials, again with half a count: small
and not zero. A chain of (1) over a one-hot code is the distribution of its category; where E(i) is empty it is the
marginal.

Columns that are never 1 together exclude each other if independent ones would have met at least 10 times (2): then n_ij
is the number n_j of rows in which x_j = 1. Rare values of a category would not have met so often one by one, but all
its columns together: a run of neighbouring columns of which no row has two is a *one-hot code* if every row has one,
or if (2) holds for the run as a whole. All pairs of columns of all codes share their trials: n_ij is then the sum of
n_j over those pairs.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

_MEETINGS = 10.0  # expected of independent columns: that none is seen then has a chance of about e^-10
_BLOCK = 10_000  # rows at once


def exclusive_start(x: Tensor, order: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return the weights ``w`` ``(D, D)`` and logits ``h`` ``(D,)`` of (1), ``None`` if no columns exclude each other.

    Args:
        x: Rows of zeros and ones, shape ``(rows, D)``.
        order: Degree of each column, shape ``(D,)``.

    Example:
        >>> w, h = exclusive_start(torch.eye(3).repeat(100, 1), torch.tensor([1, 2, 3]))
        >>> torch.sigmoid(h)                                   # 1/3; half of the rest; all of the rest
        tensor([0.3339, 0.5000, 0.9950], dtype=torch.float64)
        >>> torch.sigmoid(h[1] + w[1, 0])                      # x_1 after x_0
        tensor(0.0017, dtype=torch.float64)
    """
    ones, coded, paired = _exclusions(x)
    before = order[None, :] < order[:, None]
    coded, excludes = coded & before, (coded | paired) & before
    if not bool(excludes.any()):
        return None
    trials = torch.where(coded, (coded * ones[None, :]).sum(), ones[None, :])
    h = _logits_of_the_free(x, ones, excludes)
    return torch.where(excludes, -torch.log(2 * trials + 1) - h[:, None], 0.0), h


def _exclusions(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return how often each column is 1, the pairs of columns of one code, and the pairs of (2)."""
    together = torch.zeros(x.shape[1], x.shape[1], device=x.device)
    for block in _blocks(x):
        together += block.T @ block
    ones = together.diagonal().double()
    coded = torch.zeros_like(together, dtype=torch.bool)
    for columns in _runs(together):
        counts = ones[columns]
        met = (counts.sum().square() - counts.square().sum()) / (2 * len(x))
        coded[columns, columns] = bool(met >= _MEETINGS) or (len(counts) > 1 and float(counts.sum()) == len(x))
    coded.fill_diagonal_(False)
    return ones, coded, (together == 0) & (torch.outer(ones, ones) / len(x) >= _MEETINGS)


def _runs(together: Tensor) -> list[slice]:
    """Divide the columns into runs of which no row has two."""
    runs, first = [], 0
    meets = together.cpu() > 0
    for column in range(1, len(together)):
        if bool(meets[column, first:column].any()):
            runs.append(slice(first, column))
            first = column
    return [*runs, slice(first, len(together))]


def _logits_of_the_free(x: Tensor, ones: Tensor, excludes: Tensor) -> Tensor:
    """Return h of (1): for each column, its logit among the rows in which nothing excludes it."""
    free = torch.zeros_like(ones)
    for block in _blocks(x):
        free += (block @ excludes.to(block.dtype).T == 0).sum(0)
    return torch.log((ones + 0.5) / (free - ones + 0.5))  # where x_i = 1, nothing excludes it


def _blocks(x: Tensor) -> Iterator[Tensor]:
    """Rows in a type in which sums of ones are exact and products are fast."""
    return (block.float() for block in x.split(_BLOCK))
