"""How fast is a MAF beside those of zuko and nflows?

Five affine transforms with hidden layers of 256 and 256: a training step at batch 256 (Adam as each library's users
write it, on the mean of -log_prob), log_prob of 1000 rows without gradients, samples of 1 and of 1000. Everything runs
on one thread with torch's validation of arguments off, in turn in every round; ratios are medians over the rounds, of
CPU time and of wall time. A sample of 1000 is compared with our own log_prob of 1000 rows as well.

Run: python -m benchmarks.flows [--quick]
The peers are an optional group: pip install 'tailormade[peers]'.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution

from benchmarks.common import provenance, write_result
from benchmarks.flows_peers import Contender, contenders, missing
from benchmarks.tables_data import print_table, verdict

SEED, TRANSFORMS, HIDDEN = 0, 5, (256, 256)
FEATURES, BATCH, ROWS = (21, 63), 256, 1000
TASKS = ("step", "log_prob 1000", "sample 1", "sample 1000")
ROUNDS = {"step": 40, "log_prob 1000": 40, "sample 1": 15, "sample 1000": 5}
CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}

Times = dict[str, dict[str, list[float]]]  # of a clock and a library: milliseconds, one a round


def step(contender: Contender, x: Tensor) -> Callable[[], object]:
    """Return a function that does one training step."""
    optimizer = torch.optim.Adam(contender.module.parameters(), lr=1e-4)

    def run() -> None:
        optimizer.zero_grad()
        (-contender.log_prob(x).mean()).backward()
        optimizer.step()

    return run


def tasks_of(contender: Contender, features: int) -> dict[str, Callable[[], object]]:
    """Return what is timed, by name."""
    x = torch.randn(ROWS, features, generator=torch.Generator().manual_seed(SEED))
    without_gradients = torch.no_grad()
    return {
        "step": step(contender, x[:BATCH]),
        "log_prob 1000": without_gradients(lambda: contender.log_prob(x)),
        "sample 1": without_gradients(lambda: contender.sample(1)),
        "sample 1000": without_gradients(lambda: contender.sample(ROWS)),
    }


def in_turn(functions: dict[str, Callable[[], object]], rounds: int) -> Times:
    """Time functions in turn, after one round that is not counted; the order is drawn anew for each."""
    times: Times = {clock: {name: [] for name in functions} for clock in CLOCKS}
    names = list(functions)
    for i in range(rounds + 1):
        for name in random.Random(i).sample(names, len(names)):  # what ran before leaves its traces in the caches
            function = functions[name]
            starts = {clock: now() for clock, now in CLOCKS.items()}
            function()
            for clock, now in CLOCKS.items() if i else ():
                times[clock][name].append(1e3 * (now() - starts[clock]))
    return times


def ratio(times: list[float], others: list[float]) -> float:
    """Return the median of paired ratios."""
    return round(statistics.median(a / b for a, b in zip(times, others, strict=True)), 4)


def compare(times: Times) -> dict[str, object]:
    """Return medians in milliseconds, and ratios of ours to each of the others."""
    result: dict[str, object] = {}
    for clock, by_name in times.items():
        result[f"{clock} ms"] = {name: round(statistics.median(t), 3) for name, t in by_name.items()}
        result[f"{clock} ratio"] = {n: ratio(by_name["ours"], t) for n, t in by_name.items() if n != "ours"}
    return result


def measure(features: int, quick: bool) -> dict[str, object]:
    """Compare all libraries at one size."""
    work = {name: tasks_of(c, features) for name, c in contenders(features, TRANSFORMS, HIDDEN).items()}
    results: dict[str, object] = {"features": features}
    for task in TASKS:
        functions = {name: tasks[task] for name, tasks in work.items()}
        if task == "sample 1000":
            functions["our log_prob"] = work["ours"]["log_prob 1000"]
        results[task] = compare(in_turn(functions, 2 if quick else ROUNDS[task]))
    return results


def show(results: dict) -> None:
    """Print the times of one size."""
    print(f"D = {results['features']}, CPU ms (ours / theirs)")
    names = list(results["sample 1000"]["cpu ms"])
    lines = []
    for task in TASKS:
        cpu, ratios = results[task]["cpu ms"], results[task]["cpu ratio"]
        cells = [f"{cpu[n]:.2f}" + (f" ({ratios[n]:.3f})" if n in ratios else "") if n in cpu else "" for n in names]
        lines.append([task, *cells])
    print_table(["", *names], lines)


def judge(results: dict) -> list[str]:
    """Say which targets are met at one size."""
    at, own = f"D = {results['features']}: ", results["sample 1000"]["cpu ratio"]["our log_prob"]
    said = [verdict(own <= 4, f"{at}sample 1000 at most 4 log_prob 1000", f"{own:.2f}")]
    for task in ("step", "log_prob 1000"):
        worst = max(results[task]["cpu ratio"].values(), default=None)
        said.append(_judged(f"{at}{task} no slower than the faster peer", worst, 1))
    one = results["sample 1"]["cpu ratio"].get("zuko")
    return [*said, _judged(f"{at}sample 1 at most 1/40 of zuko's", one, 1 / 40)]


def _judged(target: str, found: float | None, most: float) -> str:
    """Compare with a peer, if it is there."""
    if found is None:
        return f"not known, as the peer is missing: {target}"
    return verdict(found <= most, target, f"ratio {found:.3f}")


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, and nothing is written")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    Distribution.set_default_validate_args(False)
    for name in missing():
        print(f"{name} is not installed: pip install 'tailormade[peers]'")
    origin, rows = provenance(SEED), []
    for features in FEATURES:
        rows.append(measure(features, quick))
        show(rows[-1])
        rows[-1]["targets"] = judge(rows[-1])
    if not quick:
        write_result(
            "flows", {**origin, "transforms": TRANSFORMS, "hidden": HIDDEN, "missing": missing(), "sizes": rows}
        )


if __name__ == "__main__":
    main()
