"""Draws that are recorded, and the derivatives of what is made of them.

Noise is turned into values as ever, but the state that each run leaves is kept: a sweep of the reversed schedule then
gives the derivatives with respect to the noise, the context and every parameter (see
:mod:`~tailormade.sampling.adjoint`), for the arithmetic of about another pass and a half.
"""

import torch
from torch import Tensor

from tailormade.sampling.adjoint import Bars, Slopes, Tape, record, sweep
from tailormade.sampling.compiled import sweep_compiled
from tailormade.sampling.engines import plan_for, runs
from tailormade.sampling.gradients import Gradients
from tailormade.sampling.source import Source
from tailormade.sampling.state import finished, sorted_weights, take


@torch.no_grad()
def draw_recorded(source: Source, noise: Tensor, slopes: Slopes, engine: str) -> tuple[Tensor, list[Tape]]:
    """Turn noise into samples and keep what their derivatives need.

    Args:
        source: The density, whose values must be network inputs as they are.
        noise: Shape ``(n, D, 1)``.
        slopes: Of a draw: maps raw parameters ``(n, D, params)`` and x to its derivatives with respect to the noise
            ``(n, D)`` and to the raw parameters ``(n, D, params)``, where it is x.
        engine: 'torch' or 'compiled', as :func:`~tailormade.sampling.engine_for` has chosen.

    Returns:
        Values of shape ``(n, D)``, and the tapes of the runs.
    """
    planned = plan_for(source, len(noise), engine, keep=True)
    x, tapes = noise.new_empty(noise.shape[:-1]), []
    for run in runs(source, noise, None, planned, mask=False):
        x[run.start : run.stop] = finished(planned.program, run.state, noise[run.start : run.stop], None)
        tapes.append(record(planned, run.state, source.network.activation, slopes, run.start))
    return x, tapes


@torch.no_grad()
def pull_back(source: Source, tapes: list[Tape], g: Tensor, *, params: bool) -> Gradients:
    """Return the derivatives of a function of what was drawn.

    Args:
        source: The density, its parameters unchanged since.
        tapes: Of the draws.
        g: Derivatives with respect to the values, shape ``(n, D)``.
        params: Whether derivatives with respect to the network's parameters are wanted.
    """
    total = Gradients(torch.zeros_like(g), None if source.context is None else torch.zeros_like(source.context))
    weights = sorted_weights(source, tapes[0].planned.program, mask=False) if tapes else []
    for tape in tapes:
        part, drawn = g[tape.start : tape.start + tape.rows.shape[1]], tape.planned.program.schedule.variables.number
        totals = take(part, 1, drawn).T.to(tape.rows.dtype).clone(memory_format=torch.contiguous_format)
        bars = Bars(torch.zeros_like(tape.rows), totals)
        (sweep if tape.planned.tables is None else sweep_compiled)(tape, weights, bars)
        total.add(source, tape, bars, params=params)
    return total
