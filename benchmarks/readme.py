"""Write the README's measured tables from the files under ``results``, so that no figure is typed by hand.

Run: python -m benchmarks.readme
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.common import RESULTS

README = Path(__file__).resolve().parent.parent / "README.md"
SHOWN_ROWS = (1, 100, 1000)
FLOWS = ("MADE, mixtures", "MAF", "MAF, MADE base", "spline MAF", "zuko MAF", "zuko NSF")
LABELS = {"upper": "upper half", "lower": "lower half", "left": "left half", "right": "right half",
          "random": "random half of the pixels"}  # fmt: skip
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
        "Time of a training step of ours (fused AdamW, binary cross-entropy), divided by theirs (medians of 30 ratios; "
        "random order: ours in one, against the unmasked MLP; a new order: drawn in each step, against one "
        "that is kept):",
        "",
        "| network | batch | the unmasked MLP | multiplying by a mask | zuko | nflows | random order | a new order |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in measured["rows"]:
        names = ("vs_unmasked", "vs_multiplied", "vs_zuko", "vs_nflows", "random_vs_unmasked", "new_vs_kept")
        ratios = " | ".join(f"{row[name]['ratio']:.2f}" if name in row else "" for name in names)
        lines.append(f"| {row['network']} | {row['batch']} | {ratios} |")
    return lines


def memory() -> list[str]:
    """Return what data that are wide or large take."""
    wide, stream = result("wide")["rows"], result("streaming_parquet")
    lines = [
        f"Memory of wide data (one hidden layer of 500; MB at the peak, {wide[0]['start_mb']:.0f} of them torch):",
        "",
        "| variables | parameters | a fit, batches of 100 | 100 samples | check |",
        "|---|---|---|---|---|",
    ]
    for row in wide:
        peaks = " | ".join(f"{row[f'{job}_peak_mb']:.0f}" for job in ("fit_5_steps", "sample_100", "check"))
        lines.append(f"| {row['features']} | {row['parameters']} | {peaks} |")
    size, above = stream["bytes"] / 1e9, stream["above_mb"]
    return [*lines, "", f"Fitting a Parquet file of {size:.1f} GB took {above:.0f} MB above the start."]


def binary() -> list[str]:
    """Return the table of likelihoods of binary sets."""
    sets = {**result("likelihood_binary")["sets"], **result("likelihood_mnist")["sets"]}
    lines = [
        'Negative log-likelihood in nats of a test row, `recipe("default", ...)`, columns of few patterns coded as '
        "categories (lower is better; seen: read in a source, recalled: not; a single network is the mean over those "
        "of the ensemble; of nips one network of any order, of which 64 are mixed; MNIST's shifted in training):",
        "",
        "| set | variables | training rows | single | ensemble | of | seeds | seen | recalled |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in sets.items():
        cells = [f"{row[kind]['nll']:.2f} ± {row[kind]['standard_error']:.2f}" for kind in ("single", "ensemble")]
        cells[1] = cells[1] if row["members"] > 1 else ""
        rest = f"{row['members']} | {len(row['seeds'])} | {row['seen']} | {row['recalled']}"
        lines.append(f"| {name} | {row['variables']} | {row['rows']} | {' | '.join(cells)} | {rest} |")
    missed = [f"{name} ({row['target']})" for name, row in sets.items() if row["ensemble"]["nll"] > row["target"]]
    lines += [
        "",
        f"Short of our own aims: {', '.join(missed)}; what was tried for them stands in "
        "[likelihood_published.py](benchmarks/likelihood_published.py).",
    ]
    spent = result("time_to_likelihood")
    ours, theirs = spent["ours"], spent["pytorch_made"]
    lines += [
        "",
        f"Until a validation NLL of {spent['target']:.0f} on static binarized MNIST (784-500-784, one order, one "
        f"thread): {ours['cpu_seconds']:.0f} s in {ours['epochs']} epochs, {theirs['cpu_seconds']:.0f} s in "
        f"{theirs['epochs']} by "
        "pytorch-made's recipe in the same run.",
    ]
    return lines


def sampling() -> list[str]:
    """Return the table of sampling times."""
    measured = result("sampling")
    lines = [
        "Time to draw n samples, against one forward pass over n rows and against the plain loop of D passes that "
        "other libraries run (medians of pairs, one thread; \\* extrapolated from 16 steps):",
        "",
        "| network | n | ours | forward passes | the loop takes | times ours |",
        "|---|---|---|---|---|---|",
    ]
    for row in measured["rows"]:
        if row["n"] in SHOWN_ROWS:
            ours, loop = row[row["auto"]], row["loop"]
            star = "\\*" if loop["extrapolated"] else ""
            lines.append(
                f"| {row['network']} | {row['n']} | {ours['ms']:.3g} ms | {ours['ratio']:.2g} | "
                f"{loop['ms'] / 1e3:.2g} s{star} | {loop['ms'] / ours['ms']:.0f} |"
            )
    first = measured["first_call_seconds"]
    return [
        *lines,
        "",
        f"The first call in a process takes {first['compiled, filled cache, n=1000']:.1f} s more, and "
        f"{first['compiled, empty cache, n=1000']:.0f} s once on each machine, where compiled loops are chosen; small "
        "jobs use torch alone and pay nothing.",
    ]


def completion() -> list[str]:
    """Return the table of completions."""
    measured = result("completion")
    flags = [measured["fits"][name]["flags"] for name in ("any", measured["fixed"])]
    lines = [
        f"Mean log p(missing | observed) in nats of the 10,000 test rows of binarized MNIST, higher is better; "
        f"any order: `{flags[0]}`, fixed order: `{flags[1]}` (a longer schedule was worse on validation rows):",
        "",
        "| observed | one any-order model | the same, mixing 4 orders | Chow-Liu tree | fixed order, upper first |",
        "|---|---|---|---|---|",
    ]
    for name, row in measured["observed"].items():
        fixed = f"{row['fixed']['mean']:.2f}" if "fixed" in row else ""
        any_order = f"{row['any']['mean']:.2f} ± {row['any']['standard_error']:.2f}"
        four = f"{row['any, four orders']['mean']:.2f}"
        lines.append(f"| {LABELS[name]} | {any_order} | {four} | {row['tree']['mean']:.2f} | {fixed} |")
    return lines


def tables() -> list[str]:
    """Return the table of densities of tables."""
    others = ("marginals", "gaussian mixture", "kernel density", "chow-liu")
    lines = [
        "Mean log-likelihood in nats of a test row, `tm.DensityEstimator` with its own recipe beside independent "
        "marginals, a Gaussian mixture (BIC), kernel density and a Chow-Liu tree on binned columns, all under one base "
        "measure (bold: ahead of all others by more than two standard errors of the paired difference). Ours has mass "
        "of its own for values that recur and for coarser grids that most values are on, which the others have not:",
        "",
        "| set | rows | columns | ours | marginals | Gaussian mixture | kernel density | Chow-Liu tree |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in sorted(result("tables")["sets"].items(), key=lambda item: -item[1]["rows"]):
        ours = f"{row['ours']['mean']:.2f}"
        figures = [f"{row[other]['mean']:.2f}" if other in row else "" for other in others]
        cells = [f"**{ours}**" if row["best"] else ours, *figures]
        lines.append(f"| {name} | {row['rows']} | {row['columns']} | {' | '.join(cells)} |")
    return lines


def answers() -> list[str]:
    """Return what questions, gaps and generated rows gave, in sentences."""
    questions, rows, gaps = (result(name) for name in ("queries", "synthetic", "imputation"))
    lines = [
        "Questions of 2 to 8 columns, 1000 each, by which factor estimates are off (median, 95th, 99th percentile)"
    ]
    for name, found in questions["tables"].items():
        q, ms = found["q_error"]["all"], found["milliseconds"]
        lines[0] += f"; {name} {q['median']:.2f}, {q['95th']:.2f}, {q['99th']:.2f}, {ms:.0f} ms a question"
    parts = [
        f"{name} {found['auc']:.2f} (what is learned from them: {found['accuracy']['generated']:.1%} right, "
        f"from as many real ones {found['accuracy']['real']:.1%})"
        for name, found in rows["tables"].items()
    ]
    lines[0] += ". Area under the curve of boosted trees telling generated rows from real ones, 0.5 being perfect: "
    lines[0] += "; ".join(parts) + ". Filling gaps, no worse than the best of scikit-learn's imputers: "
    lines[0] += gaps["targets"][0].partition("(")[2].rstrip(")") + "."
    return lines


def flows() -> list[str]:
    """Return how flows compare with those of zuko and nflows."""
    lines = [
        "A MAF of 5 affine transforms of 256-256, time divided by that of the same MAF in zuko and nflows (CPU time, "
        "one thread, medians of paired ratios):",
        "",
        "| variables | training step, batch 256 | log_prob of 1000 rows | 1000 samples | one sample |",
        "|---|---|---|---|---|",
    ]
    for row in result("flows")["sizes"]:
        ratios = [row[work]["cpu ratio"] for work in ("step", "log_prob 1000", "sample 1000", "sample 1")]
        cells = [f"{ratio['zuko']:.2f}, {ratio['nflows']:.2f}" for ratio in ratios]
        lines.append(f"| {row['features']} | {' | '.join(cells)} |")
    measured = result("flows_likelihood")
    lines += [
        "",
        f"Mean log-likelihood in nats of a test row of continuous columns (numbers that repeat at a known resolution "
        f"have the same uniform noise for all; {measured['transforms']} transforms of "
        f"{'-'.join(map(str, measured['hidden']))}, the same budget for all, one seed):",
        "",
        f"| set | {' | '.join(FLOWS)} | truth |",
        f"|---|{'---|' * len(FLOWS)}---|",
    ]
    for name, row in measured["sets"].items():
        cells = [f"{row[kind]['mean']:.2f} ± {row[kind]['standard_error']:.2f}" for kind in FLOWS]
        truth = f"{row['truth']:.2f}" if "truth" in row else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {truth} |")
    return lines


def origin(name: str) -> str:
    """Say where a result came from."""
    r = result(name)
    if "commit" not in r:  # each set is of a run of its own
        commits = sorted({row["commit"] for row in r["sets"].values()})
        r = {**next(iter(r["sets"].values())), "commit": ", ".join(commits)}
    return f"`{name}`: commit {r['commit']}, {r['date']}, {r['machine']}, {r['threads']} thread(s), seed {r['seed']}"


def main() -> None:
    """Rewrite the part of the README between the marks."""
    names = (
        "mnist",
        "pytorch_made_recipe_1",
        "pytorch_made_recipe_10",
        "likelihood_binary",
        "likelihood_mnist",
        "time_to_likelihood",
        "train_step",
        "wide",
        "streaming_parquet",
        "sampling",
        "completion",
        "tables",
        "queries",
        "synthetic",
        "imputation",
        "flows",
        "flows_likelihood",
    )
    sources = "Sources in [benchmarks/results](benchmarks/results). " + "; ".join(origin(n) for n in names) + "."
    shown = (likelihoods(), binary(), tables(), answers(), flows(), sampling(), completion(), steps(), memory())
    text = "\n".join([line for table in shown for line in (*table, "")] + [sources])
    before, rest = README.read_text().split(START)
    _, after = rest.split(END)
    README.write_text(f"{before}{START}\n{text}\n{END}{after}")
    print("wrote README.md")


if __name__ == "__main__":
    main()
