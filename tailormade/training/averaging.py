r"""The average of the weights over the last few epochs: less noise than the weights themselves, for nothing.

After step t the average is ``w̄ ← w̄ + (w - w̄) / min(t, h)`` (1): the mean of all weights so far until ``h`` steps have
been made, then an exponential moving average that remembers about h steps. Validation, the best weights and what a fit
leaves behind are those of ``w̄``; the optimiser goes on with w.

Boris T. Polyak, Anatoli B. Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, is the origin.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """Keep the average of a model's parameters.

    Args:
        model: The model that is trained.
        horizon: About how many steps it remembers; 0 for none, the average then being the weights themselves.

    Example:
        >>> layer = nn.Linear(1, 1, bias=False)
        >>> average = Average(layer, horizon=10)
        >>> for step, value in enumerate([1.0, 3.0]):
        ...     _ = nn.init.constant_(layer.weight, value)
        ...     average.update(step)
        >>> with average.applied():
        ...     print(layer.weight.item())
        2.0
    """

    def __init__(self, model: nn.Module, horizon: float) -> None:
        self.parameters = dict(model.named_parameters())
        self.horizon = horizon
        self.values = {name: p.detach().clone() for name, p in self.parameters.items()} if horizon else {}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 0 (1)."""
        if self.values:
            weights = [p.detach() for p in self.parameters.values()]
            torch._foreach_lerp_(list(self.values.values()), weights, 1 / max(1.0, min(step + 1, self.horizon)))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the average in the place of the weights, and take it out again."""
        kept = {name: self.parameters[name].detach().clone() for name in self.values}
        self._put(self.values)
        try:
            yield
        finally:
            self._put(kept)

    @torch.no_grad()
    def _put(self, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            self.parameters[name].copy_(value)

    def restore(self, values: Mapping[str, Tensor]) -> None:
        """Take over the average of a checkpoint."""
        for name, value in values.items():
            self.values[name].copy_(value)
