"""How much does masking cost in a training step?

One step (forward, binary cross-entropy, backward, fused Adam) of the same network three ways: ours, the unmasked MLP,
and the way of pytorch-made: a float mask multiplied onto each weight in every forward pass. Prints medians of
30 paired ratios ours/theirs; the target for a later release is at most 1.03 against the unmasked MLP.

Run: python -m benchmarks.train_step
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

import tailormade as tm
from benchmarks.common import paired_ratio, provenance, write_result

SEED = 0
SIZES = ((784, 500, 784), (784, 1024, 1024, 784))
BATCHES = (100, 1000)


class MultipliedLinear(nn.Linear):
    """A layer that multiplies its weight by a float mask at each call."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(*, in)`` to ``(*, out)``."""
        return functional.linear(x, self.mask * self.weight, self.bias)


def stack(layers: list[nn.Module]) -> nn.Sequential:
    """Put ReLUs between layers."""
    return nn.Sequential(*[m for layer in layers for m in (layer, nn.ReLU())][:-1])


def step(parameters: list[Tensor], loss: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[], None]:
    """Return a function that does one training step."""
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, fused=True)

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(x).backward()
        optimizer.step()

    return run


def network_step(network: nn.Module, x: Tensor) -> Callable[[], None]:
    """Return a step of a network that puts out logits."""

    def loss(x: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(network(x), x, reduction="none").sum(-1).mean()

    return step(list(network.parameters()), loss, x)


def measure(sizes: tuple[int, ...], batch: int) -> dict[str, object]:
    """Compare the three at one size."""
    torch.manual_seed(SEED)
    x = (torch.rand(batch, sizes[0]) < 0.2).float()
    model = tm.MADE(sizes[0], hidden_units=sizes[1:-1], activation="relu", seed=SEED)
    ours = step(list(model.parameters()), lambda x: -model.component_log_prob(x, None, model.table[0]).mean(), x)
    masks = [mask.float() for mask in model.table[0].masks()]
    dense = network_step(stack([nn.Linear(m.shape[1], m.shape[0]) for m in masks]), x)
    multiplied = network_step(stack([MultipliedLinear(m) for m in masks]), x)
    return {
        "network": "-".join(map(str, sizes)),
        "batch": batch,
        "vs_unmasked": paired_ratio(ours, dense),
        "vs_multiplied": paired_ratio(ours, multiplied),
    }


def main() -> None:
    """Measure all sizes."""
    rows, origin = [], provenance(SEED)
    print(f"{'network':<22}{'batch':>6}  ours/unmasked (quartiles)    ours/multiplied (quartiles)   ours")
    for sizes in SIZES:
        for batch in BATCHES:
            row = measure(sizes, batch)
            rows.append(row)
            cells = [
                "{ratio:.3f} ({lower_quartile:.3f}, {upper_quartile:.3f})".format(**row[key])
                for key in ("vs_unmasked", "vs_multiplied")
            ]
            print(
                f"{row['network']:<22}{batch:>6}  {cells[0]:<28} {cells[1]:<28} {row['vs_unmasked']['ours_ms']:.1f} ms"
            )
    write_result("train_step", {**origin, "rows": rows})


if __name__ == "__main__":
    main()
