r"""An invertible linear layer: it mixes the variables between two transforms.

The matrix is kept as a product that is cheap to invert and whose determinant can be read off (Kingma, Dhariwal 2018):

    z = L U x + b,    L unit lower triangular, U upper triangular with diagonal exp(s)                    (1)
    log |det dz/dx| = Σ s                                                                                 (2)

It starts as the identity. The inverse solves two triangular systems.

Diederik Kingma, Prafulla Dhariwal, "Glow: Generative Flow with Invertible 1x1 Convolutions", 2018.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.layers.base import Layer


class LULinear(Layer):
    """Multiply by an invertible matrix (1).

    Args:
        features: Number of variables D.

    Example:
        >>> layer = LULinear(2)
        >>> x, log_det = layer.to_noise(torch.tensor([[1.0, 2.0]]), None)
        >>> x.tolist(), log_det.item()
        ([[1.0, 2.0]], 0.0)
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.triangles = nn.Parameter(torch.zeros(features, features))  # L below the diagonal, U above it
        self.log_diagonal = nn.Parameter(torch.zeros(features))
        self.bias = nn.Parameter(torch.zeros(features))

    def to_noise(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Apply (1)."""
        lower, upper = self._factors()
        return functional.linear(functional.linear(x, upper), lower) + self.bias, self.log_diagonal.sum()

    def to_data(self, z: Tensor, context: Tensor | None) -> Tensor:
        """Solve (1) for x."""
        lower, upper = self._factors()
        columns = (z - self.bias).reshape(-1, z.shape[-1]).mT
        half = torch.linalg.solve_triangular(lower, columns, upper=False, unitriangular=True)
        return torch.linalg.solve_triangular(upper, half, upper=True).mT.reshape(z.shape)

    def _factors(self) -> tuple[Tensor, Tensor]:
        """The matrices L and U."""
        triangles = as_number(self.triangles)
        unit = torch.eye(len(triangles), dtype=triangles.dtype, device=triangles.device)
        return triangles.tril(-1) + unit, triangles.triu(1) + torch.diag(self.log_diagonal.exp())
