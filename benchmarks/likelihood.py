"""How likely are held-out rows under the default recipe, beside what has been published?

Each set is fitted by :func:`tailormade.training.recipes.recipe` to its training rows; the epoch is chosen on its
validation rows, and its test rows choose nothing. Binary columns that take few patterns, such as one-hot codes, are
coded as categories, which gives a density of the same columns (:mod:`tailormade.patterns`). ``single`` is the mean
over members of the ensemble of a single network's test NLL, ``ensemble`` that of their mixture, both in nats a row,
means over seeds. Standard errors are over test rows (of the mean over seeds) and, with several seeds, the deviation
over seeds is given beside. Members are fitted at once, as one model, or with ``--one-by-one`` each as a model of its
own, which gives the same mixture but for when each of them stops.

``--suite binary`` are the sets of the MADE, NADE and circuit papers, ``mnist`` is static binarized MNIST; for
``continuous`` see ``python -m benchmarks.flows_published``, which takes the user's own copies of those files.

Run: python -m benchmarks.likelihood DATA --suite binary|mnist [--sets NAME,...] [--members 4] [--seeds 3]
"""

import argparse
import hashlib
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

import tailormade as tm
from benchmarks.common import RESULTS, provenance, write_result
from benchmarks.likelihood_published import BINARY, MNIST, Published
from tailormade.files import open_atomically
from tailormade.patterns import ColumnPatterns
from tailormade.random import generator
from tailormade.training.recipes import column_orders, recipe

ORDERS = 64  # that are mixed of a network of any order
IMAGES = {"binarized_mnist": (28, 28)}
SUITES = {"binary": BINARY, "mnist": MNIST}


class Coded(NamedTuple):
    """Rows of one part of a set, as the model takes them, and what is added to the log-likelihood of each."""

    rows: Tensor
    volume: Tensor


class Outcome(NamedTuple):
    """What one seed gave: log-likelihoods of the test rows, shape ``(members, rows)``, and what it took."""

    components: Tensor
    seconds: float
    parameters: int
    epochs: int


