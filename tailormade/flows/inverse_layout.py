"""A bijection in the place of a conditional, for the sampling engines.

To them ``x_i = B⁻¹(y_i; θ_i)`` (1) is a draw like any other, whose noise is ``y_i``. Its slopes follow from those of B:
``∂x/∂y = 1 / B'(x)`` (2) and ``∂x/∂θ = -(∂B/∂θ) / B'(x)`` (3), so that no derivative of a numerical inverse is needed.
"""

import math
import struct
from dataclasses import dataclass

import torch
from torch import Tensor

from tailormade.flows.bijections import Affine, Bijection
from tailormade.flows.shift_and_log_scale import Unshift
from tailormade.sampling.table import (
    AFFINE_CLAMP,
    AFFINE_EXP,
    AFFINE_FORWARD,
    AFFINE_SOFT,
    AFFINE_SOFTPLUS,
    OTHER,
)

_LOOPS = {"clamp": AFFINE_CLAMP, "exp": AFFINE_EXP, "soft": AFFINE_SOFT, "softplus": AFFINE_SOFTPLUS}


@dataclass(frozen=True)
class InverseKind:
    """Draw a variable by (1).

    Attributes:
        bijection: B.
        width: One input, the value itself.
        noise: One number, y.
    """

    bijection: Bijection
    width: int = 1
    noise: int = 1

    @property
    def params(self) -> int:
        """How many raw numbers B takes."""
        return self.bijection.params

    @property
    def loop(self) -> tuple[int, int]:
        """Which compiled loop draws it, and that loop's argument."""
        if type(self.bijection) is not Affine:
            return AFFINE_FORWARD if type(self.bijection) is Unshift else OTHER, 0
        largest = struct.unpack("q", struct.pack("d", math.log(self.bijection.bound)))[0]
        return _LOOPS[self.bijection.scale], largest

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return (1) for raw ``(*, params)`` and y ``(*, 1)``, shape ``(*)``."""
        return self.bijection.inverse(raw, noise[..., 0])

    def slopes(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (2) and (3) for raw ``(*, params)`` and x ``(*)``, shapes ``(*)`` and ``(*, params)``."""
        with torch.enable_grad():
            leaves = x.detach().requires_grad_(), raw.detach().requires_grad_()
            y, _ = self.bijection.forward(leaves[1], leaves[0])
            slope, per_param = torch.autograd.grad(y.sum(), leaves)
        return 1 / slope, -per_param / slope.unsqueeze(-1)


@dataclass(frozen=True)
class InverseLayout:
    """The same bijection for all variables, as the engines' layout.

    Attributes:
        bijection: B.
        features: Number of variables D.
        missing: No value is.

    Example:
        >>> layout = InverseLayout(Affine(), 3)
        >>> layout.sample(torch.zeros(5, 6), torch.ones(5, 3, 1)).shape
        torch.Size([5, 3])
    """

    bijection: Bijection
    features: int
    missing: bool = False

    @property
    def kinds(self) -> list[InverseKind]:
        """The only one."""
        return [InverseKind(self.bijection)]

    @property
    def kind_of(self) -> list[int]:
        """The same for every variable."""
        return [0] * self.features

    @property
    def input_sizes(self) -> list[int]:
        """One input each."""
        return [1] * self.features

    @property
    def param_sizes(self) -> list[int]:
        """As many as B takes."""
        return [self.bijection.params] * self.features

    def encode(self, x: Tensor) -> Tensor:
        """Return x."""
        return x

    def encode_drawn(self, kind: int, values: Tensor) -> Tensor:
        """Return values ``(*, n)`` as ``(*, n, 1)``."""
        return values.unsqueeze(-1)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Turn raw parameters ``(*, D params)`` and y ``(*, D, 1)`` into x ``(*, D)``."""
        return self.kinds[0].sample(raw.unflatten(-1, (self.features, self.bijection.params)), noise)
