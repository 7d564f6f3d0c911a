"""How much does masking cost in a training step?

One step (forward, binary cross-entropy, backward, fused AdamW) on the same rows: ours; the unmasked MLP; pytorch-made's
way, a float mask multiplied onto each weight in every pass; zuko's ``MaskedMLP``; nflows' ``MADE``, whose first layer
has no activation (the optional group ``peers``). All run in turn in every round, in random order; printed are medians
of 30 ratios ours/theirs with quartiles, of CPU time on one thread and of wall time on more. Targets: at most 1.03 of
the unmasked MLP, 0.8 where widths are 2048. Beside them: ours in a random order of the variables, divided by the
unmasked MLP; and a network of any order that draws a new one in every step, divided by the same network that keeps one:
left to right, whose weights lie in order as they are ("new_order"), or one that was drawn ("new_vs_kept": what the
newness alone costs).

Run: python -m benchmarks.train_step [--quick]
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

import tailormade as tm
from benchmarks.common import provenance, write_result
from benchmarks.flows_peers import missing
from tailormade.random import generator

SEED, ROUNDS, CALLS = 0, 30, 2
SIZES = ((784, 500, 784), (784, 1024, 1024, 784), (2048, 2048, 2048))
BATCHES = (100, 256, 1000)
ALONE = ("unmasked", "multiplied", "zuko", "nflows")  # what ours is divided by
Step = Callable[[], None]


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


def step(parameters: list[Tensor], loss: Callable[[Tensor], Tensor], x: Tensor) -> Step:
    """Return a function that does one training step."""
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, fused=True)

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss(x).backward()
        optimizer.step()

    return run


def network_step(network: nn.Module, x: Tensor) -> Step:
    """Return a step of a network that puts out logits."""

    def loss(x: Tensor) -> Tensor:
        return functional.binary_cross_entropy_with_logits(network(x), x, reduction="none").sum(-1).mean()

    return step(list(network.parameters()), loss, x)


def our_step(x: Tensor, hidden: tuple[int, ...], **options: object) -> Step:
    """Return a step of ours."""
    model = tm.MADE(x.shape[1], hidden_units=hidden, activation="relu", seed=SEED, **options)
    return step(list(model.parameters()), lambda x: -model.component_log_prob(x, None, model.table[0]).mean(), x)


def any_order_step(x: Tensor, hidden: tuple[int, ...], *, kept: int | None) -> Step:
    """Return a step of a network of any order, which keeps one of its stored orders, or draws one anew each time."""
    model = tm.MADE(x.shape[1], hidden_units=hidden, activation="relu", orders="any", seed=SEED)
    count, fixed = iter(range(10**9)), model.table[kept or 0]

    def loss(x: Tensor) -> Tensor:
        degrees = model.draw(generator(SEED, "order", next(count))) if kept is None else fixed
        return -model.component_log_prob(x, None, degrees).mean()

    return step(list(model.parameters()), loss, x)


def contenders(sizes: tuple[int, ...], x: Tensor) -> dict[str, Step]:
    """Return the steps of all that are installed."""
    hidden, masks = sizes[1:-1], tm.MADE(sizes[0], hidden_units=sizes[1:-1], seed=SEED).table[0].masks()
    found = {
        "ours": our_step(x, hidden),
        "unmasked": network_step(stack([nn.Linear(m.shape[1], m.shape[0]) for m in masks]), x),
        "multiplied": network_step(stack([MultipliedLinear(m.float()) for m in masks]), x),
        "random order": our_step(x, hidden, input_order="random"),
        "any order": any_order_step(x, hidden, kept=0),
        "any order, drawn": any_order_step(x, hidden, kept=1),
        "any order, anew": any_order_step(x, hidden, kept=None),
    }
    if "zuko" not in missing():
        from zuko.nn import MaskedMLP

        seen = torch.ones(sizes[0], sizes[0], dtype=torch.bool).tril(-1)
        found["zuko"] = network_step(MaskedMLP(seen, hidden, activation=nn.ReLU), x)
    if "nflows" not in missing() and len(hidden) > 1:
        from nflows.transforms.made import MADE

        net = MADE(sizes[0], hidden[0], num_blocks=len(hidden) - 1, use_residual_blocks=False)
        found["nflows"] = network_step(net, x)
    return found


def seconds(run: Step) -> float:
    """Return how long calls take."""
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = clock()
    for _ in range(CALLS):
        run()
    return clock() - start


def ratio(a: list[float], b: list[float]) -> dict[str, float]:
    """Return the median of ratios and their quartiles."""
    ratios = sorted(x / y for x, y in zip(a, b, strict=True))
    lower, upper = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    return {"ratio": statistics.median(ratios), "lower_quartile": lower, "upper_quartile": upper}


def measure(sizes: tuple[int, ...], batch: int, rounds: int) -> dict[str, object]:
    """Compare all at one size."""
    torch.manual_seed(SEED)
    steps = contenders(sizes, (torch.rand(batch, sizes[0]) < 0.2).float())
    times: dict[str, list[float]] = {name: [] for name in steps}
    for i in range(rounds + 2):
        for name in random.Random(i).sample(list(steps), len(steps)):
            spent = seconds(steps[name])
            if i > 1:
                times[name].append(spent)
    ours = times["ours"]
    return {
        "network": "-".join(map(str, sizes)),
        "batch": batch,
        "ours_ms": 1e3 * statistics.median(ours) / CALLS,
        **{f"vs_{name}": ratio(ours, times[name]) for name in ALONE if name in times},
        "random_vs_unmasked": ratio(times["random order"], times["unmasked"]),
        "new_order": ratio(times["any order, anew"], times["any order"]),
        "new_vs_kept": ratio(times["any order, anew"], times["any order, drawn"]),
    }


def verdict(row: dict[str, object]) -> str:
    """Say whether a row meets its target."""
    target, found = (0.8 if "2048" in row["network"] else 1.03), row["vs_unmasked"]["ratio"]
    return f"{'met' if found <= target else 'NOT MET'}: {row['network']}, batch {row['batch']}: {found:.3f} of {target}"


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, and nothing is written")
    quick = parser.parse_args().quick
    rows, origin = [], provenance(SEED)
    for sizes in SIZES:
        for batch in BATCHES:
            row = measure(sizes, batch, 6 if quick else ROUNDS)
            rows.append(row)
            cells = [f"{k.removeprefix('vs_')} {v['ratio']:.3f}" for k, v in row.items() if isinstance(v, dict)]
            print(f"{row['network']:<19}{batch:>5} {row['ours_ms']:7.1f} ms  " + "  ".join(cells), flush=True)
    print("\n".join(verdict(row) for row in rows))
    if not quick:
        write_result("train_step", {**origin, "rows": rows})


if __name__ == "__main__":
    main()
