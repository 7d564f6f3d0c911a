"""How long does sampling take, next to the plain loop and to one forward pass?

The plain loop is D full passes, with weights masked beforehand and without gradients; a pass is one of those over the
same rows. An engine is timed as a user meets it: the whole call of ``sample``, weights sorted anew. Engine and passes
are timed in turn, as many passes as fill the engine's time; ratios are medians of those pairs. All steps of the loop
cost the same, a full pass and a draw of every variable: where D of them would take over 60 s, 16 at evenly spaced
prefixes are timed and scaled to D, marked with ``*``. On one thread, times are CPU time, so that what else the machine
does counts little. Weights are as initialised. Memory is read as Linux tells it.

Run: OMP_NUM_THREADS=1 python -m benchmarks.sampling [--quick]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch

import tailormade as tm
from benchmarks.common import ROOT, provenance, write_result
from tailormade.masks import Degrees, LostDependencyWarning
from tailormade.sampling import engine_for, sample_ancestral, use_engine
from tailormade.sampling.program import create_program
from tailormade.sampling.schedule import create_schedule

SEED = 0
MNIST, DEEP, SMALL, WIDE = "784-500-784", "784-1024-1024-784", "100-200-100", "4096-1024-4096"
ROWS = (1, 16, 100, 1000, 10000)
CHILD = """
import sys, time, warnings
import tailormade as tm
from tailormade.sampling import use_engine
warnings.simplefilter("ignore")
sizes, n, engine = [int(s) for s in sys.argv[1].split("-")], int(sys.argv[2]), sys.argv[3]
model = tm.MADE(sizes[0], hidden_units=sizes[1:-1], seed=0)
start = time.process_time()
if n:
    with use_engine(engine):
        model().sample((n,))
print(time.process_time() - start)
with open("/proc/self/status") as status:  # Linux; getrusage would count the parent's peak too
    print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))
