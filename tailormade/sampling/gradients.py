"""What the swept tape says of everything a draw depends on: noise, context, weights and biases.

With the derivatives z̄ of all pre-activations, ``W̄ = z̄ aᵀ`` (1) for the weight between a and z, ``b̄ = Σ z̄`` (2) over
samples, ``C̄ = z̄ cᵀ`` (3) for what reads the context, and ``c̄ = Σ Cᵀ z̄`` (4) over the layers that read it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from tailormade.nn import MaskedNetwork
from tailormade.sampling.adjoint import Bars, Tape, every
from tailormade.sampling.program import Program, Stage
from tailormade.sampling.schedule import Ints
from tailormade.sampling.source import Source
from tailormade.sampling.state import take


@dataclass
class Gradients:
    """Add up derivatives over runs of rows.

    Attributes:
        noise: With respect to the noise, shape ``(n, D)``.
        context: With respect to the context, shape ``(n, C)``, or ``None`` if there is none.
        params: With respect to each of :func:`parameters_of`, by the parameter; empty if not wanted.
    """

    noise: Tensor
    context: Tensor | None
    params: dict[Tensor, Tensor] = field(default_factory=dict)

    def add(self, source: Source, tape: Tape, swept: Bars, *, params: bool) -> None:
        """Add those of the rows of a tape."""
        program, rows = tape.planned.program, slice(tape.start, tape.start + tape.rows.shape[1])
        drawn = torch.from_numpy(program.schedule.variables.number).to(tape.rows.device)
        self.noise[rows, drawn] = swept.totals.T.to(self.noise.dtype)
        if self.context is not None and source.context is not None:
            for layer, stage in context_layers(source.network, program):
                bars = swept.rows[every(stage, activated=False)]
                self.context[rows] += bars.T @ take(layer.weight.detach(), 0, stage.units.number)
                if params:
                    part = bars @ source.context[rows]
                    self._add(layer.weight, _spread(part, 0, stage.units.number, layer.out_features))
        if params:
            self._add_weights(source.network, tape, swept)

    def _add_weights(self, network: MaskedNetwork, tape: Tape, swept: Bars) -> None:
        program = tape.planned.program
        for layer, edge, mask in zip(masked_layers(network), program.edges, program.masks, strict=True):
            bars = swept.rows[every(edge.target, activated=False)]
            below = tape.rows[every(edge.source, activated=True)]
            product = (bars @ below.T).where(mask.to(bars.device), 0.0)
            product = _spread(product, 1, edge.source.units.number, layer.in_features)
            self._add(layer.weight, _spread(product, 0, edge.target.units.number, layer.out_features))
            if layer.bias is not None:
                self._add(layer.bias, _spread(bars.sum(1), 0, edge.target.units.number, layer.out_features))

    def _add(self, parameter: Tensor, part: Tensor) -> None:
        self.params[parameter] = self.params[parameter] + part if parameter in self.params else part


def parameters_of(network: MaskedNetwork) -> list[Tensor]:
    """Return all weights and biases that a draw depends on."""
    layers = [*masked_layers(network), *network.context_layers]
    layers += [] if network.direct_context is None else [network.direct_context]
    return [t for layer in layers for t in (layer.weight, layer.bias) if isinstance(t, Tensor)]


def masked_layers(network: MaskedNetwork) -> list[nn.Linear]:
    """Return the layers of a program's edges."""
    direct = [] if network.direct is None else [network.direct]
    return [layer for layer in (*network.layers, *direct) if isinstance(layer, nn.Linear)]


def context_layers(network: MaskedNetwork, program: Program) -> Iterator[tuple[nn.Linear, Stage]]:
    """Iterate over the layers that read the context, and where to."""
    pairs = list(zip(network.context_layers, program.stages[1:], strict=False))
    pairs += [] if network.direct_context is None else [(network.direct_context, program.stages[-1])]
    for layer, stage in pairs:
        assert isinstance(layer, nn.Linear)
        yield layer, stage


def _spread(part: Tensor, dim: int, index: Ints, size: int) -> Tensor:
    """Put what belongs to sorted units in their places: the reverse of :func:`~tailormade.sampling.state.take`."""
    if len(index) == size and bool((index[1:] > index[:-1]).all()):
        return part
    shape = list(part.shape)
    shape[dim] = size
    return part.new_zeros(shape).index_copy_(dim, torch.from_numpy(index).to(part.device), part)
