r"""A fitted density of the rows of a table: a model, and the schema that says what its variables mean.

Everything here speaks tables: frames come in and go out, and values are in the columns' own units. With x the
modelled columns and c the context, ``log p(x | c)`` (1) leaves out the cells that are missing; with evidence e among
the columns, ``p(x_rest | e, c)`` (2) is the model's own conditional density, whichever cells e is, row by row.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailormade.density import MADE
from tailormade.estimator.context import ContextColumns
from tailormade.estimator.drawing import draw_within
from tailormade.estimator.imputing import check_method, reduce_column
from tailormade.estimator.questions import Given, Probability, as_expression, model_boxes
from tailormade.queries.predicates import And
from tailormade.queries.progressive import Box, box_probability
from tailormade.random import generator
from tailormade.store import load, save
from tailormade.tables import Schema

Frame = Any  # of pandas, polars, pyarrow and others, or a numpy array
Numbers = NDArray[np.float64]

_ROWS = 4096  # computed at a time


class TableDensity:
    """Score, draw, complete and question rows.

    Args:
        model: Built with ``missing=True``, one variable for each modelled column.
        schema: Of those columns.
        context: Schema of the columns that are conditioned on, or ``None``.

    Scores are computed in float64, from a copy of the model made at the first of them.
    """

    def __init__(self, model: MADE, schema: Schema, context: Schema | None = None) -> None:
        self.model, self.schema, self.context = model, schema, context
        self._context = None if context is None else ContextColumns(context)

    @classmethod
    def load(cls, path: str | Path) -> "TableDensity":
        """Read a density that was fitted to a table.

        Raises:
            ValueError: If there is none, or the model knows nothing of a table.
        """
        model = load(path)
        notes = model.metadata.get("table")
        if notes is None:
            raise ValueError(f"{path}: expected a model fitted to a table with a schema, got one without.")
        context = notes["context"]
        return cls(model, Schema.from_dict(notes["schema"]), None if context is None else Schema.from_dict(context))

    def notes(self) -> dict[str, Any]:
        """Return both schemas, JSON-ready."""
        return {"schema": self.schema.to_dict(), "context": None if self.context is None else self.context.to_dict()}

    def save(self, path: str | Path) -> Path:
        """Write model and schema; see :func:`tailormade.save`."""
        self.model.metadata["table"] = self.notes()
        return save(self.model, path)

    @cached_property
    def _scorer(self) -> MADE:
        """The model in float64: then a row's score does not depend on the rows beside it in a batch."""
        return copy.deepcopy(self.model).double()

    @property
    def names(self) -> list[str]:
        """Names of the modelled columns."""
        return list(self.schema.names)

    def score_samples(self, frame: Frame, columns: Sequence[str] | None = None) -> Numbers:
        """Return (1) in nats, of some of the columns if they are named, shape ``(rows,)``.

        Raises:
            ValueError: If a column is missing or a value does not fit.
        """
        x, context = self._read(frame)
        if columns is not None:
            x[:, ~self._places(columns)] = torch.nan
        return self._in_blocks(self._scorer.log_prob, x, context)

    def score_columns(self, frame: Frame) -> Numbers:
        """Return ``log p(x_i | x_<i, c)`` of every cell under the first order, 0 where it is missing, ``(rows, D)``."""
        x, context = self._read(frame)
        degrees = self._scorer.table[0]
        return self._in_blocks(lambda a, c: self._scorer.conditional_log_probs(a, c, degrees), x, context)

    def log_prob_given(self, frame: Frame, given: Sequence[str]) -> Numbers:
        """Return (2) in nats, shape ``(rows,)``; ``given`` names the columns that are evidence."""
        x, context = self._read(frame)
        seen = torch.from_numpy(self._places(given))
        return self._in_blocks(lambda a, c: self._scorer(c).log_prob_given(a, seen), x, context)

    def sample(self, n: int, *, given: Given = None, context: Frame | None = None, seed: int) -> Numbers:
        """Draw encoded rows, shape ``(n, D)``.

        Raises:
            ValueError: If ``given`` has probability 0 or does not fit, or context is missing or not called for.
        """
        noise = generator(seed, "sample")
        fed = self._one_context(context, n)
        if given is None:
            batch = () if fed is not None and fed.ndim > 1 else (n,)
            return np.asarray(self.model(fed).sample(batch, generator=noise).double())
        if fed is not None and fed.ndim > 1:
            raise ValueError("context: expected one row together with given, got several; ask row by row.")
        boxes = model_boxes(self.schema, as_expression(given))
        return np.asarray(draw_within(self.model, boxes, n, fed, noise).double())

    def sample_frame(
        self,
        n: int,
        *,
        given: Given = None,
        context: Frame | None = None,
        seed: int,
        columns: Sequence[str] | None = None,
    ) -> Frame:
        """Draw rows like those that were fitted; arguments as for :meth:`sample`."""
        rows = self.sample(n, given=given, context=context, seed=seed)
        if columns is None:
            return self.schema.decode(rows)
        places = self._places(columns)
        kept = tuple(column for column, mine in zip(self.schema.variables, places, strict=True) if mine)
        return Schema(kept, self.schema.backend).decode(rows[:, places])

    def impute(self, frame: Frame, *, method: str, draws: int, seed: int) -> Frame:
        """Return the frame with its missing cells filled; see :mod:`tailormade.estimator.imputing`."""
        check_method(method)
        x, context = self._read(frame)
        holes = x.isnan()
        rows = torch.nonzero(holes.any(1)).flatten()
        count = 1 if method == "draw" else draws
        drawn = self._complete(x[rows], None if context is None else context[rows], count, seed).numpy()
        filled = x.numpy().copy()
        for i, column in enumerate(self.schema.variables):
            mine = holes[rows, i].numpy()
            values = drawn[:, mine, i]
            filled[rows.numpy()[mine], i] = values[0] if method == "draw" else reduce_column(column, values, method)
        return self.schema.decode(filled, like=frame, passthrough=True)

    def probability(
        self, question: str, *, given: Given = None, context: Frame | None = None, seed: int, particles: int = 1000
    ) -> Probability:
        """Return the probability that a complete row is as a question says, ``P(question | given)``.

        Raises:
            ValueError: If a question does not fit, or ``given`` has probability 0.
        """
        fed = self._one_context(context, 1)
        event = as_expression(question)
        if given is None:
            return self._event(model_boxes(self.schema, event), fed, particles, seed)
        known = as_expression(given)
        whole = self._event(model_boxes(self.schema, known), fed, particles, seed)
        if not whole:
            raise ValueError("given: expected an event that can happen, got one of probability 0; ask for another.")
        both = self._event(model_boxes(self.schema, And((known, event))), fed, particles, seed)
        ratio = min(1.0, both / whole)
        relative = [p.standard_error / p for p in (both, whole) if p > 0]
        return Probability(ratio, ratio * sum(r * r for r in relative) ** 0.5)

    def _event(self, boxes: Sequence[Box], context: Tensor | None, particles: int, seed: int) -> Probability:
        noise = generator(seed, "probability")
        found = [
            box_probability(self.model, list(self.model.table), box, context, particles=particles, generator=noise)
            for box in boxes
        ]
        value, variance = sum(float(p.value) for p in found), sum(float(p.standard_error) ** 2 for p in found)
        return Probability(min(1.0, value), variance**0.5)

    def _complete(self, x: Tensor, context: Tensor | None, draws: int, seed: int) -> Tensor:
        """Draw the missing cells of encoded rows given the others, shape ``(draws, rows, D)``."""
        noise = generator(seed, "impute")
        parts = [self.model(c).complete(a, (draws,), generator=noise) for a, c in self._blocks(x, context, draws)]
        return torch.cat(parts, 1) if parts else x.new_empty(draws, 0, x.shape[-1])

    def _read(self, frame: Frame) -> tuple[Tensor, Tensor | None]:
        x = torch.from_numpy(self.schema.encode(frame))
        return x, None if self._context is None else self._context.encode(frame)

    def _one_context(self, frame: Frame | None, n: int) -> Tensor | None:
        """The context of n draws: of shape ``(C,)`` for one row, ``(n, C)`` for n."""
        if self._context is None:
            if frame is not None:
                raise ValueError("context: this density has no context, so none can be given; use given for evidence.")
            return None
        if frame is None:
            raise ValueError(
                f"context: expected a frame with the columns {self._context.schema.names}, got none, but the density "
                "is conditional on them."
            )
        encoded = self._context.encode(frame)
        if len(encoded) not in (1, n):
            raise ValueError(f"context: expected 1 or {n} rows, got {len(encoded)}.")
        return encoded[0] if len(encoded) == 1 else encoded

    def _places(self, names: Sequence[str]) -> NDArray[np.bool_]:
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise ValueError(f"columns: expected names among {self.names}, got {unknown}.")
        return np.isin(self.names, list(names))

    @torch.no_grad()
    def _in_blocks(self, function: Callable[[Tensor, Tensor | None], Tensor], x: Tensor, c: Tensor | None) -> Numbers:
        parts = [np.asarray(function(a, b).double()) for a, b in self._blocks(x, c)]
        return np.concatenate(parts) if parts else np.empty(0)

    @staticmethod
    def _blocks(x: Tensor, context: Tensor | None, copies: int = 1) -> Iterator[tuple[Tensor, Tensor | None]]:
        size = max(1, _ROWS // copies)
        for start in range(0, len(x), size):
            stop = start + size
            yield x[start:stop], None if context is None else context[start:stop]
