r"""A few rows through several inverses, one after the other, in a single run of the compiled loops.

A flow of K transforms draws one row in K times some tens of microseconds of arithmetic, far less than it takes to set
up K runs. Here all of them are one table of instructions: the states lie one below the other, and the values that the
k-th inverse draws are the noise of the next, by variable and not in the order in which they are drawn:

    v[0] = y,    v[k+1, i] = B_k⁻¹(v[k, i]; θ_{k,i}(v[k+1, <i], c)),    x = v[K]                             (1)

Tables and indices depend on integers alone and are kept in a :class:`Chain`; weights, biases and context are read anew
at every call, so that no update can leave a sample stale.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tailormade.masks import Degrees
from tailormade.nn import MaskedNetwork
from tailormade.sampling.chain_table import chain_table, starts
from tailormade.sampling.compiled import can_compile, compiled_chain
from tailormade.sampling.engines import plan_for, torch_seconds
from tailormade.sampling.event import EventLayout
from tailormade.sampling.gradients import context_layers, masked_layers
from tailormade.sampling.source import Source
from tailormade.sampling.state import index_of
from tailormade.sampling.table import activation_number


class Link(NamedTuple):
    """One inverse of a chain, as the engines know it from a source."""

    network: MaskedNetwork
    degrees: Degrees
    layout: EventLayout

    def source(self) -> Source:
        """Return the source without context, whose values are network inputs as they are."""
        zeros = next(self.network.parameters()).new_zeros(self.degrees.features)
        return Source(self.network, self.degrees, self.layout, zeros, zeros + 1, None)


def can_chain(links: Sequence[Link], worth: float) -> bool:
    """Return whether a chain can run these, and would save the torch engine more than ``worth`` seconds."""
    sources = [link.source() for link in links]
    dtype, activation = sources[0].shift.dtype, links[0].network.activation
    known = all(
        can_compile(source, dtype) and link.network.seen is None for source, link in zip(sources, links, strict=True)
    )
    alike = all(link.network.activation is activation for link in links)
    return known and alike and any(torch_seconds(source, 1) > worth for source in sources)


class Chain:
    """Hold what a few rows need on their way through several inverses.

    Args:
        links: In the order in which they are run; :func:`can_chain` is true of them.

    Example:
        >>> from tailormade.flows import MaskedAutoregressive
        >>> from tailormade.flows.inverse_layout import InverseLayout
        >>> layer = MaskedAutoregressive(3, seed=0)
        >>> chain = Chain([Link(layer.network, layer.degrees, InverseLayout(layer.bijection, 3))])
        >>> x = torch.tensor([[0.5, -1.0, 2.0]])
        >>> with torch.no_grad():
        ...     bool(torch.allclose(chain.run(layer()(x), None), x, atol=1e-5))
        True
    """

    def __init__(self, links: Sequence[Link]) -> None:
        sources = [link.source() for link in links]
        plans = [plan_for(source, 1, "compiled") for source in sources]
        programs = [plan.program for plan in plans]
        bases = np.cumsum([0, *(program.height for program in programs)]).tolist()
        self.features, self.dtype, self._levels = links[0].degrees.features, sources[0].shift.dtype, len(links)
        self._table = chain_table(plans, [link.layout for link in links], self.features)
        self._activation = activation_number(links[0].network.activation)
        self._starts = torch.from_numpy(starts([link.network for link in links], programs))
        self._codes = torch.tensor([0, 1, 1], dtype=self.dtype).repeat(bases[-1], 1).numpy()  # see run_compiled
        self._edges = [
            (
                layer,
                index_of(edge.target.units.number, layer.out_features),
                index_of(edge.source.units.number, layer.in_features),
            )
            for link, program in zip(links, programs, strict=True)
            for layer, edge in zip(masked_layers(link.network), program.edges, strict=True)
        ]
        self._sizes = np.array(
            [len(edge.target.units.number) * len(edge.source.units.number) for p in programs for edge in p.edges]
        )
        self._biased = [layer for link in links for layer in masked_layers(link.network) if layer.bias is not None]
        self._contexts = [
            (layer, torch.from_numpy(stage.units.number), base + stage.z)
            for link, program, base in zip(links, programs, bases, strict=False)
            for layer, stage in context_layers(link.network, program)
        ]

    def run(self, y: Tensor, context: Tensor | None) -> Tensor:
        """Return x of y ``(n, D)`` by (1), given context ``(n, C)`` or ``None``, both of the chain's type.

        Nothing is recorded for derivatives; call it where none are wanted.
        """
        n, d = len(y), self.features
        values = y.new_empty((self._levels + 1) * d, n)
        values[:d] = y.T
        rows, every, weights = self._start(n, context), values.numpy(), [_sorted(*edge) for edge in self._edges]
        addresses = np.array([weight.data_ptr() for weight in weights])
        run = compiled_chain(self.dtype)
        run(
            self._table,
            self._activation,
            rows.numpy(),
            addresses,
            self._sizes,
            every[:-d, None],
            every[d:],
            self._codes,
        )
        return values[-d:].T

    def _start(self, n: int, context: Tensor | None) -> Tensor:
        """The states of all links: biases, and what the context adds."""
        biases = [torch.zeros(1, dtype=self.dtype), *(layer.bias for layer in self._biased)]
        rows = torch.cat(biases).index_select(0, self._starts).unsqueeze(1)
        rows = rows if n == 1 else rows.repeat(1, n)
        if context is not None:
            for layer, index, start in self._contexts:
                rows[start : start + len(index)].addmm_(layer.weight.index_select(0, index), context.T)
        return rows


def _sorted(layer: torch.nn.Linear, rows: Tensor | None, columns: Tensor | None) -> Tensor:
    """The weight with its units in the order of the program, row by row in memory; itself where it is so."""
    weight = layer.weight if rows is None else layer.weight.index_select(0, rows)
    return (weight if columns is None else weight.index_select(1, columns)).contiguous()
