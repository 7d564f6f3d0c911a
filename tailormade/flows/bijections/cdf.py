r"""Any continuous conditional as a bijection: its cdf, then the normal quantile function.

    y = Φ⁻¹(F(x; θ)),    log dy/dx = log p(x; θ) - log φ(y),    x = F⁻¹(Φ(y); θ)             (1)

If x has the density p, y is standard normal: one autoregressive transform of this kind with a normal base is the MADE
of the same conditionals. Mixtures are computed by logarithms of both tails, so that (1) holds far out; conditionals
between two ends reach the scores that floating-point numbers next to 0 and 1 have, about ±8 in float64. Networks see
values as they do in MADE, by the conditional's code: z for mixtures, a number in [-1, 1] between two ends.

Chin-Wei Huang, David Krueger, Alexandre Lacoste, Aaron Courville, "Neural Autoregressive Flows", 2018, use mixtures of
sigmoids in this way.
"""

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals import Conditional
from tailormade.conditionals.arithmetic import as_number, inside_unit
from tailormade.conditionals.histogram import Bounded
from tailormade.conditionals.kernels import NormalKernel
from tailormade.conditionals.numeric import Numeric
from tailormade.flows.bijections.base import Bijection
from tailormade.flows.bijections.mixture_scores import score_of, z_of_score
from tailormade.flows.bijections.normal_scores import normal_score


@dataclass(frozen=True)
class CdfBijection(Bijection):
    """Make a variable standard normal by a conditional's cdf (1); raw parameters are the conditional's.

    Args:
        conditional: A continuous one: ``Normal``, a mixture, ``Histogram`` or ``Spline``.

    Raises:
        TypeError: If it is another one, whose cdf has steps.

    Example:
        >>> from tailormade.conditionals import NormalMixture
        >>> y, log_slope = CdfBijection(NormalMixture(2)).forward(torch.zeros(6), torch.tensor(30.0))
        >>> torch.allclose(y, torch.tensor(30.0)), bool(log_slope.abs() < 1e-4)
        (True, True)
    """

    conditional: Conditional

    def __post_init__(self) -> None:
        """Check the argument."""
        family = self.conditional
        if not isinstance(family, Numeric | Bounded) or family.log_cell != -math.inf:
            raise TypeError(
                f"conditional: expected a continuous one, got {family!r}; choose Normal, NormalMixture, "
                "LogisticMixture, StudentTMixture, Histogram or Spline."
            )

    @property
    def _family(self) -> Numeric | Bounded:
        return cast("Numeric | Bounded", self.conditional)

    @property
    def params(self) -> int:
        """Those of the conditional."""
        return self.conditional.params

    @property
    def support(self) -> Constraint:
        """That of the conditional."""
        return self.conditional.support

    @property
    def coded(self) -> "Bijection":
        """The same map of codes."""
        return _CodedCdf(self)

    def encode(self, x: Tensor) -> Tensor:
        """Return the conditional's code: z, or where between the ends x lies, in [-1, 1]; shape ``(*)``."""
        return self.conditional.encode(as_number(x)).squeeze(-1)

    def decode(self, code: Tensor) -> Tensor:
        """Return the values of codes, shape ``(*)``."""
        family = self._family
        return family.restore(code if isinstance(family, Numeric) else (code + 1) / 2)

    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y and ``log dy/dx`` of (1), shape ``(*)``."""
        family = self._family
        if isinstance(family, Numeric):
            z = self.encode(x)
            y, log_slope = score_of(family, raw, z.to(raw.dtype))
            return y, log_slope - family.log_slope(z).to(raw.dtype)
        below = inside_unit(family.cdf(raw, x))
        score = normal_score(below.log(), torch.log1p(-below))
        return score.y, family.log_prob(raw, x) - score.log_tail + score.log_mills

    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return the x of a y by (1), shape ``(*)``."""
        family, y = self._family, y.to(raw.dtype)
        if isinstance(family, Numeric):
            return family.restore(z_of_score(family, raw, y))
        return family.icdf(raw, inside_unit(NormalKernel().cdf(y)))


@dataclass(frozen=True)
class _CodedCdf(Bijection):
    """(1) as a function of the code, which spares mixtures the way through x, whose ``sinh`` may be huge."""

    plain: CdfBijection

    @property
    def params(self) -> int:
        """Those of the conditional."""
        return self.plain.params

    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y and its log slope with respect to the code, shape ``(*)``."""
        family = self.plain._family
        if isinstance(family, Numeric):
            return score_of(family, raw, x.to(raw.dtype))
        y, log_slope = self.plain.forward(raw, self.plain.decode(x))
        return y, log_slope + family.log_length(log_slope) - math.log(2)

    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return the code of a y, shape ``(*)``."""
        family = self.plain._family
        if isinstance(family, Numeric):
            return z_of_score(family, raw, y.to(raw.dtype))
        return self.plain.encode(self.plain.inverse(raw, y))
