r"""Shift and scale: the bijection of MAF and IAF.

    y = x exp(s(a)) + b                                                                      (1)

with raw parameters b (the shift) and a. The log-scale s comes by name:

    soft      s = c tanh(a / c),  c = log(bound): the scale stays within 1/bound .. bound    (2)
    exp       s = a: no bound, as in the papers                                              (3)
    softplus  s = log softplus(a + log(e - 1)): the scale grows like a, not exponentially    (4)
    clamp     s = a clamped to [-5, 3], its gradient kept as if it were not (TFP's)          (5)

All are 0 at a = 0. The inverse is ``x = (y - b) exp(-s)`` (6), and ``log dy/dx = s`` (7).

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals.arithmetic import check_number
from tailormade.flows.bijections.base import Bijection

SCALES = ("clamp", "exp", "soft", "softplus")
_CLAMP = (-5.0, 3.0)
_FLAT = -37.0  # below, log softplus(z) is z to the last digit
_UNIT = math.log(math.e - 1)  # softplus of this is 1


@dataclass(frozen=True)
class Affine(Bijection):
    """Shift and scale a variable (1), with two raw parameters: shift, then log-scale.

    Args:
        scale: How the log-scale is made of the second raw number: ``'soft'``, ``'exp'``, ``'softplus'`` or ``'clamp'``.
        bound: Largest scale of ``'soft'``; its inverse is the smallest.

    Raises:
        ValueError: If ``scale`` is none of these names, or ``bound`` is not above 1.

    Example:
        >>> y, log_slope = Affine().forward(torch.tensor([3.0, 0.0]), torch.tensor(2.0))
        >>> y, log_slope
        (tensor(5.), tensor(0.))
    """

    scale: str = "soft"
    bound: float = 1000.0

    def __post_init__(self) -> None:
        """Check the arguments."""
        if self.scale not in SCALES:
            raise ValueError(f"scale: expected one of {list(SCALES)}, got {self.scale!r}; 'soft' is the default.")
        check_number("bound", self.bound, above=1.0)

    @property
    def params(self) -> int:
        """Shift and log-scale."""
        return 2

    def log_scale(self, a: Tensor) -> Tensor:
        """Return s of the second raw number, elementwise (2)-(5)."""
        if self.scale == "soft":
            limit = math.log(self.bound)
            return 2 * limit * torch.sigmoid(a * (2 / limit)) - limit  # (2), by the faster function
        if self.scale == "softplus":
            z = a + _UNIT
            return torch.where(z < _FLAT, z, functional.softplus(z.clamp(min=_FLAT)).log())
        if self.scale == "clamp":
            return a + (a.clamp(*_CLAMP) - a).detach()
        return a

    def forward(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (1) and (7), shape ``(*)``."""
        log_scale = self.log_scale(raw[..., 1])
        y = x * log_scale.exp() + raw[..., 0]
        return y, log_scale.expand_as(y)

    def inverse(self, raw: Tensor, y: Tensor) -> Tensor:
        """Return (6), shape ``(*)``."""
        return (y - raw[..., 0]) * torch.exp(-self.log_scale(raw[..., 1]))
