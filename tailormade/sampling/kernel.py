r"""The compiled loops of the CPU engine: a program's instructions, for a range of samples.

Samples lie side by side, so that every inner loop runs over samples and becomes vector code; with a single sample the
loop over the units below does. Exponentials must not be library calls, made one by one: ``exp(x) = 2^k exp(r)`` with
``k = round(x / ln 2)``, ``|r| <= ln 2 / 2`` (1), where ``exp(r)`` is its Taylor polynomial, as long as the type needs,
and ``2^k`` is written into the exponent bits. Everything numba compiles is in this file, whose date its cache goes by.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

import math
from typing import Any

import numpy as np
from numba import carray, njit, types
from numba.extending import intrinsic, overload

from tailormade.sampling.table import (
    ACTIVATE,
    ACTIVATION_NUMBERS,
    AFFINE_CLAMP,
    AFFINE_EXP,
    AFFINE_FORWARD,
    AFFINE_SOFT,
    BERNOULLI,
    CARRY,
    CATEGORICAL,
    LANES,
    MULTIPLY,
    OTHER,
)

_FAST = {"fastmath": {"contract", "reassoc", "nsz"}, "error_model": "numpy", "nogil": True}

_LINEAR, _RELU, _RELU6, _LEAKY_RELU, _ELU, _SELU, _GELU, _SILU, _MISH, _TANH, _SIGMOID, _HARD_SIGMOID, _SOFTPLUS = (
    ACTIVATION_NUMBERS[name]
    for name in (
        "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "tanh", "sigmoid",
        "hard_sigmoid", "softplus",
    )
)  # fmt: skip
_SOFTSIGN, _EXPONENTIAL = (ACTIVATION_NUMBERS[name] for name in ("softsign", "exponential"))
_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_UNIT = math.log(math.e - 1)  # softplus of this is 1


@intrinsic
def _from_bits(_, bits):
    """Read an integer's bits as a floating number of the same width."""
    target = types.float32 if bits.bitwidth == 32 else types.float64

    def code(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return target(bits), code


def exp(x):
    """Return ``exp(x)`` by (1); a stub that numba replaces."""
    raise NotImplementedError  # never runs: `_exp` takes its place in compiled code


@overload(exp)
def _exp(x):
    return _exp_single if x == types.float32 else _exp_double


def _taylor(number, terms):
    return tuple(number(1 / math.factorial(i)) for i in range(terms))


_S = _taylor(np.float32, 8)
_D = _taylor(np.float64, 14)
_LOW, _HIGH, _INVERSE = np.float32(-87.0), np.float32(88.0), np.float32(1.0 / math.log(2.0))
_LN2, _REST = np.float32(0.693359375), np.float32(-2.12194440e-4)
_HALF, _ONE = np.float32(0.5), np.float32(1.0)


def _exp_single(x):
    y = min(max(x, _LOW), _HIGH)
    k = np.floor(y * _INVERSE + _HALF)
    r = (y - k * _LN2) - k * _REST
    p = _S[4] + r * (_S[5] + r * (_S[6] + r * _S[7]))
    p = _ONE + r * (_ONE + r * (_S[2] + r * (_S[3] + r * p)))
    return p * _from_bits(np.int32((np.int32(k) + np.int32(127)) << np.int32(23)))  # numba adds integers in 64 bits


def _exp_double(x):
    y = min(max(x, -708.0), 709.0)
    k = np.floor(y * 1.4426950408889634 + 0.5)
    r = (y - k * 6.93145751953125e-1) - k * 1.42860682030941723212e-6
    p = _D[9] + r * (_D[10] + r * (_D[11] + r * (_D[12] + r * _D[13])))
    p = _D[4] + r * (_D[5] + r * (_D[6] + r * (_D[7] + r * (_D[8] + r * p))))
    p = 1.0 + r * (1.0 + r * (_D[2] + r * (_D[3] + r * p)))
    return p * _from_bits((np.int64(k) + np.int64(1023)) << np.int64(52))


@njit(**_FAST)
def _sigmoid(x):
    return 1 / (1 + exp(-x))


@njit(**_FAST)
def _activate(number, z, a):
    """Put the activation of ``z`` into ``a``, both of shape ``(samples,)``."""
    one = z.dtype.type(1)
    n = len(z)
    if number == _SILU:
        for i in range(n):
            a[i] = z[i] / (one + exp(-z[i]))
    elif number == _RELU:
        for i in range(n):
            a[i] = max(z[i], 0 * one)
    elif number == _TANH:
        for i in range(n):
            a[i] = one - 2 * one / (one + exp(2 * one * z[i]))
    elif number == _SIGMOID:
        for i in range(n):
            a[i] = one / (one + exp(-z[i]))
    else:
        for i in range(n):
            a[i] = _rare(number, float(z[i]))


@njit(**_FAST)
def _rare(number, z):
    """The other activations, in double precision."""
    if number == _ELU:
        return z if z > 0 else math.expm1(z)
    if number == _SELU:
        return _SELU_SCALE * (z if z > 0 else _SELU_ALPHA * math.expm1(z))
    if number == _GELU:
        return 0.5 * z * (1 + math.erf(z * math.sqrt(0.5)))
    if number == _RELU6:
        return min(max(z, 0.0), 6.0)
    if number == _LEAKY_RELU:
        return z if z > 0 else 0.2 * z
    if number == _HARD_SIGMOID:
        return min(max(z + 3.0, 0.0), 6.0) / 6.0
    if number == _SOFTPLUS:
        return z if z > 20 else math.log1p(math.exp(z))
    if number == _MISH:
        return z * math.tanh(z if z > 20 else math.log1p(math.exp(z)))
    if number == _SOFTSIGN:
        return z / (1 + abs(z))
    if number == _EXPONENTIAL:
        return math.exp(z)
    return z


@njit(**_FAST)
def _multiply(rows, weights, step, first, last):
    """Add ``weights @ rows[source]`` to ``rows[target]`` for samples first..last-1."""
    target, count, source, size, offset, stride = step[1], step[2], step[3], step[4], step[5], step[6]
    for i in range(count):
        w = weights[offset + i * stride : offset + i * stride + size]
        out = rows[target + i, first:last]
        n = len(out)
        j = 0
        while j + 4 <= size:
            w0, w1, w2, w3 = w[j], w[j + 1], w[j + 2], w[j + 3]
            a0, a1 = rows[source + j, first:last], rows[source + j + 1, first:last]
            a2, a3 = rows[source + j + 2, first:last], rows[source + j + 3, first:last]
            for k in range(n):
                out[k] += w0 * a0[k] + w1 * a1[k] + w2 * a2[k] + w3 * a3[k]
            j += 4
        while j < size:
            w0, a0 = w[j], rows[source + j, first:last]
            for k in range(n):
                out[k] += w0 * a0[k]
            j += 1


@njit(**_FAST)
def _multiply_single(rows, weights, step):
    """Do the same for a single sample, whose state is one contiguous vector."""
    target, count, source, size, offset, stride = step[1], step[2], step[3], step[4], step[5], step[6]
    below = rows.reshape(rows.size)[source : source + size]
    for i in range(count):
        w = weights[offset + i * stride : offset + i * stride + size]
        total = rows[target + i, 0]
        for j in range(size):
            total += w[j] * below[j]
        rows[target + i, 0] = total


@njit(**_FAST)
def _bernoulli(rows, noise, values, codes, step, first, last):
    """Draw ``u < σ(θ)``."""
    params, count, value, inputs = step[1], step[2], step[3], step[4]
    for i in range(count):
        logit, u, x = rows[params + i, first:last], noise[value + i, 0, first:last], values[value + i, first:last]
        one = logit.dtype.type(1)
        for k in range(len(x)):
            x[k] = one if u[k] < one / (one + exp(-logit[k])) else 0 * one
        if inputs >= 0:
            code, low, high = rows[inputs + i, first:last], codes[inputs + i, 0], codes[inputs + i, 1]
            for k in range(len(x)):
                code[k] = high if x[k] > 0 else low


@njit(**_FAST)
def _categorical(rows, noise, values, codes, step, first, last):
    """Count the cumulative probabilities that ``u`` has reached."""
    params, count, value, inputs, categories = step[1], step[2], step[3], step[4], step[5]
    for i in range(count):
        top = params + i * categories
        for k in range(first, last):
            largest = rows[top, k]
            for j in range(1, categories):
                largest = max(largest, rows[top + j, k])
            total = 0 * largest
            for j in range(categories):
                total += exp(rows[top + j, k] - largest)
            reached, drawn = 0 * largest, 0
            for j in range(categories - 1):
                reached += exp(rows[top + j, k] - largest)
                drawn += noise[value + i, 0, k] >= reached / total
            values[value + i, k] = drawn
            if inputs >= 0:
                for j in range(categories):
                    row = inputs + i * categories + j
                    rows[row, k] = codes[row, 1] if j == drawn else codes[row, 0]


@njit(**_FAST)
def _affine(rows, noise, values, codes, step, first, last):
    """Undo a shift and a scale, ``(u - b) exp(-s)``, or apply them, ``u exp(a) + b``."""
    params, count, value, inputs = step[1], step[2], step[3], step[4]
    limit = rows.dtype.type(_from_bits(step[6]))
    for i in range(count):
        shift, u, x = rows[params + 2 * i, first:last], noise[value + i, 0, first:last], values[value + i, first:last]
        a = rows[params + 2 * i + 1, first:last]
        if step[0] == AFFINE_FORWARD:
            for k in range(len(x)):
                x[k] = u[k] * exp(a[k]) + shift[k]
        else:
            _log_scale(step[0], limit, a, x)
            for k in range(len(x)):
                x[k] = (u[k] - shift[k]) * exp(-x[k])
        if inputs >= 0:
            code, low, unit = rows[inputs + i, first:last], codes[inputs + i, 0], codes[inputs + i, 2]
            for k in range(len(x)):
                code[k] = low + unit * x[k]


@njit(**_FAST)
def _log_scale(number, limit, a, s):
    """Put the log-scale of ``a`` into ``s``, both of shape ``(samples,)``."""
    one = a.dtype.type(1)
    n = len(a)
    if number == AFFINE_SOFT:
        for i in range(n):
            s[i] = limit * (one - 2 * one / (one + exp(2 * one * a[i] / limit)))
    elif number == AFFINE_EXP:
        for i in range(n):
            s[i] = a[i]
    elif number == AFFINE_CLAMP:
        for i in range(n):
            s[i] = min(max(a[i], -5 * one), 3 * one)
    else:
        for i in range(n):
            s[i] = _log_softplus(float(a[i]) + _UNIT)


@njit(**_FAST)
def _log_softplus(z):
    if z < -37.0:  # the same to the last digit
        return z
    return math.log(max(z, 0.0) + math.log1p(math.exp(-abs(z))))


def _run_table(table, activation, rows, weights, noise, values, codes, start, stop):
    """Run all instructions of a table for samples start..stop-1, a few lanes at a time."""
    single = rows.shape[1] == 1
    for first in range(start, stop, LANES):
        last = min(first + LANES, stop)
        for step in table:
            if step[0] != MULTIPLY:
                _elementwise(step, activation, rows, noise, values, codes, first, last)
            elif single:
                _multiply_single(rows, weights, step)
            else:
                _multiply(rows, weights, step, first, last)


@njit(**_FAST)
def _elementwise(step, activation, rows, noise, values, codes, first, last):
    """Run an instruction that is no product."""
    kind = step[0]
    if kind == ACTIVATE:
        for i in range(step[2]):
            _activate(activation, rows[step[3] + i, first:last], rows[step[1] + i, first:last])
    elif kind == CARRY:
        for i in range(step[2]):
            rows[step[1] + i, first:last] += rows[step[3] + i, first:last]
    elif kind == BERNOULLI:
        _bernoulli(rows, noise, values, codes, step, first, last)
    elif kind == CATEGORICAL:
        _categorical(rows, noise, values, codes, step, first, last)
    elif AFFINE_EXP <= kind < OTHER:
        _affine(rows, noise, values, codes, step, first, last)


@intrinsic
def _pointer(_, like, address):
    """Read an integer as the address of numbers of an array's type."""
    target = types.CPointer(like.dtype)

    def code(context, builder, signature, arguments):
        return builder.inttoptr(arguments[1], context.get_value_type(signature.return_type))

    return target(like, address), code


def _run_chain(table, activation, rows, addresses, sizes, noise, values, codes):
    """Run a table for a few samples, with weights where they lie: an instruction's last column says which of them."""
    n = rows.shape[1]
    for step in table:
        if step[0] != MULTIPLY:
            _elementwise(step, activation, rows, noise, values, codes, 0, n)
            continue
        weights = carray(_pointer(rows, addresses[step[7]]), sizes[step[7]])
        if n == 1:
            _multiply_single(rows, weights, step)
        else:
            _multiply(rows, weights, step, 0, n)


def uncached() -> Any:  # noqa: ANN401 - a numba function
    """Return the loops without a cache on disk."""
    return njit(**_FAST)(_run_table)


def uncached_chain() -> Any:  # noqa: ANN401 - a numba function
    """Return the loops of a chain without a cache on disk."""
    return njit(**_FAST)(_run_chain)


def _cached(function):
    """Return loops with a cache on disk, or without where there is no place for one."""
    try:
        return njit(cache=True, **_FAST)(function)
    except RuntimeError:
        return njit(**_FAST)(function)


run_table, run_chain = _cached(_run_table), _cached(_run_chain)
