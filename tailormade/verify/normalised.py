"""Do the probabilities add up to 1?

``p(x) = p(prefix) p(suffix | prefix)``: for few variables the prefix is empty and all states are enumerated; for
many, the suffix is as many of the last variables of an order as have at most 2^12 states, and the joint
probabilities over it must add up to that of a random prefix.
"""

import math
from typing import TYPE_CHECKING, Union

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.masks import Degrees
from tailormade.verify.check import STATES, Check, double_copy, is_flow, probe_context
from tailormade.verify.integral import check_integral

if TYPE_CHECKING:
    from tailormade.flows import Flow

_TOLERANCE = 1e-6
_ORDERS = 8  # orders looked at when only a suffix is enumerated


def check_normalised(model: Union[MADE, "Flow"], *, seed: int = 0) -> Check:
    """Check that a discrete density sums to 1, or that a flow of one or two variables integrates to 1.

    Args:
        model: A model of variables that can be enumerated, or a flow of at most two.
        seed: Fixes context and prefix.

    Returns:
        A :class:`Check` with the largest deviation found.

    Raises:
        ValueError: If a variable cannot be enumerated, or a flow has more than two, or is in training mode with batch
            normalisation.

    Example:
        >>> from tailormade import MADE
        >>> check_normalised(MADE(4, seed=0)).passed
        True
    """
    if is_flow(model):
        return check_integral(model, seed)
    probe = double_copy(model)
    generator = torch.Generator().manual_seed(seed)
    sizes = cardinalities(probe)
    context = probe_context(probe, 1, generator)
    with torch.no_grad():
        if math.prod(sizes) <= STATES:
            total = probe.log_prob(_states(sizes), context).exp().sum()
            error, what = abs(float(total) - 1), f"{math.prod(sizes)} states of {len(sizes)} variables"
        else:
            orders = list(probe.table)[:_ORDERS]
            results = [_suffix_error(probe, degrees, sizes, context, generator) for degrees in orders]
            error = max([value for value, _ in results] + [_mixture_error(probe, sizes, context, generator)])
            what = f"the last {results[0][1]} variables given a random prefix, {len(orders)} order(s)"
    return Check("normalised", error < _TOLERANCE, f"probabilities of {what} sum to 1 within {error:.1g}")


def _mixture_error(model: MADE, sizes: list[int], context: Tensor | None, generator: torch.Generator) -> float:
    """How far the model's density is from the mean of its components' densities, on a few samples."""
    x = torch.stack([torch.randint(size, (20,), generator=generator) for size in sizes], -1).double()
    logs = torch.stack([model.component_log_prob(x, context, degrees) for degrees in model.table])
    highest = logs.max(0).values
    mean = (logs - highest).exp().mean(0).log() + highest
    return float((model.log_prob(x, context) - mean).abs().max())


def cardinalities(model: MADE) -> list[int]:
    """Return the number of values of every variable.

    Raises:
        ValueError: If one cannot be enumerated.
    """
    sizes = [c.cardinality for c in model.layout.conditionals]
    found = [size for size in sizes if size is not None]
    if len(found) < len(sizes):
        raise ValueError("model: expected variables with finitely many values, got one that cannot be enumerated.")
    return found


def _states(sizes: list[int]) -> Tensor:
    axes = [torch.arange(size, dtype=torch.float64) for size in sizes]
    return torch.cartesian_prod(*axes).reshape(-1, len(sizes))


def _suffix_error(
    model: MADE, degrees: Degrees, sizes: list[int], context: Tensor | None, generator: torch.Generator
) -> tuple[float, int]:
    sequence = torch.argsort(degrees.inputs, stable=True).tolist()
    suffix = _longest_suffix(sequence, sizes)
    prefix = [i for i in sequence if i not in set(suffix)]
    x = torch.stack([torch.randint(size, (), generator=generator) for size in sizes]).double()
    start = model.conditional_log_probs(x, context, degrees).reshape(-1)[prefix].sum()
    rows = x.repeat(math.prod(sizes[i] for i in suffix), 1)
    rows[:, suffix] = _states([sizes[i] for i in suffix])
    total = (model.component_log_prob(rows, context, degrees) - start).exp().sum()
    return abs(float(total) - 1), len(suffix)


def _longest_suffix(sequence: list[int], sizes: list[int]) -> list[int]:
    """The last variables of a sequence that together have at most 2^12 states, at least one."""
    suffix: list[int] = []
    for i in reversed(sequence):
        if suffix and math.prod(sizes[j] for j in suffix) * sizes[i] > STATES:
            break
        suffix.insert(0, i)
    return suffix
