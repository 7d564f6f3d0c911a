r"""Which engine draws: chosen by size, device and model, or forced.

- ``loop``: D passes of the whole network; the definition.
- ``torch``: the schedule in blocks, on any device and in any type; a few torch calls for each step.
- ``compiled``: the same with compiled loops inside the blocks; CPU, float32 or float64, known conditionals.

The choice is a function of the call alone, not of what ran before, so that the same seed gives the same samples: in
float32, engines round differently, and a value may differ where its uniform number is within rounding of a boundary.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.sampling.ancestral import sample_ancestral
from tailormade.sampling.blocked import Choose, run_blocked
from tailormade.sampling.compiled import can_compile, run_compiled
from tailormade.sampling.gradients import parameters_of
from tailormade.sampling.plan import Plan, plan
from tailormade.sampling.source import Evidence, Source
from tailormade.sampling.state import State, finished, initial_state, sorted_weights

ENGINES = ("auto", "loop", "torch", "compiled")

_forced: ContextVar[str] = ContextVar("tailormade_engine", default="auto")

_STEP_SECONDS = 3e-5  # one step of the torch engine, measured
_MULTIPLY_ADD_SECONDS = 4e-11  # one multiply-add in a product between blocks
_WORTH_COMPILING = 0.015  # seconds in the torch engine; loading the compiled loops takes about half a second, once
_BLOCK = 64  # variables in a block; 32 to 128 are alike
_ONE_BLOCK = 3  # up to so many samples, the compiled loops do everything
_STATE_BYTES = 2**24  # of the state of one run, so that it stays in the cache, unless that is under _LEAST_ROWS
_LEAST_ROWS = 256


def use_engine(name: str) -> AbstractContextManager[None]:
    """Force the engine that draws samples inside a ``with`` block, in this thread; without ``with``, nothing changes.

    Args:
        name: 'loop', 'torch' or 'compiled'; 'auto' chooses. It is checked at once.

    Returns:
        What ``with`` takes.

    Raises:
        ValueError: If the name is none of these.

    Example:
        >>> import tailormade as tm
        >>> model = tm.MADE(4, seed=0)
        >>> with use_engine("loop"):
        ...     x = model().sample((2,))
    """
    if name not in ENGINES:
        raise ValueError(f"engine: expected one of {', '.join(ENGINES)}, got {name!r}.")
    return _forcing(name)


@contextmanager
def _forcing(name: str) -> Iterator[None]:
    token = _forced.set(name)
    try:
        yield
    finally:
        _forced.reset(token)


@torch.no_grad()
def draw(source: Source, noise: Tensor, evidence: Evidence | None = None, *, engine: str | None = None) -> Tensor:
    """Turn noise into samples.

    Args:
        source: The density.
        noise: Uniform in [0, 1), shape ``(n, D, layout.noise)``.
        evidence: Values to keep instead of drawing them.
        engine: One that :func:`engine_for` has chosen; chosen here if ``None``.

    Returns:
        Values of shape ``(n, D)``.

    Raises:
        ValueError: If an engine is forced that cannot draw from this density.
    """
    name = engine_for(source, noise, evidence) if engine is None else engine
    known = None if evidence is None or evidence.rows_differ else evidence  # what the schedule can leave out
    if name == "loop":
        return sample_ancestral(source.params(), source.layout, source.degrees, noise, evidence)
    parts = []
    for run in runs(source, noise, evidence, plan_for(source, len(noise), name, known), mask=known is not None):
        seen = None if evidence is None else evidence.rows(run.start, run.stop)
        parts.append(finished(run.planned.program, run.state, noise[run.start : run.stop], seen))
    return torch.cat(parts) if parts else noise.new_empty(noise.shape[:-1])


def plan_for(source: Source, n: int, name: str, known: Evidence | None = None, *, keep: bool = False) -> Plan:
    """Return the plan by which the torch or the compiled engine draws n samples.

    Args:
        source: The density.
        n: Number of samples.
        name: Of the engine.
        known: Evidence that is the same in all rows.
        keep: Whether the state keeps pre-activations beside activations.
    """
    compiled, features, width = name == "compiled", source.degrees.features, _BLOCK
    if compiled:  # the loops are to have about as many hidden units as variables
        widest = max((len(layer) for layer in source.degrees.hidden), default=1)
        width = features if n <= _ONE_BLOCK else -(-_BLOCK * features // max(features, widest))
    return plan(source, known, width=width, tables=compiled, keep=keep)


class Run(NamedTuple):
    """A program that has run for rows start..stop-1."""

    planned: Plan
    state: State
    start: int
    stop: int


def runs(source: Source, noise: Tensor, evidence: Evidence | None, planned: Plan, *, mask: bool) -> Iterator[Run]:
    """Run a program, a part of the rows at a time; ``mask`` says whether weights need it."""
    weights = sorted_weights(source, planned.program, mask=mask)
    rows = max(_LEAST_ROWS, _STATE_BYTES // (4 * max(1, planned.program.height)))
    for start in range(0, len(noise), rows):
        stop = min(start + rows, len(noise))
        part, seen = source.rows(start, stop), None if evidence is None else evidence.rows(start, stop)
        state = initial_state(part, planned.program, noise[start:stop], seen)
        if planned.tables is not None:
            run_compiled(part, planned, weights, state)
        else:
            run_blocked(part, planned.program, weights, state)
        yield Run(planned, state, start, stop)


@torch.no_grad()
def draw_by(source: Source, noise: Tensor, choose: Choose) -> None:
    """Run the torch engine's schedule, asking for every variable what it is to be, until the answer is ``None``.

    Args:
        source: The density.
        noise: Uniform in [0, 1), shape ``(n, D, layout.noise)``.
        choose: As for :func:`~tailormade.sampling.blocked.run_blocked`.
    """
    program = plan(source, None, width=_BLOCK, tables=False).program
    weights = sorted_weights(source, program, mask=False)
    run_blocked(source, program, weights, initial_state(source, program, noise, None), choose)


def engine_for(
    source: Source, noise: Tensor, evidence: Evidence | None = None, *, worth: float = _WORTH_COMPILING
) -> str:
    """Return the name of the engine that :func:`draw` uses; ``worth`` seconds in the torch engine call for loops.

    Raises:
        ValueError: If an engine is forced that cannot draw from this density.
    """
    forced, differ = _forced.get(), evidence is not None and evidence.rows_differ
    if forced == "compiled" and not can_compile(source, noise.dtype):
        raise ValueError(
            "engine: expected one that can draw from this density, got 'compiled', which needs numba, a CPU, "
            "float32 or float64, Bernoulli or categorical conditionals (or affine bijections) and an activation given "
            "by name; use 'torch'."
        )
    if forced == "compiled" and differ:
        raise ValueError(
            "engine: expected one that takes other evidence in each row, got 'compiled', which takes the same "
            "variables in all; use 'torch'."
        )
    if forced != "auto":
        return forced
    large = not differ and torch_seconds(source, len(noise)) > worth
    return "compiled" if large and can_compile(source, noise.dtype) else "torch"


def forced_engine() -> str:
    """Return the name of the engine that is forced, 'auto' if none is."""
    return _forced.get()


def torch_seconds(source: Source, n: int) -> float:
    """Return about how long the torch engine would take to draw n samples."""
    weights = sum(tensor.numel() for tensor in parameters_of(source.network))
    steps = len(source.layout.kind_of) * (1 + n // 1000)
    return steps * _STEP_SECONDS + n * weights * _MULTIPLY_ADD_SECONDS / 2
