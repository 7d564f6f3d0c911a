r"""What families of numbers share: units, warping, and mixtures of K components of one shape.

Values are in the user's own units; a network works in those of z, which are of ordinary size:

    z = s  or  z = asinh(s) if warped,    s = (x - loc) / scale                              (1)
    log p(x) = log Σ_k w_k f((z - μ_k) / σ_k) / σ_k - log dx/dz                              (2)
    dx/dz = scale  or  scale · cosh(z)                                                       (3)
    σ_k = m_k + exp(r_k),    m_k = min_scale / (dx/dz at μ_k)                                (4)

Raw parameters are the logits of w, then μ, then r, softly clipped to ±10. By (4) no component is narrower than
``min_scale`` in the user's units, where a recorded value stands for its rounding interval. A cdf is ``Σ_k w_k F(t_k)``
(5); it is inverted between the least and the greatest of the components' quantiles (6).
"""

import math
from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.arithmetic import (
    as_number,
    check_number,
    constant,
    inner,
    inside_unit,
    inverse_soft_exp,
    soft_exp,
)
from tailormade.conditionals.base import Conditional
from tailormade.conditionals.constraints import Finite
from tailormade.conditionals.inversion import invert
from tailormade.conditionals.kernels import FAR, Kernel
from tailormade.conditionals.start import fit_mixture, quantiles_of

_SAFE = 50.0  # cosh of this is a float32 number


