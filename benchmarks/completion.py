"""How well is half of an image completed from the other half?

Fits one any-order model, which answers with one order, or with the mixture of four that have the evidence first; and
models of the same size whose fixed order, row by row from the top, has the upper half first: one with the same budget,
stopped when validation says so, and one with a shorter schedule, as the long one overfits; the better on validation
is compared. Reports the mean of log p(missing | observed) over all test rows, for each half and a random half of the
pixels, beside the Chow-Liu tree fitted to the training rows (exact, by summing out the missing pixels). Validation
rows choose the epochs. DATA is the ``.npz`` of binarized MNIST (see ``benchmarks.mnist``); fits found in --models are
used as they are.

Run: python -m benchmarks.completion DATA [--models FOLDER]
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import tailormade as tm
from benchmarks.common import provenance, write_result
from benchmarks.mnist import tailormade
from tailormade.baselines import chow_liu_log_prob

SEED = 0
SIDE = 28
BUDGET = "-q 700,700 --residual"
FITS = {
    "any": f"{BUDGET} --epochs 90 -n any --image-shape {SIDE},{SIDE} --dropout 0",
    "fixed": f"{BUDGET} --epochs 90",
    "fixed40": f"{BUDGET} --epochs 40 --patience 0",
}


def fitted(data: Path, folder: Path) -> dict[str, Any]:
    """Fit what is not in the folder yet; return the flags and how long the fits took by their own account."""
    notes = {}
    for name, flags in FITS.items():
        if not (folder / name).exists():
            tailormade("fit", str(data), "--out", str(folder / name), "--seed", str(SEED), *flags.split())
        seconds = float((folder / name / "history.csv").read_text().splitlines()[-1].split(",")[-1])
        notes[name] = {"flags": flags, "fit_seconds": round(seconds)}
        notes[name] |= {
            key: tm.load(folder / name).metadata["fit"][key] for key in ("best_nll", "best_epoch", "epochs")
        }
    return notes


def regions() -> dict[str, NDArray[np.bool_]]:
    """Return what is observed."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    half = SIDE // 2
    scattered = np.random.default_rng(SEED).permutation(SIDE * SIDE) < SIDE * half
    return {"upper": row < half, "lower": row >= half, "left": column < half, "right": column >= half,
            "random": scattered}  # fmt: skip


@torch.no_grad()
def model_scores(
    model: tm.MADE, rows: NDArray[np.uint8], observed: NDArray[np.bool_], orders: int = 1
) -> NDArray[np.float64]:
    """Return log p(missing | observed) of each row, exactly."""
    parts = []
    for block in np.array_split(rows, max(1, len(rows) // 1000)):
        given = model().given(block, observed, orders=orders)
        if not given.exact:
            raise ValueError("observed: expected evidence that comes first in the model's order.")
        parts.append(given.log_prob(torch.tensor(block[:, ~observed])))
    return torch.cat(parts).double().numpy()


def summary(scores: NDArray[np.float64]) -> dict[str, float]:
    """Return mean and standard error."""
    return {"mean": float(scores.mean()), "standard_error": float(scores.std(ddof=1) / len(scores) ** 0.5)}


def measure(models: dict[str, tm.MADE], parts: dict[str, NDArray[np.uint8]]) -> dict[str, Any]:
    """Compare on every region."""
    train, test = parts["train"], parts["test"]
    table = {}
    for name, observed in regions().items():
        whole = chow_liu_log_prob(train, test)
        scores = {
            "any": model_scores(models["any"], test, observed),
            "any, four orders": model_scores(models["any"], test, observed, orders=4),
            "tree": whole - chow_liu_log_prob(train, test, observed),
        }
        if name == "upper":
            scores["fixed"] = model_scores(models["fixed"], test, observed)
        table[name] = {key: summary(value) for key, value in scores.items()}
        table[name] |= {f"any - {key}": summary(scores["any"] - scores[key]) for key in scores if key != "any"}
        print(name, {key: f"{v['mean']:.2f} ± {v['standard_error']:.2f}" for key, v in table[name].items()}, flush=True)
    return table


def main() -> None:
    """Fit, measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=Path, help="where fitted models are kept, or found")
    arguments = parser.parse_args()
    origin = provenance(SEED)
    with tempfile.TemporaryDirectory() as temporary, np.load(arguments.data, allow_pickle=False) as parts:
        folder = arguments.models or Path(temporary)
        notes = fitted(arguments.data, folder)
        best = min((name for name in FITS if name != "any"), key=lambda name: notes[name]["best_nll"])
        models = {"any": tm.load(folder / "any"), "fixed": tm.load(folder / best)}
        table = measure(models, {name: parts[name] for name in ("train", "test")})
    write_result("completion", {**origin, "fits": notes, "fixed": best, "observed": table})


if __name__ == "__main__":
    main()