"""


class Effort(NamedTuple):
    """How long to measure: seconds for each figure, the longest loop run in full, steps of a longer one, and so on."""

    seconds: float
    loop_limit: float
    loop_steps: int
    least_pairs: int
    most_pairs: int
    processes: int


FULL, QUICK = Effort(4, 60, 16, 5, 30, 5), Effort(0.4, 1, 4, 3, 5, 1)


def create_model(network: str) -> tm.MADE:
    """Return a network with weights as initialised."""
    sizes = [int(size) for size in network.split("-")]
    return tm.MADE(sizes[0], hidden_units=sizes[1:-1], seed=SEED)


def engine_call(model: tm.MADE, n: int, engine: str) -> Callable[[], None]:
    """Return a function that draws n samples as a user does."""
    generator = torch.Generator().manual_seed(SEED)

    def run() -> None:
        with use_engine(engine):
            model().sample((n,), generator=generator)

    return run


def seconds(function: Callable[[], object]) -> float:
    """Time one call."""
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = clock()
    function()
    return clock() - start


def repeat(function: Callable[[], object], budget: float) -> list[float]:
    """Time calls until a budget of seconds is spent, at most nine."""
    times = [seconds(function)]
    while sum(times) < budget and len(times) < 9:
        times.append(seconds(function))
    return times


def time_loop(model: tm.MADE, n: int, effort: Effort) -> dict[str, Any]:
    """Time the plain loop, or some steps of it."""
    source, d = model.sampling_source(model.table[0], None), model.features
    params, noise = source.params(), torch.rand(n, d, model.layout.noise)

    def run(degrees: Degrees) -> list[float]:
        return repeat(lambda: sample_ancestral(params, source.layout, degrees, noise), effort.seconds / 2)

    steps = effort.loop_steps
    coarse = Degrees((source.degrees.inputs - 1) * steps // d + 1)  # the same loop, each step keeping D / steps values
    times = [t * d / steps for t in run(coarse)]
    extrapolated = statistics.median(times) > effort.loop_limit
    times = times if extrapolated else run(source.degrees)
    return {"ms": 1e3 * statistics.median(times), "extrapolated": extrapolated, "repetitions": len(times)}


def time_engine(model: tm.MADE, n: int, engine: str, effort: Effort) -> dict[str, float]:
    """Time an engine and a pass in turn."""
    ours, x = engine_call(model, n, engine), torch.rand(n, model.features).round()
    params = model.sampling_source(model.table[0], None).params()
    ours()
    mine, one = (statistics.median(repeat(f, 0.02)) for f in (ours, lambda: params(x)))
    passes = max(1, min(100, round(mine / one)))

    def theirs() -> None:
        for _ in range(passes):
            params(x)

    pairs = max(effort.least_pairs, min(effort.most_pairs, int(effort.seconds / (mine + passes * one))))
    times = [(seconds(ours), seconds(theirs) / passes) for _ in range(pairs)]
    lower, ratio, upper = statistics.quantiles([a / b for a, b in times], n=4, method="inclusive")
    ms, pass_ms = (1e3 * statistics.median(t) for t in zip(*times, strict=True))
    return {"ms": ms, "pass_ms": pass_ms, "ratio": ratio, "lower_quartile": lower, "upper_quartile": upper,
            "pairs": pairs, "passes": passes}  # fmt: skip


def measure(network: str, n: int, effort: Effort) -> dict[str, Any]:
    """Measure one network at one number of samples."""
    model = create_model(network)
    noise = torch.rand(n, model.features, model.layout.noise)
    row: dict[str, Any] = {"network": network, "n": n}
    row["auto"] = engine_for(model.sampling_source(model.table[0], None), noise)
    row["torch"] = time_engine(model, n, "torch", effort)
    row["loop"] = time_loop(model, n, effort)
    row["compiled"] = time_engine(model, n, "compiled", effort)
    for engine in ("torch", "compiled"):
        row[engine]["of_loop"] = row[engine]["ms"] / row["loop"]["ms"]
    return row


def print_row(row: dict[str, Any]) -> None:
    """Print one row of the table."""
    cells = f"{row['network']:<18}{row['n']:>6}{row['loop']['ms']:>10.0f}{' *'[row['loop']['extrapolated']]}"
    cells += f"{row['compiled']['pass_ms']:>9.3f}"
    for engine in ("torch", "compiled"):
        ratios = "{ratio:.2f} ({lower_quartile:.2f}, {upper_quartile:.2f})".format(**row[engine])
        cells += f" |{row[engine]['ms']:>9.2f}  {ratios:<24}{row[engine]['of_loop']:<7.2g}"
    print(f"{cells} | {row['auto']}", flush=True)


def agreement() -> dict[str, float]:
    """Return the part of the values that an engine draws as the loop does, for 100 samples from the same seed."""
    model, drawn = create_model(MNIST), {}
    for engine in ("loop", "torch", "compiled"):
        with use_engine(engine):
            drawn[engine] = model().sample((100,), generator=torch.Generator().manual_seed(SEED))
    return {engine: float((x == drawn["loop"]).double().mean()) for engine, x in drawn.items() if engine != "loop"}


def fresh(network: str, n: int, engine: str, cache: str, processes: int) -> tuple[float, float]:
    """Return seconds of the first draw and peak memory in MiB, medians of some fresh processes."""
    command = [sys.executable, "-c", CHILD, network, str(n), engine]
    how: dict[str, Any] = {"env": {**os.environ, "NUMBA_CACHE_DIR": cache}, "cwd": ROOT.parent}
    out = [subprocess.run(command, capture_output=True, text=True, check=True, **how).stdout for _ in range(processes)]
    first, peak = zip(*[map(float, text.split()) for text in out], strict=True)
    return statistics.median(first), statistics.median(peak)


def first_calls(processes: int) -> dict[str, float]:
    """Measure the first call after the import, in seconds."""
    result = {}
    for n in (1, 1000):
        with TemporaryDirectory() as cache:
            result[f"compiled, empty cache, n={n}"] = fresh(MNIST, n, "compiled", cache, 1)[0]
            result[f"compiled, filled cache, n={n}"] = fresh(MNIST, n, "compiled", cache, processes)[0]
            result[f"torch, n={n}"] = fresh(MNIST, n, "torch", cache, processes)[0]
    return result


def memory(processes: int) -> dict[str, float]:
    """Measure the peak memory of 100 samples in MiB, and how much of it is the loaded compiler."""
    with TemporaryDirectory() as cache:
        fresh(SMALL, 100, "compiled", cache, 1)  # fills the cache
        built = fresh(WIDE, 0, "auto", cache, processes)[1]
        wide, small = (
            {engine: fresh(network, 100, engine, cache, processes)[1] for engine in ("torch", "compiled")}
            for network in (WIDE, SMALL)
        )
    return {
        "torch": wide["torch"] - built,
        "compiled": wide["compiled"] - built,
        "of which loading numba": small["compiled"] - small["torch"],
        "(a process that only builds the model, in all)": built,
    }


def multiply_adds(model: tm.MADE, width: int) -> int:
    """Return the multiply-adds of one sample in blocks of some width."""
    schedule = create_schedule(model.table[0], model.layout)
    return create_program(schedule, residual=False, direct=False, width=width).multiply_adds


def scaling(effort: Effort) -> list[dict[str, Any]]:
    """Measure 100 samples with 500 hidden units and ever more variables."""
    rows: list[dict[str, Any]] = []
    for d in (256, 512, 1024, 2048):
        model = create_model(f"{d}-500-{d}")
        run = engine_call(model, 100, "compiled")
        run()
        row = {"compiled_ms": 1e3 * statistics.median(repeat(run, effort.seconds))}
        row |= {"loop_ms": time_loop(model, 100, effort)["ms"], "multiply_adds": multiply_adds(model, 64)}
        growth = {f"{key}_growth": value / rows[-1][key] for key, value in row.items()} if rows else {}
        rows.append({"D": d, **row, **growth})
    return rows


def targets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare what the chosen engine does with what is asked of it."""

    def of(network: str, n: int, key: str, engine: str = "auto") -> float:
        row = next(row for row in rows if (row["network"], row["n"]) == (network, n))
        return row[row["auto"] if engine == "auto" else engine][key]

    checks = [
        (f"{MNIST}, n=1000: passes", of(MNIST, 1000, "ratio"), 4),
        (f"{MNIST}, n=100: passes", of(MNIST, 100, "ratio"), 6),
        (f"{MNIST}, n=1: part of the loop", of(MNIST, 1, "of_loop"), 1 / 40),
        (f"{DEEP}, n=1000: passes", of(DEEP, 1000, "ratio"), 6),
        (f"{MNIST}, n=1000, torch engine alone: passes", of(MNIST, 1000, "ratio", "torch"), 10),
        (f"{WIDE}, n=100: seconds", of(WIDE, 100, "ms") / 1e3, 10),
    ]
    return [{"what": what, "measured": value, "at_most": limit, "met": value <= limit} for what, value, limit in checks]


