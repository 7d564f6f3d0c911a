r"""Mixtures of normals as a base, with parameters that are learnt beside the flow.

    log p(z) = Σ_i log Σ_k w_ik N(z_i; μ_ik, σ_ik²)          each variable a mixture of its own            (1)
    log p(z) = log Σ_k w_k Π_i N(z_i; μ_ki, σ_ki²)           jointly: clusters in D dimensions             (2)

A continuous invertible map cannot tear one bump into several, so that a flow from a single normal joins separate
clusters by bridges of probability; a mixture base has no need of them.
"""

import math

import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Distribution, Independent, MixtureSameFamily, Normal

from tailormade.conditionals.arithmetic import as_number
from tailormade.flows.bases.base import Base

_SPREAD = 1.5  # locations start evenly, or at random, over this many deviations


class MixtureBase(Base):
    """A mixture of K normals, for each variable (1) or jointly (2).

    Args:
        features: Number of variables D.
        components: Number of components K.
        joint: Whether components are clusters in D dimensions.

    Raises:
        ValueError: If ``components`` is below 1.

    Example:
        >>> from tailormade.flows import NormalBase
        >>> z = torch.zeros(2)
        >>> MixtureBase(2, components=1).log_prob(z).item() == NormalBase(2).log_prob(z).item()
        True
    """

    def __init__(self, features: int, components: int = 5, joint: bool = False) -> None:
        super().__init__(features)
        if components < 1:
            raise ValueError(f"components: expected at least 1, got {components}.")
        self._config = {"components": int(components), "joint": bool(joint)}
        self.components, self.joint = int(components), bool(joint)
        # vectors: weight decay is for matrices
        self.logits = nn.Parameter(torch.zeros(components if joint else features * components))
        self.locations = nn.Parameter(self._start(features, components).flatten())
        self.log_scales = nn.Parameter(torch.zeros(features * components))

    def _start(self, features: int, components: int) -> Tensor:
        """Locations ``(D, K)``: at random where components are clusters, else evenly; 0 for a single one."""
        if components == 1:
            return torch.zeros(features, 1)
        if self.joint:
            return _SPREAD / math.sqrt(3) * torch.randn(features, components)
        return torch.linspace(-_SPREAD, _SPREAD, components).repeat(features, 1)

    def log_prob(self, z: Tensor, context: Tensor | None = None) -> Tensor:
        """Return (1) or (2)."""
        weights, locations, log_scales = self._mixture()
        t = (z.unsqueeze(-1) - locations) * torch.exp(-log_scales)
        logs = -0.5 * (t.square() + math.log(2 * math.pi)) - log_scales
        if self.joint:
            return torch.logsumexp(weights + logs.sum(-2), -1)
        return torch.logsumexp(weights + logs, -1).sum(-1)

    def forward(self, context: Tensor | None = None) -> Distribution:
        """Return the mixture."""
        weights, locations, log_scales = self._mixture()
        if self.joint:
            normals = Normal(locations.mT, log_scales.mT.exp(), validate_args=False)
            return _mixture(weights, Independent(normals, 1))
        return Independent(_mixture(weights, Normal(locations, log_scales.exp(), validate_args=False)), 1)

    def _mixture(self) -> tuple[Tensor, Tensor, Tensor]:
        """Log weights ``(K,)`` or ``(D, K)``, locations and log scales ``(D, K)``."""
        logits, *others = (
            p.unflatten(0, (-1, self.components)) for p in (self.logits, self.locations, self.log_scales)
        )
        weights = torch.log_softmax(as_number(logits[0] if self.joint else logits), -1)
        return weights, as_number(others[0]), as_number(others[1])


def _mixture(weights: Tensor, components: Distribution) -> Distribution:
    return MixtureSameFamily(Categorical(logits=weights, validate_args=False), components, validate_args=False)
