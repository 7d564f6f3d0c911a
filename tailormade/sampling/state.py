"""The tensors a program works on: weights sorted by time, the state with its biases, noise and values.

Sorting is all that a weight needs: what a multiplication of the program reads is allowed by the degrees, so that no
masked entry is ever touched. Only evidence makes units of several degrees final at one time; then the weights are
masked besides. Everything is made anew from the parameters for each call, so no update can leave it stale.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tailormade.sampling.program import Program, Stage
from tailormade.sampling.schedule import Ints
from tailormade.sampling.source import Evidence, Source


@dataclass(frozen=True)
class State:
    """Hold the tensors of one run.

    Attributes:
        rows: What is final or being added up, shape ``(program.height, n)``.
        noise: Of the variables drawn, sorted, shape ``(drawn, noise, n)``.
        values: What has been drawn, sorted, shape ``(drawn, n)``.
        shift: Of the sorted inputs, shape ``(inputs, 1)``.
        scale: Likewise.
        numbers: Of the variables drawn, sorted, shape ``(drawn,)``.
        fixed: Where rows differ in what is observed: values that are not drawn, NaN elsewhere, shape ``(drawn, n)``.
    """

    rows: Tensor
    noise: Tensor
    values: Tensor
    shift: Tensor
    scale: Tensor
    numbers: Ints
    fixed: Tensor | None = None


def sorted_weights(source: Source, program: Program, *, mask: bool) -> list[Tensor]:
    """Return the weight of each edge of the program with rows and columns in the order of its stages."""
    network = source.network
    layers = [*network.layers, *([] if network.direct is None else [network.direct])]
    weights = []
    for layer, (below, above) in zip(layers, program.edges, strict=True):
        assert isinstance(layer, nn.Linear)
        weight = take(take(layer.weight.detach(), 0, above.units.number), 1, below.units.number)
        weights.append(weight)
    return [w.where(m.to(w.device), 0.0) for w, m in zip(weights, program.masks, strict=True)] if mask else weights


def take(tensor: Tensor, dim: int, index: Ints) -> Tensor:
    """Select along a dimension; as it is where the index changes nothing."""
    chosen = index_of(index, tensor.shape[dim])
    return tensor if chosen is None else tensor.index_select(dim, chosen.to(tensor.device))


def index_of(index: Ints, size: int) -> Tensor | None:
    """Return an index of something of a size as a tensor, ``None`` where it changes nothing."""
    if len(index) == size and bool((index[1:] > index[:-1]).all()):
        return None
    return torch.from_numpy(index)


def initial_state(source: Source, program: Program, noise: Tensor, evidence: Evidence | None) -> State:
    """Return the state before anything is drawn: biases, what the context adds, and the codes of the evidence."""
    n = len(noise)
    rows = source.shift.new_empty(program.height, n)
    for i, (stage, bias) in enumerate(zip(program.stages[1:], source.network.biases(source.degrees), strict=True)):
        _start(rows, stage, bias, source, i)
    inputs = program.stages[0].units.number
    fixed = None
    if evidence is not None and evidence.rows_differ:
        free = torch.full_like(noise[..., 0], torch.nan)
        fixed = take(evidence.clamp(free), 1, program.schedule.variables.number).T.contiguous()
    elif evidence is not None:
        known = evidence.clamp(torch.zeros_like(noise[..., 0]))
        rows[: len(inputs)] = take(source.inputs(known), 1, inputs).T
    drawn = program.schedule.variables.number
    return State(
        rows,
        take(noise, 1, drawn).permute(1, 2, 0).contiguous(),
        noise.new_empty(len(drawn), n),
        take(source.shift, 0, inputs).unsqueeze(-1),
        take(source.scale, 0, inputs).unsqueeze(-1),
        drawn,
        fixed,
    )


def _start(rows: Tensor, stage: Stage, bias: Tensor | None, source: Source, i: int) -> None:
    """Begin the pre-activations of a stage with its bias and what the context adds."""
    network, context, index = source.network, source.context, stage.units.number
    target = rows[stage.z : stage.z + len(index)]
    if bias is not None:
        target.copy_(take(bias.detach(), 0, index).unsqueeze(-1).expand_as(target))
    else:
        target.zero_()
    if context is None:
        return
    layers = [network.context_layers[i]] if i < len(network.context_layers) else []
    last = i == len(network.layers) - 1
    layers += [network.direct_context] if last and network.direct_context is not None else []
    for layer in layers:
        assert isinstance(layer, nn.Linear)
        target.addmm_(take(layer.weight.detach(), 0, index), context.T)


def finished(program: Program, state: State, noise: Tensor, evidence: Evidence | None) -> Tensor:
    """Return the values in the order of the variables, shape ``(n, D)``."""
    x = noise.new_empty(noise.shape[:-1])
    index = torch.from_numpy(program.schedule.variables.number).to(x.device)
    x[:, index] = state.values.T
    return x if evidence is None else evidence.clamp(x)
