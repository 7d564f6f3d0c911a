"""Does a model folder survive ``kill -9``, and does a resumed fit end where an undisturbed one does?

Fits small random data with a checkpoint after every epoch, so that much of the time goes into saving. In each round
the fit is killed at random moments and restarted with --resume until it ends; after every kill the folder must
load or be absent, and at the end the model file must equal the undisturbed one byte for byte.

Run: python -m benchmarks.kill_resume --rounds 20
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import tailormade as tm
from benchmarks.common import provenance, write_result

EPOCHS = 40


def command(data: Path, out: Path, *extra: str) -> list[str]:
    """Return the command line of the fit."""
    fixed = "-q 400,400 -n 2 --dropout 0.2 --seed 3 --batch-size 50 --checkpoint-seconds 0 --patience 0 --quiet"
    words = ["fit", str(data), "--out", str(out), "--epochs", str(EPOCHS), *fixed.split(), *extra]
    return [sys.executable, "-m", "tailormade", *words]


def environment() -> dict[str, str]:
    """Run on one thread, as several would wait for each other on a busy machine."""
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def make_data(path: Path) -> None:
    """Write a small binary data set."""
    rng = np.random.default_rng(0)
    rows = (rng.random((300, 60)) < rng.random(60)).astype(np.uint8)
    np.savez(path, train=rows[:200], valid=rows[200:])


def state(folder: Path) -> str:
    """Return 'absent' or 'loads'; raise if the folder is there and does not load."""
    if not folder.exists():
        return "absent"
    tm.load(folder)
    return "loads"


def killed_fit(data: Path, out: Path, longest: float, rng: random.Random) -> list[str]:
    """Fit, killing at random moments, until a run comes through; return what was found after each kill."""
    found: list[str] = []
    while True:
        process = subprocess.Popen(command(data, out, "--resume"), env=environment(), stdout=subprocess.DEVNULL)
        try:
            status = process.wait(timeout=rng.uniform(0.3, 1.0) * longest)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            found.append(state(out))
            continue
        if status != 0:
            raise RuntimeError(f"the resumed fit ended with status {status}")
        return found


def run(rounds: int, seed: int = 0) -> dict[str, object]:
    """Return how many kills there were and how many rounds ended in the same bytes."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, calm = folder / "data.npz", folder / "calm"
        make_data(data)
        start = time.perf_counter()
        subprocess.run(command(data, calm), env=environment(), check=True, stdout=subprocess.DEVNULL)
        undisturbed = time.perf_counter() - start
        wanted = (calm / "model.safetensors").read_bytes()
        found: list[str] = []
        same = 0
        for i in range(rounds):
            out = folder / f"round{i}"
            found += killed_fit(data, out, undisturbed * 0.8, rng)
            same += (out / "model.safetensors").read_bytes() == wanted
        leftovers = [str(p.relative_to(folder)) for p in folder.rglob(".*.tmp")]
    return {
        "rounds": rounds,
        "kills": len(found),
        "loads": found.count("loads"),
        "absent": found.count("absent"),
        "same_weights": same,
        "leftovers": leftovers,
    }


def main() -> None:
    """Run and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    origin = provenance(arguments.seed)
    result = run(arguments.rounds, arguments.seed)
    print(result)
    write_result("kill_resume", {**origin, **result})


if __name__ == "__main__":
    main()
