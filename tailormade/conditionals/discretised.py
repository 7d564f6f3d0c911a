r"""Whole numbers, grey levels, and whatever was rounded to a grid: the mass that a mixture has in each cell.

    P(x) = Σ_k w_k (F(b_k) - F(a_k)),    a, b = (z(x ∓ step/2) - μ_k) / σ_k,  F = σ          (1)
    log (σ(b) - σ(a)) = log σ(b) + log σ(-a) + log(1 - exp(a - b))                           (2)

The width ``z(x + step/2) - z(x - step/2)`` is taken in float64, so that (2) is exact wherever the cell lies; a shortcut
by the density at its centre would not add up to one. The lowest and the highest value take all that lies beyond them:
there ``a`` is minus infinity, or ``b`` infinity. With ``density=True``, (1) is divided by the step: the density,
constant over each cell, of a number of which the record holds no more than its cell. It compares with other densities.

Tim Salimans, Andrej Karpathy, Xi Chen, Diederik P. Kingma, "PixelCNN++: Improving the PixelCNN with Discretized
Logistic Mixture Likelihood and Other Modifications", 2017, has (1) without warping, and with the shortcut.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.arithmetic import check_number, constant, inside_unit, log_sigmoid_difference
from tailormade.conditionals.grid import Grid, OnGrid
from tailormade.conditionals.inversion import integer_quantile
from tailormade.conditionals.kernels import FAR, Kernel, LogisticKernel
from tailormade.conditionals.numeric import Numeric

_MOST_STATES = 2**16  # so many can be enumerated


@dataclass(frozen=True)
class DiscretisedLogistics(Numeric):
    """A mixture of K logistics, gathered at the points ``offset + k step`` from ``low`` to ``high``.

    Args:
        components: Number of components K.
        low: Lowest value, a point of the grid; minus infinity for none.
        high: Highest value, likewise.
        step: Distance of neighbouring values.
        offset: A point of the grid.
        loc: Centre of the values, about.
        scale: Their spread, about.
        warp: Mix logistics of ``asinh((x - loc) / scale)``, for heavy tails.
        density: Divide by the step. Values may be any reals, which are rounded to the grid; samples, cdf and quantiles
            are those of the rounded value.

    Raises:
        ValueError: If a number is out of its bounds, or ``low`` or ``high`` is not on the grid.

    Example:
        >>> grey = DiscretisedLogistics(1, low=0, high=255, loc=128, scale=64)
        >>> bool(torch.isclose(grey.log_prob(torch.zeros(3), torch.arange(256.0)).exp().sum(), torch.tensor(1.0)))
        True
    """

    components: int = 10
    low: float = -math.inf
    high: float = math.inf
    step: float = 1.0
    offset: float = 0.0
    loc: float = 0.0
    scale: float = 1.0
    warp: bool = False
    density: bool = False

    constants: ClassVar[tuple[str, ...]] = ("low", "high", "step", "offset", "loc", "scale")
    min_scale: ClassVar[float] = 0.0  # type: ignore[misc]  # cells need no floor

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        check_number("step", self.step, above=0)
        check_number("offset", self.offset)
        for name, end, open_end in (("low", self.low, -math.inf), ("high", self.high, math.inf)):
            if end != open_end:
                check_number(name, end)
                if not bool(OnGrid(self.grid._replace(low=-math.inf, high=math.inf), False).check(_tensor(end))):
                    raise ValueError(
                        f"{name}: expected {self.offset:g} plus a multiple of {self.step:g}, got {end:g}; "
                        "change offset or step."
                    )
        if self.low > self.high:
            raise ValueError(f"low, high: expected low up to high, got {self.low:g} and {self.high:g}.")

    @property
    def grid(self) -> Grid:
        """The points that are values."""
        return Grid(self.offset, self.step, self.low, self.high)

    @property
    def kernel(self) -> Kernel:
        """The logistic density."""
        return LogisticKernel()

    @property
    def support(self) -> Constraint:
        """The points of the grid; if a density, all reals that are rounded to one."""
        return OnGrid(self.grid, self.density)

    @property
    def cardinality(self) -> int | None:
        """Their number, if values are 0..k-1."""
        plain = not self.density and self.low == 0 and self.step == 1 and self.high < _MOST_STATES
        return int(self.high) + 1 if plain else None

    @property
    def filler(self) -> float | Tensor:
        """The point nearest to ``loc``."""
        nearest = self.grid.value(self.grid.nearest(_tensor(self.loc)))
        within = torch.minimum(torch.maximum(nearest, _tensor(self.low)), _tensor(self.high))
        return within if within.ndim else float(within)

    @property
    def log_cell(self) -> float | Tensor:
        """Log of what turns ``log_prob`` into the log of a probability: the step, if a density."""
        if not self.density:
            return 0.0
        return self.step.log() if isinstance(self.step, Tensor) else math.log(self.step)

    def close(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point of the grid each x is equal to, but for rounding, boolean, shape ``(*, k)``."""
        return self.grid.close(x, points)

    def matches(self, x: Tensor, points: Tensor) -> Tensor:
        """Return which point of the grid each x is rounded to, boolean, shape ``(*, k)``."""
        return self.grid.matches(x, points)

    def recorded(self, x: Tensor) -> Tensor:
        """Return the nearest point of the grid, float64."""
        grid = self.grid.at(x)
        return grid.value(grid.nearest(x))

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (1, 2)."""
        k = self.grid.at(x).nearest(x)
        cut = torch.as_tensor(self.log_cell, dtype=torch.float64, device=x.device).to(raw.dtype)
        return self.log_between(raw, k, k) - cut

    def log_between(self, raw: Tensor, first: Tensor, last: Tensor) -> Tensor:
        """Return ``log P(first <= X <= last)``, shape ``(*)``, of points by their k (1, 2)."""
        grid = self.grid.at(first)
        low, high = grid.ends
        below, above = self.standardise(grid.value(first - 0.5)), self.standardise(grid.value(last + 0.5))
        width = self._width(below, above, (last - first + 1) * grid.step)
        weights, locations, scales = self.mixture(raw)
        a, b = (((z.to(raw.dtype).unsqueeze(-1) - locations) / scales).clamp(-FAR, FAR) for z in (below, above))
        logs = self._log_cells(a, b, width.to(raw.dtype).unsqueeze(-1) / scales, (first <= low, last >= high))
        return torch.logsumexp(weights + logs, -1)

    def _width(self, below: Tensor, above: Tensor, length: Tensor) -> Tensor:
        if self.warp:
            return above - below
        scale = self.scale.to(below.device) if isinstance(self.scale, Tensor) else self.scale
        return (length / scale).expand_as(below)

    @staticmethod
    def _log_cells(a: Tensor, b: Tensor, width: Tensor, at_end: tuple[Tensor, Tensor]) -> Tensor:
        """Log of the mass of each component in a cell; one that takes what lies beyond it has an infinite edge."""
        lowest, highest = (end.unsqueeze(-1) for end in at_end)
        far = torch.full_like(width, 100.0)  # 1 - exp(-100) is 1
        a, b = a.masked_fill(lowest, -FAR), b.masked_fill(highest, FAR)
        return log_sigmoid_difference(b, a, torch.where(lowest | highest, far, width))

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)``."""
        return self.up_to(raw, self.grid.at(x).point_below(x))

    def mass_below(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(*)``."""
        return self.up_to(raw, self.grid.at(x).point_before(x))

    def up_to(self, raw: Tensor, k: Tensor) -> Tensor:
        """Return the cdf at points by their k, shape ``(*)``."""
        grid = self.grid.at(k)
        low, high = grid.ends
        inside = super().cdf(raw, grid.value(k + 0.5))
        return torch.where(k < low, 0.0, torch.where(k >= high, 1.0, inside))

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest point x with ``P(X <= x) >= u``, shape ``(*)``."""
        dtype, raw, u = raw.dtype, raw.double(), inside_unit(u.double()).clamp(max=1 - 1e-15)  # the cdf reaches it
        grid = self.grid.at(raw)
        guess = grid.nearest(self.restore(self.quantile_of(raw, u)))
        low, high = grid.ends
        guess = torch.minimum(torch.maximum(guess, _tensor(low, guess)), _tensor(high, guess))
        return grid.value(integer_quantile(lambda k: self.up_to(raw, k), u, guess)).to(dtype)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Round samples of the mixture to the grid."""
        grid = self.grid.at(raw)
        k, (low, high) = grid.nearest(self.restore(self.draw(raw, noise).double())), grid.ends
        return grid.value(torch.minimum(torch.maximum(k, _tensor(low, k)), _tensor(high, k))).to(raw.dtype)

    def _resolution(self, x: Tensor) -> float | Tensor:
        """A recorded value stands for its cell."""
        return constant(self.step, x.double())

    def describe(self) -> str:
        """Say in words which values are expected."""
        whole = self.step == 1 and self.offset == int(self.offset)
        base = "a whole number" if whole else f"{self.offset:g} plus a multiple of {self.step:g}"
        kind = "a finite number" if self.density else base
        ends = [f"{word} {end:g}" for word, end in (("from", self.low), ("to", self.high)) if math.isfinite(end)]
        return " ".join([kind, *ends])


def _tensor(value: float | Tensor, like: Tensor | None = None) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64, device=None if like is None else like.device)
