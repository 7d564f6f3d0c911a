"""Memory and time of a MADE of very many binary variables, hidden 500: a step, and samples.

    python -m benchmarks.wide [--features 1000 10000 20000] [--direct]

Each row of the table is a process of its own. Without a direct connection, parameters and everything that is kept for
them grow as 2 D H: weights, gradients, two moments of AdamW and the best weights so far, five times 4 bytes; masks are
one byte a weight. With a direct connection D^2 comes to 2 D H.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import torch

import tailormade as tm
from benchmarks.common import provenance, write_result

_HIDDEN, _BATCH = 500, 100


def measure(features: int, direct: bool) -> dict[str, float]:
    """Return parameters, bytes of masks, and time and peak of resident memory (MB) of each job in turn."""
    found: dict[str, float] = {"features": features, "start_mb": _peak()}
    model = tm.MADE(features, hidden_units=(_HIDDEN,), direct=direct, seed=0)
    found["parameters"] = sum(p.numel() for p in model.parameters())
    found["mask_bytes"] = 2 * features * _HIDDEN + direct * features**2
    rows = (torch.rand(5 * _BATCH, features, generator=torch.Generator().manual_seed(0)) < 0.3).to(torch.uint8)
    config = tm.FitConfig(max_epochs=1, batch_size=_BATCH, seed=0, progress=False)
    jobs: dict[str, Callable[[], object]] = {
        "fit_5_steps": lambda: tm.fit(model, rows, config=config),
        "sample_1": lambda: model().sample((1,)),
        "sample_1_again": lambda: model().sample((1,)),
        "sample_100": lambda: model().sample((100,)),
        "check": lambda: tm.verify.check_autoregressive(model),
    }
    for name, job in jobs.items():
        start = time.perf_counter()
        job()
        found |= {f"{name}_seconds": round(time.perf_counter() - start, 2), f"{name}_peak_mb": _peak()}
    return found


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=int, nargs="+", default=[1000, 10_000, 20_000])
    parser.add_argument("--direct", action="store_true", help="with a direct connection")
    parser.add_argument("--one", action="store_true", help="measure one, here, and print it as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.features[0], arguments.direct)))
        return
    table = []
    for features in arguments.features:
        words = ["--one", "--features", str(features), *(["--direct"] if arguments.direct else [])]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.wide", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        table.append(json.loads(done.stdout))
        print("  ".join(f"{name} {value}" for name, value in table[-1].items()), flush=True)
    write_result("wide_direct" if arguments.direct else "wide", {"rows": table, **provenance(0)})


if __name__ == "__main__":
    main()
