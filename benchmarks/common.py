"""What the benchmarks share: where a figure came from, and ratios measured in pairs."""

import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parent
RESULTS = ROOT / "results"


def provenance(seed: int) -> dict[str, Any]:
    """Return commit, machine and seed, as every figure in the docs must have.

    A ``+`` behind the commit says that something else than results was changed after it.
    """
    changed = _git("status", "--porcelain", "--", ":/", ":(top,exclude)benchmarks/results")
    return {
        "commit": _git("rev-parse", "--short", "HEAD") + ("+" if changed else ""),
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "seed": seed,
    }


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def paired_ratio(
    ours: Callable[[], None], theirs: Callable[[], None], pairs: int = 30, calls: int = 3
) -> dict[str, float]:
    """Time two functions in turn and return the median of the ratios ours/theirs, with quartiles."""
    for warm in (ours, theirs, ours, theirs):
        warm()
    times = [(_seconds(ours, calls), _seconds(theirs, calls)) for _ in range(pairs)]
    ratios = sorted(a / b for a, b in times)
    return {
        "ratio": statistics.median(ratios),
        "lower_quartile": ratios[pairs // 4],
        "upper_quartile": ratios[-1 - pairs // 4],
        "ours_ms": 1e3 * statistics.median(a for a, _ in times) / calls,
        "theirs_ms": 1e3 * statistics.median(b for _, b in times) / calls,
    }


def _seconds(function: Callable[[], None], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return time.perf_counter() - start


def write_result(name: str, result: Mapping[str, Any]) -> None:
    """Write a result to ``benchmarks/results/NAME.json`` and print where."""
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"wrote {path.relative_to(ROOT.parent)}")
