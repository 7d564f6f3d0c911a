"""Which values a flow takes: all that are finite."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tailormade.flows.bijections import Bijection


def check_finite(name: str, x: Tensor, columns: Sequence[str] | None = None, first: int = 0) -> None:
    """Check that every value is finite.

    Args:
        name: What to call ``x`` in the message.
        x: Values, shape ``(*, D)``.
        columns: Names of the variables, for the message.
        first: Number of the first row, for the message.

    Raises:
        ValueError: Naming the first value that is not, its row and column.

    Example:
        >>> check_finite("x", torch.tensor([[0.0, 1.0], [2.0, torch.nan]]))
        Traceback (most recent call last):
        ValueError: x: column 1 has nan in row 1 (counted from 0), expected a finite number.
    """
    wrong = ~x.isfinite()
    if not bool(wrong.any()):
        return
    row, column = torch.nonzero(wrong.reshape(-1, wrong.shape[-1]))[0].tolist()
    value = x.reshape(-1, x.shape[-1])[row, column].item()
    raise ValueError(
        f"{name}: column {repr(columns[column]) if columns else column} has {value:g} in row {first + row} (counted "
        "from 0), expected a finite number."
    )


def check_varying(name: str, x: Tensor, columns: Sequence[str] | None = None) -> None:
    """Check that no column is constant, which has no density.

    Raises:
        ValueError: Naming the first that is.

    Example:
        >>> check_varying("train", torch.tensor([[0.0, 1.0], [2.0, 1.0]]))
        Traceback (most recent call last):
        ValueError: train: column 1 has the same value in every row, so that it has no density; leave it out.
    """
    constant = torch.nonzero((x == x[:1]).all(0)).flatten().tolist() if len(x) > 1 else []
    if constant:
        column = repr(columns[constant[0]]) if columns else constant[0]
        raise ValueError(
            f"{name}: column {column} has the same value in every row, so that it has no density; leave it out."
        )


def check_unbounded(bijection: Bijection) -> None:
    """Check that a bijection takes all numbers, so that transforms can follow one another.

    Raises:
        ValueError: If it does not.
    """
    if not bool(bijection.support.check(torch.tensor([-1e30, 1e30])).all()):
        raise ValueError(
            f"bijection: expected one that takes all numbers, got {bijection}; a MADE models variables between two "
            "ends, and a MaskedAutoregressive alone maps them."
        )
