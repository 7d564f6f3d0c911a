"""What conditionals share that do something to the values of another one, their base."""

import torch
from torch import Tensor

from tailormade.conditionals.base import Conditional


class OverBase(Conditional):
    """Hand on what is the base's; one uniform number more than the base chooses what is done to its value."""

    base: Conditional

    def __post_init__(self) -> None:
        """Check the base."""
        if not isinstance(self.base, Conditional):
            raise TypeError(f"base: expected a conditional, got {self.base!r}; give one, such as Normal().")

    @property
    def noise(self) -> int:
        """One uniform number more than the base."""
        return 1 + self.base.noise

    @property
    def scaled(self) -> bool:
        """Whether the base's inputs are scaled."""
        return self.base.scaled

    @property
    def filler(self) -> float | Tensor:
        """The base's."""
        return self.base.filler

    @property
    def log_cell(self) -> float | Tensor:
        """The base's, where a value is of the base."""
        return self.base.log_cell

    def _log_cell(self, like: Tensor) -> Tensor:
        """The same as a tensor like another."""
        return torch.as_tensor(self.log_cell, dtype=torch.float64, device=like.device).to(like.dtype)

    def close(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point each x is equal to, but for rounding, boolean, shape ``(*, k)``."""
        return self.base.close(x, points)

    def matches(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point each x stands for, boolean, shape ``(*, k)``."""
        return self.base.matches(x, points)

    def recorded(self, x: Tensor) -> Tensor:
        """Return the values that ``x`` stands for, where a record is rounded."""
        return self.base.recorded(x)
