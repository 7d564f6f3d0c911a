"""The data of a fit, in memory or on disk: which of the two, and what a fit asks of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tailormade.rowblocks import ArrayBlocks, open_blocks
from tailormade.training.data import FitData, check_context, check_rows, check_sample, checked_valid, fingerprint
from tailormade.training.likelihood import Model
from tailormade.training.stream import NumberSource, Part, Stream

STREAMED = 2**29  # bytes of rows from which they are left on disk


def fit_data(model: Model, train: Any, valid: Any, context: Any, valid_context: Any) -> "FitData | StreamData":  # noqa: ANN401 - see as_rows
    """Return the checked data of a fit; training rows that are large files or memory maps stay on disk.

    Args:
        model: What is fitted.
        train: As for :func:`tailormade.fit`.
        valid: As for :func:`tailormade.fit`.
        context: As for :func:`tailormade.fit`.
        valid_context: As for :func:`tailormade.fit`.

    Raises:
        ValueError: If rows or contexts do not fit the model.
    """
    train = _opened(train, alone=context is None)
    if isinstance(train, Stream):
        return StreamData(model, train, valid, context, valid_context)
    return FitData(model, train, valid, context, valid_context)


def _opened(train: Any, *, alone: bool) -> Any:  # noqa: ANN401 - see as_rows
    """A stream where rows are to stay on disk; else what can be read as an array."""
    if isinstance(train, np.memmap) and train.nbytes >= STREAMED and alone:
        return Stream(NumberSource(ArrayBlocks(train)))
    if not isinstance(train, str | Path):
        return train
    stream = Stream(NumberSource(open_blocks(Path(train))))
    first = next(stream.parts()).x
    if first.element_size() * stream.source.features * stream.source.rows >= STREAMED and alone:
        return stream
    return torch.cat([part.x for part in stream.parts()])


class StreamData:
    """Rows and contexts of a fit whose training rows stay on disk; what a fit asks of :class:`FitData`.

    Attributes:
        rows: Number of training rows.
        sample: Some training rows and contexts, from which marginals and centres are read.
        valid: Validation rows, or ``None``.
        valid_context: Their contexts, or ``None``.

    Raises:
        ValueError: If context is given beside the stream, two sets of validation rows are, or a value is wrong.
    """

    def __init__(self, model: Model, stream: Stream, valid: Any, context: Any, valid_context: Any) -> None:  # noqa: ANN401 - see as_rows
        if context is not None:
            raise ValueError("context: expected none, as a stream has its own; name its columns in Stream.open.")
        if valid is not None and stream.held:
            raise ValueError("valid: expected none, as the stream holds rows out; give it valid_fraction=0.")
        self.stream, self.rows = stream, stream.rows
        stream.survey(lambda part: _check(model, stream, part))
        assert stream.sample is not None  # the survey found one
        self.sample = stream.sample
        check_sample(model, self.sample[0])
        assert stream.digests is not None  # the survey made them
        model.metadata["fitted_rows"] = [stream.digests[0]]
        found = checked_valid(model, valid, valid_context)
        self.valid, self.valid_context = found if stream.valid is None else stream.valid

    def batches(self, seed: int, epoch: int, size: int) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Yield the training rows of an epoch and their contexts, in batches, by :meth:`Stream.batches`."""
        return self.stream.batches(seed, epoch, size)

    def fingerprint(self) -> str:
        """Return a hash of all of it."""
        return f"{self.stream.fingerprint()} {fingerprint([self.valid, self.valid_context])}"


def _check(model: Model, stream: Stream, part: Part) -> None:
    check_rows(model, stream.source.source, part.x, part.first)
    check_context("context", part.context, len(part.x), model.context)
