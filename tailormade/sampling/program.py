r"""A schedule as a list of instructions on one state matrix, which every engine runs.

The state has a row for each unit that is kept and a column for each sample: inputs, then for each hidden layer its
pre-activations z and activations a (in the same rows where nothing needs z any more), then params. Times are cut into
blocks. Before a block, all that earlier blocks contribute to it is added by one matrix product for each weight (1);
inside it, instructions go time by time over what the block itself adds (2):

    z_l[t] += W_l[t, s] a_{l-1}[s],   s final,      a_l[t] = φ(z_l[t])                                   (1, 2)
    θ[t] += W_L[t, s] a[s] + W_d[t, s] x[s],        x[t] = F⁻¹(u[t] | θ[t])                              (3)

Block b of width B thus costs a rectangle (1) and a small triangle (2) of each weight: half of a dense pass in all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.masks.degrees import weight_mask
from tailormade.sampling.schedule import Draw, Schedule, Units


class Multiply(NamedTuple):
    """Add ``weight[rows, columns] @ state[source]`` to ``state[target]``; rows and columns of the sorted weight."""

    edge: int
    target: slice
    source: slice
    rows: slice
    columns: slice


class Activate(NamedTuple):
    """Put the activations of ``state[source]`` into ``state[target]``."""

    target: slice
    source: slice


class Carry(NamedTuple):
    """Add ``state[source]`` to ``state[target]``: the stream of a residual network."""

    target: slice
    source: slice


class Sample(NamedTuple):
    """Draw variables from ``state[params]``, and put their codes into ``state[inputs]`` if anything needs them."""

    draw: Draw
    params: slice
    inputs: slice


Instruction = Multiply | Activate | Carry | Sample


class Block(NamedTuple):
    """One block of times: products with all earlier blocks, then what happens inside it."""

    outer: tuple[Multiply, ...]
    inner: tuple[Instruction, ...]


class Stage(NamedTuple):
    """Where the units of one layer lie in the state."""

    units: Units
    z: int
    a: int

    def rows(self, span: slice, *, activated: bool) -> slice:
        """Return rows of the state for a span of units."""
        start = self.a if activated else self.z
        return slice(start + span.start, start + span.stop)


class Edge(NamedTuple):
    """A weight matrix from one stage to another."""

    source: Stage
    target: Stage


@dataclass(frozen=True)
class Program:
    """Hold the instructions and the layout of the state.

    Attributes:
        schedule: What it was made from.
        stages: Inputs, hidden layers, params.
        edges: One for each layer of the network in sequence, then the direct connection if there is one.
        prologue: What is known before anything is drawn.
        blocks: The rest.
        height: Number of rows of the state.
    """

    schedule: Schedule
    stages: tuple[Stage, ...]
    edges: tuple[Edge, ...]
    prologue: tuple[Instruction, ...]
    blocks: tuple[Block, ...]
    height: int

    @cached_property
    def masks(self) -> tuple[Tensor, ...]:
        """Of each edge, which entries of its sorted weight the degrees allow."""
        degrees = [[torch.from_numpy(stage.units.degree) for stage in edge] for edge in self.edges]
        outputs = [edge.target is self.stages[-1] for edge in self.edges]
        return tuple(weight_mask(*pair, output=output) for pair, output in zip(degrees, outputs, strict=True))

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds for one sample, all of them matrix products of the network."""
        inner = [i for block in self.blocks for i in (*block.outer, *block.inner)]
        every = [i for i in (*self.prologue, *inner) if isinstance(i, Multiply)]
        return sum((i.rows.stop - i.rows.start) * (i.columns.stop - i.columns.start) for i in every)


