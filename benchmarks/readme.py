"""Write the README's measured tables from the files under ``results``, so that no figure is typed by hand.

Run: python -m benchmarks.readme
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.common import RESULTS

README = Path(__file__).resolve().parent.parent / "README.md"
START, END = "<!-- results -->", "<!-- /results -->"


def result(name: str) -> dict[str, Any]:
    """Read one result."""
    return dict(json.loads((RESULTS / f"{name}.json").read_text()))


def likelihoods() -> list[str]:
    """Return the table of MNIST likelihoods."""
    ours = result("mnist")
    one, ten = ours["fits"]["one order"], ours["fits"]["ten orders"]
    peer_one, peer_ten = result("pytorch_made_recipe_1"), result("pytorch_made_recipe_10")
    return [
        "| | one order | ten orders: a single one | ten orders: their mixture |",
        "|---|---|---|---|",
        f"| `tailormade fit -q 500` | **{-one['log_likelihood']:.2f}** ± {one['standard_error']:.2f} | "
        f"{-ten['single_order']:.2f} | **{-ten['log_likelihood']:.2f}** ± {ten['standard_error']:.2f} |",
        f"| pytorch-made's recipe | {peer_one['test']['mixture_nll']:.2f} | "
        f"{peer_ten['test']['single_order_nll']:.2f} | {peer_ten['test']['mixture_nll']:.2f} |",
        "",
        "pytorch-made's script averages logits over ten orders and prints "
        f"{peer_ten['valid']['averaged_logits']:.1f} on the validation rows: that figure is no likelihood. "
        f"Ours took {one['fit_seconds'] / 60:.0f} minutes, and {ten['fit_seconds'] / 60:.0f} with `{ten['flags']}`.",
    ]


def steps() -> list[str]:
    """Return the table of training steps."""
    measured = result("train_step")
    lines = [
        "Time of a training step, ours divided by theirs (medians of 30 paired ratios):",
        "",
        "| network | batch | the unmasked MLP | multiplying by a mask, as pytorch-made does |",
        "|---|---|---|---|",
    ]
    for row in measured["rows"]:
        ratios = f"{row['vs_unmasked']['ratio']:.2f} | {row['vs_multiplied']['ratio']:.2f}"
        lines.append(f"| {row['network']} | {row['batch']} | {ratios} |")
    return lines


def origin(name: str) -> str:
    """Say where a result came from."""
    r = result(name)
    return f"`{name}`: commit {r['commit']}, {r['date']}, {r['machine']}, {r['threads']} thread(s), seed {r['seed']}"


def main() -> None:
    """Rewrite the part of the README between the marks."""
    names = ("mnist", "pytorch_made_recipe_1", "pytorch_made_recipe_10", "train_step")
    sources = "Sources in [benchmarks/results](benchmarks/results). " + "; ".join(origin(n) for n in names) + "."
    text = "\n".join([*likelihoods(), "", *steps(), "", sources])
    before, rest = README.read_text().split(START)
    _, after = rest.split(END)
    README.write_text(f"{before}{START}\n{text}\n{END}{after}")
    print("wrote README.md")


if __name__ == "__main__":
    main()
