"""The torch distribution that a flow returns.

With ``z = f(x)`` and base density p_0, ``log p(x) = log p_0(f(x)) + log |det df/dx|`` (1); a sample is ``f⁻¹(z)``,
``z ~ p_0`` (2).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.distributions import Distribution, Transform, constraints
from torch.distributions.constraints import Constraint

from tailormade.conditionals.constraints import Finite
from tailormade.flows.evidence import FlowGiven, holding, read_known, read_question, share_of
from tailormade.flows.evidence.exact import DRAWS
from tailormade.flows.seeds import seeded_by
from tailormade.flows.support import check_finite
from tailormade.nn.shapes import as_size, expanded
from tailormade.queries.estimates import Probability
from tailormade.queries.observed import variable_names
from tailormade.random import fresh_seed
from tailormade.random import generator as generator_of

if TYPE_CHECKING:
    from tailormade.flows.stacked import Flow


class FlowDistribution(Distribution):
    """Be the density of a flow at one context.

    Event shape ``(D,)``, batch shape that of the context. ``log_prob`` (1) and ``rsample`` (2) are differentiable with
    respect to the flow's parameters and the context.

    Args:
        flow: The layers and the base.
        context: Shape ``(*, C)``, or ``None``.
        validate_args: Check values; torch's default if ``None``.
        batch_shape: Larger than that of the context, for :meth:`expand`.
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        flow: "Flow",
        context: Tensor | None,
        validate_args: bool | None = None,
        batch_shape: Sequence[int] | None = None,
    ) -> None:
        self.flow, self.context = flow, context
        own = torch.Size() if context is None else context.shape[:-1]
        batch = own if batch_shape is None else torch.Size(batch_shape)
        super().__init__(batch, torch.Size([flow.features]), validate_args=validate_args)
        if self._validate_args and context is not None and not bool(context.isfinite().all()):
            raise ValueError("context: expected finite numbers, got NaN or infinity.")

    @property
    def base_dist(self) -> Distribution:
        """Distribution of the noise."""
        return self.flow.base_at(self.context).expand(self.batch_shape)

    @property
    def transforms(self) -> list[Transform]:
        """From noise to data: one transform, for code that takes a ``TransformedDistribution`` apart."""
        return [self.flow.transform(self.context)]

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]  # an attribute in torch
        """Whether the base's samples are differentiable, as those of a mixture are not."""
        return bool(self.flow.base_at(self.context).has_rsample)

    @property
    def support(self) -> Constraint:
        """Vectors of finite numbers."""
        return constraints.independent(Finite(), 1)

    def __repr__(self) -> str:
        """Say whose density this is, and its shapes."""
        shapes = f"batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)}"
        return f"FlowDistribution({type(self.flow).__name__}; {shapes})"

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "FlowDistribution":
        """Return the distribution with a larger batch shape.

        Raises:
            ValueError: If its own does not broadcast to that.
        """
        shape = expanded(self.batch_shape, batch_shape)
        context = self.context if self.context is None else self.context.expand(*shape, -1)
        return FlowDistribution(self.flow, context, self._validate_args, shape)

    def _validate_sample(self, value: Tensor) -> None:
        if value.ndim < 1 or value.shape[-1] != self.flow.features:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        check_finite("value", value, self.flow.metadata.get("columns"))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats (1), shape ``(*)`` for values of shape ``(*, D)``.

        Raises:
            ValueError: If a value is not finite or a shape does not fit.
        """
        value = self.flow.as_tensor(value)
        if self._validate_args:
            self._validate_sample(value)
        log = self.flow.log_prob(value, self.context)
        return log.expand(torch.broadcast_shapes(log.shape, self.batch_shape))

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the noise; torch's default generator if ``None``.

        Returns:
            Shape ``sample_shape + batch_shape + (D,)``.
        """
        shape = as_size(sample_shape)
        with seeded_by(generator):
            z = self.flow.base_sample(shape, self.batch_shape, self.context)
        return self.flow.to_data(z, self.context)

    def rsample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples that are differentiable functions of parameters and context; arguments as in :meth:`sample`.

        Raises:
            NotImplementedError: If the base's samples are not differentiable.
        """
        return self.flow.to_data(self._noise(sample_shape, generator), self.context)

    def rsample_and_log_prob(
        self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Draw differentiable samples with their log-densities: one pass for each transform of an IAF.

        Returns:
            Shapes ``sample_shape + batch_shape + (D,)`` and ``sample_shape + batch_shape``.

        Raises:
            NotImplementedError: If the base's samples are not differentiable.

        Example:
            >>> from tailormade.flows import IAF
            >>> x, log_q = IAF(2, hidden_units=(8,), seed=0)().rsample_and_log_prob((5,))
            >>> x.shape, log_q.shape
            (torch.Size([5, 2]), torch.Size([5]))
        """
        z = self._noise(sample_shape, generator)
        x, ladj = self.flow.to_data_and_ladj(z, self.context)
        return x, self.flow.base_log_prob(z, self.context) - ladj

    def _noise(self, sample_shape: Sequence[int], generator: torch.Generator | None) -> Tensor:
        if not self.has_rsample:
            raise NotImplementedError(
                f"base: expected one with differentiable samples, got {type(self.flow.base).__name__}; use sample()."
            )
        with seeded_by(generator):
            return self.base_dist.rsample(as_size(sample_shape))

    def given(
        self,
        x: Any,  # noqa: ANN401 - numbers, a text or values by column
        observed: Any = None,  # noqa: ANN401 - booleans, or numbers or names of variables
        *,
        particles: int = 1000,
        seed: int | None = None,
    ) -> FlowGiven:
        """Return the distribution of the unobserved variables given the observed ones.

        It is exact where the evidence comes first in the orders of all transforms, as it can with one transform, over a
        base of independent variables and without linear maps; otherwise it is estimated by importance sampling.

        Args:
            x: Evidence: numbers ``(*, D)``, of which those of unobserved variables are not read and may be NaN; or
                values by column, or a text such as ``'x0 = 1, x1 > 2'`` (names are ``x0``, ``x1``, ... where
                ``flow.metadata["columns"]`` has none). Where conditions are given alone, all variables are unobserved.
            observed: Booleans ``(D,)``, or the numbers of the observed variables, or their names where
                ``flow.metadata["columns"]`` has them; if ``None``, those that are not NaN in ``x``, alike in all rows.
            particles: Number of weighted draws for each row, where the answer is estimated.
            seed: Fixes them, and nothing else: what ``sample`` draws is seeded by its ``generator``.

        Returns:
            A distribution with event shape ``(U,)`` that also has ``exact``, ``log_evidence`` with its error,
            ``effective_sample_size``, ``expectation``, ``probability`` and ``fill``.

        Raises:
            ValueError: If shapes do not fit, a name is unknown, a value is not finite, all variables or none are
                observed, or what is given cannot occur.
            TypeError: If ``x`` or ``observed`` is of another kind.

        Warns:
            PoorEvidenceWarning: If fewer than 50 of the weighted draws are worth something.

        Example:
            >>> from tailormade import MAF
            >>> rest = MAF(3, transforms=1, hidden_units=(8,), seed=0)().given([1.0, torch.nan, torch.nan])
            >>> rest.sample((5,)).shape, rest.exact
            (torch.Size([5, 2]), True)
        """
        known = read_known(self.flow, x, observed)
        given = FlowGiven(self, known, particles=particles, seed=seed, validate_args=self._validate_args)
        given.warn_if_poor()
        return given

    def probability(
        self,
        question: str,
        *,
        given: Any = None,  # noqa: ANN401 - as in given
        particles: int = 1000,
        seed: int | None = None,
    ) -> Probability:
        """Return the probability that a row is as a question says, estimated from draws.

        Args:
            question: Such as ``'x0 > 0 and x1 < 1'``; columns have the names in ``flow.metadata["columns"]``, else
                ``x0``, ``x1``, ... .
            given: What is known of the row, as in :meth:`given`.
            particles: Number of weighted draws, where single values are given.
            seed: Fixes the draws; drawn from torch's default generator if ``None``.

        Returns:
            A float that has ``standard_error``.

        Raises:
            ValueError: If a question does not fit the columns, what is given cannot occur, or there are several
                contexts.

        Example:
            >>> from tailormade import MAF
            >>> p = MAF(2, hidden_units=(8,), seed=0)().probability("x0 > 0 and x1 < 1", seed=0)
            >>> 0 < p < 1, p.standard_error < 0.01
            (True, True)
        """
        names = variable_names(self.flow)
        asked = read_question(question, names, "question")
        if self.batch_shape:
            raise ValueError(
                f"question: expected a density at one context, got batch shape {tuple(self.batch_shape)}; ask once for "
                "each."
            )
        if given is not None:
            return self.given(given, particles=particles, seed=seed).probability(question)
        source = generator_of(fresh_seed() if seed is None else seed, "evidence")
        return share_of(int(holding(asked, names)(self.sample((DRAWS,), generator=source)).sum()), DRAWS)
