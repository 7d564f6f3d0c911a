"""What does the inverse of a MAF cost, and a gradient through it?

Five affine transforms with hidden layers of 256 and 256 are inverted one after the other, by the engine that is chosen
and by the plain loop, next to one ``log_prob`` of the same rows: that is one pass through each network. A gradient is
that of a sum of the inverse with respect to y and all weights; what is timed beside it is the inverse with what the
gradient needs. All of one size are timed in turn; ratios are medians over those turns. On one thread, times are CPU
time, so that what else the machine does counts little.

Run: OMP_NUM_THREADS=1 python -m benchmarks.flows_inverse [--quick]
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.common import provenance, write_result
from tailormade.flows import MaskedAutoregressive
from tailormade.flows.inverse import invert
from tailormade.sampling import use_engine

SEED, TRANSFORMS, HIDDEN = 0, 5, (256, 256)
FEATURES, ROWS = (21, 63), (1, 100, 1000)


def create_layers(features: int) -> list[MaskedAutoregressive]:
    """Return transforms of alternating orders."""
    orders = ["left-to-right", "right-to-left"]
    return [
        MaskedAutoregressive(features, hidden_units=HIDDEN, activation="relu", input_order=orders[i % 2], seed=SEED + i)
        for i in range(TRANSFORMS)
    ]


def inverse(layers: list[MaskedAutoregressive], y: Tensor) -> Tensor:
    """Invert all transforms, the last one first."""
    for layer in reversed(layers):
        y = invert(layer.network, layer.degrees, layer.bijection, y)
    return y


@torch.no_grad()
def log_prob(layers: list[MaskedAutoregressive], x: Tensor) -> Tensor:
    """Return the log-density of a flow with a normal base."""
    total = torch.zeros(len(x))
    for layer in layers:
        x, ladj = layer().call_and_ladj(x)
        total = total + ladj
    return total - x.square().sum(-1) / 2


def clock(function: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    now = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = now()
    function()
    return 1e3 * (now() - start)


def turn(layers: list[MaskedAutoregressive], y: Tensor, loop: bool) -> dict[str, float]:
    """Time everything once."""
    times = {"log_prob": clock(lambda: log_prob(layers, y))}
    with torch.no_grad():
        times["inverse"] = clock(lambda: inverse(layers, y))
        if loop:
            with use_engine("loop"):
                times["loop"] = clock(lambda: inverse(layers, y))
    kept: list[Tensor] = []
    wanted = [y.clone().requires_grad_(), *(p for layer in layers for p in layer.parameters())]
    times["recorded inverse"] = clock(lambda: kept.append(inverse(layers, wanted[0])))
    times["gradient"] = clock(lambda: torch.autograd.grad(kept[0].sum(), wanted))
    return times


def measure(features: int, rows: int, turns: int, loops: int) -> dict[str, object]:
    """Compare all at one size."""
    layers = create_layers(features)
    y = torch.randn(rows, features, generator=torch.Generator().manual_seed(SEED))
    turn(layers, y, loop=False)
    every = [turn(layers, y, loop=i < loops) for i in range(turns)]

    def ratio(a: str, b: str) -> float:
        return round(statistics.median(times[a] / times[b] for times in every if a in times and b in times), 3)

    names = every[0]
    result: dict[str, object] = {"features": features, "rows": rows}
    result |= {f"{n} ms": round(statistics.median(t[n] for t in every if n in t), 3) for n in names}
    pairs = [("inverse", "log_prob"), ("loop", "inverse"), ("gradient", "recorded inverse"), ("gradient", "inverse")]
    return result | {f"{a} / {b}": ratio(a, b) for a, b in pairs}


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few turns, and nothing is written")
    quick = parser.parse_args().quick
    results = []
    for features in FEATURES:
        for rows in ROWS:
            turns = 3 if quick else 60 if rows == 1 else 15
            results.append(measure(features, rows, turns, 1 if quick else 3))
            print(results[-1], flush=True)
    if not quick:
        write_result("flows_inverse", {**provenance(SEED), "transforms": TRANSFORMS, "results": results})


if __name__ == "__main__":
    main()
