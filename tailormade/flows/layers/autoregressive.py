"""The masked autoregressive transform as a layer, either way round.

Its forward direction takes one pass through the network, its inverse goes variable by variable (on a schedule that
costs about as much arithmetic as a pass). A MAF runs the forward direction from data to noise: densities are the fast
side. An IAF runs it from noise to data: samples, and densities of its own samples, are. The log-det of an inverse is
that of the forward direction at the point found, negative.
"""

from torch import Tensor

from tailormade.flows.autoregressive import MaskedAutoregressive
from tailormade.flows.layers.base import Layer


class TransformLayer(Layer):
    """Hold a masked autoregressive transform.

    Args:
        transform: The network and its bijection.
    """

    def __init__(self, transform: MaskedAutoregressive) -> None:
        super().__init__()
        self.transform = transform


class MaskedLayer(TransformLayer):
    """Run a transform from data to noise, as a MAF does."""

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Take one pass."""
        return self.transform(context).call_and_ladj(x)

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Take one pass."""
        return self.transform(context).call_and_log_slopes(x)

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Solve for one variable after the other."""
        return self.transform(context).inv(z)


class InverseLayer(TransformLayer):
    """Run a transform from noise to data, as an IAF does."""

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Solve for one variable after the other."""
        transform = self.transform(context)
        z = transform.inv(x)
        return z, -transform.call_and_ladj(z)[1]

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Solve for one variable after the other."""
        transform = self.transform(context)
        z = transform.inv(x)
        return z, -transform.call_and_log_slopes(z)[1]

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Take one pass."""
        return self.to_data_and_ladj(z, context)[0]

    def to_data_and_ladj(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Take one pass."""
        return self.transform(context).call_and_ladj(z)
