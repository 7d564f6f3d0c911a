r"""Variables with a finite number of ordered values.

Cut points ``c_0 < c_1 < ... < c_{k-2}`` on the logistic scale give the cumulative probabilities

    P(X <= j) = σ(c_j),    c_j = c_{j-1} + softplus(θ_j),  c_0 = θ_0                        (1)
    log p(j) = log σ(c_j) + log σ(-c_{j-1}) + log σ(θ_j)                                     (2)

where (2) is the log of a difference of sigmoids in its stable form, as ``1 - exp(-softplus(θ)) = σ(θ)``. Moving all
cuts moves mass between neighbours, so that a network learns the order; yet all k - 1 numbers are free, and any
distribution with positive masses is reached. The input is a thermometer: ``x >= 1, x >= 2, ..., x >= k - 1`` (3).

Peter McCullagh, "Regression Models for Ordinal Data", 1980.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, distributions
from torch.distributions import constraints
from torch.nn import functional

from tailormade.conditionals.base import Conditional
from tailormade.conditionals.categorical import Categorical


@dataclass(frozen=True)
class Ordinal(Conditional):
    """A variable in 0..k-1, ordered, with k - 1 parameters: the first cut point, then increments.

    Args:
        categories: Number of values k.

    Raises:
        ValueError: If ``categories`` is below 1.

    Example:
        >>> Ordinal(2).log_prob(torch.zeros(1), torch.tensor([0.0, 1.0])).exp()
        tensor([0.5000, 0.5000])
        >>> Ordinal(4).encode(torch.tensor([0.0, 2.0])).tolist()
        [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    """

    categories: int

    def __post_init__(self) -> None:
        """Check the number of categories."""
        if self.categories < 1:
            raise ValueError(f"categories: expected at least 1, got {self.categories}.")

    @property
    def params(self) -> int:
        """One cut point between any two neighbours."""
        return self.categories - 1

    @property
    def width(self) -> int:
        """One input for each cut point."""
        return self.categories - 1

    @property
    def support(self) -> constraints.Constraint:
        """The integers 0..k-1."""
        return constraints.integer_interval(0, self.categories - 1)

    @property
    def cardinality(self) -> int:
        """The number of categories."""
        return self.categories

    def encode(self, x: Tensor) -> Tensor:
        """Return the thermometer code, ``(*, k - 1)`` (3)."""
        return (x.unsqueeze(-1) > torch.arange(self.categories - 1, device=x.device)).to(x.dtype)

    @staticmethod
    def _cuts(raw: Tensor) -> Tensor:
        return torch.cat([raw[..., :1], functional.softplus(raw[..., 1:])], -1).cumsum(-1)

    def log_masses(self, raw: Tensor) -> Tensor:
        """Return ``log p(j)`` of all values, ``(*, k)`` (2)."""
        if self.categories == 1:
            return raw.sum(-1, keepdim=True)  # of nothing
        cuts = self._cuts(raw)
        up_to = functional.pad(functional.logsigmoid(cuts), (0, 1))
        beyond = functional.pad(functional.logsigmoid(-cuts), (1, 0))
        gap = functional.pad(functional.logsigmoid(raw[..., 1:]), (1, 1))
        return up_to + beyond + gap

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        logs = self.log_masses(raw)
        batch = torch.broadcast_shapes(raw.shape[:-1], x.shape)
        return logs.expand(*batch, -1).gather(-1, x.long().expand(batch).unsqueeze(-1)).squeeze(-1)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return the number of cumulative probabilities that the uniform number has reached."""
        return (noise >= torch.sigmoid(self._cuts(raw))).sum(-1).to(raw.dtype)

    def distribution(self, raw: Tensor) -> distributions.Categorical:
        """Return ``torch.distributions.Categorical`` over the batch ``(*)``."""
        return distributions.Categorical(logits=self.log_masses(raw))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return cut points of the smoothed frequencies, half a count added to every value."""
        logs = Categorical(self.categories).marginal_params(x)
        up_to, beyond = logs.logcumsumexp(-1)[..., :-1], logs.flip(-1).logcumsumexp(-1).flip(-1)[..., 1:]
        cuts = up_to - beyond
        gaps = cuts.diff(dim=-1)
        return torch.cat([cuts[..., :1], gaps + torch.log(-torch.expm1(-gaps))], -1)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return f"an integer in 0..{self.categories - 1}"