class Numeric(Conditional):
    """Mixtures of K components with a common kernel, of values that may be warped; fields are the subclasses'."""

    constants: ClassVar[tuple[str, ...]] = ("loc", "scale", "min_scale")
    loc: float
    scale: float
    min_scale: float
    components: int
    warp: bool

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_number("loc", self.loc)
        check_number("scale", self.scale, above=0)
        check_number("min_scale", self.min_scale, least=0)
        if self.components < 1:
            raise ValueError(f"components: expected at least 1, got {self.components}.")

    @property
    @abstractmethod
    def kernel(self) -> Kernel:
        """Shape of the components."""

    @property
    def noise(self) -> int:
        """Two uniform numbers: for the component, and for the value within it."""
        return 2

    @property
    def scaled(self) -> bool:
        """Inputs are scaled, unless they are warped, which makes them of ordinary size."""
        return not self.warp

    @property
    def params(self) -> int:
        """Logit, location and log scale of each component."""
        return 3 * self.components

    @property
    def width(self) -> int:
        """One input, z."""
        return 1

    @property
    def support(self) -> Constraint:
        """All finite numbers."""
        return Finite()

    @property
    def filler(self) -> float | Tensor:
        """The value at z = 0."""
        return self.loc

    def standardise(self, x: Tensor) -> Tensor:
        """Return z (1), in the type of ``x``; beyond 1e18 scales it grows no more."""
        return self._bent(self._centred(x))

    def _centred(self, x: Tensor) -> Tensor:
        return (x - constant(self.loc, x)) / constant(self.scale, x)

    def _bent(self, s: Tensor) -> Tensor:
        s = s.clamp(-FAR, FAR)
        return torch.asinh(s) if self.warp else s

    def restore(self, z: Tensor) -> Tensor:
        """Return the x of which z is standardised, in the type of z."""
        far = math.asinh(FAR) if self.warp else FAR
        s = z.clamp(-far, far)
        return constant(self.loc, z) + constant(self.scale, z) * (torch.sinh(s) if self.warp else s)

    def log_slope(self, z: Tensor) -> Tensor:
        """Return ``log dx/dz`` (3)."""
        scale = torch.as_tensor(self.scale, dtype=torch.float64, device=z.device).log().to(z.dtype)
        if not self.warp:
            return scale.expand_as(z)
        return scale + z.abs() + torch.log1p(torch.exp(-2 * z.abs())) - math.log(2)

    def encode(self, x: Tensor) -> Tensor:
        """Return z, ``(*, 1)``."""
        return self.standardise(x).unsqueeze(-1)

    def mixture(self, raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return log weights, locations and scales in units of z, each ``(*, K)``."""
        if self.params == 2:  # one component has no weight to speak of
            locations, logs = raw[..., :1], raw[..., 1:]
            return torch.zeros_like(locations), locations, self._least(locations) + soft_exp(logs)
        logits, locations, logs = raw.unflatten(-1, (3, self.components)).unbind(-2)
        return torch.log_softmax(logits, -1), locations, self._least(locations) + soft_exp(logs)

    def _least(self, locations: Tensor) -> Tensor | float:
        """The m_k of (4)."""
        floor, scale = (inner(value, locations) for value in (self.min_scale, self.scale))
        if not isinstance(floor, Tensor) and floor == 0:
            return 0.0
        return floor / scale / torch.cosh(locations.clamp(-_SAFE, _SAFE)) if self.warp else floor / scale

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (2)."""
        z = self.standardise(as_number(x))
        weights, locations, scales = self.mixture(raw)
        t = ((z.to(raw.dtype).unsqueeze(-1) - locations) / scales).clamp(-FAR, FAR)
        logs = torch.logsumexp(weights + self.kernel.log_density(t) - scales.log(), -1)
        return logs - self.log_slope(z).to(raw.dtype)

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)`` (5)."""
        s = self._centred(as_number(x))
        inside = self.cdf_of(raw, self._bent(s).to(raw.dtype))
        return torch.where(s >= FAR, 1.0, torch.where(s < -FAR, 0.0, inside))

    def cdf_of(self, raw: Tensor, z: Tensor) -> Tensor:
        """Return the cdf as a function of z, shape ``(*)``."""
        weights, locations, scales = self.mixture(raw)
        t = ((z.unsqueeze(-1) - locations) / scales).clamp(-FAR, FAR)
        return (weights.exp() * self.kernel.cdf(t)).sum(-1).clamp(max=1)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the x with ``P(X <= x) = u``, shape ``(*)`` (6)."""
        return self.restore(self.quantile_of(raw, u))

    def quantile_of(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the quantile as z, shape ``(*)``."""
        u = inside_unit(u.to(raw.dtype))
        logs, locations, scales = self.mixture(raw)
        weights, kernel = logs.exp(), self.kernel
        ends = locations + scales * kernel.quantile(u.unsqueeze(-1))

        def curve(z: Tensor) -> tuple[Tensor, Tensor]:
            t = ((z.unsqueeze(-1) - locations) / scales).clamp(-FAR, FAR)
            density = (weights / scales * torch.exp(kernel.log_density(t))).sum(-1)
            return (weights * kernel.cdf(t)).sum(-1), density

        return invert(curve, u, ends.amin(-1), ends.amax(-1))

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Choose a component by the first uniform number, and return its quantile at the last."""
        return self.restore(self.draw(raw, noise))

    def draw(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return samples as z, shape ``(*)``."""
        weights, locations, scales = self.mixture(raw)
        t = self.kernel.quantile(inside_unit(noise[..., -1]))
        if self.components > 1:
            which = (noise[..., :1] >= weights.exp().cumsum(-1)[..., :-1]).sum(-1, keepdim=True)
            locations, scales = (torch.take_along_dim(a, which, -1) for a in (locations, scales))
        return locations.squeeze(-1) + scales.squeeze(-1) * t

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return raw parameters of a mixture fitted to each column by a few EM steps."""
        column = quantiles_of(x, self.loc, self._resolution(x))
        fitted = fit_mixture(self.standardise(column.quantiles), column.counts, self.kernel, self.components)
        logs = inverse_soft_exp((fitted.scales - self._least(fitted.locations)).clamp(min=1e-4))
        if self.params == 2:
            return torch.cat([fitted.locations, logs], -1)
        return torch.cat([fitted.weights.log(), fitted.locations, logs], -1)

    def _resolution(self, x: Tensor) -> float | Tensor:
        """Length of the interval that a recorded value stands for."""
        return constant(self.min_scale, x.double())

    def describe(self) -> str:
        """Say in words which values are expected."""
        return "a finite number"
