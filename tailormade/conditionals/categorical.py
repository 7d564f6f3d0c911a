"""Variables with a finite number of unordered values."""

from dataclasses import dataclass

import torch
from torch import Tensor, distributions
from torch.distributions import constraints
from torch.nn import functional

from tailormade.conditionals.base import Conditional


@dataclass(frozen=True)
class Categorical(Conditional):
    """A variable in 0..k-1 with k logits ``θ``: ``p(j) = exp(θ_j) / Σ_l exp(θ_l)``; one-hot inputs.

    Args:
        categories: Number of values k.

    Raises:
        ValueError: If ``categories`` is below 1.

    Example:
        >>> Categorical(4).log_prob(torch.zeros(4), torch.tensor(2)).exp()
        tensor(0.2500)
    """

    categories: int

    def __post_init__(self) -> None:
        """Check the number of categories."""
        if self.categories < 1:
            raise ValueError(f"categories: expected at least 1, got {self.categories}.")

    @property
    def params(self) -> int:
        """One logit for each category."""
        return self.categories

    @property
    def width(self) -> int:
        """One input for each category."""
        return self.categories

    @property
    def support(self) -> constraints.Constraint:
        """The integers 0..k-1."""
        return constraints.integer_interval(0, self.categories - 1)

    @property
    def cardinality(self) -> int:
        """The number of categories."""
        return self.categories

    def encode(self, x: Tensor) -> Tensor:
        """Return the one-hot code, ``(*, k)``."""
        return functional.one_hot(x.long(), self.categories).to(x.dtype)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        batch = torch.broadcast_shapes(raw.shape[:-1], x.shape)
        logs = torch.log_softmax(raw, -1).expand(*batch, -1)
        return logs.gather(-1, x.long().expand(batch).unsqueeze(-1)).squeeze(-1)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return the number of cumulative probabilities that the uniform number has reached."""
        cumulative = torch.softmax(raw, -1).cumsum(-1)[..., :-1]
        return (noise >= cumulative).sum(-1).to(raw.dtype)

    def distribution(self, raw: Tensor) -> distributions.Categorical:
        """Return ``torch.distributions.Categorical`` over the batch ``(*)``."""
        return distributions.Categorical(logits=raw)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return log frequencies of the columns, with half a count added to every value."""
        values = torch.arange(self.categories, device=x.device)
        counts = torch.stack([(x == v).sum(0) for v in values], -1).double() + 0.5
        return torch.log(counts / counts.sum(-1, keepdim=True))

    def describe(self) -> str:
        """Say in words which values are expected."""
        return f"an integer in 0..{self.categories - 1}"
