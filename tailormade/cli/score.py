"""``tailormade score``: how probable are these rows?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailormade.cli.common import (
    Force,
    Json,
    Key,
    Model,
    Quiet,
    Seed,
    check_output,
    columns_of,
    emit,
    say,
    write_array,
)

if TYPE_CHECKING:
    from torch import Tensor

    from tailormade.density import MADE
    from tailormade.flows import Flow
    from tailormade.training import Scores
    from tailormade.training.likelihood import Component


def score(
    model: Model,
    data: Annotated[Path, typer.Argument(metavar="DATA", help=".npz, .npy, .csv or .parquet.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Write one score a row: .npy or .csv.")] = None,
    columns_out: Annotated[
        Path | None, typer.Option(help="Write what each column contributes on average (.csv); models of tables.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="train, valid, test or all.", show_default="test if the file has one, else all")
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", "-s", help="Orders to average over.", show_default="as fitted")
    ] = None,
    reconstruction: Annotated[
        bool, typer.Option("--reconstruction", help="Also print pytorch-made's logit average, which is no likelihood.")
    ] = False,
    key: Key = None,
    force: Force = False,
    seed: Seed = None,  # nothing is random here, but every verb takes it
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the mean log-likelihood of DATA in nats a row, with its standard error.

    For a model of a table it is in the units of the columns, and of the cells that are there; bits_per_dim (--json) is
    null unless all columns are categories, as it changes with the units of numbers; so it is for a flow. Rows of a
    table, and those of a .npy or .parquet of 512 MiB or more, are read block by block, so that a file may be larger
    than memory. Columns with names may be in any order, and there may be others. Several processes, started by torchrun
    or accelerate launch, share the rows.

    Example: tailormade score m binarized_mnist.npz

    Example: tailormade score flow held_out.csv --out anomalies.csv
    """
    import tailormade as tm
    from tailormade.cli.tables import as_table, check_flags
    from tailormade.cli.tablescores import all_coded, columns_csv, score_table
    from tailormade.files import write_atomically
    from tailormade.processes import rank

    check_output(out, force, (".npy", ".csv"))
    check_output(columns_out, force, (".csv",))
    density = tm.load(model)
    orders = _components(density, samples, reconstruction=reconstruction)
    table = as_table(density)
    if table is not None:
        part = None if split == "all" else split
        check_flags(key=key, split=part, reconstruction=reconstruction or None)
        scores, terms, seen = score_table(table, data, orders, columns=columns_out is not None, quiet=quiet)
        result = _result(scores, "all", len(orders))
        result["bits_per_dim"] = scores.bits_per_dim if all_coded(table) else None
    else:
        if columns_out is not None:
            raise ValueError("--columns-out: expected a model of a table, got one of an array; fit a .csv or .parquet.")
        scores, result, seen = _score_array(density, data, key, split, orders, reconstruction=reconstruction)
    if rank() > 0:
        return
    if seen:
        say("these are rows the model was fitted to, or chosen by: no measure of how it does on new ones", quiet)
    if out is not None:
        values = scores.rows.numpy()
        write_array(out, values, "log_likelihood\n" + "".join(f"{value!r}\n" for value in values.tolist()))
        say(f"wrote {len(values)} scores to {out}", quiet)
    if columns_out is not None and table is not None:
        write_atomically(columns_out, columns_csv(table.names, terms).encode())
        say(f"wrote {len(terms)} columns to {columns_out}", quiet)
    emit(result, _text(result, bits=table is None and result["bits_per_dim"] is not None), as_json)


