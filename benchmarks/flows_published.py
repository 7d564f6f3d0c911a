"""The experiments of the MAF paper on POWER, GAS, HEPMASS, MINIBOONE and BSDS300, on your own copy of the files.

The data are prepared as :mod:`benchmarks.flows_published_data` says. The recipe: batches of 100, Adam with a constant
step size of 1e-4 (1e-3 for a MADE), weights decayed by 1e-6, no improvement of the validation likelihood for 30 epochs
ends it; five or ten transforms with two hidden layers of 100 (POWER, GAS) or 512 units, degrees in sequence, the order
reversed from transform to transform, batch normalisation after each with statistics of all training rows; ten
components where there are mixtures. Ours decays weights as AdamW does, apart from the gradient.

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017.

Run: python -m benchmarks.flows_published NAME FOLDER [--model maf5] [--epochs 1000] [--out FOLDER]
A run that was cut off goes on if it is given the same --out.
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import tailormade as tm
from benchmarks.flows_published_data import READERS, WIDTHS, Published, load
from benchmarks.tables_data import summary
from tailormade.conditionals import Normal, NormalMixture

SEED, COMPONENTS, BATCH, DECAY, PATIENCE = 0, 10, 100, 1e-6, 30
HIDDEN = {"power": 100, "gas": 100, "hepmass": 512, "miniboone": 512, "bsds300": 512}
PUBLISHED = {  # mean log-likelihood of test rows, nats
    "made": {"power": -3.08, "gas": 3.56, "hepmass": -20.98, "miniboone": -15.59, "bsds300": 148.85},
    "made-mog": {"power": 0.40, "gas": 8.47, "hepmass": -15.15, "miniboone": -12.27, "bsds300": 153.71},
    "maf5": {"power": 0.14, "gas": 9.07, "hepmass": -17.70, "miniboone": -11.75, "bsds300": 155.69},
    "maf10": {"power": 0.24, "gas": 10.08, "hepmass": -17.73, "miniboone": -12.24, "bsds300": 154.93},
    "maf-mog": {"power": 0.30, "gas": 9.59, "hepmass": -17.39, "miniboone": -11.68, "bsds300": 156.36},
}


def create(kind: str, name: str, features: int) -> nn.Module:
    """Return a model of the paper.

    Args:
        kind: A key of ``PUBLISHED``.
        name: Of the set, which decides on the hidden layers.
        features: Number of columns.
    """
    common: dict[str, Any] = {
        "hidden_units": (HIDDEN[name],) * 2, "activation": "tanh" if name == "gas" else "relu", "seed": SEED,
    }  # fmt: skip
    if kind.startswith("made"):
        return tm.MADE(features, conditionals=Normal() if kind == "made" else NormalMixture(COMPONENTS), **common)
    base = create("made-mog", name, features) if kind == "maf-mog" else None
    transforms = 10 if kind == "maf10" else 5
    return tm.MAF(features, transforms=transforms, base=base, normalisation="batch", standardise=False, **common)


def config(kind: str, epochs: int, out: Path | None) -> tm.FitConfig:
    """Return how a model of the paper is fitted."""
    return tm.FitConfig(
        max_epochs=epochs, batch_size=BATCH, learning_rate=1e-3 if kind.startswith("made") else 1e-4,
        schedule="constant", warmup=0.0, weight_decay=DECAY, clip_norm=0.0, patience=PATIENCE, seed=SEED,
        folder=out, resume=out is not None,
    )  # fmt: skip


@torch.no_grad()
def score(model: nn.Module, rows: Tensor) -> dict[str, float]:
    """Return the mean log-likelihood of rows and its standard error."""
    model.eval()
    return summary(torch.cat([model.log_prob(part) for part in rows.split(1000)]).double().numpy())


def run(kind: str, name: str, data: Published, epochs: int, out: Path | None) -> dict[str, float]:
    """Fit a model of the paper to a set, and return its score on the test rows."""
    train, valid, test = (torch.as_tensor(part) for part in data)
    model = create(kind, name, train.shape[1])
    tm.fit(model, train, valid, config=config(kind, epochs, out))
    return score(model, test)


def main() -> None:
    """Prepare, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=READERS, type=str.lower)
    parser.add_argument("folder", type=Path, help="where the files of the set lie")
    parser.add_argument("--model", choices=PUBLISHED, default="maf5")
    parser.add_argument("--epochs", type=int, default=1000, help="at most so many")
    parser.add_argument("--out", type=Path, help="model folder, for the best weights and checkpoints")
    options = parser.parse_args()
    data = load(options.name, options.folder)
    print(f"{options.name}: {' / '.join(str(len(part)) for part in data)} rows of {data.train.shape[1]} columns")
    if data.train.shape[1] != WIDTHS[options.name]:
        print(f"the published set has {WIDTHS[options.name]} columns: figures cannot be compared")
    found = run(options.model, options.name, data, options.epochs, options.out)
    published = PUBLISHED[options.model][options.name]
    print(f"test log-likelihood {found['mean']:.3f} ± {found['standard_error']:.3f}, published {published:.2f}")


if __name__ == "__main__":
    main()
