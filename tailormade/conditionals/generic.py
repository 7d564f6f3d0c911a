"""A torch distribution made of a conditional, for families that torch does not have."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

if TYPE_CHECKING:
    from tailormade.conditionals.base import Conditional


class GenericDistribution(Distribution):
    """Be the distribution of a conditional at given raw parameters.

    Args:
        conditional: The family.
        raw: Shape ``(*, params)``; ``(*)`` is the batch shape.
        validate_args: Check values against the support; torch's default if ``None``.

    Example:
        >>> from tailormade.conditionals import LogisticMixture
        >>> d = LogisticMixture(2).distribution(torch.zeros(3, 6))
        >>> d.cdf(torch.zeros(3)), d.sample((5,)).shape
        (tensor([0.5000, 0.5000, 0.5000]), torch.Size([5, 3]))
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(self, conditional: "Conditional", raw: Tensor, validate_args: bool | None = None) -> None:
        self.conditional, self.raw = conditional, raw
        super().__init__(raw.shape[:-1], validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """That of the conditional."""
        return self.conditional.support

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "GenericDistribution":
        """Return the distribution with a larger batch shape."""
        return GenericDistribution(self.conditional, self.raw.expand(*batch_shape, -1), self._validate_args)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        if self._validate_args:
            self._validate_sample(value)
        return self.conditional.log_prob(self.raw, value)

    def cdf(self, value: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)``."""
        return self.conditional.cdf(self.raw, value)

    def icdf(self, value: Tensor) -> Tensor:
        """Return the smallest x with ``P(X <= x)`` at least ``value``, shape ``(*)``."""
        return self.conditional.icdf(self.raw, value)

    @torch.no_grad()
    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw samples, shape ``sample_shape + batch_shape``."""
        shape = self._extended_shape(torch.Size(sample_shape))
        noise = torch.rand(*shape, self.conditional.noise, dtype=self.raw.dtype, device=self.raw.device)
        return self.conditional.sample(self.raw.expand(*shape, -1), noise)
