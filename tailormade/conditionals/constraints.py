"""Supports that ``torch.distributions.constraints`` does not have."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

if TYPE_CHECKING:
    from tailormade.conditionals.base import Conditional


class Finite(Constraint):
    """All finite numbers; torch's ``real`` lets infinities pass."""

    is_discrete = False
    event_dim = 0

    def check(self, value: Tensor) -> Tensor:
        """Return whether each value is finite, shape ``(*)``."""
        return torch.isfinite(value)


class Between(Constraint):
    """Numbers between two ends, which belong to it, and which may be tensors that broadcast with the values."""

    is_discrete = False
    event_dim = 0

    def __init__(self, low: float | Tensor, high: float | Tensor) -> None:
        self.low, self.high = low, high

    def check(self, value: Tensor) -> Tensor:
        """Return whether each value lies between the ends; what float32 has left of an end counts as the end."""
        low, high = (torch.as_tensor(end, dtype=torch.float64, device=value.device) for end in (self.low, self.high))
        if value.dtype != torch.float64:
            low, high = torch.minimum(low, low.float()), torch.maximum(high, high.float())
        return (value >= low) & (value <= high)


class OrInfinity(Constraint):
    """All that a conditional allows, and infinity, which stands for a missing cell."""

    event_dim = 0

    def __init__(self, base: "Conditional") -> None:
        self.base = base
        self.is_discrete = base.support.is_discrete

    def check(self, value: Tensor) -> Tensor:
        """Return whether each value is allowed or infinite, shape ``(*)``."""
        return self.base.support.check(value) | (value == torch.inf)


class PointsOr(Constraint):
    """Some values, and all that another conditional allows."""

    event_dim = 0

    def __init__(self, points: Tensor | tuple[float, ...], base: "Conditional") -> None:
        self.points, self.base = points, base
        self.is_discrete = base.support.is_discrete

    def check(self, value: Tensor) -> Tensor:
        """Return whether each value is one of either kind, shape ``(*)``."""
        points = torch.as_tensor(self.points, dtype=torch.float64, device=value.device)
        return self.base.support.check(value) | self.base.close(value, points).any(-1)
