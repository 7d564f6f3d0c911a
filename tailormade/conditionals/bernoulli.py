"""Binary variables."""

from dataclasses import dataclass

import torch
from torch import Tensor, distributions
from torch.distributions import constraints
from torch.nn import functional

from tailormade.conditionals.base import Conditional


@dataclass(frozen=True)
class Bernoulli(Conditional):
    """A variable in {0, 1} with one parameter, the logit ``θ``: ``p(1) = σ(θ)``.

    ``log p(x) = x θ - log(1 + exp(θ))``, which is finite for every finite logit.

    Example:
        >>> Bernoulli().log_prob(torch.zeros(3, 1), torch.tensor([0.0, 1.0, 1.0])).exp()
        tensor([0.5000, 0.5000, 0.5000])
    """

    @property
    def params(self) -> int:
        """One logit."""
        return 1

    @property
    def width(self) -> int:
        """One input."""
        return 1

    @property
    def support(self) -> constraints.Constraint:
        """{0, 1}."""
        return constraints.boolean

    @property
    def cardinality(self) -> int:
        """Two values."""
        return 2

    def encode(self, x: Tensor) -> Tensor:
        """Return the value itself, ``(*, 1)``."""
        return x.unsqueeze(-1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        logits = raw.squeeze(-1)
        logits, x = torch.broadcast_tensors(logits, x)
        return -functional.binary_cross_entropy_with_logits(logits, x.to(logits.dtype), reduction="none")

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return 1 where ``u < σ(θ)``."""
        return (noise.squeeze(-1) < torch.sigmoid(raw.squeeze(-1))).to(raw.dtype)

    def distribution(self, raw: Tensor) -> distributions.Bernoulli:
        """Return ``torch.distributions.Bernoulli`` over the batch ``(*)``."""
        return distributions.Bernoulli(logits=raw.squeeze(-1))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return logits of the column means, with half a count added to either value."""
        ones = x.nansum(0, dtype=torch.float64)
        zeros = (~x.isnan()).sum(0) - ones
        return torch.log((ones + 0.5) / (zeros + 0.5)).unsqueeze(-1)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return "0 or 1"
