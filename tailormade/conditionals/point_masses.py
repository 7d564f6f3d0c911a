r"""Values that occur again and again, and a distribution of all others: many exact zeros, and what is not zero.

    p(x) = w_j + w_0 q(x) at a value v_j,    w_0 q(x) elsewhere                              (1)

A continuous q has no mass at v_j, so that (1) is w_j there: a probability where others are densities (the base measure
counts the v_j and is Lebesgue's elsewhere). Recorded numbers (a density that is constant over cells) count as the value
their cell belongs to: x is v_j throughout its cell, whose probability (1) then is. The cdf is
``F(x) = Σ_{v_j <= x} w_j + w_0 Q(x)`` (2), and u is reached at v_j if ``F(v_j -) < u <= F(v_j)``, else where
``Q(x) = (u - Σ_{F(v_j) < u} w_j) / w_0`` (3).
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.distributions.constraints import Constraint

from tailormade.conditionals.arithmetic import check_number
from tailormade.conditionals.base import Conditional
from tailormade.conditionals.constraints import PointsOr
from tailormade.conditionals.over_base import OverBase


@dataclass(frozen=True)
class PointMasses(OverBase):
    """A mixture of single values and a base: k + 1 logits, the last for the base, then the base's parameters.

    The code is the base's, followed by an indicator for each value.

    Args:
        values: The single values; in the support of the base if that is discrete, on its grid if it is recorded.
        base: Distribution of the rest.

    Raises:
        ValueError: If values are not distinct and finite, there are none, or one is not in the base's support.

    Example:
        >>> from tailormade.conditionals import Normal
        >>> gains = PointMasses((0.0,), Normal(loc=5.0))
        >>> gains.log_prob(torch.zeros(2, 4), torch.tensor([0.0, 5.0])).exp()
        tensor([0.5000, 0.1995])
    """

    values: tuple[float, ...]
    base: Conditional

    constants: ClassVar[tuple[str, ...]] = ("values",)

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        if not isinstance(self.values, tuple) or not self.values or len(set(self.values)) < len(self.values):
            raise ValueError(f"values: expected a tuple of distinct numbers, at least one, got {self.values!r}.")
        for value in self.values:
            check_number("values", value)
            if self.base.log_cell != -math.inf and not self._fits(value):
                raise ValueError(f"values: expected values of the base, {self.base.describe()}, got {value!r}.")

    def _fits(self, value: float) -> bool:
        one = torch.tensor(value, dtype=torch.float64)
        drawn = self.base.support.check(one)
        return bool(drawn) and abs(self.base.recorded(one).item() - value) <= 1e-6 * max(1.0, abs(value))

    @property
    def scaled_inputs(self) -> tuple[bool, ...]:
        """Those of the base; indicators are not scaled."""
        return (*self.base.scaled_inputs, *[False] * self._count)

    @property
    def params(self) -> int:
        """Logits of all values and of the base, then the base's parameters."""
        return self._count + 1 + self.base.params

    @property
    def width(self) -> int:
        """Inputs of the base, then an indicator for each value."""
        return self.base.width + self._count

    @property
    def _count(self) -> int:
        return self.values.shape[-1] if isinstance(self.values, Tensor) else len(self.values)

    @property
    def support(self) -> Constraint:
        """That of the base, and the values."""
        return PointsOr(self.values, self.base)

    @property
    def cardinality(self) -> int | None:
        """The base's."""
        return self.base.cardinality

    def _points(self, like: Tensor) -> Tensor:
        return torch.as_tensor(self.values, dtype=torch.float64, device=like.device)

    def _hits(self, x: Tensor) -> Tensor:
        return self.base.matches(x, self._points(x))

    def _parts(self, raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Log masses of the values and of the base, and the base's parameters."""
        logs = torch.log_softmax(raw[..., : self._count + 1], -1)
        return logs[..., :-1], logs[..., -1], raw[..., self._count + 1 :]

    def encode(self, x: Tensor) -> Tensor:
        """Return the base's code and the indicators, ``(*, width)``."""
        code = self.base.encode(x)
        return torch.cat([code, self._hits(x).to(code.dtype)], -1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)`` (1)."""
        points, rest, inner = self._parts(raw)
        hits = self._hits(x)
        inside = rest + self.base.log_prob(inner, x)
        point = torch.where(hits, points, 0.0).sum(-1)
        cell = self._log_cell(raw)
        return torch.where(hits.any(-1), torch.logaddexp(point, inside + cell), inside)

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)`` (2)."""
        reached = (self._points(x) <= x.unsqueeze(-1)) | self.base.close(x, self._points(x))
        return self._total(raw, reached, self.base.cdf(self._parts(raw)[2], x))

    def mass_below(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X < x)``, shape ``(*)``."""
        passed = (self._points(x) < x.unsqueeze(-1)) & ~self.base.close(x, self._points(x))
        return self._total(raw, passed, self.base.mass_below(self._parts(raw)[2], x))

    def _total(self, raw: Tensor, counted: Tensor, inside: Tensor) -> Tensor:
        points, rest, _ = self._parts(raw)
        return (torch.where(counted, points.exp(), 0.0).sum(-1) + rest.exp() * inside).clamp(max=1)

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest x with ``P(X <= x) >= u``, shape ``(*)`` (3)."""
        points, rest, inner = self._parts(raw)
        values = self._points(raw)
        columns = [values[..., j].expand(u.shape) for j in range(self._count)]
        ends = torch.stack([self.cdf(raw, v) for v in columns], -1)
        starts = torch.stack([self.mass_below(raw, v) for v in columns], -1)
        wanted = u.unsqueeze(-1)
        passed = torch.where(ends < wanted, points.exp(), 0.0).sum(-1)
        # a little less, as what is equal but for rounding has been reached
        x = self.base.icdf(inner, ((u - passed) / rest.exp() - 4 * torch.finfo(raw.dtype).eps).clamp(0, 1))
        at = (starts < wanted) & (wanted <= ends)
        return torch.where(at.any(-1), torch.where(at, values, 0.0).sum(-1).to(x.dtype), x)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Choose by the first uniform number, in the sequence of the values; the base draws from the others."""
        points, _, inner = self._parts(raw)
        which = (noise[..., :1] >= points.exp().cumsum(-1)).sum(-1)
        drawn = self.base.sample(inner, noise[..., 1:])
        values = self._points(raw).to(drawn.dtype)
        at = which.unsqueeze(-1) == torch.arange(self._count, device=raw.device)
        return torch.where(at.any(-1), torch.where(at, values, 0.0).sum(-1), drawn)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return log frequencies of the values, with half a count added, and the base's start on the rest."""
        hits = self._hits(x)
        rest = torch.where(hits.any(-1), torch.nan, x.double())
        counts = torch.cat([hits.sum(0).double(), (~rest.isnan()).sum(0).double().unsqueeze(-1)], -1) + 0.5
        return torch.cat([torch.log(counts / counts.sum(-1, keepdim=True)), self.base.marginal_params(rest)], -1)

    def describe(self) -> str:
        """Say in words which values are expected."""
        if self.support.is_discrete:
            return self.base.describe()
        return f"{self.base.describe()}, or one of {', '.join(f'{v:g}' for v in self.values)}"
