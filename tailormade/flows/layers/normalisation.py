r"""Normalisation between the transforms of a flow, each variable on its own.

Activation normalisation is an affine map whose parameters start where the training rows leave it with mean 0 and
deviation 1, and are learnt from there (Kingma, Dhariwal 2018):

    z = (x - shift) exp(-log_scale),    log |det dz/dx| = -Σ log_scale                                   (1)

Batch normalisation never stops normalising (Papamakarios, Pavlakou, Murray 2017, appendix B):

    z = β + exp(γ) (x - m) / sqrt(v + ε),    log |det dz/dx| = Σ γ - ½ log(v + ε)                          (2)

In training mode m and v are those of the batch, so that (2) couples its rows and gives no density of one of them. In
evaluation mode they are stored numbers: mean and variance over *all* training rows of what reaches the layer, given
the layers before it with their own stored numbers. Averages over batches are not that: the mean of the batch
variances misses the variance of the batch means, and both lag behind the weights.

Diederik Kingma, Prafulla Dhariwal, "Glow: Generative Flow with Invertible 1x1 Convolutions", 2018. George
Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017.
"""

import torch
from torch import Tensor, nn

from tailormade.flows.layers.base import Layer
from tailormade.nn.moments import mean_and_deviation


class ActivationNorm(Layer):
    """Normalise by parameters that start at the statistics of the training rows (1).

    Args:
        features: Number of variables D.

    Example:
        >>> layer = ActivationNorm(1)
        >>> layer.adapt(torch.tensor([[10.0], [14.0]]))
        >>> layer.to_noise(torch.tensor([[16.0]]), None)[0].item()
        2.0
    """

    adapts = True

    def __init__(self, features: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(features))
        self.log_scale = nn.Parameter(torch.zeros(features))

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Apply (1)."""
        z, log_slopes = self.to_noise_by_variable(x, context)
        return z, log_slopes.sum()

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Apply (1)."""
        return (x - self.shift) * torch.exp(-self.log_scale), -self.log_scale

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Invert (1)."""
        return z * torch.exp(self.log_scale) + self.shift

    @torch.no_grad()
    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Start at mean and deviation of the training rows."""
        mean, deviation = mean_and_deviation(x)
        self.shift.copy_(mean)
        self.log_scale.copy_(deviation.log())


class BatchNorm(Layer):
    """Normalise by the statistics of the batch in training, and of all training rows in evaluation mode (2).

    The way to data always uses the stored statistics. So does a batch of a single row, which has no variance.

    Args:
        features: Number of variables D.
        epsilon: ε of (2).

    Example:
        >>> layer = BatchNorm(1).eval()
        >>> layer.settle(torch.tensor([[10.0], [14.0]]))
        >>> round(layer.to_noise(torch.tensor([[16.0]]), None)[0].item(), 4)
        2.0
    """

    adapts = settles = True
    mean: Tensor
    variance: Tensor

    def __init__(self, features: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.shift = nn.Parameter(torch.zeros(features))
        self.log_scale = nn.Parameter(torch.zeros(features))
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("variance", torch.ones(features))

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Apply (2)."""
        z, log_slopes = self.to_noise_by_variable(x, context)
        return z, log_slopes.sum()

    def to_noise_by_variable(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Apply (2)."""
        mean, variance = self._statistics(x)
        log_slopes = self.log_scale - 0.5 * torch.log(variance + self.epsilon)
        return self.shift + torch.exp(log_slopes) * (x - mean), log_slopes

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Invert (2) with the stored statistics."""
        scale = torch.exp(-self.log_scale) * torch.sqrt(self.variance + self.epsilon)
        return (z - self.shift) * scale + self.mean

    def _statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        rows = x.shape[:-1].numel()
        if not self.training or rows < 2:
            return self.mean, self.variance
        variance, mean = torch.var_mean(x.reshape(rows, -1), 0, correction=0)
        return mean, variance

    @torch.no_grad()
    def adapt(self, x: Tensor, context: Tensor | None = None) -> None:
        """Start with the statistics of the training rows."""
        self.settle(x)

    @torch.no_grad()
    def settle(self, x: Tensor, context: Tensor | None = None) -> None:
        """Store mean and variance of the training rows."""
        mean, deviation = mean_and_deviation(x)
        self.mean.copy_(mean)
        self.variance.copy_(deviation.square())
