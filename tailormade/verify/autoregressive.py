"""Is it autoregressive? Zeros on the Jacobian, reachability on the masks."""

import copy
from typing import TYPE_CHECKING, Union

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.masks import Degrees, audit, count_wrong
from tailormade.nn import AutoregressiveNetwork, MaskedSequential
from tailormade.verify.check import Check, double_copy, is_flow
from tailormade.verify.flows import check_masks
from tailormade.verify.jacobian import ROWS, jacobian_rows

if TYPE_CHECKING:
    from tailormade.flows import Flow


def check_autoregressive(
    model: Union[MADE, "Flow", AutoregressiveNetwork, MaskedSequential], *, seed: int = 0
) -> Check:
    """Check that no output depends on an input it must not see, and that context reaches every output.

    Args:
        model: A density, of which every stored order or transform is checked, or a masked network.
        seed: Fixes the point at which the Jacobian is taken.

    Returns:
        A :class:`Check`; lost dependencies are counted in its figure but do not fail it.

    Raises:
        TypeError: If the model is none of these.
        ValueError: If it is a flow in training mode with batch normalisation.

    Example:
        >>> from tailormade import MADE
        >>> check_autoregressive(MADE(4, hidden_units=(16,), seed=0)).passed
        True
    """
    if isinstance(model, AutoregressiveNetwork | MaskedSequential):
        return _check_network(model, seed)
    if is_flow(model):
        return check_masks(model, seed)
    probe = double_copy(model).requires_grad_(False)  # by inputs alone: 512 gradients of each weight are large
    generator = torch.Generator().manual_seed(seed)
    largest, rows, lost, forbidden, blind = 0.0, 0, 0, 0, 0
    for k, degrees in enumerate(probe.table):
        value, count = _largest_forbidden(probe, degrees, generator)
        largest, rows = float(torch.tensor([largest, value]).max()), rows + count  # unlike max(), keeps a NaN
        plan = probe.audit_masks(k)
        found = count_wrong(plan)
        lost, forbidden = lost + found[0], forbidden + found[1]
        blind += 0 if plan.context_reaches is None else int((~plan.context_reaches).sum())
    passed = largest == 0 and forbidden == 0 and blind == 0
    figure = f"largest forbidden derivative {largest:g} in {rows} Jacobian rows over {len(probe.table)} order(s); "
    figure += f"{forbidden} forbidden paths, {lost} dependencies lost"
    return Check("autoregressive", passed, figure + (f"; context misses {blind} outputs" if blind else ""))


def _check_network(model: AutoregressiveNetwork | MaskedSequential, seed: int) -> Check:
    """The same for a network whose outputs are interleaved by variable."""
    probe = copy.deepcopy(model).double().cpu().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    found, plan = audit(probe), probe.audit_masks()
    x = torch.randn(len(plan.inputs), generator=generator, dtype=torch.float64, requires_grad=True)
    width = probe.context if isinstance(probe, AutoregressiveNetwork) else 0
    context = torch.randn(width, generator=generator, dtype=torch.float64)
    raw = (probe(x, context) if width else probe(x)).reshape(-1)
    chosen = torch.randperm(len(raw), generator=generator)[:ROWS]
    outputs = _output_degrees(probe, plan.inputs, len(raw))
    wrong = jacobian_rows(raw, x, chosen)[plan.inputs[None, :] >= outputs[chosen, None]]
    largest = float(wrong.abs().max()) if len(wrong) else 0.0
    blind = 0 if found.context_reaches is None else int((~found.context_reaches).sum())
    figure = f"largest forbidden derivative {largest:g} in {len(chosen)} Jacobian rows; "
    figure += f"{len(found.forbidden)} forbidden paths, {len(found.lost)} dependencies lost"
    figure += f"; context misses {blind} outputs" if blind else ""
    return Check("autoregressive", largest == 0 and not len(found.forbidden) and not blind, figure)


def _output_degrees(model: AutoregressiveNetwork | MaskedSequential, inputs: Tensor, outputs: int) -> Tensor:
    if isinstance(model, MaskedSequential):
        own = model.masked_layers()[-1].degrees
        return inputs.repeat_interleave(outputs // len(inputs)) if own is None else own
    if isinstance(model.params, tuple):
        return inputs.repeat_interleave(torch.tensor(model.params))
    return inputs.repeat_interleave(model.params)


def _largest_forbidden(model: MADE, degrees: Degrees, generator: torch.Generator) -> tuple[float, int]:
    """Largest absolute forbidden derivative of raw parameters by network inputs, and the rows looked at."""
    inputs = degrees.inputs.repeat_interleave(torch.tensor(model.layout.input_sizes))
    outputs = degrees.inputs.repeat_interleave(torch.tensor(model.layout.param_sizes))
    x = torch.randn(len(inputs), generator=generator, dtype=torch.float64, requires_grad=True)
    network = model.network_of(degrees)
    fed = network.context  # the context, and evidence beside it in models of incomplete rows
    context = torch.randn(fed, generator=generator, dtype=torch.float64) if fed else None
    raw = network(x, context, degrees)
    chosen = torch.randperm(len(outputs), generator=generator)[:ROWS]
    jacobian = jacobian_rows(raw, x, chosen)
    wrong = jacobian[inputs[None, :] >= outputs[chosen, None]]
    return float(wrong.abs().max()) if len(wrong) else 0.0, len(chosen)
