"""Memory of a fit whose rows stay on disk: a made file of 2 GB, fitted by the command, and its peak above the start.

    python -m benchmarks.streaming [--gigabytes 2] [--kind parquet|npy] [--table] [--folder DIR]

The file holds D = 1000 columns of zeros and ones as float32, not compressed: a chain in which each column repeats the
one before with probability 0.8. Its NLL is then log 2 + (D - 1) H(0.8), 500.6 nats a row, which the fit is compared
with. "Above the start" is the peak of resident memory less what is resident when everything has been imported.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import provenance, write_result

_WIDTH, _ROWS = 1000, 2**14  # columns, and rows of a row group

_CHILD = """
import json, resource, sys, time
import torch, numpy, pyarrow.parquet, safetensors.torch, typer, tailormade.cli.app, tailormade.training
import tailormade.tables
from tailormade.cli.app import app
status = open("/proc/self/status").read()
start = int(status.split("VmRSS:")[1].split()[0])
began = time.time()
try:
    app(sys.argv[1:], standalone_mode=False)
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"start_mb": start // 1024, "peak_mb": peak // 1024, "above_mb": (peak - start) // 1024,
             "seconds": round(time.time() - began, 1)}
    print("MEASURED " + json.dumps(found), flush=True)
"""


def make(path: Path, gigabytes: float, seed: int = 0) -> int:
    """Write the file and return its number of rows."""
    rows = int(gigabytes * 1e9 / 4 / _WIDTH)
    rng = np.random.default_rng(seed)
    if path.suffix == ".npy":
        out = np.lib.format.open_memmap(path, "w+", np.float32, (rows, _WIDTH))
        for start in range(0, rows, _ROWS):
            out[start : start + _ROWS] = _chain(rng, min(_ROWS, rows - start))
        out.flush()
        return rows
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema([(f"x{i}", pa.float32()) for i in range(_WIDTH)])
    with ParquetWriter(path, schema, use_dictionary=False, compression="none", write_statistics=False) as writer:
        for start in range(0, rows, _ROWS):
            block = _chain(rng, min(_ROWS, rows - start))
            writer.write_table(pa.table([np.ascontiguousarray(c) for c in block.T], schema=schema))
    return rows


def _chain(rng: np.random.Generator, rows: int) -> np.ndarray:
    flips = rng.random((rows, _WIDTH), dtype=np.float32) < 0.2
    flips[:, 0] = rng.random(rows) < 0.5
    return (np.cumsum(flips, 1) % 2).astype(np.float32)


def measure(path: Path, words: list[str]) -> dict[str, float]:
    """Run the command in a process of its own and return its memory in MB, and its time."""
    done = subprocess.run([sys.executable, "-c", _CHILD, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    print(done.stderr[-300:] + done.stdout, end="")
    line = next(line for line in done.stdout.splitlines() if line.startswith("MEASURED"))
    return dict(json.loads(line.removeprefix("MEASURED ")))


def main() -> None:
    """Make the file, fit it, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--kind", choices=["parquet", "npy"], default="parquet")
    parser.add_argument("--table", action="store_true", help="infer a schema and fit a table")
    parser.add_argument("--folder", type=Path, help="where the temporary file is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / f"rows.{arguments.kind}"
        rows = make(path, arguments.gigabytes)
        size = path.stat().st_size
        conditional = [] if arguments.table else ["--conditional", "bernoulli"]
        words = ["fit", str(path), "--out", f"{folder}/m", *conditional, "-q", "100", "--epochs", "1"]
        found = measure(path, [*words, "--batch-size", "1000", "--dropout", "0", "--seed", "0", "--quiet"])
    entropy = np.log(2) - (_WIDTH - 1) * (0.8 * np.log(0.8) + 0.2 * np.log(0.2))
    name = f"streaming_{arguments.kind}{'_table' if arguments.table else ''}"
    write_result(name, {**found, "rows": rows, "columns": _WIDTH, "bytes": size, "entropy": entropy, **provenance(0)})


if __name__ == "__main__":
    main()