def parts(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Read the three parts of a set."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in ("train", "valid", "test")}


def split_hash(data: dict[str, np.ndarray[Any, Any]]) -> str:
    """Return a hash of the rows of all parts, in their order."""
    digest = hashlib.sha256()
    for name, rows in data.items():
        digest.update(f"{name}{rows.shape}".encode())
        digest.update(np.packbits(rows.astype(bool)).tobytes())
    return digest.hexdigest()[:16]


def coded(coding: ColumnPatterns, rows: np.ndarray[Any, Any]) -> Coded:
    """Return rows as categories where columns take few patterns."""
    return Coded(torch.from_numpy(coding.encode(rows)), torch.from_numpy(coding.log_volume(rows)))


class Job(NamedTuple):
    """What is fitted: the networks of a recipe, from a seed, for images of a shape or, without one, for columns."""

    level: str
    members: int
    seed: int
    image: tuple[int, int] | None


def arguments(job: Job, coding: ColumnPatterns, rows: np.ndarray[Any, Any]) -> tuple[dict[str, Any], tm.FitConfig]:
    """Return a model's arguments for coded rows, and how it is fitted."""
    chosen = recipe(job.level, len(rows), sum(c.width for c in coding.conditionals), job.image)
    options = {"features": rows.shape[1], "conditionals": coding.conditionals, "seed": job.seed, **chosen.model}
    if options.get("orders") != "any":
        options.update(orders=job.members, shared=job.members == 1)
        if job.image is None:
            orders = column_orders(rows, job.seed * job.members, job.members, binary=False)
            options["input_order"] = orders if job.members > 1 else orders[0]
    return options, tm.FitConfig(**chosen.training, seed=job.seed, progress=False)


def fit(data: dict[str, np.ndarray[Any, Any]], job: Job, folder: Path | None) -> Outcome:
    """Fit one ensemble, its members at once or (with a folder) one by one, and score the test rows under each."""
    pixels = data["train"].shape[1]
    coding = ColumnPatterns.find(data["train"]) if job.image is None else ColumnPatterns.single(pixels)
    split = [coded(coding, data[name]) for name in ("train", "valid", "test")]
    options, config = arguments(job, coding, split[0].rows.numpy())
    if folder is None or options["orders"] in (1, "any"):
        return fit_model(tm.MADE(**options), config, split)
    orders = [degrees.inputs.tolist() for degrees in tm.MADE(**options).table]
    members = []
    for k, order in enumerate(orders):
        seed = job.seed * len(orders) + k
        member = {**options, "orders": 1, "shared": True, "input_order": order, "seed": seed}
        path = folder / f"member-{seed}.pt"
        if not path.exists():
            outcome = fit_model(tm.MADE(**member), replace(config, seed=seed), split)
            folder.mkdir(parents=True, exist_ok=True)
            with open_atomically(path) as file:  # a run that is cut off leaves no half of it
                torch.save(tuple(outcome), file)
            print(f"member {seed}: {-outcome.components.mean():.3f}, {outcome.seconds:.0f} s", flush=True)
        members.append(Outcome(*torch.load(path, weights_only=True)))
    every, seconds, parameters, epochs = zip(*members, strict=True)
    return Outcome(torch.cat(every), sum(seconds), sum(parameters), max(epochs))


def fit_model(model: tm.MADE, config: tm.FitConfig, split: list[Coded]) -> Outcome:
    """Fit a model, and score the test rows under each of its components."""
    train, valid, test = split
    started = time.perf_counter()
    history = tm.fit(model, train.rows, valid.rows, config=config)
    seconds = time.perf_counter() - started
    drawn = None
    if model.orders == "any":  # any number of orders can be mixed: these are fixed by the seed
        drawn = [model.draw(generator(config.seed or 0, "benchmark", k)) for k in range(ORDERS)]
    scores = tm.training.score(model, test.rows, components=drawn).components + test.volume
    return Outcome(scores, seconds, sum(p.numel() for p in model.parameters()), len(history.records))


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the figures of all seeds."""
    mixtures = torch.stack([o.components.logsumexp(0) - np.log(len(o.components)) for o in outcomes])
    singles = torch.stack([o.components.mean(0) for o in outcomes])
    gains = {}
    for k in (2**i for i in range(10)):
        if k <= len(outcomes[0].components):
            first = [-(o.components[:k].logsumexp(0) - np.log(k)).mean().item() for o in outcomes]
            gains[k] = statistics.mean(first)
    result = {
        "members": len(outcomes[0].components),
        "by_members": gains,
        "seconds": [o.seconds for o in outcomes],
        "parameters": outcomes[0].parameters,
        "epochs": [o.epochs for o in outcomes],
    }
    for name, logs in (("single", singles), ("ensemble", mixtures)):
        rows, each = -logs.mean(0), (-logs.mean(1)).tolist()
        result[name] = {
            "nll": statistics.mean(each),
            "standard_error": rows.std().item() / len(rows) ** 0.5,
            "deviation_over_seeds": statistics.stdev(each) if len(each) > 1 else None,
            "each_seed": each,
        }
    return result


def show(name: str, row: dict[str, Any], published: Published) -> str:
    """Say one set's figures in a line."""
    single, mixed = row["single"], row["ensemble"]
    met = "met" if mixed["nll"] <= published.target else "NOT MET"
    return (
        f"{name:<16} single {single['nll']:8.3f} ± {single['standard_error']:.3f}   {row['members']:>2} members "
        f"{mixed['nll']:8.3f} ± {mixed['standard_error']:.3f}   target {published.target:<7} {met:<8} "
        f"seen {published.seen or '-'}; recalled {published.recalled or '-'}   {statistics.mean(row['seconds']):.0f} s"
    )


def kept(name: str) -> dict[str, Any]:
    """Return the rows that an earlier run left, so that sets can be run one at a time."""
    path = RESULTS / f"{name}.json"
    return dict(json.loads(path.read_text())["sets"]) if path.exists() else {}


def main() -> None:
    """Run a suite."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--suite", choices=list(SUITES), default="binary")
    parser.add_argument("--sets", help="names, separated by commas; the other sets' figures stay as they are")
    parser.add_argument(
        "--members", type=int, default=4, help="networks in an ensemble; of any order, 64 orders of one"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipe", default="default")
    parser.add_argument(
        "--one-by-one", type=Path, metavar="FOLDER",
        help="fit members one at a time and keep their scores here, so that a run that was cut off goes on",
    )  # fmt: skip
    asked = parser.parse_args()
    suite, origin = SUITES[asked.suite], provenance(0)  # before results are written, which change the tree
    for name in asked.sets.split(",") if asked.sets else suite:
        data = parts(asked.data / f"{name}.npz")
        jobs = [Job(asked.recipe, asked.members, seed, IMAGES.get(name)) for seed in range(asked.seeds)]
        key = f"{name}-{asked.recipe}-{asked.members}-{origin['commit']}"  # other code's members are not taken up
        folder = asked.one_by_one and asked.one_by_one / key
        outcomes = [fit(data, job, folder) for job in jobs]
        row = {**summary(outcomes), "recipe": asked.recipe, "one_by_one": folder is not None, **origin}
        row.update(split=split_hash(data), seeds=list(range(asked.seeds)))
        row.update(variables=data["train"].shape[1], rows=len(data["train"]))
        print(show(name, row, suite[name]), flush=True)
        published = suite[name]._asdict()
        write_result(
            f"likelihood_{asked.suite}", {"sets": {**kept(f"likelihood_{asked.suite}"), name: {**row, **published}}}
        )


if __name__ == "__main__":
    main()
