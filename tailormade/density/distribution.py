"""The torch distribution that a MADE returns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.density.support import check_values
from tailormade.masks import Degrees
from tailormade.sampling import sample_ancestral

if TYPE_CHECKING:
    from tailormade.conditionals import Layout
    from tailormade.density.made import MADE


class _EventSupport(Constraint):
    """Every variable within the support of its own conditional."""

    event_dim = 1

    def __init__(self, layout: "Layout") -> None:
        self.layout = layout
        self.is_discrete = all(c.support.is_discrete for c in layout.conditionals)

    def check(self, value: Tensor) -> Tensor:
        return self.layout.in_support(value).all(-1)


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
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(
        self,
        model: "MADE",
        context: Tensor | None,
        components: Sequence[Degrees],
        validate_args: bool | None = None,
        batch_shape: Sequence[int] | None = None,
    ) -> None:
        self.model, self.context, self.components = model, context, tuple(components)
        own = torch.Size() if context is None else context.shape[:-1]
        batch = own if batch_shape is None else torch.Size(batch_shape)
        super().__init__(batch, torch.Size([model.features]), validate_args=validate_args)
        if self._validate_args and context is not None and not bool(context.isfinite().all()):
            raise ValueError("context: expected finite numbers, got NaN or infinity.")

    @property
    def support(self) -> Constraint:
        """Every variable within the support of its conditional."""
        return _EventSupport(self.model.layout)

    def _validate_sample(self, value: Tensor) -> None:
        if value.ndim < 1 or value.shape[-1] != self.model.features:
            raise ValueError(f"value: expected event_shape {tuple(self.event_shape)}, got shape {tuple(value.shape)}.")
        check_values(self.model.layout, "value", value, self.model.metadata.get("columns"))

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "MADEDistribution":
        """Return the distribution with a larger batch shape."""
        shape = torch.empty(self.batch_shape).expand(tuple(batch_shape)).shape  # raises where it would shrink
        context = self.context if self.context is None else self.context.expand(*shape, -1)
        return MADEDistribution(self.model, context, self.components, self._validate_args, shape)

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
        shape = self._extended_shape(torch.Size(sample_shape))
        rows = shape[:-1].numel()
        dtype, device = self.model.value_dtype, next(self.model.parameters()).device
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
                params = self.model.frozen_params(degrees, None if context is None else context[rows])
                out[rows] = sample_ancestral(params, self.model.layout, degrees, noise[rows])
        return out


def log_mean_exp(logs: Tensor) -> Tensor:
    """Return ``log (1/K) Σ_k exp(logs_k)`` over the first dimension."""
    if len(logs) == 1:
        return logs[0]
    return torch.logsumexp(logs, 0) - torch.log(torch.tensor(float(len(logs)), dtype=logs.dtype))