def _score_array(
    density: "MADE | Flow",
    data: Path,
    key: str | None,
    split: str | None,
    orders: "Sequence[Component]",
    *,
    reconstruction: bool,
) -> "tuple[Scores, dict[str, Any], bool]":
    """Score a part of a file of numbers; return the result, too, and whether the fit has seen it."""
    from tailormade.cli.streams import is_large, score_large
    from tailormade.datasets import read_dataset
    from tailormade.processes import team
    from tailormade.training import score as score_rows
    from tailormade.training.data import as_rows, check_context, check_rows, fingerprint
    from tailormade.verify.check import is_flow

    if key is None and split in (None, "all") and not reconstruction and is_large(data):
        scores, seen = score_large(density, data, orders)
        result = _result(scores, "all", len(orders))
        result["bits_per_dim"] = scores.bits_per_dim if _discrete(density) else None
        return scores, result, seen
    tables = read_dataset(data, key, density.metadata.get("all_columns"))
    part = split or ("test" if "test" in tables.parts else "all")
    x, given = columns_of(tables, density, part)
    rows = as_rows(str(data), x)
    check_rows(density, f"{data}", rows)
    context = check_context(f"{data}", given, len(rows), density.context)
    seen = fingerprint([as_rows(part, tables.part(part))]) in density.metadata.get("fitted_rows", [])
    with team() as together:
        scores = score_rows(density, rows, context, components=orders, team=together)
    result = _result(scores, part, len(orders))
    if is_flow(density) or not _discrete(density):
        result["bits_per_dim"] = None  # it changes with the units of numbers
    elif reconstruction:
        result["reconstruction"] = reconstruction_error(density, rows, context, len(orders))
    return scores, result, seen


def _discrete(model: "MADE | Flow") -> bool:
    """Whether bits are independent of the units of numbers."""
    from tailormade.verify.check import is_flow

    return not is_flow(model) and all(c.support.is_discrete for c in model.layout.conditionals)


def _components(model: "MADE | Flow", samples: int | None, *, reconstruction: bool) -> "Sequence[Component]":
    """The components to average over: orders of a MADE; a flow is a single one."""
    from tailormade.verify.check import is_flow

    if not is_flow(model):
        return list(model.table)[: _orders(model, samples)]
    for flag, asked in (("samples", samples is not None), ("--reconstruction", reconstruction)):
        if asked:
            raise ValueError(f"{flag}: expected a MADE for this, got a {type(model).__name__}; leave it out.")
    return [None]


def _orders(model: "MADE", samples: int | None) -> int:
    stored = int(model.metadata.get("score_orders", len(model.table)))
    wanted = stored if samples is None else samples
    if not 1 <= wanted <= len(model.table):
        raise ValueError(f"samples: expected 1..{len(model.table)}, the orders of this model, got {wanted}.")
    return wanted


def _result(scores: "Scores", part: str, orders: int) -> dict[str, Any]:
    error = scores.standard_error
    return {
        "log_likelihood": scores.log_likelihood,
        "standard_error": None if error != error else error,
        "bits_per_dim": scores.bits_per_dim,
        "rows": len(scores.rows),
        "part": part,
        "orders": orders,
        "single_order": scores.single_order,
        **({"by_orders": scores.by_orders} if orders > 1 else {}),
    }


_VERDICTS = (
    "With one order this is the negative log-likelihood.",
    "With several orders this is no likelihood: x_i is predicted from variables after it.",
)


def _text(result: dict[str, Any], *, bits: bool) -> str:
    error = "" if result["standard_error"] is None else f" ± {result['standard_error']:.3f}"
    rows = f"{result['rows']} rows: {result['part']}"
    lines = [
        f"log-likelihood      {result['log_likelihood']:.3f}{error} nats a row ({rows})",
        *([f"bits per dimension  {result['bits_per_dim']:.4f}"] if bits else []),
    ]
    if result["orders"] > 1:
        gain = result["log_likelihood"] - result["single_order"]
        lines.append(
            f"single order        {result['single_order']:.3f} nats on average; "
            f"the mixture of {result['orders']} gains {gain:.3f}"
        )
        found = "  ".join(f"{k}: {value:.3f}" for k, value in result["by_orders"].items())
        lines.append(f"mixture of first    {found}")
    if "reconstruction" in result:
        lines.append(
            f"reconstruction      {result['reconstruction']:.3f} nats: cross-entropy of logits averaged over "
            f"{result['orders']} order(s).\n                    {_VERDICTS[result['orders'] > 1]}"
        )
    return "\n".join(lines)


def reconstruction_error(model: "MADE", rows: "Tensor", context: "Tensor | None", orders: int) -> float:
    """Return pytorch-made's figure: cross-entropy under raw parameters averaged over orders. No likelihood."""
    import torch

    total = 0.0
    with torch.no_grad():
        for start in range(0, len(rows), 1000):
            x = rows[start : start + 1000]
            c = None if context is None else context[start : start + 1000]
            raw = torch.stack([model.params(x, c, d) for d in list(model.table)[:orders]]).mean(0)
            total -= float(model.layout.log_prob(raw, x).sum(dtype=torch.float64))
    return total / len(rows)
