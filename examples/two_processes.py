"""One model, trained by two processes, which can be on two machines.

torchrun starts the same program several times and tells each copy how many there are. In such a program tm.fit needs
nothing more: every process holds the model and takes its share of each batch, their gradients are added up, and all of
them make the same step. A batch of 100 rows is one of 100 rows for any number of processes, so the result is that of
one process but for rounding (dropout aside, of which every process draws its own). Process 0 alone writes the folder.

Run without arguments, this script starts itself twice with torchrun and then fits the same model alone, to compare.
It shows how little needs to change, not how fast it is: processes pay where a step takes long.

From a laptop to a cluster, the same command with more in front of it:

    tailormade fit rows.npz --out m
    torchrun --nproc-per-node 2 -m tailormade fit rows.npz --out m
    torchrun --nnodes 4 --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 -m tailormade fit ...

Run: python examples/two_processes.py
"""

import subprocess
import sys
import tempfile

import torch
from sklearn.datasets import load_digits

import tailormade as tm

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def fit_digits(folder: str) -> tm.MADE:
    """Fit a MADE to handwritten digits: what every process does, and what one does alone."""
    pixels = torch.tensor(load_digits().data >= 8).float()
    model = tm.MADE(64, hidden_units=(100,), seed=0)
    config = tm.FitConfig(max_epochs=3, batch_size=100, seed=0, folder=folder, progress=False)
    tm.fit(model, pixels[:1400], pixels[1400:], config=config)
    return model


def main() -> None:
    """Fit with two processes and with one, and compare."""
    if len(sys.argv) > 1:  # torchrun started this process
        fit_digits(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*TORCHRUN, __file__, f"{folder}/two"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        together, alone = tm.load(f"{folder}/two"), fit_digits(f"{folder}/one")
    for name, model in (("two processes", together), ("one process", alone)):
        print(f"{name}: validation log-likelihood {-model.metadata['fit']['best_nll']:.4f} nats")
    pairs = zip(together.parameters(), alone.parameters(), strict=True)
    print(f"largest difference of a parameter: {max(float((a - b).detach().abs().max()) for a, b in pairs):.1e}")


if __name__ == "__main__":
    main()
