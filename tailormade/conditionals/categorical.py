r"""Variables with a finite number k of unordered values.

The logits ``θ`` are k numbers: ``p(j) = exp(θ_j) / Σ_l exp(θ_l)`` (1). The input is one-hot (2), or, where k is large,
a code of w numbers ``±1/√w`` (3) drawn by a hash of k and w: any two categories have codes that are nearly orthogonal,
with inner products of about ``1/√w``. Codes are looked up, so that no array of batch x k is made for the input, and
the first layer has w columns instead of k: the one-hot layer factorised with a fixed random factor.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributions
from torch.distributions import constraints
from torch.nn import functional

from tailormade.conditionals.base import Conditional


@dataclass(frozen=True)
class Categorical(Conditional):
    """A variable in 0..k-1 with k logits ``θ``: ``p(j) = exp(θ_j) / Σ_l exp(θ_l)``; one-hot inputs.

    Args:
        categories: Number of values k.
        code: Width of a fixed code that replaces the one-hot input, for large k.

    Raises:
        ValueError: If ``categories`` or ``code`` is below 1.

    Example:
        >>> Categorical(4).log_prob(torch.zeros(4), torch.tensor(2)).exp()
        tensor(0.2500)
    """

    categories: int
    code: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers of categories and of inputs."""
        if self.categories < 1:
            raise ValueError(f"categories: expected at least 1, got {self.categories}.")
        if self.code is not None and self.code < 1:
            raise ValueError(f"code: expected at least 1, or None for one-hot inputs, got {self.code}.")

    def config(self) -> dict[str, Any]:
        """Return name and arguments as JSON-ready values; without a code where there is none."""
        return {name: value for name, value in super().config().items() if value is not None}

    @property
    def params(self) -> int:
        """One logit for each category."""
        return self.categories

    @property
    def width(self) -> int:
        """One input for each category, or those of the code."""
        return self.code or self.categories

    @property
    def support(self) -> constraints.Constraint:
        """The integers 0..k-1."""
        return constraints.integer_interval(0, self.categories - 1)

    @property
    def cardinality(self) -> int:
        """The number of categories."""
        return self.categories

    def encode(self, x: Tensor) -> Tensor:
        """Return the one-hot code, ``(*, k)``, or that of the given width, ``(*, w)``."""
        if self.code is not None:
            return _code_at(self.categories, self.code, x.dtype, x.device)[x.long()]
        return functional.one_hot(x.long(), self.categories).to(x.dtype)

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x)`` in nats, shape ``(*)``."""
        batch = torch.broadcast_shapes(raw.shape[:-1], x.shape)
        logs = torch.log_softmax(raw, -1).expand(*batch, -1)
        return logs.gather(-1, x.long().expand(batch).unsqueeze(-1)).squeeze(-1)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Return the number of cumulative probabilities that the uniform number has reached."""
        cumulative = torch.softmax(raw, -1).cumsum(-1)[..., :-1]
        return (noise >= cumulative).sum(-1).to(raw.dtype)

    def distribution(self, raw: Tensor) -> distributions.Categorical:
        """Return ``torch.distributions.Categorical`` over the batch ``(*)``."""
        return distributions.Categorical(logits=raw)

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return log frequencies of the columns, with half a count added to every value."""
        known, n = ~x.isnan(), x.shape[1]
        cells = x.nan_to_num(0).long() + self.categories * torch.arange(n, device=x.device)
        counts = torch.bincount(cells[known], minlength=n * self.categories).reshape(n, -1).double() + 0.5
        return torch.log(counts / counts.sum(-1, keepdim=True))

    def describe(self) -> str:
        """Say in words which values are expected."""
        return f"an integer in 0..{self.categories - 1}"


@lru_cache(32)
def code_table(categories: int, width: int) -> Tensor:
    """Return codes (3) of all categories, shape ``(categories, width)``; a function of its arguments for ever.

    Example:
        >>> code_table(1000, 4).abs().unique()
        tensor([0.5000])
    """
    stream = hashlib.shake_256(f"{categories} codes of {width}".encode()).digest((categories * width + 7) // 8)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8))[: categories * width].reshape(categories, width)
    return torch.from_numpy((2.0 * bits - 1) / np.sqrt(width)).float()


@lru_cache(32)
def _code_at(categories: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    return code_table(categories, width).to(device, dtype)
