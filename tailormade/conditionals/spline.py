r"""Numbers between two ends, with a smooth cdf: a monotone rational-quadratic spline.

The cdf runs through K + 1 knots ``(x_k, y_k)`` of the unit square with slopes ``δ_k``. Within a bin of width w and
height h, with ``ξ = (x - x_k) / w`` and ``s = h / w``,

    F = y_k + h (s ξ² + δ_k ξ(1-ξ)) / D,    D = s + (δ_{k+1} + δ_k - 2s) ξ(1-ξ)              (1)
    F' = s² (δ_{k+1} ξ² + 2 s ξ(1-ξ) + δ_k (1-ξ)²) / D²                                      (2)

and F⁻¹ solves a quadratic (3). Widths and heights are softmaxes, slopes softplus, each a little above 0, so that F is
strictly increasing whatever the raw numbers are. The density is continuous, unlike a histogram's.

Conor Durkan, Artur Bekasov, Iain Murray, George Papamakarios, "Neural Spline Flows", 2019.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals.arithmetic import as_number
from tailormade.conditionals.histogram import Bounded

_LEAST = 1e-3  # of bins' widths and heights, relative to equal ones; and of slopes
_FINE = 64  # bins of the histogram that a start is read off, for each knot


class _Bin(NamedTuple):
    """One bin for each value, shape ``(*)``."""

    left: Tensor
    width: Tensor
    bottom: Tensor
    height: Tensor
    slope: Tensor
    next_slope: Tensor


@dataclass(frozen=True)
class Spline(Bounded):
    """A number from ``low`` to ``high`` with 3K + 1 parameters: of K widths, K heights and K + 1 slopes.

    Args:
        bins: Number of bins K.
        low: Lowest value.
        high: Highest value.

    Raises:
        ValueError: If ``bins`` is below 1, or ``low`` is not below ``high``.

    Example:
        >>> Spline(8, 0.0, 2.0).cdf(torch.zeros(25), torch.tensor([0.0, 1.0, 2.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """

    bins: int = 8
    low: float = 0.0
    high: float = 1.0

    @property
    def params(self) -> int:
        """Raw widths, heights and slopes."""
        return 3 * self.bins + 1

    def _knots(self, raw: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Widths, heights ``(*, K)``; knots' places and values ``(*, K + 1)``; slopes ``(*, K + 1)``."""
        raw_widths, raw_heights, raw_slopes = raw.split([self.bins, self.bins, self.bins + 1], -1)
        least = _LEAST / self.bins
        widths, heights = (least + (1 - _LEAST) * torch.softmax(r, -1) for r in (raw_widths, raw_heights))
        # raw 0 is slope 1, so that all zeros are the uniform distribution
        slopes = _LEAST + functional.softplus(raw_slopes + _inverse_softplus(1 - _LEAST))
        places, values = (functional.pad(part.cumsum(-1), (1, 0)) for part in (widths, heights))
        return widths, heights, places, values, slopes

    def _bin(self, raw: Tensor, at: Tensor, by_value: bool) -> _Bin:
        """The bin that a place, or a value of F, lies in."""
        widths, heights, places, values, slopes = self._knots(raw)
        edges = (values if by_value else places)[..., 1:-1]
        which = (at.unsqueeze(-1) >= edges).sum(-1, keepdim=True)

        def pick(table: Tensor, index: Tensor) -> Tensor:
            return table.expand(*index.shape[:-1], -1).gather(-1, index).squeeze(-1)

        return _Bin(
            pick(places, which), pick(widths, which), pick(values, which), pick(heights, which),
            pick(slopes, which), pick(slopes, which + 1),
        )  # fmt: skip

    def _inside(self, raw: Tensor, x: Tensor) -> tuple[_Bin, Tensor]:
        """The bin of each x, and ξ."""
        at = self.fraction(as_number(x)).to(raw.dtype)
        found = self._bin(raw, at, False)
        return found, ((at - found.left) / found.width).clamp(0, 1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (2)."""
        log_slope = _log_slope(*self._inside(raw, x))
        return log_slope - self.log_length(log_slope)

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)`` (1)."""
        return _reached(*self._inside(raw, x))

    def cdf_and_log_prob(self, raw: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return :meth:`cdf` and :meth:`log_prob`, looking for the bins only once; both of shape ``(*)``."""
        found, xi = self._inside(raw, x)
        log_slope = _log_slope(found, xi)
        return _reached(found, xi), log_slope - self.log_length(log_slope)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the x with ``P(X <= x) = u``, shape ``(*)`` (3)."""
        u = u.to(raw.dtype)
        b = self._bin(raw, u, True)
        s, rise = b.height / b.width, ((u - b.bottom) / b.height).clamp(0, 1)
        bend = b.next_slope + b.slope - 2 * s
        a, c = s - b.slope + rise * bend, -s * rise  # of a ξ² + b ξ + c = 0
        linear = b.slope - rise * bend
        root = torch.sqrt((linear.square() - 4 * a * c).clamp(min=0))
        xi = (2 * -c / (linear + root).clamp(min=torch.finfo(u.dtype).tiny)).clamp(0, 1)
        return self.restore((b.left + xi * b.width).clamp(0, 1))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return knots at the quantiles of each column, and slopes between those of the bins beside them."""
        fine = _FINE * self.bins
        counts = self.counts(x, fine)
        masses = (counts + 0.5 / _FINE) / (counts.sum(-1, keepdim=True) + 0.5 * self.bins)
        reached = functional.pad(masses.cumsum(-1), (1, 0))
        wanted = torch.arange(1, self.bins, dtype=torch.float64, device=x.device) / self.bins
        cuts = _interpolate(reached, wanted.expand(x.shape[1], -1)) / fine
        places = functional.pad(functional.pad(cuts, (1, 0)), (0, 1), value=1.0)
        widths = places.diff(dim=-1).clamp(min=2 * _LEAST / self.bins)
        widths = widths / widths.sum(-1, keepdim=True)
        steep = 1 / (self.bins * widths)
        slopes = (functional.pad(steep, (1, 0), "replicate") + functional.pad(steep, (0, 1), "replicate")) / 2
        shares = (widths - _LEAST / self.bins) / (1 - _LEAST)
        raw_slopes = _inverse_softplus((slopes - _LEAST).clamp(min=_LEAST)) - _inverse_softplus(1 - _LEAST)
        return torch.cat([shares.clamp(min=1e-6).log(), torch.zeros_like(widths), raw_slopes], -1)


def _reached(b: _Bin, xi: Tensor) -> Tensor:
    """F of (1)."""
    s, across = b.height / b.width, xi * (1 - xi)
    rise = (s * xi.square() + b.slope * across) / (s + (b.next_slope + b.slope - 2 * s) * across)
    return (b.bottom + b.height * rise).clamp(0, 1)


def _log_slope(b: _Bin, xi: Tensor) -> Tensor:
    """Log F' of (2)."""
    s, across = b.height / b.width, xi * (1 - xi)
    top = b.next_slope * xi.square() + 2 * s * across + b.slope * (1 - xi).square()
    return 2 * s.log() + top.log() - 2 * (s + (b.next_slope + b.slope - 2 * s) * across).log()


def _interpolate(reached: Tensor, wanted: Tensor) -> Tensor:
    """Where in a piecewise linear cdf ``(n, B + 1)`` the values wanted ``(n, m)`` are reached, in bins."""
    above = torch.searchsorted(reached.contiguous(), wanted.contiguous()).clamp(1, reached.shape[-1] - 1)
    low, high = reached.gather(-1, above - 1), reached.gather(-1, above)
    return above - 1 + (wanted - low) / (high - low).clamp(min=1e-300)


def _inverse_softplus(value: float | Tensor) -> Tensor:
    value = torch.as_tensor(value, dtype=torch.float64)
    return value + torch.log(-torch.expm1(-value))
