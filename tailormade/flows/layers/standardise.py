"""Standardisation of data as a layer: what users see stays in their own units."""

import torch
from torch import Tensor

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.layers.base import Layer
from tailormade.nn.moments import mean_and_deviation


class Standardise(Layer):
    """Map ``x -> (x - shift) / scale``, with log-det ``-Σ log scale``; both are read off the data, not learnt.

    Args:
        features: Number of variables D.

    Example:
        >>> layer = Standardise(1)
        >>> layer.adapt(torch.tensor([[10.0], [14.0]]))
        >>> layer.to_noise(torch.tensor([[16.0]]), None)
        (tensor([[2.]]), tensor(-0.6931))
    """

    adapts = True
    shift: Tensor
    scale: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Standardise, in the type of x if that is the wider one: large numbers keep their differences."""
        z, log_slopes = self.to_noise_by_variable(x, context)
        return z, log_slopes.sum()

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Standardise."""
        scale = as_number(self.scale)
        return ((x - self.shift) / scale).to(scale.dtype), -scale.log()

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Return to the units of the data."""
        return z * self.scale + self.shift

    @torch.no_grad()
    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Read mean and standard deviation off the training rows."""
        mean, deviation = mean_and_deviation(x)
        self.shift.copy_(mean)
        self.scale.copy_(deviation)
