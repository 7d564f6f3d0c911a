r"""What a person should know of the rows that a flow is fitted to.

A column that is an affine function of the columns before it, ``x_j = a + Σ_{i<j} b_i x_i`` (1), leaves the rows on a
plane, where the density has no bound: the more a flow is trained, the higher its likelihood, which says nothing. It is
found by the correlation matrix's Cholesky factor, whose j-th diagonal entry squared is the share of the variance of
x_j that (1) leaves over. A value more than 1000 deviations from its column's mean (2) shows that a few outliers make
the deviation, so that standardised data are all but constant. A context further than three times the range of those
fitted to from that range (3) is an extrapolation that no row speaks for.
"""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.nn.moments import mean_and_deviation

_LEFT_OVER = 1e-10  # of the variance: rounding of float32 values leaves 1e-14, ordinary near copies more than 1e-6
_SPARE = 10  # fewer rows than this many beyond the columns lie on a plane, or nearly, by chance
_FAR = 1000.0
_NAMED = 5
_RANGES = 3.0


class FlowDataWarning(UserWarning):
    """Warn of training rows to which no flow can be fitted well."""


def advise(x: Tensor, columns: Sequence[str] | None = None) -> None:
    """Warn of columns that others determine (1), and of values that are far out (2).

    Args:
        x: Finite training rows, shape ``(rows, D)``, with no constant column.
        columns: Names of the variables.

    Example:
        >>> advise(torch.randn(100, 3, generator=torch.Generator().manual_seed(0)))
    """
    mean, deviation = mean_and_deviation(x)
    names = [repr(columns[i]) if columns else str(i) for i in range(x.shape[1])]
    copied = determined(x, mean, deviation)
    if copied:
        _warn(
            f"columns {_listed(names, copied)} are copies of earlier columns, or sums of multiples of them: the rows "
            "have no density, and the likelihood grows without bound; leave these columns out."
        )
    far = far_out(x, mean, deviation)
    if far:
        _warn(
            f"columns {_listed(names, far)} have values more than {_FAR:g} standard deviations from their means, so "
            "that all others look the same to the flow; remove such rows, or take logarithms of such columns."
        )


def determined(x: Tensor, mean: Tensor, deviation: Tensor) -> list[int]:
    """Return the columns that those before them determine (1); none where there are too few rows to tell.

    Example:
        >>> x = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
        >>> x = torch.cat([x, 1 - 2 * x[:, :1] + x[:, 1:]], 1)
        >>> determined(x, *mean_and_deviation(x))
        [2]
    """
    if len(x) < x.shape[1] + _SPARE:
        return []
    correlation = torch.zeros(x.shape[1], x.shape[1], dtype=torch.float64, device=x.device)
    for block in x.split(10_000):
        unit = (block.double() - mean) / deviation
        correlation += unit.T @ unit / len(x)
    left = _left_over(correlation.cpu())
    return [j for j, share in enumerate(left) if share < _LEFT_OVER]


def far_out(x: Tensor, mean: Tensor, deviation: Tensor) -> list[int]:
    """Return the columns with a value far out (2)."""
    span = torch.maximum(x.amax(0).double() - mean, mean - x.amin(0).double())
    return torch.nonzero(span > _FAR * deviation).flatten().tolist()


def context_range(context: Tensor) -> list[list[float]]:
    """Return the least and the greatest of each column of contexts ``(rows, C)``, as JSON.

    Example:
        >>> context_range(torch.tensor([[0.0, 2.0], [1.0, -2.0]]))
        [[0.0, -2.0], [1.0, 2.0]]
    """
    return [context.amin(0).tolist(), context.amax(0).tolist()]


def far_contexts(context: Tensor, fitted: Sequence[Sequence[float]]) -> list[int]:
    """Return the columns of a context ``(*, C)`` with a value far from those fitted to (3).

    Example:
        >>> far_contexts(torch.tensor([[3.9, 4.1]]), [[0.0, 0.0], [1.0, 1.0]])
        [1]
    """
    low, high = (torch.tensor(ends, dtype=torch.float64, device=context.device) for ends in fitted)
    margin = _RANGES * (high - low)
    far = (context < low - margin) | (context > high + margin)
    return torch.nonzero(far.reshape(-1, far.shape[-1]).any(0)).flatten().tolist()


def warn_of_contexts(far: Sequence[int], columns: Sequence[str] | None = None) -> None:
    """Warn of columns of a context that is far from those fitted to (3)."""
    names = {i: repr(columns[i]) if columns else str(i) for i in far}
    warnings.warn(
        f"context: columns {', '.join(names[i] for i in far[:_NAMED])} have values more than {_RANGES:g} ranges beyond "
        "those the flow was fitted to; its density there is an extrapolation that no row speaks for.",
        FlowDataWarning,
        stacklevel=5,
    )


def _left_over(correlation: Tensor) -> list[float]:
    """Share of each variable's variance that the ones before it leave, by elimination that skips what is used up."""
    rest, shares = correlation.clone(), []
    for j in range(len(rest)):
        share = float(rest[j, j])
        shares.append(share)
        if share >= _LEFT_OVER:
            column = rest[j + 1 :, j].clone()
            rest[j + 1 :, j + 1 :] -= torch.outer(column, column) / share
    return shares


def _listed(names: Sequence[str], which: Sequence[int]) -> str:
    more = f" and {len(which) - _NAMED} more" if len(which) > _NAMED else ""
    return ", ".join(names[i] for i in which[:_NAMED]) + more


def _warn(text: str) -> None:
    warnings.warn(f"train: {text}", FlowDataWarning, stacklevel=7)
