"""Numbers between two ends, with a density that is constant on equal bins: a piecewise linear cdf.

With ``v = B (x - low) / (high - low)``, B bins and masses ``w = softmax(θ)``,

    p(x) = w_⌊v⌋ B / (high - low),    F(x) = Σ_{j < ⌊v⌋} w_j + w_⌊v⌋ (v - ⌊v⌋)               (1)

and F⁻¹ is as simple. Any density is approached with more bins; neighbouring bins know nothing of each other, for
which see :class:`tailormade.conditionals.Spline`.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.arithmetic import as_number, check_number, constant
from tailormade.conditionals.base import Conditional
from tailormade.conditionals.constraints import Between


class Bounded(Conditional):
    """Numbers between two ends; fields are the subclasses'."""

    constants: ClassVar[tuple[str, ...]] = ("low", "high")
    bins: int
    low: float
    high: float

    def __post_init__(self) -> None:
        """Check the arguments."""
        if self.bins < 1:
            raise ValueError(f"bins: expected at least 1, got {self.bins}.")
        check_number("low", self.low)
        check_number("high", self.high)
        if self.low >= self.high:
            raise ValueError(f"low, high: expected low below high, got {self.low:g} and {self.high:g}.")

    @property
    def width(self) -> int:
        """One input."""
        return 1

    @property
    def scaled(self) -> bool:
        """Inputs are scaled."""
        return True

    @property
    def support(self) -> Constraint:
        """The interval from ``low`` to ``high``."""
        return Between(self.low, self.high)

    @property
    def filler(self) -> float:
        """The middle."""
        return self.low + (self.high - self.low) / 2

    def fraction(self, x: Tensor) -> Tensor:
        """Return how far from ``low`` to ``high`` values lie, in [0, 1]."""
        low, high = constant(self.low, x), constant(self.high, x)
        return ((x - low) / (high - low)).clamp(0, 1)

    def restore(self, fraction: Tensor) -> Tensor:
        """Return the values at fractions of the interval."""
        low, high = constant(self.low, fraction), constant(self.high, fraction)
        return low + (high - low) * fraction

    def log_length(self, like: Tensor) -> Tensor:
        """Return the log of the interval's length, in the type of a tensor."""
        length = torch.as_tensor(self.high - self.low, dtype=torch.float64, device=like.device)
        return length.log().to(like.dtype)

    def encode(self, x: Tensor) -> Tensor:
        """Return ``2 (x - low) / (high - low) - 1``, ``(*, 1)``."""
        return (2 * self.fraction(x) - 1).unsqueeze(-1)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return the quantile at the uniform number."""
        return self.icdf(raw, noise.squeeze(-1))

    def counts(self, x: Tensor, bins: int) -> Tensor:
        """Return how many values of each column are in each of some equal bins, ``(n, bins)``, NaN left out."""
        n, known = x.shape[1], ~x.isnan()
        bin_of = (self.fraction(x.double()).nan_to_num(0) * bins).long().clamp(max=bins - 1)
        cells = (bin_of + bins * torch.arange(n, device=x.device))[known]
        return torch.bincount(cells, minlength=n * bins).reshape(n, bins).double()

    def describe(self) -> str:
        """Say in words which values are expected."""
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Histogram(Bounded):
    """A number from ``low`` to ``high`` with B logits, one for each of B equal bins (1).

    Args:
        bins: Number of bins B.
        low: Lowest value.
        high: Highest value.

    Raises:
        ValueError: If ``bins`` is below 1, or ``low`` is not below ``high``.

    Example:
        >>> Histogram(4, 0.0, 2.0).log_prob(torch.zeros(4), torch.tensor(0.3)).exp()
        tensor(0.5000)
    """

    bins: int = 20
    low: float = 0.0
    high: float = 1.0

    @property
    def params(self) -> int:
        """One logit for each bin."""
        return self.bins

    def _place(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The bin of each value, and how far into it the value lies."""
        v = self.fraction(as_number(x)) * self.bins
        which = v.long().clamp(max=self.bins - 1)
        return which, v - which

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        logs = _pick(torch.log_softmax(raw, -1), self._place(x)[0])
        return logs - self.log_length(logs) + torch.log(torch.full_like(logs, float(self.bins)))

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)``."""
        which, inside = self._place(x)
        masses = torch.softmax(raw, -1)
        reached, mass = _pick(masses.cumsum(-1), which), _pick(masses, which)
        return (reached - mass * (1 - inside).to(mass.dtype)).clamp(0, 1)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the x with ``P(X <= x) = u``, shape ``(*)``."""
        masses = torch.softmax(raw, -1)
        reached = masses.cumsum(-1)
        which = (reached < u.unsqueeze(-1)).sum(-1).clamp(max=self.bins - 1)
        mass = _pick(masses, which)
        inside = 1 - (_pick(reached, which) - u) / mass.clamp(min=torch.finfo(mass.dtype).tiny)
        return self.restore((which + inside.clamp(0, 1)) / self.bins)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return log frequencies of the bins, with half a count added to every bin."""
        counts = self.counts(x, self.bins) + 0.5
        return torch.log(counts / counts.sum(-1, keepdim=True))


def _pick(table: Tensor, index: Tensor) -> Tensor:
    """Return ``table[..., index]``, with batches broadcast."""
    batch = torch.broadcast_shapes(table.shape[:-1], index.shape)
    return table.expand(*batch, -1).gather(-1, index.expand(batch).unsqueeze(-1)).squeeze(-1)
