"""What pytorch-made's own recipe gives on static binarized MNIST, for comparison.

Its network (through our drop-in, whose masks are the same bit for bit) and its training script's settings: 784-500-784
with ReLU, Adam at 1e-3 with weight decay 1e-4, a tenth of it after every 45 epochs, batches of 100, 100 epochs, masks
changed every 20 steps, last epoch kept. Reported are the NLL of a single order (mean over orders), that of the
mixture of the orders, and the cross-entropy of averaged logits, which is the figure its script prints and which is
no likelihood with several orders.

Run: python -m benchmarks.pytorch_made_recipe DATA --orders 10
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.common import provenance, write_result
from tailormade.compat.pytorch_made import MADE

SEED = 0
EPOCHS, BATCH, RESAMPLE = 100, 100, 20


def cross_entropy(logits: Tensor, x: Tensor) -> Tensor:
    """Return each row's cross-entropy in nats."""
    return functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def epochs(model: MADE, rows: Tensor) -> Iterator[float]:
    """Train by the recipe, yielding the loss of the last batch after each epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4, fused=True)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=45, gamma=0.1)
    step = 0
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(rows)).split(BATCH):
            if step % RESAMPLE == 0:
                model.update_masks()
            step += 1
            loss = cross_entropy(model(rows[batch]), rows[batch]).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        scheduler.step()
        yield loss.item()


def train(model: MADE, rows: Tensor) -> None:
    """Train by the recipe, to its end."""
    for epoch, loss in enumerate(epochs(model, rows)):
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: last batch {loss:.2f}", flush=True)


@torch.no_grad()
def evaluate(model: MADE, rows: Tensor, orders: int) -> dict[str, float]:
    """Return the three figures in nats."""
    logits, losses = torch.zeros_like(rows), []
    for _ in range(orders):
        model.update_masks()
        own = torch.cat([model(block) for block in rows.split(1000)])
        logits += own / orders
        losses.append(cross_entropy(own, rows).double())
    stacked = torch.stack(losses)
    mixture = np.log(orders) - torch.logsumexp(-stacked, 0)
    return {
        "single_order_nll": float(stacked.mean()),
        "mixture_nll": float(mixture.mean()),
        "averaged_logits": float(cross_entropy(logits, rows).mean()),
    }


def main() -> None:
    """Train and evaluate once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--orders", type=int, default=1)
    arguments = parser.parse_args()
    origin = provenance(SEED)
    data = np.load(arguments.data, allow_pickle=False)
    tables = {name: torch.from_numpy(data[name]).float() for name in ("train", "valid", "test")}
    torch.manual_seed(SEED)
    model = MADE(784, [500], 784, num_masks=arguments.orders)
    start = time.perf_counter()
    train(model, tables["train"])
    result: dict[str, Any] = {"orders": arguments.orders, "seconds": round(time.perf_counter() - start)}
    result |= {name: evaluate(model, tables[name], arguments.orders) for name in ("valid", "test")}
    print(result)
    write_result(f"pytorch_made_recipe_{arguments.orders}", {**origin, **result})


if __name__ == "__main__":
    main()
