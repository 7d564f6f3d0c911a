r"""Do a model's answers to different questions belong to one density?

A density fixes all its marginals and conditionals. A model of incomplete rows learns them side by side instead: p of
all variables, p_A of the variables in A with the others missing, and q of those in B, the others, given A as evidence.
For rows x and splits of the variables into A and B,

    d(x) = log p(x) - log p_A(x_A) - log q(x_B | x_A)                                        (1)

is 0 where they agree, which they do as far as training has brought them. ``p_A q`` is a density of all variables, too,
so that over rows drawn from p the mean of (1) is a divergence, ``E_p[d] = KL(p || p_A q) ≥ 0`` (2): what is lost, in
nats a row, by asking in two steps. The mean of ``|d|`` (3) is how far apart two answers about one row are.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.verify.check import Check, double_copy, probe_context


@dataclass(frozen=True)
class Agreement(Check):
    """Say how far answers differ. It has passed if the figures are finite: no model agrees to the last digit.

    Attributes:
        mean: Of (1) over rows and splits, in nats a row.
        standard_error: Of the mean, over rows.
        mean_absolute: (3), in nats.
        rows: How many rows were looked at.
        splits: How many splits of the variables.
    """

    mean: float
    standard_error: float
    mean_absolute: float
    rows: int
    splits: int


@torch.no_grad()
def check_agreement(
    model: MADE,
    x: Tensor | None = None,
    context: Tensor | None = None,
    *,
    rows: int = 1000,
    splits: int = 8,
    seed: int = 0,
) -> Agreement:
    """Measure how far the joint density, marginals and conditionals of a model of incomplete rows agree.

    Args:
        model: Built with ``missing=True``.
        x: Rows to ask about, shape ``(n, D)``, with NaN where nothing is known; drawn from the model if ``None``.
        context: Theirs, shape ``(n, C)``; if rows are drawn, random numbers spread as the training contexts were.
        rows: How many are drawn.
        splits: How many random splits of the variables are looked at.
        seed: Fixes rows and splits.

    Returns:
        An :class:`Agreement`, which informs and fails only where something is not finite.

    Raises:
        ValueError: If the model was not built with ``missing=True``.
        TypeError: If the model is no density.

    Example:
        >>> from tailormade import MADE
        >>> found = check_agreement(MADE(3, missing=True, seed=0), rows=100)
        >>> found.passed, found.splits
        (True, 8)
    """
    probe = double_copy(model)
    if not probe.missing:
        raise ValueError(
            "model: expected one built with missing=True, got one without, which has one path to each row."
        )
    generator = torch.Generator().manual_seed(seed)
    if x is None:
        context = probe_context(probe, rows, generator)
        x = probe(context).sample(() if context is not None else (rows,), generator=generator)
    x = torch.as_tensor(x, dtype=torch.float64)
    context = None if context is None else torch.as_tensor(context, dtype=torch.float64)
    parts = [_random_part(probe.features, generator) for _ in range(splits)]
    return _summary(torch.stack([_differences(probe, x, context, part) for part in parts]))


def _random_part(features: int, generator: torch.Generator) -> Tensor:
    """A random set A of any size but all, boolean, shape ``(D,)``; not empty if there are two variables or more."""
    size = int(torch.randint(1, features, (), generator=generator)) if features > 1 else 0
    part = torch.zeros(features, dtype=torch.bool)
    part[torch.randperm(features, generator=generator)[:size]] = True
    return part


def _differences(model: MADE, x: Tensor, context: Tensor | None, part: Tensor) -> Tensor:
    """(1) for every row, shape ``(n,)``."""
    marginal = model.log_prob(torch.where(part, x, torch.nan), context)
    return model.log_prob(x, context) - marginal - model(context).log_prob_given(x, part)


def _summary(differences: Tensor) -> Agreement:
    """Means over splits and rows, of differences of shape ``(splits, n)``."""
    splits, rows = differences.shape
    mean, absolute = float(differences.mean()), float(differences.abs().mean())
    error = float(differences.mean(0).std() / rows**0.5) if rows > 1 else 0.0
    figure = f"joint density and marginal times conditional differ by {mean:.3f} ± {error:.3f} nats a row, "
    figure += f"{absolute:.3f} in absolute value, in {splits} splits of {rows} rows"
    return Agreement("agreement", bool(differences.isfinite().all()), figure, mean, error, absolute, rows, splits)