def create_program(schedule: Schedule, *, residual: bool, direct: bool, width: int, keep: bool = False) -> Program:
    """Return the program of a schedule.

    Args:
        schedule: When each unit is final.
        residual: Whether hidden layers after the first are residual blocks of two.
        direct: Whether inputs are connected to outputs directly.
        width: Number of variables in a block, about; a block is never cut within a time.
        keep: Whether pre-activations have rows of their own everywhere.

    Example:
        >>> import torch
        >>> from tailormade.conditionals import Bernoulli, Layout
        >>> from tailormade.masks import create_degrees
        >>> from tailormade.sampling.schedule import create_schedule
        >>> schedule = create_schedule(create_degrees(784, (500,)), Layout([Bernoulli()] * 784))
        >>> program = create_program(schedule, residual=False, direct=False, width=32)
        >>> round(program.multiply_adds / (2 * 784 * 500), 2)
        0.5
    """
    stages, height = _stages(schedule, residual, keep)
    edges = tuple(Edge(a, b) for a, b in pairwise(stages))
    edges += (Edge(stages[0], stages[-1]),) if direct else ()
    skips = {i + 2: i for i in range(1, len(stages) - 3, 2)} if residual else {}
    draws = {t: list(group) for t, group in groupby(schedule.draws, key=lambda draw: draw.time)}
    writer = _Writer(stages, edges, skips, draws)
    blocks = tuple(writer.block(first, last) for first, last in _cuts(schedule, width))
    return Program(schedule, stages, edges, tuple(writer.hidden(0, 0)), blocks, height)


def _stages(schedule: Schedule, residual: bool, keep: bool) -> tuple[tuple[Stage, ...], int]:
    stages = [Stage(schedule.inputs, 0, 0)]
    top = len(schedule.inputs.number)
    for i, units in enumerate(schedule.hidden):
        kept = keep or (residual and i % 2 == 0 and i < len(schedule.hidden) - 1)  # the stream goes on as z
        stages.append(Stage(units, top, top + len(units.number) * kept))
        top += len(units.number) * (1 + kept)
    stages.append(Stage(schedule.params, top, top))
    return tuple(stages), top + len(schedule.params.number)


def _cuts(schedule: Schedule, width: int) -> Iterator[tuple[int, int]]:
    """First and last time of each block: at least ``width`` variables in it, but for the last."""
    first, ends = 1, schedule.variables.ends
    for t in range(1, schedule.steps + 1):
        if t == schedule.steps or ends[t] - ends[first - 1] >= width:
            yield first, t
            first = t + 1


@dataclass(frozen=True)
class _Writer:
    """Write the instructions for spans of time."""

    stages: tuple[Stage, ...]
    edges: tuple[Edge, ...]
    skips: dict[int, int]
    draws: dict[int, list[Draw]]

    def block(self, first: int, last: int) -> Block:
        """Write the block of times first..last."""
        outer = [self.multiply(e, (first, last), (0, first - 1)) for e in range(len(self.edges))]
        inner: list[Instruction] = []
        for t in range(first, last + 1):
            inner += self.into(self.stages[-1], t, (first, t - 1))
            inner += self.samples(t)
            inner += self.hidden(t, first)
        return Block(tuple(m for m in outer if m is not None), tuple(inner))

    def into(self, target: Stage, t: int, sources: tuple[int, int]) -> list[Instruction]:
        """Add to the units of time t what sources of the given times contribute."""
        products = [self.multiply(e, (t, t), sources) for e, edge in enumerate(self.edges) if edge.target is target]
        return [p for p in products if p is not None]

    def multiply(self, e: int, targets: tuple[int, int], sources: tuple[int, int]) -> Multiply | None:
        """Multiply one weight for targets and sources of the given times."""
        source, target = self.edges[e]
        rows, columns = target.units.span(*targets), source.units.span(*sources)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return None
        return Multiply(e, target.rows(rows, activated=False), source.rows(columns, activated=True), rows, columns)

    def samples(self, t: int) -> Iterator[Sample]:
        """Draw the variables of time t."""
        for draw in self.draws.get(t, ()):
            yield Sample(draw, self.stages[-1].rows(draw.params, activated=False), draw.inputs)

    def hidden(self, t: int, first: int) -> list[Instruction]:
        """Finish the hidden units of time t, given sources of times first..t."""
        written: list[Instruction] = []
        for i, stage in enumerate(self.stages[1:-1], start=1):
            span = stage.units.span(t, t)
            if span.start == span.stop:
                continue
            z = stage.rows(span, activated=False)
            written += self.into(stage, t, (first, t))
            if i in self.skips:
                below = self.stages[self.skips[i]]
                written.append(Carry(z, below.rows(span, activated=False)))
            written.append(Activate(stage.rows(span, activated=True), z))
        return written
