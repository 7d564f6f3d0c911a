"""How good are flows on held-out rows, beside zuko's?

A MADE of mixtures of normals, an affine MAF, one with a MADE of mixtures as its base, and a spline MAF, beside zuko's
MAF and NSF, all fitted in the same way (:mod:`benchmarks.flows_models`), on the ``uci_*`` sets (columns and noise as
:mod:`benchmarks.flows_data` says) and on two moons, rings and a checkerboard. Figures are mean log-likelihoods of test
rows in nats, in units of the training rows' deviations, with standard errors; differences are those of the same rows.

Run: OMP_NUM_THREADS=1 python -m benchmarks.flows_likelihood DATA [--quick] [--pictures FOLDER] [--only NAME ...]
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import flows_models
from benchmarks.common import provenance, write_result
from benchmarks.flows_data import Split, split_of, usable_sets
from benchmarks.flows_models import MODELS, fit, scores
from benchmarks.flows_peers import missing
from benchmarks.flows_pictures import draw_contours
from benchmarks.flows_toys import TOYS, toy_split
from benchmarks.tables_data import print_table, summary

SEED, STEPS, TOY_STEPS = 0, 1000, 1500
TOY_ROWS = 4000
PAIRS = (("MAF", "zuko MAF"), ("spline MAF", "zuko NSF"), ("spline MAF", "zuko MAF"))


def compare(split: Split, steps: int) -> tuple[dict[str, Any], dict[str, nn.Module]]:
    """Fit all models to a set, and return their scores and the models."""
    results: dict[str, Any] = {"rows": [len(part) for part in split[:3]], "columns": split.columns, "steps": steps}
    tests: dict[str, Tensor] = {}
    models: dict[str, nn.Module] = {}
    for name, make in MODELS.items():
        if name.split()[0] in missing():
            continue
        torch.manual_seed(SEED)
        start, model = time.process_time(), make(len(split.columns))
        best = fit(model, split, steps, SEED)
        tests[name], models[name] = scores(model, split.test).double(), model
        seconds = round(time.process_time() - start, 1)
        results[name] = {**summary(tests[name].numpy()), "best_step": best, "cpu_seconds": seconds}
    pairs = [(a, b) for a, b in PAIRS if a in tests and b in tests]
    results["differences"] = {f"{a} - {b}": summary((tests[a] - tests[b]).numpy()) for a, b in pairs}
    return results, models


def cells(results: dict[str, Any]) -> list[str]:
    """Return the figures of one set as text."""
    return [f"{r['mean']:.3f} ± {r['standard_error']:.3f}" if (r := results.get(n)) else "missing" for n in MODELS]


def main() -> None:
    """Fit, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the sets")
    parser.add_argument("--quick", action="store_true", help="few steps, and nothing is written")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="draw contours of the densities of two variables"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these sets alone, and nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.distributions.Distribution.set_default_validate_args(False)
    origin, results = provenance(SEED), {}
    budget = {"batch": flows_models.BATCH, "transforms": flows_models.TRANSFORMS, "hidden": flows_models.HIDDEN}
    for name in options.only or [*TOYS, *usable_sets(options.data)]:
        steps = 20 if options.quick else TOY_STEPS if name in TOYS else STEPS
        split, truth = toy_split(name, TOY_ROWS, TOY_ROWS) if name in TOYS else (split_of(options.data, name), None)
        results[name], models = compare(split, steps)
        if name in TOYS:
            results[name]["truth"] = truth
            if options.pictures:
                draw_contours(TOYS[name], split, models, options.pictures / f"{name}.png")
        print_table(["", *MODELS, "truth"], [[name, *cells(results[name]), "" if truth is None else f"{truth:.3f}"]])
        if not options.quick and not options.only:
            write_result("flows_likelihood", {**origin, **budget, "missing": missing(), "sets": results})


if __name__ == "__main__":
    main()
