"""Programs and tables by what they depend on, which is integers alone: kept, and never stale."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch

from tailormade.masks import Degrees
from tailormade.sampling.event import EventLayout
from tailormade.sampling.program import Program, create_program
from tailormade.sampling.schedule import Ints, create_schedule
from tailormade.sampling.source import Evidence, Source
from tailormade.sampling.table import create_table

_KEPT = 64  # programs: a flow takes up to four for each of its orders; one of 784 variables takes a few megabytes


class Plan(NamedTuple):
    """A program and the tables of its blocks, for an engine that runs those; ``None`` for one that does not."""

    program: Program
    tables: tuple[Ints, ...] | None


def plan(source: Source, evidence: Evidence | None, *, width: int, tables: bool, keep: bool = False) -> Plan:
    """Return the plan for a density, its evidence and a width of blocks.

    Args:
        source: The density.
        evidence: What is observed, or ``None``.
        width: Number of variables in a block.
        tables: Whether tables are wanted.
        keep: Whether the state keeps pre-activations beside activations, which derivatives need.
    """
    observed = None if evidence is None else _bytes(evidence.observed.nonzero().flatten())
    hidden = tuple(_bytes(layer) for layer in source.degrees.hidden)
    shape = (source.network.residual, source.network.direct is not None, keep)
    return _plan(_bytes(source.degrees.inputs), hidden, source.layout, observed, shape, width, tables)


@lru_cache(_KEPT)
def _plan(
    inputs: bytes,
    hidden: tuple[bytes, ...],
    layout: EventLayout,
    observed: bytes | None,
    shape: tuple[bool, bool, bool],
    width: int,
    tables: bool,
) -> Plan:
    degrees = Degrees(torch.from_numpy(_ints(inputs)), tuple(torch.from_numpy(_ints(layer)) for layer in hidden))
    schedule = create_schedule(degrees, layout, None if observed is None else _ints(observed))
    residual, direct, keep = shape
    program = create_program(schedule, residual=residual, direct=direct, width=width, keep=keep)
    if not tables:
        return Plan(program, None)
    return Plan(program, tuple(create_table(block.inner, program, layout) for block in program.blocks))


def _bytes(numbers: torch.Tensor) -> bytes:
    return numbers.cpu().numpy().astype(np.int64).tobytes()


def _ints(content: bytes) -> Ints:
    return np.frombuffer(content, dtype=np.int64).copy()
