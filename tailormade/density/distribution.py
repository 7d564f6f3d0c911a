"""The torch distribution that a MADE returns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.conditionals.support import EventSupport, check_part, check_values
from tailormade.density.asking import answering, mixture_name
from tailormade.masks import Degrees
from tailormade.nn.shapes import as_size, expanded
from tailormade.queries import ExactAnswer, Given, MaskedQuery, Query, broadcast, comes_first
from tailormade.queries.observed import observed_variables
from tailormade.queries.resampling import keep, log_marginal, log_weights
from tailormade.random import generator
from tailormade.sampling import draw

if TYPE_CHECKING:
    from tailormade.density.made import MADE

_CANDIDATES = 16  # for each row at least, of which the completions are chosen


class MADEDistribution(Distribution):
    """Be the density of a MADE at one context, over one order or a mixture of them.

    Event shape ``(D,)``, batch shape that of the context. ``log_prob`` is differentiable with respect to the
    network's parameters and follows the model's mode: call ``model.eval()`` if it has dropout. Sampling never
    drops units.

    Args:
        model: The network.
        context: Shape ``(*, C)``, or ``None``.
        components: The connectivities that are mixed with equal weights.
        validate_args: Check values against the support; torch's default if ``None``.
        batch_shape: Larger than that of the context, for :meth:`expand`.
        family: Whether this stands for all orders, so that :meth:`given` may use whichever suits the evidence.
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        model: "MADE",
        context: Tensor | None,
        components: Sequence[Degrees],
        validate_args: bool | None = None,
        batch_shape: Sequence[int] | None = None,
        family: bool = False,
    ) -> None:
        self.model, self.context, self.components, self.family = model, context, tuple(components), family
        own = torch.Size() if context is None else context.shape[:-1]
        batch = own if batch_shape is None else torch.Size(batch_shape)
        super().__init__(batch, torch.Size([model.features]), validate_args=validate_args)
        if self._validate_args and context is not None and not bool(context.isfinite().all()):
            raise ValueError("context: expected finite numbers, got NaN or infinity.")

    @property
    def support(self) -> Constraint:
        """Every variable within the support of its conditional."""
        return EventSupport(self.model.layout)

    def _validate_sample(self, value: Tensor) -> None:
        if value.ndim < 1 or value.shape[-1] != self.model.features:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        check_values(self.model.layout, "value", value, self.model.metadata.get("columns"))

    def __repr__(self) -> str:
        """Say whose density this is, and its shapes."""
        shapes = f"batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)}"
        return f"MADEDistribution({mixture_name(self.components)}; {shapes})"

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "MADEDistribution":
        """Return the distribution with a larger batch shape."""
        shape = expanded(self.batch_shape, batch_shape)
        context = self.context if self.context is None else self.context.expand(*shape, -1)
        return MADEDistribution(self.model, context, self.components, self._validate_args, shape, self.family)

    def component_log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p_k(x)`` in nats of each of the K components, shape ``(K, *)``."""
        value = self.model.as_tensor(value)
        if self._validate_args:
            self._validate_sample(value)
        logs = [self.model.component_log_prob(value, self.context, d) for d in self.components]
        shape = torch.broadcast_shapes(value.shape[:-1], self.batch_shape)
        return torch.stack([log.expand(shape) for log in logs])

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log (1/K) Σ_k p_k(x)`` in nats, shape ``(*)`` for values of shape ``(*, D)``.

        Raises:
            ValueError: If a value is outside the support or a shape does not fit.
        """
        return log_mean_exp(self.component_log_prob(value))

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the noise; torch's default generator if ``None``.

        Returns:
            Shape ``sample_shape + batch_shape + (D,)``.
        """
        shape = self._extended_shape(as_size(sample_shape))
        rows = shape[:-1].numel()
        dtype, device = self.model.draw_dtype, next(self.model.parameters()).device
        where = device if generator is None else generator.device
        which = torch.zeros(rows, dtype=torch.long, device=where)
        if len(self.components) > 1:
            which = torch.randint(len(self.components), (rows,), generator=generator, device=where)
        noise = torch.rand(
            rows, self.model.features, self.model.layout.noise, generator=generator, dtype=dtype, device=where
        )
        return self.from_noise(noise.to(device), which.to(device), shape[:-1]).reshape(shape)

    @torch.no_grad()
    def from_noise(self, noise: Tensor, which: Tensor, batch: torch.Size) -> Tensor:
        """Turn uniform noise ``(n, D, noise)`` and component indices ``(n,)`` into values ``(n, D)``.

        Args:
            noise: Uniform in [0, 1).
            which: Which component each row is drawn from.
            batch: Shape that the rows have, for the context to be expanded to.
        """
        context = None
        if self.context is not None:
            context = self.context.expand(*batch, self.model.context).reshape(len(noise), self.model.context)
        out = noise.new_empty(noise.shape[:-1])
        for k, degrees in enumerate(self.components):
            rows = torch.nonzero(which == k).squeeze(-1)
            if len(rows):
                source = self.model.sampling_source(degrees, None if context is None else context[rows])
                out[rows] = draw(source, noise[rows])
        return out

    def given(
        self,
        x: Any,  # noqa: ANN401 - anything torch reads as numbers
        observed: Any = None,  # noqa: ANN401 - booleans, or numbers or names of variables
        *,
        orders: int = 1,
        particles: int = 1000,
        seed: int | None = None,
    ) -> Given:
        """Return the distribution of the unobserved variables given the observed ones.

        It is exact where the evidence comes first in every order that is mixed, and otherwise estimated, with its
        error; estimated log-probabilities are biased high, as that of the evidence is biased low. A family of orders
        (``orders='any'``, no order named) answers with the density of one order that has the evidence first: exactly,
        but for that order's density and not for the mixture over the stored ones, from which it may differ by nats
        where the fit is poor.

        Args:
            x: Evidence, shape ``(*, D)``; values of unobserved variables are not read and may be NaN.
            observed: Booleans ``(D,)``, or the numbers of the observed variables, or their names where
                ``model.metadata["columns"]`` has them; if ``None``, those that are not NaN in ``x``, alike in all rows.
            orders: Number of orders with the evidence first whose mixture a family answers with: more are better, and
                cost as many passes.
            particles: Number of weighted draws for each row and order, where the answer is estimated.
            seed: Fixes them, and nothing else: what ``sample`` draws is seeded by its ``generator``.

        Returns:
            A distribution with event shape ``(U,)`` that also has ``exact``, ``describes``, ``log_evidence`` with
            its error, ``effective_sample_size``, ``expectation`` and ``fill``.

        Raises:
            ValueError: If shapes do not fit, a name is unknown or an observed value is not in the support.
            TypeError: If ``observed`` is neither booleans, numbers nor known names.

        Example:
            >>> from tailormade import MADE
            >>> rest = MADE(4, seed=0)().given([1, 0, 0, 0], [0, 1])
            >>> rest.sample((3,)).shape, rest.exact
            (torch.Size([3, 2]), True)
        """
        x = self.model.as_tensor(x)
        mask = observed_variables(self.model, x, observed)
        columns = self.model.metadata.get("columns")
        if self._validate_args:
            check_part(self.model.layout, "x", x[..., mask], torch.nonzero(mask).flatten().tolist(), columns)
        components, describes = answering(self.model, self.components, mask, family=self.family, orders=orders)
        if bool(x[..., mask].isnan().any()):
            raise ValueError("x: expected a value in every observed cell, got NaN; leave such cells out of observed.")
        values = torch.where(mask, x.to(self.model.draw_dtype), 0.0)
        batch = broadcast("x", x.shape[:-1], self.batch_shape)
        first = all(comes_first(degrees, mask) for degrees in components)
        kind = MaskedQuery if self.model.missing and not first else Query
        query = kind(self.model, components, values, mask, self.context).expand(batch)
        if kind is MaskedQuery:
            describes = f"the model's own conditional density, evidence being an input of its network; {describes}"
        given = Given(
            query, describes=describes, particles=particles, seed=seed, columns=columns,
            validate_args=self._validate_args,
        )  # fmt: skip
        given.warn_if_poor()
        return given

    def complete(
        self,
        x: Tensor,
        sample_shape: Sequence[int] = (),
        *,
        candidates: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Draw what is missing from rows, given what is there, whichever cells that is in each row.

        The network's own conditional density, in which evidence is an input, proposes candidates, of which as many as
        are wanted are kept by how they are weighted by the joint density (:mod:`tailormade.queries.resampling`).

        Args:
            x: Rows with NaN where a value is wanted, shape ``(*, D)``.
            sample_shape: Shape in front, for several completions of each row.
            candidates: How many for each row, at least as many as draws; four for each draw and 16 at least if
                ``None``. With one for each draw, all are kept: draws of the network's own conditional density.
            generator: Source of the noise; torch's default generator if ``None``.

        Returns:
            Complete rows, shape ``sample_shape + batch_shape + (D,)``.

        Raises:
            ValueError: If the model was not built with ``missing=True``, or a value is not in the support.
        """
        query, n = self._gaps(x), torch.Size(sample_shape).numel()
        many = max(_CANDIDATES, 4 * n) if candidates is None else candidates
        if many < n:
            raise ValueError(f"candidates: expected at least {n}, one for each draw, got {candidates}.")
        drawn = ExactAnswer(query).sample(many, generator)
        if many > n:
            drawn = keep(query, drawn, n, generator)
        return drawn.reshape(*sample_shape, *query.values.shape)

    def complete_weighted(
        self, x: Tensor, draws: int, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Draw candidates for what is missing, and say how the joint density weighs them.

        Args:
            x: Rows with NaN where a value is wanted, shape ``(rows, D)``.
            draws: How many for each row.
            generator: Source of the noise; torch's default generator if ``None``.

        Returns:
            Complete rows, shape ``(draws, rows, D)``, and their weights, which add up to 1 for each row, shape
            ``(draws, rows)``.

        Raises:
            ValueError: As for :meth:`complete`.
        """
        query = self._gaps(x)
        drawn = ExactAnswer(query).sample(draws, generator)
        return drawn, torch.softmax(log_weights(query, drawn).double(), 0)

    def log_marginal(self, x: Tensor, draws: int, *, seed: int = 0) -> Tensor:
        """Return the log-probability of what is there under the joint density, estimated where cells are missing.

        Beside it, ``log_prob`` is the network's own density of each pattern of missing cells, exact and normalised,
        which agrees with the joint one only as far as training goes.

        Args:
            x: Rows with NaN where nothing is known, shape ``(rows, D)``.
            draws: For each row and order; the estimate is too low by half its relative variance.
            seed: Of the noise, which all rows share.

        Returns:
            Shape ``(rows,)``.
        """
        pieces = self._gaps(x).flat().pieces(draws)
        return torch.cat([log_marginal(piece, draws, generator(seed, "marginal")) for piece in pieces])

    def _gaps(self, x: Tensor) -> MaskedQuery:
        return self._rows_given(x, ~torch.as_tensor(x).isnan())

    def log_prob_given(self, x: Tensor, evidence: Tensor) -> Tensor:
        """Return ``log p(x_rest | x_evidence)`` in nats, with NaN in neither, shape ``(*)``.

        Args:
            x: Rows, NaN where nothing is known, shape ``(*, D)``.
            evidence: Which values are given, boolean, shape ``(*, D)`` or ``(D,)``.

        Raises:
            ValueError: If the model was not built with ``missing=True``, or a value is not in the support.
        """
        x = self.model.as_tensor(x)
        query = self._rows_given(x, evidence.to(x.device) & ~x.isnan())
        return ExactAnswer(query).log_prob(x.expand(query.values.shape))

    def _rows_given(self, x: Tensor, evidence: Tensor) -> MaskedQuery:
        x = self.model.as_tensor(x)
        if not self.model.missing:
            raise ValueError("missing: expected a model built with missing=True, got one without; use given().")
        if self._validate_args:
            self._validate_sample(x)
        values = torch.where(evidence, x.to(self.model.draw_dtype), 0.0)
        batch = broadcast("x", x.shape[:-1], self.batch_shape)
        query = MaskedQuery(self.model, self.components, values, evidence.expand(values.shape), self.context)
        return query.expand(batch)  # type: ignore[return-value]  # _replace keeps the class


def log_mean_exp(logs: Tensor) -> Tensor:
    """Return ``log (1/K) Σ_k exp(logs_k)`` over the first dimension."""
    if len(logs) == 1:
        return logs[0]
    return torch.logsumexp(logs, 0) - torch.log(torch.tensor(float(len(logs)), dtype=logs.dtype))
