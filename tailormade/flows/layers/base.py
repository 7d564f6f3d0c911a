"""The interface of a layer of a flow."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn


class Layer(nn.Module, ABC):
    """An invertible map ``f: x -> z`` of D variables, from the side of the data to that of the noise.

    A log-det that is the same for all rows may be a tensor of shape ``()``.

    Attributes:
        adapts: Whether :meth:`adapt` does anything.
        settles: Whether :meth:`settle` does anything.
    """

    adapts: ClassVar[bool] = False
    settles: ClassVar[bool] = False

    @abstractmethod
    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Map x ``(*, D)`` to ``z = f(x)`` ``(*, D)`` and ``log |det dz/dx|``, shape ``(*)`` or ``()``."""

    @abstractmethod
    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Map z ``(*, D)`` to the x with ``f(x) = z``."""

    def to_data_and_ladj(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return x and ``log |det dx/dz|``, shape ``(*)`` or ``()``."""
        x = self.to_data(z, context)
        return x, -self.to_noise(x, context)[1]

    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Set what is read off the training rows ``(rows, D)``, as they reach this layer, before training."""

    def settle(self, x: Tensor, context: Tensor | None = None) -> None:
        """Store the statistics of the training rows ``(rows, D)``, as they reach this layer, during training."""


def mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of every column of ``(rows, D)``, computed in float64; 1 for a constant one.

    Example:
        >>> mean_and_deviation(torch.tensor([[1.0, 5.0], [3.0, 5.0]]))
        (tensor([2., 5.], dtype=torch.float64), tensor([1., 1.], dtype=torch.float64))
    """
    pairs = [torch.var_mean(column.double(), correction=0) for column in x.unbind(1)]
    variance, mean = (torch.stack(values) for values in zip(*pairs, strict=True))
    return mean, torch.where(variance > 0, variance.sqrt(), 1.0)
