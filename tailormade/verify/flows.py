r"""Checks of flows: masks, inverse, log-determinant.

    ∂θ_i / ∂x_j = 0 unless d(j) < d(i)    in every transform                                             (1)
    f⁻¹(f(x)) = x,    Σ_t log |det ∂f_t| = log |det ∂f/∂x|    by the Jacobian of the whole                (2)

The first is shown by exact zeros of the parameters' Jacobian and by the masks' product; the others on samples of the
flow, in float64.
"""

import copy
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tailormade.masks import audit
from tailormade.verify.check import Check, probe_context
from tailormade.verify.jacobian import ROWS, jacobian_rows

if TYPE_CHECKING:
    from tailormade.flows import Flow, MaskedAutoregressive

_CLOSE = 1e-6
_POINTS = 4


def flow_copy(model: "Flow") -> "Flow":
    """Return a float64 copy in evaluation mode on the CPU.

    Raises:
        ValueError: If the flow is in training mode and has batch normalisation.
    """
    if model.training and model.batch_normalised:
        raise ValueError(
            "model: expected evaluation mode, got training mode, in which log_prob of a flow with batch normalisation "
            "is no density of a row; call model.settle(train_rows) and model.eval()."
        )
    return copy.deepcopy(model).double().cpu().eval()


def check_masks(model: "Flow", seed: int) -> Check:
    """Check (1) for every transform, and that context reaches every output."""
    probe, generator = flow_copy(model), torch.Generator().manual_seed(seed)
    found = [audit(transform) for transform in probe.transforms]
    results = [_largest_forbidden(transform, generator) for transform in probe.transforms]
    largest = float(torch.tensor([value for value, _ in results]).max())  # unlike max(), keeps a NaN
    forbidden, lost = sum(len(a.forbidden) for a in found), sum(len(a.lost) for a in found)
    blind = sum(int((~a.context_reaches).sum()) for a in found if a.context_reaches is not None)
    figure = f"largest forbidden derivative {largest:g} in {sum(rows for _, rows in results)} Jacobian rows over "
    figure += f"{len(results)} transform(s); {forbidden} forbidden paths, {lost} dependencies lost"
    figure += f"; context misses {blind} outputs" if blind else ""
    return Check("autoregressive", largest == 0 and forbidden == 0 and blind == 0, figure)


def _largest_forbidden(transform: "MaskedAutoregressive", generator: torch.Generator) -> tuple[float, int]:
    inputs = transform.degrees.inputs
    x = torch.randn(len(inputs), generator=generator, dtype=torch.float64, requires_grad=True)
    width = transform.context
    context = torch.randn(width, generator=generator, dtype=torch.float64) if width else None
    raw = transform.params(x, context).reshape(-1)
    outputs = inputs.repeat_interleave(len(raw) // len(inputs))
    chosen = torch.randperm(len(raw), generator=generator)[:ROWS]
    wrong = jacobian_rows(raw, x, chosen)[inputs[None, :] >= outputs[chosen, None]]
    return (float(wrong.abs().max()) if len(wrong) else 0.0), len(chosen)


@torch.no_grad()
def check_inverse(model: "Flow", *, seed: int = 0) -> Check:
    """Check that a flow's two directions are inverse to each other (2).

    Args:
        model: The flow.
        seed: Fixes the samples it is checked on.

    Returns:
        A :class:`Check` with the largest error found, relative to values above 1.

    Raises:
        ValueError: If the flow is in training mode and has batch normalisation.

    Example:
        >>> from tailormade import MAF
        >>> check_inverse(MAF(3, hidden_units=(8,), seed=0)).passed
        True
    """
    probe, x, context = samples_of(model, 100, seed)
    z, _ = probe.to_noise(x, context)
    error = float(((probe.to_data(z, context) - x).abs() / x.abs().clamp(min=1)).max())
    return Check("inverse", error < _CLOSE, f"{len(x)} samples come back from noise within {error:.1g}")


def check_log_det(model: "Flow", *, seed: int = 0) -> Check:
    """Check a flow's log-determinant against that of its Jacobian, which autograd computes (2).

    Args:
        model: The flow.
        seed: Fixes the samples it is checked at.

    Returns:
        A :class:`Check` with the largest difference found, in nats.

    Raises:
        ValueError: If the flow is in training mode and has batch normalisation.

    Example:
        >>> from tailormade import MAF
        >>> check_log_det(MAF(3, hidden_units=(8,), seed=0)).passed
        True
    """
    probe, x, context = samples_of(model, _POINTS, seed)
    errors = []
    for i, point in enumerate(x):
        c = None if context is None else context[i]
        jacobian = torch.autograd.functional.jacobian(lambda v, c=c: probe.to_noise(v, c)[0], point, vectorize=False)
        errors.append(torch.linalg.slogdet(jacobian).logabsdet - probe.to_noise(point, c)[1])
    error = float(torch.stack(errors).detach().abs().max())
    return Check("log-determinant", error < _CLOSE, f"differs from the Jacobian's by {error:.1g} nats at most")


@torch.no_grad()
def samples_of(model: "Flow", rows: int, seed: int) -> tuple["Flow", Tensor, Tensor | None]:
    """A copy to probe, samples of it, and one context that all of them have."""
    probe, generator = flow_copy(model), torch.Generator().manual_seed(seed)
    context = probe_context(probe, 1, generator)
    context = None if context is None else context.expand(rows, -1)
    shape = (rows,) if context is None else ()
    return probe, probe(context).sample(shape, generator=generator), context
