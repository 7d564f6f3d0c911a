r"""The schedule run backwards: derivatives of all draws for the arithmetic of about one pass.

A variable is drawn as ``x_i = S(u_i; θ_i)`` (1), and θ depends on the x before it. For ``g = dL/dx``, with bars for
total derivatives of L,

    x̄_i = g_i + Σ_k W_1[k, i] z̄_k,    ū_i = x̄_i ∂S/∂u_i,    θ̄_i = x̄_i ∂S/∂θ_i,    z̄ = φ'(z) Wᵀ(bars above)     (2)

Everything in (2) is final once the bars of all higher degrees are: the reversed program computes each once, so that
``Jᵀū = g`` is solved, for the Jacobian J of u with respect to x, without forming it. The state that the draws leave is
recorded, with φ'(z) and ∂S/∂θ in the places of z and θ, so that the sweep knows neither activations nor conditionals.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.nn.options import Function
from tailormade.sampling.plan import Plan
from tailormade.sampling.program import Activate, Carry, Instruction, Multiply, Sample, Stage
from tailormade.sampling.state import State

Slopes = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Tape:
    """Hold what the sweep reads.

    Attributes:
        planned: The plan that the draws were made by.
        rows: The state, with slopes in the places of pre-activations and params, shape ``(height, n)``.
        slopes: ``∂S/∂u`` of the variables sorted, shape ``(D, n)``.
        factors: What a unit of a value adds to its input, shape ``(inputs, 1)``.
        start: The first of all rows that this is about.
    """

    planned: Plan
    rows: Tensor
    slopes: Tensor
    factors: Tensor
    start: int


class Bars(NamedTuple):
    """Derivatives with respect to the state, and to values (before the sweep) or noise (after), both sorted."""

    rows: Tensor
    totals: Tensor


def record(planned: Plan, state: State, activation: Function | None, slopes: Slopes, start: int) -> Tape:
    """Return the tape of a run whose variables are all drawn and have one input each; the state becomes its own.

    Args:
        planned: The plan, whose state keeps pre-activations.
        state: What the run has left.
        activation: φ.
        slopes: Maps raw parameters ``(n, D, params)`` and x ``(n, D)`` to ``∂S/∂u`` ``(n, D)`` and ``∂S/∂θ`` ``(n, D,
            params)``.
        start: The first of all rows that this is about.
    """
    rows, stages = state.rows, planned.program.stages
    for stage in stages[1:-1]:
        z = rows[every(stage, activated=False)]
        z.copy_(_slope(activation, z))
    params = rows[every(stages[-1], activated=False)].unflatten(0, (len(state.values), -1))
    raw, x = params.permute(2, 0, 1), state.values.T
    per_noise, per_param = slopes(raw.to(x.dtype), x)
    params.copy_(per_param.permute(1, 2, 0))
    return Tape(planned, rows, per_noise.T.to(rows.dtype).contiguous(), 1 / state.scale, start)


def _slope(activation: Function | None, z: Tensor) -> Tensor:
    if activation is None:
        return torch.ones_like(z)
    with torch.enable_grad():
        z = z.detach().requires_grad_()
        return torch.autograd.grad(activation(z).sum(), z)[0]


def every(stage: Stage, *, activated: bool) -> slice:
    """Return the rows of the state of all units of a stage."""
    return stage.rows(slice(0, len(stage.units.number)), activated=activated)


def sweep(tape: Tape, weights: list[Tensor], bars: Bars) -> None:
    """Run the reversed program by torch alone.

    Args:
        tape: Of the draws.
        weights: Sorted weights, one for each edge.
        bars: Zeros and g, shapes ``(height, n)`` and ``(D, n)``; the derivatives afterwards.
    """
    for block in reversed(tape.planned.program.blocks):
        undo(block.inner, weights, tape, bars)
        undo(block.outer, weights, tape, bars)
    undo(tape.planned.program.prologue, weights, tape, bars)


def undo(instructions: Iterable[Instruction], weights: list[Tensor], tape: Tape, bars: Bars) -> None:
    """Add, for instructions in reverse, what their results pass on to what they read."""
    rows = bars.rows
    for step in reversed(tuple(instructions)):
        if isinstance(step, Multiply):
            rows[step.source].addmm_(weights[step.edge][step.rows, step.columns].T, rows[step.target])
        elif isinstance(step, Activate):
            rows[step.source].addcmul_(rows[step.target], tape.rows[step.source])
        elif isinstance(step, Carry):
            rows[step.source] += rows[step.target]
        elif isinstance(step, Sample):
            _solve(step, tape, bars)


def _solve(step: Sample, tape: Tape, bars: Bars) -> None:
    totals = bars.totals[step.draw.variables]
    if step.inputs.stop > step.inputs.start:
        totals.addcmul_(bars.rows[step.inputs], tape.factors[step.inputs])
    sizes = len(totals), -1
    slopes = tape.rows[step.params].unflatten(0, sizes)
    torch.mul(totals.unsqueeze(1), slopes, out=bars.rows[step.params].unflatten(0, sizes))
    totals *= tape.slopes[step.draw.variables]
