"""The distribution of the unobserved variables given the evidence."""

import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.conditionals.support import EventSupport, check_part
from tailormade.queries.answered import Answered
from tailormade.queries.evidence import PoorEvidenceWarning, Query, comes_first
from tailormade.queries.exact import ExactAnswer
from tailormade.queries.masked import MaskedQuery
from tailormade.queries.weighted import Pool, WeightedAnswer
from tailormade.random import fresh_seed

_POOR = 50.0  # effective particles below which a warning is given


class Estimate(NamedTuple):
    """A number and its standard error."""

    value: Tensor
    standard_error: Tensor


class Given(Answered):
    """Be the density of the unobserved variables given the evidence, ``p(u | e)``.

    Event shape ``(U,)``: the unobserved variables in the order of the table. Batch shape: that of the evidence and the
    context. If :attr:`exact`, samples and log-probabilities are those of ``p(u | e)``. Otherwise both rest on
    ``particles`` weighted draws for each row and order, and :attr:`effective_sample_size` says how far to trust them;
    the estimate of ``log p(e)`` is then biased low by about half its squared standard error, so ``log_prob`` is biased
    high by as much (probabilities add up to more than 1 on average), and it has no gradient. Nothing is kept of the
    model's weights: after a step of the optimiser, the answers are those of the new weights.

    Args:
        query: The density and the evidence.
        describes: Whose density this is, in words.
        particles: Number of weighted draws for each row and order, where any are needed.
        seed: Fixes the particles behind estimates, and nothing else: draws have the generator of :meth:`sample`; drawn
            from torch's default generator if ``None``.
        columns: Names of all variables, for messages.
        validate_args: Check values against the support; torch's default if ``None``.

    Attributes:
        exact: Whether nothing is estimated.
        describes: Whose density this is, in words.
        unobserved: Numbers of the variables that events consist of, shape ``(U,)``.

    Raises:
        ValueError: If ``particles`` is below 2.

    References:
        Art B. Owen, "Monte Carlo theory, methods and examples", 2013, chapter 9, for self-normalised weights.
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        query: Query,
        *,
        describes: str = "",
        particles: int = 1000,
        seed: int | None = None,
        columns: Sequence[str] | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if particles < 2:
            raise ValueError(f"particles: expected at least 2, got {particles}.")
        first = (comes_first(degrees, query.observed) for degrees in query.components)
        self.exact = isinstance(query, MaskedQuery) or all(first)
        self.seed = seed if self.exact or seed is not None else fresh_seed()
        self.query, self.describes, self.particles, self.columns = query, describes, particles, columns
        self.unobserved, self._evidence = torch.nonzero(~query.observed).flatten(), query.values
        self._answer = ExactAnswer(query) if self.exact else self._weighted()
        super().__init__(query.values.shape[:-1], self.unobserved.shape, validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """Every unobserved variable within the support of its conditional."""
        return EventSupport(self.query.model.layout.part(self.unobserved.tolist()))

    def _validate_sample(self, value: Tensor) -> None:
        if value.ndim < 1 or value.shape[-1:] != self.event_shape:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        check_part(self.query.model.layout, "value", value, self.unobserved.tolist(), self.columns)

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "Given":
        """Return the distribution with a larger batch shape."""
        return Given(
            self.query.expand(batch_shape), describes=self.describes, particles=self.particles, seed=self.seed,
            columns=self.columns, validate_args=self._validate_args,
        )  # fmt: skip

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p(u | e)`` in nats, shape ``(*)`` for values of shape ``(*, U)``.

        Unless :attr:`exact`, it is estimated and biased high, as ``log p(e)`` is biased low.

        Raises:
            ValueError: If a value is outside the support or a shape does not fit.
        """
        value = torch.as_tensor(value, device=self.query.values.device)
        if self._validate_args:
            self._validate_sample(value)
        return self._answer.log_prob(self.fill(value))

    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw the unobserved variables; unless :attr:`exact`, from fresh particles, chosen by weight.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the noise; torch's default generator if ``None``. It alone fixes what is drawn, as
                ``seed`` fixes only the particles behind estimates.

        Returns:
            Shape ``sample_shape + batch_shape + (U,)``.
        """
        drawn = self._answer.sample(torch.Size(sample_shape).numel(), generator)
        return drawn[..., self.unobserved].reshape(self._extended_shape(torch.Size(sample_shape)))

    def distinct_draws(self, n: int) -> Tensor:
        """Return about how many different particles ``n`` samples rest on, batch shape; ``n`` if :attr:`exact`.

        A pool of particles serves a tenth as many samples. Where M of them are worth something, k samples from it are
        expected to rest on ``M (1 - (1 - 1/M)^k)`` different ones.
        """
        worth = self.effective_sample_size
        if self.exact:
            return torch.full_like(worth, n)
        size, unused = self._weighted().draws_per_pool, 1 - 1 / worth
        pools, rest = divmod(n, size)
        return worth * (pools * (1 - unused**size) + 1 - unused**rest)

    def __repr__(self) -> str:
        """Say whose density this is, whether it is exact, and its shapes."""
        count = self.particles * len(self.query.components)
        how = "exact" if self.exact else f"estimated from {count} particles"
        shapes = f"batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)}"
        return f"Given({self.describes or 'a density'}; {how}; {shapes})"

    def expectation(self, function: Callable[[Tensor], Tensor]) -> Estimate:
        """Estimate ``E[f(u) | e]`` from weighted particles, with its standard error by the delta method.

        Args:
            function: Maps values ``(*, U)`` to numbers ``(*)``.

        Returns:
            Value and standard error, of the batch shape.
        """

        def weighted(pool: Pool) -> Tensor:
            numbers = function(pool.values.flatten(1, 2)[..., self.unobserved]).to(pool.logs.dtype)
            return torch.stack(pool.expectation(numbers), -1)

        return Estimate(*self._weighted().from_pools(weighted).unbind(-1))

    def _weighted(self) -> WeightedAnswer:
        return WeightedAnswer(self.query, self.particles, fresh_seed() if self.seed is None else self.seed)

    def warn_if_poor(self) -> None:
        """Warn if too few particles are worth something.

        Warns:
            PoorEvidenceWarning: If fewer than 50 are in some row.
        """
        effective = self.effective_sample_size
        if bool((effective < _POOR).any()):
            warnings.warn(
                f"given: of {self.particles * len(self.query.components)} particles, {float(effective.min()):.1f} are "
                f"worth something in the worst of {int((effective < _POOR).sum())} row(s), so that estimates are "
                "unreliable. Raise particles, or fit a model with orders='any', which answers exactly.",
                PoorEvidenceWarning,
                stacklevel=3,
            )
