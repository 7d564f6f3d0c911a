r"""A fitted density of the rows of a table: a model, and the schema that says what its variables mean.

Everything here speaks tables: frames come in and go out, and values are in the columns' own units. With x the
modelled columns and c the context, ``log p(x | c)`` (1) leaves out the cells that are missing, unless the schema has
missing cells of their column modelled, which are then values like others; with evidence e among
the columns, ``p(x_rest | e, c)`` (2) is the model's own conditional density, whichever cells e is, row by row.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailormade.density import MADE
from tailormade.estimator.checks import check_count, check_known
from tailormade.estimator.context import ContextColumns
from tailormade.estimator.drawing import draw_pool, draw_within
from tailormade.estimator.events import Evidence, event_boxes, impossible, narrow_volume, narrowed, points, widened
from tailormade.estimator.expectations import as_cell, checked_shares, law_of, numeric_place
from tailormade.estimator.imputing import check_method, reduce_column, retyped, without_gaps
from tailormade.estimator.laws import Mixture, Values
from tailormade.estimator.questions import Given
from tailormade.estimator.rarity import warn_if_rare
from tailormade.queries.asked import as_expression
from tailormade.queries.estimates import Estimated, Probability
from tailormade.queries.predicates import And, Expression
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

    @cached_property
    def _filler(self) -> MADE:
        """The model of rows whose cells all hold values."""
        return without_gaps(self.model, self.schema)

    @property
    def names(self) -> list[str]:
        """Names of the modelled columns."""
        return list(self.schema.names)

    def score_samples(self, frame: Frame, columns: Sequence[str] | None = None, *, draws: int = 0) -> Numbers:
        """Return (1) in nats, of some of the columns if they are named, shape ``(rows,)``; others may be missing then.

        Args:
            frame: Rows.
            columns: Names of columns.
            draws: 0 for the network's own density of each pattern of missing cells, exact and normalised; more for the
                joint density summed over what is missing, estimated from so many draws for each row.

        Raises:
            ValueError: If a column is missing or a value does not fit.
        """
        draws = check_count("draws", draws, 0)
        x, context = self.encode(frame) if columns is None else self._encode_some(frame, columns)
        if not draws:
            return self._in_blocks(self._scorer.log_prob, x, context)
        return self._in_blocks(lambda a, c: self._scorer(c).log_marginal(a, draws), x, context)

    def _encode_some(self, frame: Frame, columns: Sequence[str]) -> tuple[Tensor, Tensor | None]:
        """Some columns as the model sees them, all others missing."""
        places, schema = self._places(columns), self.schema
        for name in np.array(self.names)[~places].tolist():
            schema = schema.replace(name, kind="ignored", categories=(), atoms=())
        known = torch.from_numpy(schema.encode(frame))
        x = torch.full((len(known), len(self.names)), torch.nan, dtype=known.dtype)
        x[:, torch.from_numpy(places)] = known
        return x, None if self._context is None else self._context.encode(frame)

    def score_columns(self, frame: Frame) -> Numbers:
        """Return ``log p(x_i | x_<i, c)`` of every cell under the first order, 0 where it is missing, ``(rows, D)``."""
        x, context = self.encode(frame)
        degrees = self._scorer.table[0]
        return self._in_blocks(lambda a, c: self._scorer.conditional_log_probs(a, c, degrees), x, context)

    def log_prob_given(self, frame: Frame, given: Sequence[str]) -> Numbers:
        """Return (2) in nats, shape ``(rows,)``; ``given`` names the columns that are evidence."""
        x, context = self.encode(frame)
        seen = torch.from_numpy(self._places(given, "given"))
        return self._in_blocks(lambda a, c: self._scorer(c).log_prob_given(a, seen), x, context)

    def sample(self, n: int, *, given: Given = None, context: Frame | None = None, seed: int) -> Numbers:
        """Draw encoded rows, shape ``(n, D)``.

        Raises:
            ValueError: If ``given`` has probability 0 or does not fit, or context is missing or not called for.
        """
        n, noise = check_count("n", n, 0), generator(seed, "sample")
        fed = self._one_context(context, n)
        if given is None:
            batch = () if fed is not None and fed.ndim > 1 else (n,)
            return np.asarray(self.model(fed).sample(batch, generator=noise).double())
        if fed is not None and fed.ndim > 1:
            raise ValueError("context: expected one row together with given, got several; ask row by row.")
        known = self._known(given, fed, seed)
        rows = draw_within(self.model, known.boxes, n, fed, noise).double()
        return np.asarray(narrowed(self.schema, rows, known.points))

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
        draws = check_count("draws", draws)
        x, context = self.encode(frame)
        holes = torch.from_numpy(self.schema.gaps(x.numpy()))
        x[holes] = torch.nan
        rows = torch.nonzero(holes.any(1)).flatten()
        count = 1 if method == "draw" else draws
        drawn = self._complete(x[rows], None if context is None else context[rows], count, seed).numpy()
        filled = x.numpy().copy()
        for i, column in enumerate(self.schema.variables):
            mine = holes[rows, i].numpy()
            values = drawn[:, mine, i]
            filled[rows.numpy()[mine], i] = values[0] if method == "draw" else reduce_column(column, values, method)
        return self.schema.decode(filled, like=retyped(frame, self.schema, filled, holes.numpy()), passthrough=True)

    def probability(
        self, question: str, *, given: Given = None, context: Frame | None = None, seed: int, particles: int = 1000
    ) -> Probability:
        """Return the probability that a complete row is as a question says, ``P(question | given)``.

        Raises:
            ValueError: If a question does not fit, or ``given`` has probability 0.
        """
        fed = self._one_context(context, 1)
        event = as_expression(question, "question")
        boxes = self._boxes(event, "question")
        if given is None:
            found = self._event(boxes, fed, particles, seed)
            if found:
                warn_if_rare(self._scorer, boxes, found, fed, name="question", seed=seed)
            return found
        known = self._known(given, fed, seed, particles)
        joint = self._boxes(And((as_expression(given), event)), "question")
        both = self._event(widened(self.schema, joint, known.points), fed, particles, seed)
        ratio = min(1.0, both / known.mass)
        relative = [p.standard_error / p for p in (both, known.mass) if p > 0]
        return Probability(ratio, ratio * sum(r * r for r in relative) ** 0.5)

    def evidence(
        self, given: str | Mapping[str, Any], *, context: Frame | None = None, seed: int, particles: int = 1000
    ) -> Evidence:
        """Return evidence as boxes, and how probable it is under the model.

        Args:
            given: A question, or values by column.
            context: One row, for a conditional density.
            seed: Fixes the draws.
            particles: Number of draws for each order and box, where any are needed.

        Raises:
            ValueError: If it has probability 0, or does not fit.

        Warns:
            ExtrapolationWarning: If hardly any row of the fit can have been like it.
        """
        return self._known(given, self._one_context(context, 1), seed, particles)

    def _known(
        self, given: str | Mapping[str, Any], context: Tensor | None, seed: int, particles: int = 1000
    ) -> Evidence:
        boxes = self._boxes(as_expression(given), "given")
        known = points(self.schema, boxes)
        wide = widened(self.schema, boxes, known)
        mass = self._event(wide, context, particles, seed)
        if not mass:
            raise impossible(boxes)
        if len(boxes) == 1 or not known:
            density = mass / narrow_volume(self.schema, known)
            warn_if_rare(self._scorer, boxes, density, context, name="given", seed=seed)
        return Evidence(wide, known, mass)

    def _boxes(self, question: Expression, name: str) -> list[Box]:
        return event_boxes(self.schema, self.context, question, name)

    def expectation(
        self, column: str, *, given: Given = None, context: Frame | None = None, seed: int, particles: int = 1000
    ) -> Estimated:
        """Return the mean of a column given what is known of the row; see :mod:`tailormade.estimator.expectations`.

        Raises:
            ValueError: If the column holds text, or ``given`` does not fit or has probability 0.
        """
        _, law = self._law(column, given, context, seed, particles)
        return Estimated(*law.mean())

    def quantile(
        self,
        column: str,
        q: float | Sequence[float],
        *,
        given: Given = None,
        context: Frame | None = None,
        seed: int,
        particles: int = 1000,
    ) -> Any:  # noqa: ANN401 - a number or a date, or a list
        """Return quantiles of a column given what is known of the row: a list, where q is one.

        Raises:
            ValueError: If q is not from 0 to 1, the column holds text, or ``given`` does not fit or has probability 0.
        """
        wanted = checked_shares(q)
        place, law = self._law(column, given, context, seed, particles)
        found = [as_cell(self.schema, place, law.quantile(share)) for share in wanted]
        return found[0] if np.ndim(q) == 0 else found

    def _law(
        self, column: str, given: Given, context: Frame | None, seed: int, particles: int
    ) -> tuple[int, Mixture | Values]:
        place, fed = numeric_place(self.schema, column), self._one_context(context, 1)
        known = None if given is None else self._known(given, fed, seed, particles)
        boxes, single = ([{}], {}) if known is None else (known.boxes, known.points)
        noise = generator(seed, "expectation")
        pool = draw_pool(self.model, boxes, particles, fed, noise)
        pool = pool._replace(values=narrowed(self.schema, pool.values, single))
        return place, law_of(self.model, self.schema.variables[place], place, pool, fed, particles, noise)

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
        parts = [self._filler(c).complete(a, (draws,), generator=noise) for a, c in self._blocks(x, context, 4 * draws)]
        return torch.cat(parts, 1) if parts else x.new_empty(draws, 0, x.shape[-1])

    def encode(self, frame: Frame) -> tuple[Tensor, Tensor | None]:
        """Return rows as the model sees them, ``(rows, D)``, and their context, ``(rows, C)``, or ``None``.

        Raises:
            ValueError: If a column is missing or a value does not fit.
        """
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
                f"context: expected a frame or a dict with the columns {self._context.schema.names}, got none, but the "
                "density is conditional on them."
            )
        encoded = self._context.encode_given(frame)
        if len(encoded) not in (1, n):
            raise ValueError(f"context: expected 1 or {n} rows, got {len(encoded)}.")
        return encoded[0] if len(encoded) == 1 else encoded

    def _places(self, names: Sequence[str], argument: str = "columns") -> NDArray[np.bool_]:
        check_known(argument, names, self.names)
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
