"""The interface of a layer of a flow."""

from abc import ABC, abstractmethod
from typing import ClassVar

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

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return z, and each variable's part ``log |dz_i/dx_i|`` of the log-det, shape ``(*, D)`` or ``(D,)``.

        Raises:
            NotImplementedError: If the layer mixes variables, whatever their order.
        """
        raise NotImplementedError(f"{type(self).__name__}: its log-det is not a sum over variables.")

    def to_data_and_ladj(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return x and ``log |det dx/dz|``, shape ``(*)`` or ``()``."""
        x = self.to_data(z, context)
        return x, -self.to_noise(x, context)[1]

    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Set what is read off the training rows ``(rows, D)``, as they reach this layer, before training."""

    def settle(self, x: Tensor, context: Tensor | None = None) -> None:
        """Store the statistics of the training rows ``(rows, D)``, as they reach this layer, during training."""
