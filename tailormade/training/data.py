"""Rows: from what a caller has to tensors, with every value checked before any work is done."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tailormade.conditionals.support import check_values
from tailormade.density import MADE
from tailormade.random import generator
from tailormade.training.likelihood import Model

_CHUNK, _CHUNK_CELLS = 20_000, 2**24


def as_rows(name: str, data: Any) -> Tensor:  # noqa: ANN401 - anything numpy can read as an array
    """Return data as a two-dimensional numeric tensor, of its own type.

    Raises:
        ValueError: If it is not a non-empty table of numbers.
    """
    if isinstance(data, Tensor):
        rows = data.detach()
    else:
        array = np.asarray(data)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{name}: expected numbers, got an array of type {array.dtype}.")
        rows = torch.from_numpy(_supported(array))
    if rows.ndim != 2 or 0 in rows.shape:
        raise ValueError(f"{name}: expected a table of shape (rows, variables), got shape {tuple(rows.shape)}.")
    return rows


def _supported(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Widen the unsigned types torch computes little with, and own the memory if it is read-only."""
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.int64)
    array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
    return array if array.flags.writeable else array.copy()


def check_rows(model: Model, name: str, rows: Tensor, first: int = 0) -> None:
    """Check that a model can have produced these rows.

    Args:
        model: The model.
        name: What to call the rows in the message.
        rows: Shape ``(rows, D)``.
        first: Number of the first one, for the message.

    Raises:
        ValueError: Naming the first wrong value, its row and column, and what was expected.
    """
    if rows.shape[1] != model.features:
        raise ValueError(
            f"{name}: expected {model.features} columns, as the model has that many variables, got {rows.shape[1]}."
        )
    from tailormade.flows.support import check_finite

    chunk = min(_CHUNK, max(1, _CHUNK_CELLS // rows.shape[1]))
    for start in range(0, len(rows), chunk):
        block, columns = rows[start : start + chunk], model.metadata.get("columns")
        if isinstance(model, MADE):
            check_values(model.layout, name, block, columns, first + start)
        else:
            check_finite(name, block, columns, first + start)


def check_context(name: str, context: Any, rows: int, width: int) -> Tensor | None:  # noqa: ANN401 - as as_rows
    """Return context as a finite float tensor with one row for each row of data.

    Raises:
        ValueError: If it is missing, uncalled for, or of the wrong shape.
    """
    if context is None:
        if width:
            raise ValueError(f"{name}: expected {width} columns of context, as the model is conditional, got none.")
        return None
    if not width:
        raise ValueError(f"{name}: given, but the model has no context.")
    context = as_rows(name, context).float()
    if tuple(context.shape) != (rows, width):
        raise ValueError(f"{name}: expected shape {(rows, width)}, got {tuple(context.shape)}.")
    if not bool(context.isfinite().all()):
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity.")
    return context


def fingerprint(tensors: Sequence[Tensor | None]) -> str:
    """Return a hash of data, so that a resumed run can tell that it is the same."""
    digest = hashlib.sha256()
    for tensor in tensors:
        if tensor is not None:
            digest.update(f"{tensor.dtype}{tuple(tensor.shape)}".encode())
            digest.update(tensor.contiguous().flatten().view(torch.uint8).cpu().numpy().data)
    return digest.hexdigest()


class FitData:
    """Rows and contexts of a fit, checked.

    Attributes:
        train: Training rows, shape ``(rows, D)``, of their own type.
        context: Their contexts, or ``None``.
        valid: Validation rows, or ``None``.
        valid_context: Their contexts, or ``None``.
        rows: Number of training rows.
        sample: Training rows and contexts from which marginals and centres are read: here all of them.
    """

    def __init__(self, model: Model, train: Any, valid: Any, context: Any, valid_context: Any) -> None:  # noqa: ANN401 - see as_rows
        self.train = as_rows("train", train)
        check_rows(model, "train", self.train)
        check_sample(model, self.train)
        self.context = check_context("context", context, len(self.train), model.context)
        self.valid, self.valid_context = checked_valid(model, valid, valid_context)
        self.rows = len(self.train)
        self.sample = self.train, self.context

    def batches(self, seed: int, epoch: int, size: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Yield the training rows of an epoch and their contexts, shuffled, in batches; the last may be smaller.

        Args:
            seed: Fixes the order, together with
            epoch: Number of the epoch.
            size: Rows in a batch.
        """
        order = torch.randperm(self.rows, generator=generator(seed, "shuffle", epoch))
        for rows in order.split(size):
            yield self.train[rows], None if self.context is None else self.context[rows]

    def fingerprint(self) -> str:
        """Return a hash of all of it."""
        return fingerprint([self.train, self.context, self.valid, self.valid_context])


def check_sample(model: Model, x: Tensor) -> None:
    """Check what only rows together show: of a flow, that no column is constant, and whether they suit it."""
    if isinstance(model, MADE):
        return
    from tailormade.flows.advice import advise
    from tailormade.flows.support import check_varying

    check_varying("train", x, model.metadata.get("columns"))
    advise(x, model.metadata.get("columns"))


def checked_valid(model: Model, valid: Any, context: Any) -> tuple[Tensor | None, Tensor | None]:  # noqa: ANN401 - as as_rows
    """Return validation rows and their contexts, checked; ``None`` without any.

    Raises:
        ValueError: If a value is wrong.
    """
    if valid is None:
        return None, None
    rows = as_rows("valid", valid)
    check_rows(model, "valid", rows)
    return rows, check_context("valid_context", context, len(rows), model.context)
