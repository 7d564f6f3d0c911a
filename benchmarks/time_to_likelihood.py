"""How long until a validation NLL of 95 nats on static binarized MNIST, ours and by pytorch-made's recipe?

Both are 784-500-784 in one order, on one thread, in one run. Ours is ``tm.fit`` with the command's architecture and a
schedule of as few epochs as get there (numbers of epochs are tried in turn, each a fit of its own from the start);
theirs is its script's recipe (:mod:`benchmarks.pytorch_made_recipe`), validated after every epoch until it gets there.
Times are CPU seconds of training, validation included.

Run: python -m benchmarks.time_to_likelihood DATA
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import tailormade as tm
from benchmarks.common import provenance, write_result
from benchmarks.pytorch_made_recipe import EPOCHS, SEED, epochs, evaluate
from tailormade.compat.pytorch_made import MADE

TARGET, TRIED = 95.0, (4, 6, 8, 10, 15, 20)


def ours(train: Tensor, valid: Tensor) -> dict[str, Any]:
    """Fit with longer and longer schedules until one gets there."""
    for count in TRIED:
        model = tm.MADE(784, hidden_units=(500,), direct=True, dropout=0.2, seed=SEED)
        started = time.process_time()
        history = tm.fit(model, train, valid, config=tm.FitConfig(max_epochs=count, seed=SEED, progress=False))
        spent = time.process_time() - started
        print(f"ours, {count} epochs: {history.best_nll:.2f} after {spent:.0f} s", flush=True)
        if history.best_nll <= TARGET:
            break
    return {"epochs": count, "valid_nll": history.best_nll, "cpu_seconds": spent}


def theirs(train: Tensor, valid: Tensor) -> dict[str, Any]:
    """Train by pytorch-made's recipe until it gets there, or ends."""
    torch.manual_seed(SEED)
    model, started, found = MADE(784, [500], 784, num_masks=1), time.process_time(), {}
    for count, _ in _counted(epochs(model, train)):
        nll = evaluate(model, valid, 1)["single_order_nll"]
        found = {"epochs": count, "valid_nll": nll, "cpu_seconds": time.process_time() - started}
        if nll <= TARGET:
            break
    print(
        f"pytorch-made's recipe, {found['epochs']} epochs: {found['valid_nll']:.2f} after {found['cpu_seconds']:.0f} s"
    )
    return found


def _counted(each: Iterator[float]) -> Iterator[tuple[int, float]]:
    return zip(range(1, EPOCHS + 1), each, strict=False)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    origin, data = provenance(SEED), np.load(parser.parse_args().data, allow_pickle=False)
    torch.set_num_threads(1)
    train, valid = (torch.from_numpy(data[name]).float() for name in ("train", "valid"))
    result = {"target": TARGET, "ours": ours(train, valid), "pytorch_made": theirs(train, valid)}
    ratio = result["ours"]["cpu_seconds"] / result["pytorch_made"]["cpu_seconds"]
    print(f"ours takes {ratio:.3f} of the time")
    write_result("time_to_likelihood", {**origin, **result, "ratio": ratio})


if __name__ == "__main__":
    main()
