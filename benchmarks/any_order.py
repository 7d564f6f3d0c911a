"""What is a network of any order best trained on?

Fits networks of the same size with the same budget on fresh orders, on these and its 16 stored orders in turn, and on
one or four stored orders of which half of the steps put random evidence first (``tailormade.training.any_order``).
Reports, of validation rows, which also choose the epoch, the NLL of the model's density, and the mean of
log p(rest | evidence) for 8 random sets of 10, 50 and 90% of the variables, answered by one order and by four; means
over seeds. Beside each is its difference to fresh orders with the standard error of that over rows.

Run: python -m benchmarks.any_order DATA [--sets NAME,...] [--seeds 1]
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import tailormade as tm
from benchmarks.common import provenance, write_result
from benchmarks.likelihood import parts
from tailormade.random import generator

SETS = {  # epochs, dropout, weight decay
    "nltcs": (30, 0.1, 0.01),
    "plants": (30, 0.1, 0.01),
    "mushrooms": (100, 0.2, 0.01),
    "dna": (150, 0.5, 1.0),
    "nips": (150, 0.5, 1.0),
}
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {  # orders, and what is trained
    "fresh": ("random", {}),
    "half stored": ("random", {"stored_orders": 0.5}),
    "one, evidence first": (["random"], {"stored_orders": 0.5, "evidence_first": True}),
    "four, evidence first": (["random"] * 4, {"stored_orders": 0.5, "evidence_first": True}),
}
EVIDENCE = (10, 50, 90)  # per cent
REPEATS = 8


def fitted(name: str, kind: str, data: dict[str, Any], seed: int) -> tm.MADE:
    """Fit one network."""
    (epochs, dropout, decay), (order, options) = SETS[name], KINDS[kind]
    features = data["train"].shape[1]
    model = tm.MADE(features, hidden_units=(500,), orders="any", input_order=order, dropout=dropout, seed=seed)
    config = tm.FitConfig(max_epochs=epochs, weight_decay=decay, patience=0, seed=seed, progress=False, **options)
    tm.fit(model, data["train"], data["valid"], config=config)
    return model


@torch.no_grad()
def answers(model: tm.MADE, rows: Tensor) -> dict[str, Tensor]:
    """Return what is asked of every row, each of shape ``(rows,)``."""
    found = {"nll": -model().log_prob(rows)}
    for share in EVIDENCE:
        size = max(1, round(model.features * share / 100))
        sets = [
            torch.randperm(model.features, generator=generator(99, "sets", 100 * share + k)) < size
            for k in range(REPEATS)
        ]
        for orders in (1, 4):
            logs = [model().given(rows, known, orders=orders).log_prob(rows[:, ~known]) for known in sets]
            found[f"{share}% by {orders}"] = torch.stack(logs).double().mean(0)
    return found


def measure(name: str, data: dict[str, Any], seeds: int) -> dict[str, Any]:
    """Compare on one set."""
    rows, scores = torch.from_numpy(data["valid"][:1000]).float(), {}
    for kind in KINDS:
        each = [answers(fitted(name, kind, data, seed), rows) for seed in range(seeds)]
        scores[kind] = {key: torch.stack([one[key] for one in each]).mean(0) for key in each[0]}
        print(f"{name:<10} {kind:<21}", "  ".join(shown(scores, kind, key) for key in each[0]), flush=True)
    return {kind: {key: summary(scores, kind, key) for key in found} for kind, found in scores.items()}


def summary(scores: dict[str, dict[str, Tensor]], kind: str, key: str) -> dict[str, float]:
    """Return a mean, its difference to that of fresh orders, and the standard error of that."""
    more = scores[kind][key] - scores["fresh"][key]
    error = float(more.std()) / len(more) ** 0.5
    return {"mean": float(scores[kind][key].mean()), "difference": float(more.mean()), "standard_error": error}


def shown(scores: dict[str, dict[str, Tensor]], kind: str, key: str) -> str:
    """Say one figure."""
    found = summary(scores, kind, key)
    return f"{key} {found['mean']:.3f} ({found['difference']:+.3f} ± {found['standard_error']:.3f})"


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the .npz files")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    origin = provenance(0)
    table = {}
    for name in arguments.sets.split(","):
        table[name] = measure(name, parts(arguments.data / f"{name}.npz"), arguments.seeds)
    write_result("any_order", {**origin, "seeds": arguments.seeds, "sets": table})


if __name__ == "__main__":
    main()
