r"""What a sampler needs to know of a density: a masked network at one order, and what its outputs mean.

``θ = net((enc(x) - s) / r, c)`` (1): values are encoded, shifted and scaled, and the network turns them into the
raw parameters of all conditionals. Evidence fixes some of the values (2); the others are drawn given all that come
before them in the order, so that evidence which comes later is not conditioned on (that takes weights; see
:mod:`tailormade.queries`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.masks import Degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling.event import EventLayout


class Evidence(NamedTuple):
    """Values that are fixed.

    Attributes:
        values: Shape ``(n, D)``; only those observed are read.
        observed: Which are observed, boolean, shape ``(D,)``, or ``(n, D)`` where rows differ.
    """

    values: Tensor
    observed: Tensor

    @property
    def rows_differ(self) -> bool:
        """Whether other variables are observed in other rows."""
        return self.observed.ndim > 1

    def clamp(self, x: Tensor) -> Tensor:
        """Return ``x`` with the observed values in their places."""
        return torch.where(self.observed, self.values.to(x.dtype), x)

    def rows(self, start: int, stop: int) -> "Evidence":
        """Return the evidence of some of the samples."""
        return Evidence(self.values[start:stop], self.observed[start:stop] if self.rows_differ else self.observed)


@dataclass(frozen=True)
class Source:
    """Describe one autoregressive density to the engines.

    Attributes:
        network: The weights.
        degrees: The order to generate in, and the degrees of the hidden units.
        layout: The conditionals, or what stands in for them.
        shift: Subtracted from encoded values, shape ``(sum(input_sizes),)``.
        scale: Divides the shifted values.
        context: What the network takes as context, one row for each sample, or ``None``.
    """

    network: MaskedNetwork
    degrees: Degrees
    layout: EventLayout
    shift: Tensor
    scale: Tensor
    context: Tensor | None

    def inputs(self, x: Tensor) -> Tensor:
        """Return the network's inputs for values ``(*, D)``."""
        return (self.layout.encode(x).to(self.shift.dtype) - self.shift) / self.scale

    def params(self) -> Callable[[Tensor], Tensor]:
        """Return raw parameters as a function of values alone: weights masked once, no unit dropped."""
        weights = self.network.effective_weights(self.degrees)
        return lambda x: self.network.run(weights, self.inputs(x), self.context, dropout=False)

    def rows(self, start: int, stop: int) -> "Source":
        """Return the source of some of the samples."""
        if self.context is None:
            return self
        return replace(self, context=self.context[start:stop])
