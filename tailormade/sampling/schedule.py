r"""When each unit of a masked network is final while a sample is being drawn.

A variable of degree d is drawn at time ``t(d) = #{d' <= d : some variable of degree d' is drawn}`` (1): without
evidence ``t(d) = d``; evidence takes no time of its own. Everything of degree m is final at time ``t(m)`` (2), as it
sees inputs of degree at most m, and params of degree d, drawn at ``t(d)``, see hidden units of time ``< t(d)`` (3).
So with the units of each layer sorted by time, what is final is always a prefix (4), and each unit is computed once:
all steps together cost half of a dense pass, where the plain loop runs one dense pass for each step.

What is never needed is left out: hidden units and inputs of the last time, and params of observed variables.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tailormade.masks import Degrees
from tailormade.sampling.event import EventLayout

Ints = NDArray[np.int64]
Time = Callable[[Ints], Ints]


class Units(NamedTuple):
    """The units of one layer in the order in which they become final.

    Attributes:
        number: Their numbers in the network.
        degree: Their degrees.
        ends: ``ends[t]`` of them are final at time t, shape ``(T + 1,)``.
    """

    number: Ints
    degree: Ints
    ends: Ints

    def span(self, first: int, last: int) -> slice:
        """Return the units of times first..last."""
        return slice(int(self.ends[first - 1]) if first > 0 else 0, int(self.ends[last]))


class Draw(NamedTuple):
    """Variables of one time that share a conditional: drawn in one call.

    Attributes:
        time: When.
        kind: Which of the layout's kinds.
        variables: Which of the variables drawn, in their sequence.
        params: Which of the sorted params are theirs.
        inputs: Which of the sorted inputs are theirs; none at the last time, when nothing needs them.
    """

    time: int
    kind: int
    variables: slice
    params: slice
    inputs: slice


@dataclass(frozen=True)
class Schedule:
    """Hold all times.

    Attributes:
        steps: Number of times T at which something is drawn.
        variables: The variables that are drawn, sorted by time, then by conditional.
        inputs: Columns of the network's input.
        hidden: Units of each hidden layer.
        params: Columns of the network's output.
        draws: What is drawn, in sequence.
    """

    steps: int
    variables: Units
    inputs: Units
    hidden: tuple[Units, ...]
    params: Units
    draws: tuple[Draw, ...]


def create_schedule(degrees: Degrees, layout: EventLayout, observed: Ints | None = None) -> Schedule:
    """Return the schedule of drawing all variables but those observed.

    Args:
        degrees: The order and the degrees of the hidden units.
        layout: The conditionals, which say how many inputs and params a variable has.
        observed: Numbers of the observed variables.

    Example:
        >>> import torch
        >>> from tailormade.conditionals import Bernoulli, Layout
        >>> degrees = Degrees(torch.tensor([2, 3, 1]), (torch.tensor([1, 2, 2]),))
        >>> schedule = create_schedule(degrees, Layout([Bernoulli()] * 3))
        >>> schedule.variables.number.tolist(), schedule.hidden[0].ends.tolist()
        ([2, 0, 1], [0, 1, 3, 3])
    """
    order = degrees.inputs.cpu().numpy()
    kind = np.array(layout.kind_of, dtype=np.int64)
    seen = np.zeros(len(order), dtype=bool)
    if observed is not None:
        seen[observed] = True
    drawn = np.unique(order[~seen])
    steps = len(drawn)

    def time(of: Ints) -> Ints:
        return np.searchsorted(drawn, of, side="right")

    # drawn variables come first in their time, so that the inputs of one draw are contiguous
    ranked = np.lexsort((np.arange(len(order)), kind, seen, time(order)))
    variables = ranked[~seen[ranked]]
    known = ranked[time(order[ranked]) < steps]
    inputs = _columns(known, order, layout.input_sizes, time, steps)
    return Schedule(
        steps,
        _units(variables, order[variables], time, steps),
        inputs,
        tuple(_hidden(layer.cpu().numpy(), time, steps) for layer in degrees.hidden),
        _columns(variables, order, layout.param_sizes, time, steps),
        tuple(_draws(time(order[variables]), kind[variables], layout, inputs.ends)),
    )


def _units(index: Ints, degree: Ints, time: Time, steps: int) -> Units:
    ends = np.searchsorted(time(degree), np.arange(steps + 1), side="right")
    return Units(index, degree, ends)


def _hidden(degree: Ints, time: Time, steps: int) -> Units:
    index = np.argsort(degree, kind="stable")
    index = index[time(degree[index]) < steps]
    return _units(index, degree[index], time, steps)


def _columns(variables: Ints, order: Ints, sizes: Sequence[int], time: Time, steps: int) -> Units:
    """The columns that belong to variables, each owning ``sizes[i]`` of them."""
    width = np.asarray(sizes)
    starts = np.cumsum(width) - width
    mine = width[variables]
    inside = np.arange(int(mine.sum())) - np.repeat(np.cumsum(mine) - mine, mine)
    return _units(np.repeat(starts[variables], mine) + inside, np.repeat(order[variables], mine), time, steps)


def _draws(time: Ints, kind: Ints, layout: EventLayout, input_ends: Ints) -> Iterator[Draw]:
    """Cut the sorted variables into runs of one time and one conditional."""
    changes = np.flatnonzero((np.diff(time) != 0) | (np.diff(kind) != 0)) + 1
    cuts = [0, *changes.tolist(), len(time)] if len(time) else []
    param, now, column, last = 0, 0, 0, len(input_ends) - 1
    for first, end in pairwise(cuts):
        t, conditional = int(time[first]), layout.kinds[kind[first]]
        if t != now:
            now, column = t, int(input_ends[t - 1])
        params = slice(param, param + (end - first) * conditional.params)
        inputs = slice(column, column + (end - first) * (conditional.width + layout.missing) * (t < last))
        yield Draw(t, int(kind[first]), slice(first, end), params, inputs)
        param, column = params.stop, inputs.stop
