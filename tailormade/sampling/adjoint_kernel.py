"""The compiled loops of the reversed schedule: a table's instructions from the last to the first, for some samples.

They read the table that draws are made by. Slopes have been computed before, so that no activation and no conditional
is known here. Everything numba compiles for it is in this file, whose date its cache goes by.
"""

# ruff: noqa: ANN001, ANN202 - numba infers the types

from typing import Any

from numba import njit

from tailormade.sampling.table import ACTIVATE, CARRY, LANES, MULTIPLY

_FAST = {"fastmath": {"contract", "reassoc", "nsz"}, "error_model": "numpy", "nogil": True}


@njit(**_FAST)
def _multiply(bars, weights, step, first, last):
    """Add ``weightsᵀ @ bars[target]`` to ``bars[source]`` for samples first..last-1."""
    target, count, source, size, offset, stride = step[1], step[2], step[3], step[4], step[5], step[6]
    i = 0
    while i + 4 <= count:
        w = offset + i * stride
        a0, a1 = bars[target + i, first:last], bars[target + i + 1, first:last]
        a2, a3 = bars[target + i + 2, first:last], bars[target + i + 3, first:last]
        for j in range(w, w + size):
            w0, w1, w2, w3 = weights[j], weights[j + stride], weights[j + 2 * stride], weights[j + 3 * stride]
            out = bars[source + j - w, first:last]
            for k in range(len(out)):
                out[k] += w0 * a0[k] + w1 * a1[k] + w2 * a2[k] + w3 * a3[k]
        i += 4
    while i + 2 <= count:
        w = offset + i * stride
        a0, a1 = bars[target + i, first:last], bars[target + i + 1, first:last]
        for j in range(w, w + size):
            w0, w1, out = weights[j], weights[j + stride], bars[source + j - w, first:last]
            for k in range(len(out)):
                out[k] += w0 * a0[k] + w1 * a1[k]
        i += 2
    if i < count:
        w, a0 = offset + i * stride, bars[target + i, first:last]
        for j in range(w, w + size):
            w0, out = weights[j], bars[source + j - w, first:last]
            for k in range(len(out)):
                out[k] += w0 * a0[k]


@njit(**_FAST)
def _multiply_single(bars, weights, step):
    """Do the same for a single sample, whose bars are one contiguous vector."""
    target, count, source, size, offset, stride = step[1], step[2], step[3], step[4], step[5], step[6]
    below = bars.reshape(bars.size)[source : source + size]
    for i in range(count):
        w, bar = weights[offset + i * stride : offset + i * stride + size], bars[target + i, 0]
        for j in range(size):
            below[j] += w[j] * bar


@njit(**_FAST)
def _solve(rows, bars, totals, slopes, factors, step, first, last):
    """Finish the derivatives of variables and pass them on to their params."""
    params, count, variable, inputs, size = step[1], step[2], step[3], step[4], step[5]
    for i in range(count):
        total, slope = totals[variable + i, first:last], slopes[variable + i, first:last]
        n = len(total)
        if inputs >= 0:
            bar, factor = bars[inputs + i, first:last], factors[inputs + i, 0]
            for k in range(n):
                total[k] += bar[k] * factor
        for j in range(params + i * size, params + (i + 1) * size):
            bar, per_param = bars[j, first:last], rows[j, first:last]
            for k in range(n):
                bar[k] = total[k] * per_param[k]
        for k in range(n):
            total[k] *= slope[k]


def _undo_table(table, rows, bars, weights, totals, slopes, factors, start, stop):
    """Undo all instructions of a table for samples start..stop-1, a few lanes at a time."""
    single = rows.shape[1] == 1
    for first in range(start, stop, LANES):
        last = min(first + LANES, stop)
        for index in range(len(table) - 1, -1, -1):
            step = table[index]
            kind = step[0]
            if kind == MULTIPLY:
                if single:
                    _multiply_single(bars, weights, step)
                else:
                    _multiply(bars, weights, step, first, last)
            elif kind == ACTIVATE:
                for i in range(step[2]):
                    bar, slope = bars[step[3] + i, first:last], rows[step[3] + i, first:last]
                    above = bars[step[1] + i, first:last]
                    for k in range(len(bar)):
                        bar[k] += above[k] * slope[k]
            elif kind == CARRY:
                for i in range(step[2]):
                    bars[step[3] + i, first:last] += bars[step[1] + i, first:last]
            else:
                _solve(rows, bars, totals, slopes, factors, step, first, last)


def uncached() -> Any:  # noqa: ANN401 - a numba function
    """Return the loops without a cache on disk."""
    return njit(**_FAST)(_undo_table)


def _cached():
    """Return the loops with a cache on disk, or without where there is no place for one."""
    try:
        return njit(cache=True, **_FAST)(_undo_table)
    except RuntimeError:
        return uncached()


undo_table = _cached()
