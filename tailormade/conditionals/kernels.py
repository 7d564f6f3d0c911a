r"""The bell shapes that mixtures are made of, with location 0 and scale 1.

Each has a density ``f(t)``, a cdf ``F(t)`` and a quantile function, in closed form:

    normal      F = Φ(t)                                                                     (1)
    logistic    F = σ(t)                                                                     (2)
    Student-t   F = atan2(1, -t) / π,  F = 1/2 + t / (2 √(2 + t²)),  F = 1/2 + (3s - s³) / 4,
                s = t / √(4 + t²)                       for 1, 2 and 4 degrees of freedom    (3)

Lower tails of (3) are computed without cancellation, as those of (1) and (2) are; upper ones by symmetry. All three are
scale mixtures of normals, so that mixtures of them have exact EM steps with weights ``ψ(t) = -f'(t) / (t f(t))`` (4).
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

FAR = 1e18  # beyond so many scales, values count as this far away: its square is a float32 number


class Kernel(ABC):
    """A symmetric bell-shaped density; see the module's formulas."""

    @abstractmethod
    def log_density(self, t: Tensor) -> Tensor:
        """Return ``log f(t)``, elementwise."""

    @abstractmethod
    def cdf(self, t: Tensor) -> Tensor:
        """Return ``F(t)``, elementwise."""

    @abstractmethod
    def quantile(self, u: Tensor) -> Tensor:
        """Return the t with ``F(t) = u``, elementwise, for u in (0, 1)."""

    @abstractmethod
    def weight(self, t: Tensor) -> Tensor:
        """Return (4), elementwise."""


class NormalKernel(Kernel):
    """The normal density (1)."""

    def log_density(self, t: Tensor) -> Tensor:
        """Return ``log f(t)``, elementwise."""
        return -0.5 * t.square() - 0.5 * math.log(2 * math.pi)

    def cdf(self, t: Tensor) -> Tensor:
        """Return ``F(t)``, elementwise."""
        return 0.5 * torch.special.erfc(-t * math.sqrt(0.5))  # torch's ndtr cancels in the lower tail

    def quantile(self, u: Tensor) -> Tensor:
        """Return the t with ``F(t) = u``, elementwise, for u in (0, 1)."""
        return torch.special.ndtri(u)

    def weight(self, t: Tensor) -> Tensor:
        """Return 1."""
        return torch.ones_like(t)


class LogisticKernel(Kernel):
    """The logistic density (2)."""

    def log_density(self, t: Tensor) -> Tensor:
        """Return ``log f(t) = log σ(t) + log σ(-t)``, elementwise."""
        return -t.abs() - 2 * functional.softplus(-t.abs())

    def cdf(self, t: Tensor) -> Tensor:
        """Return ``F(t)``, elementwise."""
        return torch.sigmoid(t)

    def quantile(self, u: Tensor) -> Tensor:
        """Return the t with ``F(t) = u``, elementwise, for u in (0, 1)."""
        return torch.logit(u)

    def weight(self, t: Tensor) -> Tensor:
        """Return ``tanh(t/2) / t``."""
        small = t.abs().clamp(min=1e-6)
        return torch.tanh(small / 2) / small


@dataclass(frozen=True)
class StudentKernel(Kernel):
    """The Student-t density (3) of 1, 2 or 4 degrees of freedom."""

    freedom: int

    def log_density(self, t: Tensor) -> Tensor:
        """Return ``log f(t)``, elementwise."""
        n = self.freedom
        constant = math.lgamma((n + 1) / 2) - math.lgamma(n / 2) - 0.5 * math.log(n * math.pi)
        return constant - (n + 1) / 2 * torch.log1p(t.square() / n)

    def cdf(self, t: Tensor) -> Tensor:
        """Return ``F(t)``, elementwise."""
        if self.freedom == 1:
            return torch.atan2(torch.ones_like(t), -t) / math.pi
        far = t.abs().clamp(max=FAR)
        root = torch.sqrt(self.freedom + far.square())
        tail = 1 / (root * (root + far))
        if self.freedom == 4:
            rest = 4 * tail  # 1 - |s|
            tail = rest.square() * (3 - rest) / 4
        return torch.where(t < 0, tail, 1 - tail)

    def quantile(self, u: Tensor) -> Tensor:
        """Return the t with ``F(t) = u``, elementwise, for u in (0, 1)."""
        if self.freedom == 1:
            return -torch.cos(math.pi * u) / torch.sin(math.pi * u)
        both = 4 * u * (1 - u)
        if self.freedom == 2:
            return (2 * u - 1) * torch.sqrt(2 / both)
        middle = 2 * torch.sin(torch.asin(2 * u - 1) / 3)  # the s of (3), exact in the middle
        root = both.sqrt()
        outer = 2 * torch.sqrt((torch.cos(torch.acos(root) / 3) / root - 1).clamp(min=0))
        inner = 2 * middle / torch.sqrt(1 - middle.square()).clamp(min=0.1)
        return torch.where((u - 0.5).abs() < 0.25, inner, torch.sign(u - 0.5) * outer)

    def weight(self, t: Tensor) -> Tensor:
        """Return ``(n + 1) / (n + t²)``."""
        return (self.freedom + 1) / (self.freedom + t.square())
