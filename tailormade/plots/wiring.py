"""What there is to draw: the units of a network, their degrees, and its connections as a list.

The connections of a network are those of its masks (1), of its context (2), of a direct connection (3) and the
identities around residual blocks (4). A connection lies on a path from the inputs to output ``i`` if and only if
its lower end is reached from below and its upper end leads to ``i`` (5): one sweep up and one sweep down, layer by
layer, find both sets. Everything is at the level of variables, so that a one-hot code or the many parameters of
a conditional are one unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tailormade.masks import AuditMasks
from tailormade.masks.audit import Auditable
from tailormade.nn import DegreeTable, MaskedNetwork, MaskedSequential

BoolArray = NDArray[np.bool_]


class Unit(NamedTuple):
    """The place of a unit: its layer (0: inputs, then context) and its place there."""

    layer: int
    place: int


class Edge(NamedTuple):
    """A connection; ``kind`` is 'masked', 'context', 'direct' or 'skip'."""

    kind: str
    below: Unit
    above: Unit


@dataclass(frozen=True)
class Wiring:
    """Hold the units and connections of one network under one order.

    Attributes:
        names: Name of each layer from inputs to outputs.
        degrees: Degrees of each layer's units, ``None`` where they are not known.
        masks: Masks between successive layers, boolean ``(n_above, n_below)``.
        context: Number of context units C.
        fed: For each layer above the inputs, which units the context enters; shape ``(n,)``.
        direct: Mask ``(D, D)`` of the direct connection, or ``None``.
        residual: Whether residual blocks skip over pairs of masks.
        orders: How many orders the model has.
    """

    names: tuple[str, ...]
    degrees: tuple[tuple[int, ...] | None, ...]
    masks: tuple[BoolArray, ...]
    context: int
    fed: tuple[BoolArray, ...]
    direct: BoolArray | None
    residual: bool
    orders: int

    @property
    def inputs(self) -> tuple[int, ...]:
        """Degrees of the variables, length D."""
        return self.degrees[0] or ()

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of units of each layer; context counts among the inputs."""
        return (len(self.inputs) + self.context, *(len(mask) for mask in self.masks))

    def edges(self) -> list[Edge]:
        """Return all connections, by layer."""
        pairs = [(i, head, tail) for i, mask in enumerate(self.masks) for head, tail in np.argwhere(mask).tolist()]
        found = [Edge("masked", Unit(i, tail), Unit(i + 1, head)) for i, head, tail in pairs]
        for i, units in enumerate(self.fed, start=1):
            places = [len(self.inputs) + c for c in range(self.context)]
            found += [Edge("context", Unit(0, c), Unit(i, k)) for k in np.flatnonzero(units).tolist() for c in places]
        if self.direct is not None:
            last = len(self.masks)
            found += [Edge("direct", Unit(0, j), Unit(last, i)) for i, j in np.argwhere(self.direct).tolist()]
        if self.residual:
            entries = range(1, len(self.masks) - 2, 2)
            found += [Edge("skip", Unit(i, k), Unit(i + 2, k)) for i in entries for k in range(self.widths[i])]
        return sorted(found, key=lambda edge: edge.below.layer)

    def paths_to(self, output: int) -> tuple[set[Edge], set[Unit]]:
        """Return the connections and units on paths from inputs or context to one output.

        Args:
            output: Index of the variable, from 0. The output itself is always among the units.
        """
        edges, end = self.edges(), Unit(len(self.masks), output)
        seen = {Unit(0, k) for k in range(self.widths[0])}
        for edge in edges:
            if edge.below in seen:
                seen.add(edge.above)
        used = {end}
        for edge in sorted(edges, key=lambda edge: -edge.above.layer):
            if edge.above in used:
                used.add(edge.below)
        on_path = {edge for edge in edges if edge.below in seen and edge.above in used}
        return on_path, (seen & used) | {end}


def read_wiring(model: Auditable, order: int = 0) -> Wiring:
    """Read the wiring of a ``MADE``, ``AutoregressiveNetwork`` or ``MaskedSequential``.

    Args:
        model: Anything that ``tailormade.masks.audit`` accepts as a model.
        order: Which of its orders.

    Raises:
        TypeError: If the model cannot say how its units are connected.

    Example:
        >>> from tailormade import MADE
        >>> wiring = read_wiring(MADE(3, hidden_units=(4,), residual=False))
        >>> wiring.names, wiring.widths, len(wiring.edges())
        (('inputs', 'hidden 1', 'outputs'), (3, 4, 3), 12)
    """
    if not hasattr(model, "audit_masks"):
        raise TypeError(f"model: expected a MADE, network or MaskedSequential, got {type(model).__name__}.")
    plan = model.audit_masks(order)
    inputs = _degrees(plan.inputs)
    masks = [_array(mask) for mask in plan.masks]
    masks[-1] = _any(masks[-1].reshape(len(inputs), -1, masks[-1].shape[1]))  # the params of a variable are one unit
    hidden = [None if d is None else _degrees(d) for d in _hidden(model, order, len(masks) - 1)]
    context = int(getattr(model, "context", 0))
    table = getattr(model, "table", None)
    return Wiring(
        names=("inputs", *_hidden_names(len(hidden), plan.residual), "outputs"),
        degrees=(inputs, *hidden, inputs),
        masks=tuple(masks),
        context=context,
        fed=_fed(model, plan, masks) if context else (),
        direct=None if plan.direct is None else _array(plan.direct),
        residual=plan.residual,
        orders=len(table) if isinstance(table, DegreeTable) else 1,
    )


def _hidden(model: Auditable, order: int, layers: int) -> Sequence[Tensor | None]:
    table = getattr(model, "table", None)
    if isinstance(table, DegreeTable):
        return table[order].hidden
    if isinstance(model, MaskedSequential):
        return [layer.degrees for layer in model.masked_layers()[:-1]]
    return [None] * layers


def _hidden_names(layers: int, residual: bool) -> list[str]:
    if not residual:
        return [f"hidden {i + 1}" for i in range(layers)]
    return ["hidden 1", *(f"block {(i + 1) // 2} {'inner' if i % 2 else 'sum'}" for i in range(1, layers))][:layers]


def _fed(model: Auditable, plan: AuditMasks, masks: Sequence[BoolArray]) -> tuple[BoolArray, ...]:
    """Say which units context enters, layer by layer; the audit knows all but the outputs."""
    network = getattr(model, "network", None)
    outputs = isinstance(network, MaskedNetwork) and (
        len(network.context_layers) == len(masks) or network.direct_context is not None
    )
    hidden = [_array(units) for units in plan.context_units or ()]
    return (*hidden, np.full(len(masks[-1]), outputs))


def _array(mask: Tensor) -> BoolArray:
    return mask.detach().cpu().numpy().astype(bool)


def _any(masks: BoolArray) -> BoolArray:
    return np.asarray(masks.any(1), dtype=np.bool_)


def _degrees(degrees: Tensor) -> tuple[int, ...]:
    return tuple(int(d) for d in degrees.tolist())
