"""The test log-likelihood of static binarized MNIST, by the command as a user would run it.

Fits ``-q 500`` in one order and ``-n 10 -s 10`` in ten, on the training rows; validation rows choose the epoch;
test rows are scored once. DATA is an ``.npz`` with train, valid and test (50000, 10000 and 10000 rows of 784 values
0 or 1, the fixed binarization of Salakhutdinov and Murray, 2008). Seed 0.

Run: python -m benchmarks.mnist DATA
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.common import provenance, write_result

SEED = 0
FITS = {"one order": "-q 500", "ten orders": "-q 500 -n 10 -s 10 --epochs 100"}


def tailormade(*words: str) -> dict[str, Any]:
    """Run the command and return what it prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "tailormade", *words, "--json"], check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout))


def measure(data: Path, flags: str, folder: Path) -> dict[str, Any]:
    """Fit and score once."""
    start = time.perf_counter()
    fitted = tailormade("fit", str(data), "--out", str(folder), "--seed", str(SEED), *flags.split())
    seconds = time.perf_counter() - start
    scores = tailormade("score", str(folder), str(data), "--reconstruction")
    return {"flags": flags, "fit_seconds": round(seconds), "valid_nll": fitted["best_nll"], **scores}


def main() -> None:
    """Measure both fits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    rows, origin = {}, provenance(SEED)
    for name, flags in FITS.items():
        with tempfile.TemporaryDirectory() as folder:
            rows[name] = measure(arguments.data, flags, Path(folder) / "model")
        print(name, json.dumps(rows[name]), flush=True)
    write_result("mnist", {**origin, "fits": rows})


if __name__ == "__main__":
    main()
