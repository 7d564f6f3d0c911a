r"""Bases of independent variables: standard normal, and Student-t.

    log p(z) = -½ Σ_i z_i² - ½ D log 2π                                                                  (1)
    log p(z) = Σ_i log Γ((ν_i+1)/2) - log Γ(ν_i/2) - ½ log(ν_i π) - ½ (ν_i+1) log(1 + z_i²/ν_i)           (2)

A flow whose maps are Lipschitz cannot give tails that are heavier than those of its base (Jaini, Kobyzev, Yu, Brubaker
2020): (2) has them, each variable with degrees of freedom ν_i of its own, fixed or learnt.

Priyank Jaini, Ivan Kobyzev, Yaoliang Yu, Marcus Brubaker, "Tails of Lipschitz Triangular Flows", 2020.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal, StudentT

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.bases.base import Base


class NormalBase(Base):
    """Independent standard normal variables (1).

    Args:
        features: Number of variables D.

    Example:
        >>> NormalBase(2).log_prob(torch.zeros(2))
        tensor(-1.8379)
    """

    zeros: Tensor

    def __init__(self, features: int) -> None:
        super().__init__(features)
        self.register_buffer("zeros", torch.zeros(features), persistent=False)  # where to draw, and of which type

    def log_prob(self, z: Tensor, context: Tensor | None = None) -> Tensor:
        """Return (1)."""
        return -0.5 * (z.square().sum(-1) + self.features * math.log(2 * math.pi))

    def forward(self, context: Tensor | None = None) -> Distribution:
        """Return independent normals."""
        zeros = as_number(self.zeros)
        return Independent(Normal(zeros, torch.ones_like(zeros), validate_args=False), 1)

    def draw(self, shape: Sequence[int]) -> Tensor:
        """Return what the distribution's ``sample(shape)`` does, sooner; shape ``shape + (D,)``."""
        zeros = as_number(self.zeros)
        return torch.randn(*shape, self.features, dtype=zeros.dtype, device=zeros.device)


class StudentBase(Base):
    """Independent Student-t variables of location 0 and scale 1 (2).

    Args:
        features: Number of variables D.
        dof: Degrees of freedom at the start.
        learn: Whether each variable learns its own, which stay above 0.5.

    Raises:
        ValueError: If ``dof`` is not above 0.5.

    Example:
        >>> StudentBase(1, dof=1.0, learn=False).log_prob(torch.zeros(1)).exp()  # Cauchy: 1 / π
        tensor(0.3183)
    """

    least = 0.5

    def __init__(self, features: int, dof: float = 5.0, learn: bool = True) -> None:
        super().__init__(features)
        if not self.least < dof < math.inf:
            raise ValueError(f"dof: expected a number above {self.least}, got {dof}.")
        self._config = {"dof": float(dof), "learn": bool(learn)}
        self.log_dof = nn.Parameter(torch.full((features,), math.log(dof - self.least)), requires_grad=bool(learn))

    @property
    def dof(self) -> Tensor:
        """Degrees of freedom of each variable, shape ``(D,)``."""
        return self.least + as_number(self.log_dof).exp()

    def log_prob(self, z: Tensor, context: Tensor | None = None) -> Tensor:
        """Return (2)."""
        dof = self.dof
        constant = torch.lgamma((dof + 1) / 2) - torch.lgamma(dof / 2) - 0.5 * torch.log(dof * math.pi)
        return (constant - (dof + 1) / 2 * torch.log1p(z.square() / dof)).sum(-1)

    def forward(self, context: Tensor | None = None) -> Distribution:
        """Return independent Student-t variables."""
        return Independent(StudentT(self.dof, validate_args=False), 1)
