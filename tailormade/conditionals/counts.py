r"""Counts 0, 1, 2, ...: Poisson and negative binomial.

    Poisson            log p(x) = x log λ - λ - log x!                                       (1)
    negative binomial  p(x) = Γ(x + r) / (x! Γ(r)) p^x (1 - p)^r,   mean m = r p / (1 - p)   (2)

with variances m and ``m + m²/r`` (3): the latter is for counts that vary more than Poisson's. Raw numbers are the logs
of λ, m and r, softly clipped to ±20 and ±8, so that any raw number gives a distribution; the input is ``log(1 + x)``.
Torch has the densities and Poisson's cdf, ``Γ(k + 1, λ) / k!`` regularised; the beta function in the other cdf,
``I_{1-p}(r, k + 1)``, is scipy's, on the CPU, and has no gradient. All is computed in float64.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributions
from torch.distributions import Distribution, constraints

from tailormade.conditionals.arithmetic import inside_unit, inverse_soft_exp, soft_exp
from tailormade.conditionals.base import Conditional
from tailormade.conditionals.inversion import integer_quantile

_MEAN_CLIP = 20.0
_SPREAD_CLIP = 8.0


class Counts(Conditional):
    """Whole numbers from 0 up."""

    @property
    def width(self) -> int:
        """One input."""
        return 1

    @property
    def scaled(self) -> bool:
        """Inputs are scaled."""
        return True

    @property
    def support(self) -> constraints.Constraint:
        """0, 1, 2, ..."""
        return constraints.nonnegative_integer

    def encode(self, x: Tensor) -> Tensor:
        """Return ``log(1 + x)``, ``(*, 1)``."""
        return torch.log1p(x.clamp(min=0)).unsqueeze(-1)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        return self._double(raw).log_prob(x.double()).to(raw.dtype)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return the quantile at the uniform number."""
        return self.icdf(raw, noise.squeeze(-1))

    def distribution(self, raw: Tensor) -> Distribution:
        """Return torch's distribution over the batch ``(*)``."""
        return self._double(raw)

    @abstractmethod
    def _double(self, raw: Tensor) -> Distribution:
        """The distribution, with parameters in float64."""

    @abstractmethod
    def _up_to(self, raw: Tensor, k: Tensor) -> Tensor:
        """The cdf at whole numbers from 0 up, float64."""

    @abstractmethod
    def _guess(self, raw: Tensor, u: Tensor) -> Tensor:
        """Where the quantile is, about."""

    def cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``P(X <= x)``, shape ``(*)``."""
        return self._cdf(raw, x.double()).to(raw.dtype)

    def _cdf(self, raw: Tensor, x: Tensor) -> Tensor:
        finite = x.isfinite()
        inside = self._up_to(raw.double(), torch.where(finite, x, 0.0).floor().clamp(min=0))
        return torch.where(x < 0, 0.0, torch.where(finite, inside, 1.0))

    def icdf(self, raw: Tensor, u: Tensor) -> Tensor:
        """Return the smallest x with ``P(X <= x) >= u``, shape ``(*)``."""
        u, wide = inside_unit(u.double()).clamp(max=1 - 1e-15), raw.detach().double()
        guess = self._guess(wide, u)
        start = torch.where(guess.isfinite(), guess, self._double(wide).mean).ceil().clamp(min=0)
        return integer_quantile(lambda k: self._cdf(wide, k), u, start).to(raw.dtype)

    def describe(self) -> str:
        """Say in words which values are expected."""
        return "a whole number from 0"


@dataclass(frozen=True)
class Poisson(Counts):
    """A count with one parameter, the log of its mean (1).

    Example:
        >>> Poisson().log_prob(torch.zeros(1), torch.tensor([0.0, 1.0])).exp()
        tensor([0.3679, 0.3679])
    """

    @property
    def params(self) -> int:
        """The log of the mean."""
        return 1

    def _double(self, raw: Tensor) -> Distribution:
        return distributions.Poisson(soft_exp(raw.squeeze(-1).double(), _MEAN_CLIP), validate_args=False)

    def _up_to(self, raw: Tensor, k: Tensor) -> Tensor:
        mean = soft_exp(raw.squeeze(-1).double(), _MEAN_CLIP)
        return torch.special.gammaincc(*torch.broadcast_tensors(k + 1, mean))

    def _guess(self, raw: Tensor, u: Tensor) -> Tensor:
        mean = soft_exp(raw.squeeze(-1).double(), _MEAN_CLIP)
        return mean + mean.sqrt() * torch.special.ndtri(u)  # nearly normal; scipy's is slow for great means

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return log means, with half a count added and one value more."""
        return inverse_soft_exp(_means(x), _MEAN_CLIP).unsqueeze(-1)


@dataclass(frozen=True)
class NegativeBinomial(Counts):
    """A count with two parameters, the logs of its mean m and of r, where the variance is ``m + m²/r`` (2, 3).

    Example:
        >>> NegativeBinomial().log_prob(torch.zeros(2), torch.tensor([0.0, 1.0])).exp()
        tensor([0.5000, 0.2500])
    """

    @property
    def params(self) -> int:
        """Logs of m and of r."""
        return 2

    @staticmethod
    def _numbers(raw: Tensor) -> tuple[Tensor, Tensor]:
        return soft_exp(raw[..., 0].double(), _MEAN_CLIP), soft_exp(raw[..., 1].double(), _SPREAD_CLIP)

    def _double(self, raw: Tensor) -> Distribution:
        mean, size = self._numbers(raw)
        return distributions.NegativeBinomial(size, logits=mean.log() - size.log(), validate_args=False)

    def _up_to(self, raw: Tensor, k: Tensor) -> Tensor:
        mean, size = self._numbers(raw)
        return _on_cpu("betainc", size, k + 1, size / (size + mean))

    def _guess(self, raw: Tensor, u: Tensor) -> Tensor:
        mean, size = self._numbers(raw)
        return _on_cpu("nbdtrik", u, size, size / (size + mean))

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return the parameters of equal mean and variance."""
        mean = _means(x)
        counts = (~x.isnan()).sum(0)
        square = (x.double() - mean).square().nansum(0) / counts.clamp(min=1)
        size = (mean.square() / (square - mean).clamp(min=1e-9)).clamp(0.01, 1000.0)
        return torch.stack([inverse_soft_exp(mean, _MEAN_CLIP), inverse_soft_exp(size, _SPREAD_CLIP)], -1)


def _means(x: Tensor) -> Tensor:
    return (x.nansum(0, dtype=torch.float64) + 0.5) / ((~x.isnan()).sum(0) + 1)


def _on_cpu(function: str, *tensors: Tensor) -> Tensor:
    """Call a function of ``scipy.special``, which is loaded when it is used."""
    from scipy import special

    call: Callable[..., Any] = getattr(special, function)
    found = call(*(t.detach().cpu().numpy() for t in tensors))
    return torch.as_tensor(found, dtype=torch.float64).to(tensors[0].device)
