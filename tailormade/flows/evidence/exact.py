r"""Evidence that comes first in all transforms of a flow: nothing is estimated.

If the observed variables e come before the others u in the order of every transform, and no linear map mixes them, then
``z_e`` depends on ``x_e`` alone, and the Jacobian falls into blocks. Over a base of independent variables

    log p(x_e) = Σ_{i in e} log p_0(z_i) + log |dz_i/dx_i|                                               (1)
    log p(x_u | x_e) = Σ_{i in u} log p_0(z_i) + log |dz_i/dx_i|                                         (2)

and a draw of (2) is ``f⁻¹(z_e, z_u)``, ``z_u ~ p_0`` (3).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from torch.distributions import Independent

from tailormade.flows.bases import Base
from tailormade.flows.layers.linear import LULinear
from tailormade.flows.seeds import seeded_by
from tailormade.queries import comes_first
from tailormade.queries.weighted import Pool
from tailormade.random import generator as stream

if TYPE_CHECKING:
    from tailormade.flows.stacked import Flow

DRAWS = 20_000  # behind estimates of what is no density: shares and expectations


def answers_exactly(flow: "Flow", observed: Tensor) -> bool:
    """Return whether (1) and (2) hold.

    Args:
        flow: The flow.
        observed: Boolean, shape ``(D,)``.

    Example:
        >>> from tailormade import MAF
        >>> first = torch.tensor([True, False, False])
        >>> [answers_exactly(MAF(3, transforms=n, seed=0), first) for n in (1, 2)]  # the second has them reversed
        [True, False]
    """
    independent = isinstance(flow.base, Base) and isinstance(flow.base(None), Independent)
    mixed = any(isinstance(layer, LULinear) for layer in flow.stack)
    return independent and not mixed and all(comes_first(t.degrees, observed) for t in flow.transforms)


@dataclass(frozen=True)
class ExactAnswer:
    """Answer by (1) to (3).

    Args:
        flow: The flow.
        values: Shape ``(*, D)``; those not observed are never read.
        observed: Which variables are, boolean, shape ``(D,)``; they come first.
        context: Shape ``(*, C)`` or ``None``.
        seed: Fixes the draws behind expectations.
    """

    flow: "Flow"
    values: Tensor
    observed: Tensor
    context: Tensor | None
    seed: int

    @cached_property
    def complete(self) -> Tensor:
        """The evidence beside values that can occur, shape ``(*, D)``: nothing overflows that is not read."""
        zeros = torch.zeros_like(self.values, dtype=self.flow.value_dtype)
        with torch.no_grad():
            likely = self.flow.to_data(zeros, self.context).to(self.values.dtype)
        return torch.where(self.observed, self.values, likely)

    def _terms(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(1) and (2) of complete rows ``(*, D)``."""
        z, log_slopes = self.flow.to_noise_by_variable(x, self.context)
        independent = cast("Independent[Any]", self.flow.base_at(None))  # as answers_exactly says
        every = independent.base_dist.log_prob(z) + log_slopes
        return torch.where(self.observed, every, 0).sum(-1), torch.where(self.observed, 0, every).sum(-1)

    def log_prob(self, x: Tensor) -> Tensor:
        """Return (2) of complete rows ``(*, D)``, shape ``(*)``."""
        return self._terms(x)[1]

    def log_evidence(self) -> Tensor:
        """Return (1), batch shape."""
        return self._terms(self.complete)[0]

    def log_evidence_error(self) -> Tensor:
        """Return zeros."""
        return torch.zeros_like(self.values[..., 0])

    def effective_sample_size(self) -> Tensor:
        """Return infinity."""
        return torch.full_like(self.values[..., 0], torch.inf)

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None) -> Tensor:
        """Draw complete rows (3), shape ``(n, *, D)``."""
        z = self.flow.to_noise(self.complete, self.context)[0]
        with seeded_by(generator):
            noise = self.flow.base_sample(torch.Size([n]), z.shape[:-1], None)
        x = self.flow.to_data(torch.where(self.observed, z, noise.to(z.dtype)), self.context)
        return torch.where(self.observed, self.values, x.to(self.values.dtype))

    def pool(self) -> Pool:
        """Draw rows for expectations, the same at every call: weights of 1, shape ``(rows, 1, draws, D)``."""
        rows = self.sample(DRAWS, stream(self.seed, "evidence"))
        rows = rows.reshape(DRAWS, -1, rows.shape[-1]).transpose(0, 1).unsqueeze(1)
        return Pool(rows, torch.zeros(rows.shape[:-1], dtype=torch.float64, device=rows.device))