def report(result: dict[str, Any]) -> None:
    """Print all but the table."""
    same = ", ".join(f"{engine} {part:.4%}" for engine, part in result["same_values_as_loop"].items())
    print(f"* some steps, scaled to D\nValues drawn as the loop draws them, {MNIST}, n=100: {same}")
    print(f"\nFirst call in a fresh process, {MNIST}, without importing tailormade, in s of CPU time:")
    for what, value in result["first_call_seconds"].items():
        print(f"  {what:<48}{value:>8.3f}")
    print(f"\nPeak memory of 100 samples, {WIDE}, more than a process that only builds the model, in MiB:")
    for what, value in result["memory_mib"].items():
        print(f"  {what:<48}{value:>8.0f}")
    print("\n100 samples, D-500-D, growth from the row above:")
    for row in result["scaling"]:
        keys = ("compiled_ms", "loop_ms", "multiply_adds")
        cells = [f"{key} {row[key]:>9.6g} (x{row.get(f'{key}_growth', 1):.2f})   " for key in keys]
        print(f"  D = {row['D']:<6}{''.join(cells)}")
    print(f"\nMultiply-adds, {MNIST}, blocks of 32: {result['multiply_adds_of_dense']:.4f} of a dense pass")
    print("\nTargets, with the engine that auto takes:")
    for t in result["targets"]:
        verdict = "met" if t["met"] else "NOT MET"
        print(f"  {t['what']:<48}{t['measured']:>8.3f}  at most {t['at_most']:<6.4g} {verdict}")


@torch.no_grad()
def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, nothing written; to try it out")
    quick = parser.parse_args().quick
    effort = QUICK if quick else FULL
    warnings.simplefilter("ignore", LostDependencyWarning)
    torch.manual_seed(SEED)
    result: dict[str, Any] = {**provenance(SEED), "numba": version("numba"), "load": os.getloadavg()[0], "rows": []}
    print("Times in ms. 'passes': time over that of one pass (quartiles). 'of loop': time over that of the loop.")
    engines = "".join(f" |{engine:>9}  {'passes':<24}{'of loop':<7}" for engine in ("torch", "compiled"))
    print(f"{'network':<18}{'n':>6}{'loop':>10} {'pass':>9}{engines} | auto")
    for network in (MNIST, DEEP, SMALL, WIDE):
        for n in ROWS:
            result["rows"].append(measure(network, n, effort))
            print_row(result["rows"][-1])
    result["same_values_as_loop"] = agreement()
    result["first_call_seconds"] = first_calls(effort.processes)
    result["memory_mib"] = memory(effort.processes)
    result["scaling"] = scaling(effort)
    result["multiply_adds_of_dense"] = multiply_adds(create_model(MNIST), 32) / (2 * 784 * 500)
    result["targets"] = targets(result["rows"])
    report(result)
    if not quick:
        write_result("sampling", result)


if __name__ == "__main__":
    main()
