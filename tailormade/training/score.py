"""Log-likelihoods of rows, in batches.

With K orders, ``log p(x) = log (1/K) Σ_k p_k(x)`` (1); each component is itself a density, and the mean of their
mean log-likelihoods, the figure of a single order, is never above that of the mixture (Jensen) (2).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from tailormade.density.distribution import log_mean_exp
from tailormade.processes import ALONE, Team
from tailormade.training.likelihood import Component, Model, component_log_prob, components_of


@dataclass(frozen=True)
class Scores:
    """Hold log-likelihoods of rows.

    Attributes:
        components: ``log p_k(x_n)`` in nats, shape ``(K, rows)``, float64.
        features: Number of variables D.
    """

    components: Tensor
    features: int

    @cached_property
    def rows(self) -> Tensor:
        """Log-likelihood of each row in nats under the mixture, shape ``(rows,)``."""
        return log_mean_exp(self.components)

    @property
    def log_likelihood(self) -> float:
        """Mean log-likelihood in nats a row."""
        return float(self.rows.mean())

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over rows; NaN for a single row."""
        return float(self.rows.std()) / math.sqrt(len(self.rows)) if len(self.rows) > 1 else math.nan

    @property
    def bits_per_dim(self) -> float:
        """Mean negative log-likelihood in bits for each variable."""
        return -self.log_likelihood / self.features / math.log(2)

    @property
    def single_order(self) -> float:
        """Mean over orders of a single order's mean log-likelihood, in nats a row."""
        return float(self.components.mean())

    @property
    def by_orders(self) -> dict[int, float]:
        """Mean log-likelihood in nats a row of the mixture of the first 1, 2, 4, ... orders."""
        counts = [2**i for i in range(len(self.components).bit_length())]
        return {k: float(log_mean_exp(self.components[:k]).mean()) for k in counts}


@torch.no_grad()
def score(
    model: Model,
    x: Tensor,
    context: Tensor | None = None,
    *,
    components: Sequence[Component] | None = None,
    batch_size: int = 1000,
    team: Team = ALONE,
) -> Scores:
    """Score rows under every component of a model: every order of a MADE, or the flow.

    Args:
        model: In any mode; scored in evaluation mode.
        x: Rows within the support, shape ``(rows, D)``.
        context: Shape ``(rows, C)``.
        components: Those to use; all if ``None``.
        batch_size: Rows computed at once.
        team: Processes that all make this call; each computes its share of the rows and gets the scores of all.

    Example:
        >>> from tailormade import MADE
        >>> scores = score(MADE(3, seed=0), torch.zeros(5, 3))
        >>> scores.rows.shape
        torch.Size([5])
    """
    chosen = components_of(model) if components is None else list(components)
    device, training = next(model.parameters()).device, model.training
    model.eval()
    x, context = team.share(x), team.share(context)
    try:
        blocks = [torch.zeros(len(chosen), 0, dtype=torch.float64)]  # no rows, where there are fewer than processes
        for start in range(0, len(x), batch_size):
            rows = x[start : start + batch_size].to(device)
            c = None if context is None else context[start : start + batch_size].to(device)
            blocks.append(torch.stack([component_log_prob(model, rows, c, k).double().cpu() for k in chosen]))
    finally:
        model.train(training)
    return Scores(torch.cat(team.collect(torch.cat(blocks, 1).T)).T, model.features)
