"""The compiled CPU engine: numba loops inside a block, torch's matrix products between blocks.

With few samples everything is one block, and the loops do all. With many, nearly all arithmetic is in the products; the
loops take the samples in lanes that fit the cache, and threads take ranges of lanes. The loops are compiled once for
each type of number and kept in numba's cache on disk; where that cannot be read or written, they are compiled anew
in each process.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from tailormade.sampling.adjoint import Bars, Tape, undo
from tailormade.sampling.blocked import execute
from tailormade.sampling.plan import Plan
from tailormade.sampling.source import Source
from tailormade.sampling.state import State
from tailormade.sampling.table import TABLE_COLUMNS, activation_number, supports
from tailormade.sampling.threads import run_ranges


def run_compiled(source: Source, plan: Plan, weights: list[Tensor], state: State) -> None:
    """Run a whole program.

    Args:
        source: A density that :func:`can_compile`.
        plan: Its program and tables.
        weights: Sorted weights, one for each edge.
        state: Is changed in place; ``state.values`` holds the result.
    """
    run = compiled_loops(state.rows.dtype)
    execute(plan.program.prologue, source, weights, state)
    flat = torch.cat([weight.flatten() for weight in weights])
    unit = torch.ones_like(state.scale)
    codes = torch.cat([-state.shift, 1 - state.shift, unit], 1) / state.scale  # of 0 and 1, and what a unit adds
    activation = activation_number(source.network.activation)
    arrays = [tensor.numpy() for tensor in (state.rows, flat, state.noise, state.values, codes)]
    for block, table in zip(plan.program.blocks, plan.tables or (), strict=True):
        execute(block.outer, source, weights, state)

        def inner(start: int, stop: int, table: Any = table) -> None:  # noqa: ANN401 - a numpy array
            run(table, activation, *arrays, start, stop)

        run_ranges(inner, state.rows.shape[1])


def sweep_compiled(tape: Tape, weights: list[Tensor], bars: Bars) -> None:
    """Run the reversed program, as :func:`~tailormade.sampling.adjoint.sweep` does."""
    program, tables = tape.planned
    run = compiled_sweep(tape.rows.dtype)
    flat = torch.cat([weight.flatten() for weight in weights])
    arrays = [t.numpy() for t in (tape.rows, bars.rows, flat, bars.totals, tape.slopes, tape.factors)]
    for block, table in zip(reversed(program.blocks), reversed(tables or ()), strict=True):

        def inner(start: int, stop: int, table: Any = table) -> None:  # noqa: ANN401 - a numpy array
            run(table, *arrays, start, stop)

        run_ranges(inner, tape.rows.shape[1])
        undo(block.outer, weights, tape, bars)
    undo(program.prologue, weights, tape, bars)


def can_compile(source: Source, dtype: torch.dtype) -> bool:
    """Return whether there are compiled loops for a density, and for noise of the given type."""
    weight = source.shift
    plain = weight.device.type == "cpu" and weight.dtype == dtype and dtype in (torch.float32, torch.float64)
    known = supports(source.layout) and activation_number(source.network.activation) is not None
    return plain and known and _numba_works()


@cache
def _numba_works() -> bool:
    """Whether numba is here, accepts this numpy (it says so by an ``ImportError``) and is allowed to compile."""
    try:
        import numba

        import tailormade.sampling.kernel  # noqa: F401 - it must import, no more
    except ImportError:
        return False
    return not numba.config.DISABLE_JIT  # type: ignore[attr-defined]  # numba sets it when it is loaded


@cache
def compiled_loops(dtype: torch.dtype) -> Any:  # noqa: ANN401 - a numba function
    """Return the loops, compiled for one type of number, whatever state numba's cache on disk is in."""
    from tailormade.sampling.kernel import run_table, uncached

    arrays = _nothing(dtype, (1, 2), (1,), (1, 1, 2), (1, 2), (1, 3))
    return _working(run_table, uncached, _no_table(), 0, *arrays, 0, 0)


@cache
def compiled_chain(dtype: torch.dtype) -> Any:  # noqa: ANN401 - a numba function
    """Return the loops of a chain, likewise; see :mod:`~tailormade.sampling.chain`."""
    from tailormade.sampling.kernel import run_chain, uncached_chain

    rows, *rest = _nothing(dtype, (1, 2), (1, 1, 2), (1, 2), (1, 3))
    none = torch.empty(0, dtype=torch.int64).numpy()
    table = torch.empty(0, TABLE_COLUMNS + 1, dtype=torch.int64).numpy()
    return _working(run_chain, uncached_chain, table, 0, rows, none, none, *rest)


@cache
def compiled_sweep(dtype: torch.dtype) -> Any:  # noqa: ANN401 - a numba function
    """Return the loops of the reversed program, likewise."""
    from tailormade.sampling.adjoint_kernel import uncached, undo_table

    arrays = _nothing(dtype, (1, 2), (1, 2), (1,), (1, 2), (1, 2), (1, 1))
    return _working(undo_table, uncached, _no_table(), *arrays, 0, 0)


def _nothing(dtype: torch.dtype, *shapes: tuple[int, ...]) -> list[Any]:
    return [torch.zeros(shape, dtype=dtype).numpy() for shape in shapes]


def _no_table() -> Any:  # noqa: ANN401 - a numpy array
    return torch.empty(0, TABLE_COLUMNS, dtype=torch.int64).numpy()


def _working(run: Any, uncached: Callable[[], Any], *arguments: Any) -> Any:  # noqa: ANN401 - numba functions
    """Return loops that run on empty arguments: those of the cache or, where it is damaged, others."""
    try:
        run(*arguments)
    except Exception:  # a damaged cache can raise anything
        run = uncached()
        run(*arguments)
    return run
