r"""A value, or none: the density of a cell that may be missing, with the missing cell as one of its values.

    P(missing) = s(θ_0),    p(x) = (1 - s(θ_0)) q(x) elsewhere,    s the logistic function         (1)

A missing cell is written as infinity, beyond all numbers: the cdf is ``F(x) = (1 - s(θ_0)) Q(x)`` (2) at every number
and jumps to 1 at infinity, so that ``P(X < ∞)`` is the probability that there is a value, and questions about
intervals need nothing new. A quantile beyond ``1 - s(θ_0)`` is a missing cell (3). NaN keeps its own meaning, a cell
of which nothing is known, not even whether it is missing.

Donald B. Rubin, "Inference and Missing Data", 1976, names when being missing may be left out of a model.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint
from torch.nn import functional

from tailormade.conditionals.base import Conditional
from tailormade.conditionals.constraints import OrInfinity
from tailormade.conditionals.over_base import OverBase


@dataclass(frozen=True)
class MaybeMissing(OverBase):
    """A mixture of a missing cell, written as infinity, and a base: one logit, then the base's parameters.

    The code is the base's, or zeros, followed by an indicator of a missing cell.

    Args:
        base: Distribution of the value, if there is one.

    Raises:
        TypeError: If the base is no conditional.

    Example:
        >>> from tailormade.conditionals import Normal
        >>> age = MaybeMissing(Normal(loc=40.0))
        >>> age.log_prob(torch.zeros(2, 3), torch.tensor([torch.inf, 40.0])).exp()
        tensor([0.5000, 0.1995])
    """

    base: Conditional

    @property
    def scaled_inputs(self) -> tuple[bool, ...]:
        """Those of the base; the indicator is not scaled."""
        return (*self.base.scaled_inputs, False)

    @property
    def params(self) -> int:
        """The logit of a missing cell, then the base's parameters."""
        return 1 + self.base.params

    @property
    def width(self) -> int:
        """Inputs of the base, then the indicator."""
        return self.base.width + 1

    @property
    def support(self) -> Constraint:
        """That of the base, and infinity."""
        return OrInfinity(self.base)

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Which cells are missing, and values with a stand-in for those."""
        gone = x == math.inf
        return gone, torch.where(gone, torch.as_tensor(self.base.filler, device=x.device).to(x.dtype), x)

    def encode(self, x: Tensor) -> Tensor:
        """Return the base's code, zeros for a missing cell, and the indicator, ``(*, width)``."""
        gone, known = self._split(x)
        code = self.base.encode(known).masked_fill(gone.unsqueeze(-1), 0.0)
        return torch.cat([code, gone.unsqueeze(-1).to(code.dtype)], -1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (1)."""
        gone, known = self._split(x)
        inside = functional.logsigmoid(-raw[..., 0]) + self.base.log_prob(raw[..., 1:], known)
        return torch.where(gone, functional.logsigmoid(raw[..., 0]), inside)

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)`` (2)."""
        gone, known = self._split(x)
        return torch.where(gone, 1.0, torch.sigmoid(-raw[..., 0]) * self.base.cdf(raw[..., 1:], known))

    def mass_below(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(*)``; that of a value at all, if x is infinite."""
        gone, known = self._split(x)
        return torch.sigmoid(-raw[..., 0]) * torch.where(gone, 1.0, self.base.mass_below(raw[..., 1:], known))

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest x with ``P(X <= x) >= u``, shape ``(*)`` (3)."""
        there = torch.sigmoid(-raw[..., 0])
        slack = 4 * torch.finfo(raw.dtype).eps  # what is equal but for rounding has been reached
        x = self.base.icdf(raw[..., 1:], (u / there).clamp(max=1))
        return torch.where(u > there + slack, math.inf, x)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Choose by the first uniform number whether a cell is missing; the base draws from the others."""
        drawn = self.base.sample(raw[..., 1:], noise[..., 1:])
        return torch.where(noise[..., 0] < torch.sigmoid(raw[..., 0]), math.inf, drawn)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return the logit of the missing share, with half a count added, and the base's start on the rest."""
        gone = x == math.inf
        missing, there = (kind.sum(0).double() + 0.5 for kind in (gone, ~gone & ~x.isnan()))
        rest = self.base.marginal_params(torch.where(gone, torch.nan, x.double()))
        return torch.cat([torch.log(missing / there).unsqueeze(-1), rest], -1)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return f"{self.base.describe()}, or infinity for a missing cell"
