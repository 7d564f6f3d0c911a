r"""What is known of one column of a row: its distribution, as a mixture of conditionals or as weighted values.

A mixture ``F(x) = Σ_k w_k F_k(x)`` (1) of known conditionals has exact quantiles ``Q(u) = min {x: F(x) >= u}`` (2), by
halving the interval between the lowest and the highest ``Q_k(u)``. Its mean is a sum over nodes ``x_1 < x_2 < ...``:
``E[X] = Σ_i x_i P(X = x_i) + Σ_i E[X; x_i < X < x_{i+1}]`` (3), where what lies between two nodes counts as their
middle. Nodes are all values a column can have, or, where these are too many, thousands of quantiles, evenly spaced in
``log u / (1 - u)``. Weighted values, several for each of n particles with weights w_s, have the mean ``μ = Σ w_s m_s /
Σ w_s`` (4), and its squared standard error is the variance of ``Σ w_s (m_s - μ) / Σ w_s`` (5), within parts whose
numbers of particles are fixed. The error of a quantile follows from that of ``F`` there (Woodruff).

Ralph S. Woodruff, "Confidence Intervals for Medians and Other Position Measures", 1952.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.conditionals import Conditional

_HALVINGS = 200  # more than float64 has digits
_POINTS = 2**14  # so many values of a grid are nodes, all of them
_QUANTILES = 4001
_FAR = 34.0  # in log u / (1 - u): 1 - u is 2e-15


class Mixture(NamedTuple):
    """Be the exact distribution of a numeric column (1).

    Attributes:
        conditional: The column's.
        raw: Parameters of the n parts, float64, shape ``(n, params)``.
        weights: Of the parts, shape ``(n,)``; positive, with the sum 1.
        step: Distance of the values, ``None`` if they are not on a grid.
    """

    conditional: Conditional
    raw: Tensor
    weights: Tensor
    step: float | None = None

    def cdf(self, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(m,)``."""
        return self.weights @ self.conditional.cdf(self.raw.unsqueeze(1), x.expand(len(self.raw), -1))

    def mass_below(self, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(m,)``."""
        return self.weights @ self.conditional.mass_below(self.raw.unsqueeze(1), x.expand(len(self.raw), -1))

    def quantile(self, q: float) -> tuple[float, float]:
        """Return (2), and the standard error 0.

        Example:
            >>> from tailormade.conditionals import Normal
            >>> raw = torch.zeros(1, 2, dtype=torch.float64)
            >>> Mixture(Normal(loc=3.0), raw, torch.ones(1, dtype=torch.float64)).quantile(0.5)
            (3.0, 0.0)
        """
        found = self._parts(torch.tensor([q], dtype=torch.float64))
        low, high = found.min(), found.max()
        for _ in range(_HALVINGS if low < high else 0):
            middle = (low + high) / 2
            low, high = (low, middle) if self.cdf(middle.reshape(1)) >= q else (middle, high)
        return self._recorded(float(high)), 0.0

    def _recorded(self, x: float) -> float:
        """The value that halving came close to."""
        return x if self.step is None else round(x / self.step) * self.step

    def mean(self) -> tuple[float, float]:
        """Return (3), and the standard error 0."""
        nodes = self._nodes()
        up_to, before = self.cdf(nodes), self.mass_below(nodes)
        between = (before[1:] - up_to[:-1]).clamp(min=0)  # rounding
        inside = (nodes[1:] + nodes[:-1]) / 2
        return float(nodes @ (up_to - before) + inside @ between), 0.0

    def _nodes(self) -> Tensor:
        """Values in ascending order."""
        found = self._parts(torch.linspace(-_FAR, _FAR, _QUANTILES, dtype=torch.float64).sigmoid())
        low, high = float(found.min()), float(found.max())
        if self.step is not None and (high - low) / self.step < _POINTS:
            return low + self.step * torch.arange(round((high - low) / self.step) + 1, dtype=torch.float64)
        return found.unique()

    def _parts(self, u: Tensor) -> Tensor:
        """Quantiles of the parts, shape ``(n, m)``."""
        return self.conditional.icdf(self.raw.unsqueeze(1), u.expand(len(self.raw), -1))


class Values(NamedTuple):
    """Be a distribution in weighted values.

    Attributes:
        values: m of each of n particles, float64, shape ``(n, m)``.
        shares: Of a particle's values, each row with the sum 1, shape ``(n, m)``.
        weights: Of the particles, shape ``(n,)``.
        parts: Which part each particle is of, shape ``(n,)``; ``None`` if nothing was drawn.
    """

    values: Tensor
    shares: Tensor
    weights: Tensor
    parts: Tensor | None = None

    def mean(self) -> tuple[float, float]:
        """Return (4) and (5).

        Example:
            >>> dice = torch.arange(1.0, 7.0, dtype=torch.float64).reshape(1, 6)
            >>> Values(dice, torch.full_like(dice, 1 / 6), torch.ones(1, dtype=torch.float64)).mean()
            (3.5, 0.0)
        """
        return self._weighted((self.values * self.shares).sum(1))

    def quantile(self, q: float) -> tuple[float, float]:
        """Return the smallest value that a share of at least q does not exceed, and its standard error."""
        found = self._reached(q)
        _, error = self._weighted((self.shares * (self.values <= found)).sum(1))
        return found, (self._reached(q + error) - self._reached(q - error)) / 2 if error else 0.0

    def _weighted(self, of_particles: Tensor) -> tuple[float, float]:
        weights = self.weights / self.weights.sum()
        mean = weights @ of_particles
        if self.parts is None:
            return float(mean), 0.0
        residuals = weights * (of_particles - mean)
        groups = [residuals[self.parts == part] for part in self.parts.unique()]
        return float(mean), sum(len(g) * float(g.var()) for g in groups if len(g) > 1) ** 0.5

    def _reached(self, q: float) -> float:
        values, sequence = self.values.flatten().sort()
        masses = (self.shares * (self.weights / self.weights.sum()).unsqueeze(1)).flatten()[sequence]
        values, reached = values[masses > 0], masses[masses > 0].cumsum(0)
        place = int(torch.searchsorted(reached, min(max(q, 0.0), 1.0) - 1e-12))  # rounding
        return float(values[min(place, len(values) - 1)])
