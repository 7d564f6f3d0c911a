r"""Does the sampler draw from the density, and is a saved model the same one?

If ``x_i`` is drawn from ``p(· | x_<i)``, then ``x_i - E[x_i | x_<i]`` and ``log p(x_i | x_<i) - E[log p | x_<i]`` are
martingale differences (1): their sums over variables and rows, divided by the root of the summed conditional
variances, are standard normal whatever the density (2). A sampler that lags by one variable, ignores the context
or rounds the wrong way shows at once.
"""

import tempfile
from typing import TYPE_CHECKING, Union

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.masks import Degrees
from tailormade.store import load, save
from tailormade.verify.check import Check, double_copy, is_flow, probe_context
from tailormade.verify.flows import samples_of
from tailormade.verify.normalised import cardinalities

if TYPE_CHECKING:
    from tailormade.flows import Flow

_LIMIT = 5.0  # a standard normal exceeds it once in 1.7 million
_SINGLE = 0.8  # a single variable may deviate by 6.25, as there are many of them
_ENOUGH = 10.0  # variance from which a sum of rare events is close enough to normal
_DRAWS = 200_000  # values drawn in all, if time allows


def check_sampler(model: MADE, *, seed: int = 0) -> Check:
    """Check samples against the conditionals that ``log_prob`` uses.

    Args:
        model: A model of variables that can be enumerated.
        seed: Fixes the samples.

    Returns:
        A :class:`Check` with the largest standardised deviation found.

    Example:
        >>> from tailormade import MADE
        >>> check_sampler(MADE(4, seed=0)).passed
        True
    """
    probe = double_copy(model)
    generator = torch.Generator().manual_seed(seed)
    orders = list(probe.table)[:4]
    rows = max(20, min(5000, _DRAWS // probe.features // len(orders)))
    worst = max(_deviation(probe, k, degrees, rows, generator) for k, degrees in enumerate(orders))
    figure = f"{rows} samples from each of {len(orders)} order(s) deviate by {worst:.2f} standard errors at most"
    return Check("sampler", worst < _LIMIT, figure)


@torch.no_grad()
def _deviation(model: MADE, k: int, degrees: Degrees, rows: int, generator: torch.Generator) -> float:
    context = probe_context(model, rows, generator)
    shape = () if context is not None else (rows,)
    x = model(context, order=k).sample(shape, generator=generator)
    raw = model.params(x, context, degrees)
    logs, values = _conditional_table(model, raw)
    drawn = (values == x.unsqueeze(-1)).double()
    figures = [_standardised(drawn, logs, f) for f in (values.expand_as(logs), torch.where(logs > -1e9, logs, 0.0))]
    return float(torch.stack(figures).max())  # a NaN stays one, and fails the check


def _conditional_table(model: MADE, raw: Tensor) -> tuple[Tensor, Tensor]:
    """``log p(v | x_<i)`` of all values v of all variables, shape ``(rows, D, largest cardinality)``.

    Values that a variable does not have get a log-probability of -1e9, that is a probability of 0.
    """
    sizes = torch.tensor(cardinalities(model))
    columns = []
    for value in range(int(sizes.max())):
        allowed = value < sizes
        x = torch.where(allowed, float(value), 0.0).double().expand(len(raw), -1)
        columns.append(torch.where(allowed, model.layout.log_prob(raw, x), -1e9))
    return torch.stack(columns, -1), torch.arange(int(sizes.max()), dtype=torch.float64)


def _standardised(drawn: Tensor, logs: Tensor, function: Tensor) -> Tensor:
    """The largest standardised sum (2), over everything and over each variable with enough in it to be normal."""
    probability = logs.exp()
    mean = (probability * function).sum(-1)
    variance = ((probability * function.square()).sum(-1) - mean.square()).clamp(min=0).sum(0)
    difference = ((drawn * function).sum(-1) - mean).sum(0)
    total = difference.sum().abs() / variance.sum().clamp(min=1e-12).sqrt()
    enough = variance > _ENOUGH
    single = difference[enough].abs() / variance[enough].sqrt() * _SINGLE
    return torch.cat([total[None], single]).max()


def check_round_trip(model: Union[MADE, "Flow"], *, seed: int = 0) -> Check:
    """Check that saving and loading keeps every log-probability bit for bit.

    Args:
        model: A MADE or a flow.
        seed: Fixes the rows scored.

    Raises:
        ValueError: If a flow is in training mode with batch normalisation.
    """
    rows, context = _rows_to_score(model, seed)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        try:
            save(model, f"{folder}/model")
            loaded = load(f"{folder}/model").to(next(model.parameters()).device)
        except ValueError as error:
            return Check("save and load", False, " ".join(str(error).replace(folder, "").split()))
        training = model.training
        difference = (model.eval().log_prob(rows, context) - loaded.log_prob(rows, context)).abs().max()
        model.train(training)
    figure = f"log-probabilities of a saved and loaded copy differ by {float(difference):g}"
    return Check("save and load", float(difference) == 0, figure)


def _rows_to_score(model: Union[MADE, "Flow"], seed: int) -> tuple[Tensor, Tensor | None]:
    """Eight rows and contexts: random states, or samples where there are no states."""
    if is_flow(model):
        _, x, context = samples_of(model, 8, seed)
        return x, context
    generator, context = torch.Generator().manual_seed(seed), probe_context(double_copy(model), 8, _generator(seed))
    if any(conditional.cardinality is None for conditional in model.layout.conditionals):
        return double_copy(model)(context).sample(() if model.context else (8,), generator=generator), context
    return torch.stack([torch.randint(k, (8,), generator=generator) for k in cardinalities(model)], -1), context


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed + 1)
