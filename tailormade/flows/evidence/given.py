"""The distribution of the unobserved variables of a flow given the evidence."""

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.constraints import Constraint

from tailormade.conditionals.constraints import Finite
from tailormade.flows.evidence.exact import ExactAnswer, answers_exactly
from tailormade.flows.evidence.reading import Known, read_question
from tailormade.flows.evidence.region import Joint, RegionAnswer, holding, share_of
from tailormade.flows.evidence.weighted import WeightedAnswer, WeightedRow
from tailormade.flows.seeds import draw_seed
from tailormade.flows.support import check_finite
from tailormade.nn.shapes import as_size, expanded
from tailormade.queries import PoorEvidenceWarning, broadcast
from tailormade.queries.answered import Answered
from tailormade.queries.estimates import Probability
from tailormade.queries.given import Estimate
from tailormade.queries.observed import variable_names
from tailormade.random import fresh_seed

if TYPE_CHECKING:
    from tailormade.flows.distribution import FlowDistribution

_POOR = 50.0  # effective particles below which a warning is given, as for a MADE


class FlowGiven(Answered):
    """Be the density of the unobserved variables of a flow given the evidence, ``p(u | e)``.

    Event shape ``(U,)``: the unobserved variables in the order of the table. Batch shape: that of the evidence and the
    context. If :attr:`exact`, nothing is estimated. Where single values are given otherwise, samples and
    log-probabilities rest on weighted draws, and :attr:`effective_sample_size` says how far to trust them. Where
    conditions are given alone, samples are exact, and log-probabilities rest on the share of draws that agree.
    Estimates have no gradient, and are those of the weights of the flow when they were first asked for.

    Args:
        density: The flow's.
        known: The evidence.
        particles: Weighted draws for each row, where any are needed.
        seed: Fixes the draws behind estimates, and nothing else; drawn from torch's default generator if ``None``.
        validate_args: Check values; torch's default if ``None``.

    Attributes:
        exact: Whether nothing is estimated.
        unobserved: Numbers of the variables that events consist of, shape ``(U,)``.

    Raises:
        ValueError: If ``particles`` is below 2, or a condition is given for several rows or contexts.

    References:
        Art B. Owen, "Monte Carlo theory, methods and examples", 2013, chapter 9, for self-normalised weights.
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        density: "FlowDistribution",
        known: Known,
        *,
        particles: int = 1000,
        seed: int | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if particles < 2:
            raise ValueError(f"particles: expected at least 2, got {particles}.")
        batch = broadcast("x", known.values.shape[:-1], density.batch_shape)
        if known.question is not None and batch:
            raise ValueError(f"given: expected one context where conditions are given, got batch shape {tuple(batch)}.")
        self.density = density.expand(batch)
        self.known = known._replace(values=known.values.expand(*batch, -1))
        self._evidence = self.known.values
        self.particles, self.seed = particles, fresh_seed() if seed is None else seed
        self.unobserved = torch.nonzero(~known.observed).flatten()
        first = bool(known.observed.any()) and answers_exactly(density.flow, known.observed)
        self.exact = first and known.question is None
        self._answer = self._answering(first)
        super().__init__(batch, self.unobserved.shape, validate_args=validate_args)

    def _answering(self, first: bool) -> ExactAnswer | RegionAnswer | WeightedAnswer:
        """What answers: draws that agree where the rest can be drawn exactly, else weighted ones."""
        (values, observed, question), flow = self.known, self.density.flow
        where = None if question is None else holding(question, variable_names(flow))
        exact = ExactAnswer(flow, values, observed, self.density.context, self.seed) if first else None
        if where is not None and (exact is not None or not bool(observed.any())):
            return RegionAnswer(exact or Joint(self.density), where, str(question), self.seed)
        return exact or WeightedAnswer(self.density, self._rows(where), values)

    def _rows(self, where: Callable[[Tensor], Tensor] | None) -> list[WeightedRow]:
        """One for each row of evidence, at its context."""
        values, observed = self.known.values.reshape(-1, self.density.flow.features).cpu(), self.known.observed.cpu()
        context = self.density.context
        contexts = [None] * len(values) if context is None else context.reshape(-1, context.shape[-1])
        return [
            WeightedRow(type(self.density)(self.density.flow, c), x, observed, self.particles, self.seed, i, where)
            for i, (x, c) in enumerate(zip(values, contexts, strict=True))
        ]

    @property
    def support(self) -> Constraint:
        """Vectors of finite numbers."""
        return constraints.independent(Finite(), 1)

    def _validate_sample(self, value: Tensor) -> None:
        if value.ndim < 1 or value.shape[-1:] != self.event_shape:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        names = variable_names(self.density.flow)
        check_finite("value", value, [names[i] for i in self.unobserved.tolist()])

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "FlowGiven":
        """Return the distribution with a larger batch shape."""
        density = self.density.expand(expanded(self.batch_shape, batch_shape))
        return FlowGiven(
            density, self.known, particles=self.particles, seed=self.seed, validate_args=self._validate_args
        )

    def __repr__(self) -> str:
        """Say whose density this is, how it is answered, and its shapes."""
        how = "exact" if self.exact else f"estimated from {self.particles} particles"
        how = how if not isinstance(self._answer, RegionAnswer) else "estimated from draws that agree"
        shapes = f"batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)}"
        return f"FlowGiven({type(self.density.flow).__name__}; {how}; {shapes})"

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p(u | e)`` in nats, shape ``(*)`` for values of shape ``(*, U)``.

        Raises:
            ValueError: If a value is not finite, a shape does not fit, or the evidence cannot occur.
        """
        value = self.density.flow.as_tensor(value)
        if self._validate_args:
            self._validate_sample(value)
        return self._answer.log_prob(self.fill(value))

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw the unobserved variables.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the noise; torch's default generator if ``None``. It alone fixes what is drawn, as
                ``seed`` fixes only the draws behind estimates.

        Returns:
            Shape ``sample_shape + batch_shape + (U,)``.

        Raises:
            ValueError: If the evidence cannot occur.
        """
        shape = as_size(sample_shape)
        source = torch.Generator().manual_seed(draw_seed(generator))
        drawn = self._answer.sample(shape.numel(), source)
        return drawn[..., self.unobserved].reshape(self._extended_shape(shape))

    @property
    def share(self) -> Probability | None:
        """Probability of the conditions that are given, given the values; ``None`` where none are, or draws weigh."""
        return self._answer.share if isinstance(self._answer, RegionAnswer) else None

    def expectation(self, function: Callable[[Tensor], Tensor]) -> Estimate:
        """Estimate ``E[f(u) | e]`` from draws, with its standard error by the delta method.

        Args:
            function: Maps values ``(*, U)`` to numbers ``(*)``.

        Returns:
            Value and standard error, of the batch shape.
        """
        pool = self._answer.pool()
        numbers = function(pool.values.flatten(1, 2)[..., self.unobserved]).to(pool.logs)
        return Estimate(*(part.reshape(self.batch_shape) for part in pool.expectation(numbers)))

    def probability(self, question: str) -> Probability:
        """Return the probability of a question about any columns, given the evidence, with its standard error.

        Raises:
            ValueError: If it is no question, does not fit the columns, or there are several rows of evidence.
        """
        if self.batch_shape:
            raise ValueError(
                f"question: expected one row of evidence at one context, got batch shape {tuple(self.batch_shape)}; "
                "ask once for each."
            )
        names = variable_names(self.density.flow)
        holds, pool = holding(read_question(question, names, "question"), names), self._answer.pool()
        found = holds(pool.values[0, 0])
        if not isinstance(self._answer, WeightedAnswer):
            return share_of(int(found.sum()), len(found))
        return Probability(*map(float, pool.expectation(found.to(pool.logs)[None])))

    def warn_if_poor(self) -> None:
        """Warn if too few draws are worth something.

        Warns:
            PoorEvidenceWarning: If fewer than 50 are in some row.
        """
        effective = self.effective_sample_size
        if bool((effective < _POOR).any()):
            warnings.warn(
                f"given: of {self.particles} weighted draws, {float(effective.min()):.1f} are worth something in the "
                f"worst of {int((effective < _POOR).sum())} row(s), so that estimates are unreliable. Raise particles, "
                "or give values nearer to the data.",
                PoorEvidenceWarning,
                stacklevel=3,
            )
