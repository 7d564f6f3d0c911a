r"""A monotone rational-quadratic spline between two lines.

Within ``[-B, B]``, with F the cdf of :class:`tailormade.conditionals.Spline` on the unit interval,

    y = 2B F(t) - B,    t = (x + B) / 2B,    log dy/dx = log F'(t)                           (1)

runs through K + 1 knots from ``(-B, -B)`` to ``(B, B)``, whose widths, heights and K - 1 inner slopes are the raw
parameters. The outer slopes are 1, so that (1) goes on smoothly as ``y = x`` (2) outside: linear tails. The inverse
solves a quadratic in each bin.

Conor Durkan, Artur Bekasov, Iain Murray, George Papamakarios, "Neural Spline Flows", 2019.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals import Spline
from tailormade.conditionals.arithmetic import check_number
from tailormade.flows.arguments import whole
from tailormade.flows.bijections.base import Bijection


@dataclass(frozen=True)
class RationalQuadraticSpline(Bijection):
    """Bend a variable by a spline of K bins (1) within ``[-bound, bound]``, with 3K - 1 raw parameters.

    Args:
        bins: Number of bins K.
        bound: Where the linear tails begin; data should mostly lie within.

    Raises:
        ValueError: If ``bins`` is below 2 or ``bound`` is not positive.
        TypeError: If ``bins`` is no whole number or ``bound`` no number.

    Example:
        >>> y, log_slope = RationalQuadraticSpline(4, 3.0).forward(torch.zeros(11), torch.tensor([-1.0, 100.0]))
        >>> torch.allclose(y, torch.tensor([-1.0, 100.0]))
        True
    """

    bins: int = 8
    bound: float = 5.0
    _unit: ClassVar[Spline]  # one for each instance; not an argument

    def __post_init__(self) -> None:
        """Check the arguments."""
        if whole("bins", self.bins) < 2:
            raise ValueError(f"bins: expected at least 2, got {self.bins}; a single bin can only be the identity.")
        check_number("bound", self.bound, above=0.0)
        # once: torch.compile cannot follow the checks of a bound that it has made a symbol
        object.__setattr__(self, "_unit", Spline(self.bins))

    @property
    def params(self) -> int:
        """K widths, K heights, K - 1 inner slopes."""
        return 3 * self.bins - 1

    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (1), or (2) in the tails, and the log slope, shape ``(*)``."""
        reached, log_slope = self._unit.cdf_and_log_prob(_with_outer_slopes(raw), self._fraction(x))
        inside = x.abs() < self.bound
        return torch.where(inside, self.bound * (2 * reached - 1), x), torch.where(inside, log_slope, 0.0)

    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return the x of a y, shape ``(*)``."""
        t = self._unit.icdf(_with_outer_slopes(raw), self._fraction(y))
        return torch.where(y.abs() < self.bound, self.bound * (2 * t - 1), y)

    def _fraction(self, x: Tensor) -> Tensor:
        """How far from -B to B values lie, in [0, 1]."""
        return ((x + self.bound) / (2 * self.bound)).clamp(0, 1)


def _with_outer_slopes(raw: Tensor) -> Tensor:
    """Raw parameters of the inner spline, whose raw slope of 0 is a slope of 1."""
    bins = (raw.shape[-1] + 1) // 3
    return torch.cat([raw[..., : 2 * bins], functional.pad(raw[..., 2 * bins :], (1, 1))], -1)
