"""Would C buy anything over the compiled loops inside a block?

One table of instructions, run by the compiled loops as shipped, by a port of them to C and by what the torch engine
calls: 25 triangles of 32 units for 1000 samples, each unit a sum over those before it, then silu. C takes the library's
exponential (-ffast-math turns it into vector code) or our polynomial. Then the product alone: 32 x 32 for 128 samples.

Run: OMP_NUM_THREADS=1 python -m benchmarks.sampling_kernels
"""

import ctypes
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch.nn.functional import silu

from benchmarks.common import provenance, write_result
from tailormade.sampling.compiled import compiled_loops
from tailormade.sampling.table import ACTIVATE, LANES, MULTIPLY, activation_number

SEED, WIDTH, BLOCKS, SAMPLES, ROUNDS = 0, 32, 25, 1000, 50
FLAGS = ("-DEXP=expf", "-DEXP=expf -ffast-math", "-DEXP=polynomial -ffast-math")
SOURCE = r"""
#include <math.h>
typedef float *restrict F;
static inline float polynomial(float x) {
  float y = fminf(fmaxf(x, -87), 88), k = floorf(y * 1.44269504f + 0.5f), r = y - k * 0.693359375f + k * 2.1219444e-4f;
  float p = 1 / 24.f + r * (1 / 120.f + r * (1 / 720.f + r / 5040));
  union { int i; float f; } two = {((int)k + 127) << 23};
  return two.f * (1 + r * (1 + r * (1 / 2.f + r * (1 / 6.f + r * p))));
}
void run(const long long *s, F rows, F weights, long steps, long n, long a, long m) {
  for (; steps--; s += 7)
    for (long i = 0, j = 0; i < s[2]; i++, j = 0) {
      F z = rows + (s[1] + i) * n + a, x = rows + s[3] * n + a, w = weights + s[5] + i * s[6];
      for (long k = 0; k < m * (s[0] == ACTIVATE); k++) z[k] = z[k] / (1 + EXP(-z[k]));
      for (; j + 4 <= s[4]; j += 4, x += 4 * n)
        for (long k = 0; k < m; k++)
          z[k] += w[j] * x[k] + w[j + 1] * x[n + k] + w[j + 2] * x[2 * n + k] + w[j + 3] * x[3 * n + k];
      for (; j < s[4]; j++, x += n)
        for (long k = 0; k < m; k++) z[k] += w[j] * x[k];
    }
}
"""
Run = Callable[[Any, Any, Any], None]  # of a table, rows and weights


def ours(table: Any, rows: Any, weights: Any) -> None:  # noqa: ANN401 - numpy arrays
    """Run the loops as shipped."""
    none, run = torch.zeros(1, 1, 2).numpy(), compiled_loops(torch.float32)
    run(table, activation_number(silu), rows, weights, none, none[0], none[0], 0, rows.shape[1])


def c_loops(compiler: str, flags: str) -> Run:
    """Compile the same in C."""
    with TemporaryDirectory() as folder:
        end = (f"-DACTIVATE={ACTIVATE}", "-shared", "-fPIC", "-o", f"{folder}/c.so", "-x", "c", "-", "-lm")
        subprocess.run([compiler, "-O3", "-march=native", *flags.split(), *end], input=SOURCE, text=True, check=True)
        function = ctypes.CDLL(f"{folder}/c.so").run

    def run(table: Any, rows: Any, weights: Any) -> None:  # noqa: ANN401 - numpy arrays
        n = rows.shape[1]
        for first in range(0, n, LANES):
            numbers = [x.ctypes.data for x in (table, rows, weights)] + [len(table), n, first, min(LANES, n - first)]
            function(*map(ctypes.c_long, numbers))

    return run


def torch_calls(table: Any, rows: Any, weights: Any) -> None:  # noqa: ANN401 - numpy arrays
    """Run what the torch engine calls for the same table."""
    state, w = torch.from_numpy(rows), torch.from_numpy(weights).view(-1, WIDTH)
    for kind, target, count, source, size, offset, _ in table.tolist():
        out = state[target : target + count]
        if kind == MULTIPLY:
            out.addmm_(w[offset // WIDTH : offset // WIDTH + count, :size], state[source : source + size])
        else:
            out.copy_(silu(out))


def measure(runs: dict[str, Run], steps: list[list[int]], samples: int) -> dict[str, float]:
    """Return the median CPU time of each in ms, run in turn, after checking that they agree."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    table, weights, start = torch.tensor(steps).numpy(), torch.randn(WIDTH**2) / WIDTH, torch.rand(2 * WIDTH, samples)
    for _ in range(ROUNDS + 1):  # the first to warm up
        results = [start.clone() for _ in runs]
        for (name, run), rows in zip(runs.items(), results, strict=True):
            state, before = rows.numpy(), time.process_time()
            run(table, state, weights.numpy())
            times[name].append(1e3 * (time.process_time() - before))
    assert all(torch.allclose(rows, results[0], rtol=1e-3, atol=1e-3) for rows in results)
    return {name: statistics.median(t[1:]) for name, t in times.items()}


def main() -> None:
    """Compare the loops, C and torch."""
    torch.manual_seed(SEED)
    runs: dict[str, Run] = {"numba, as shipped": ours}
    if compiler := shutil.which("cc"):
        runs |= {f"C, {flags}": c_loops(compiler, flags) for flags in FLAGS}
    runs["torch"] = torch_calls
    triangle: list[list[int]] = []
    for t in range(WIDTH):
        triangle += [[MULTIPLY, WIDTH + t, 1, WIDTH, t, t * WIDTH, WIDTH], [ACTIVATE, WIDTH + t, 1, WIDTH + t, 0, 0, 0]]
    triangles = measure(runs, BLOCKS * triangle, SAMPLES)
    squares = measure(runs, 200 * [[MULTIPLY, WIDTH, WIDTH, 0, WIDTH, 0, WIDTH]], LANES)
    rates = {name: 200 * WIDTH**2 * LANES / (1e6 * ms) for name, ms in squares.items()}
    print(f"{'':<32}{'25 triangles with silu':>24}{'multiply-adds per ns':>24}")
    for name in runs:
        print(f"{name:<32}{triangles[name]:>21.2f} ms{rates[name]:>24.1f}")
    write_result("sampling_kernels", {**provenance(SEED), "triangles_ms": triangles, "multiply_adds_per_ns": rates})


if __name__ == "__main__":
    main()
