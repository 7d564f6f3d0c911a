"""``tailormade fit``: from a file to a model."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tailormade.cli.common import (
    Force,
    Json,
    Key,
    Quiet,
    Seed,
    check_output,
    emit,
    parse_numbers,
    reproducible_seed,
    say,
)


def fit(
    data: Annotated[Path, typer.Argument(metavar="DATA", help=".npz, .npy, .csv or .parquet.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Model folder to make.", show_default=False)],
    kind: Annotated[
        str,
        typer.Option("--model", help="made: any table or array. maf, iaf: flows, of columns of continuous numbers."),
    ] = "made",
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Of an array of 0 and 1, or codes: settings by its size, unless they are given. fast: one layer, "
            "seconds to a minute. default: residual layers, more regularisation the fewer the rows; minutes. best: "
            "wider and longer.",
            show_default="none: 500 units, one order, 40 epochs",
        ),
    ] = None,
    hiddens: Annotated[
        str | None,
        typer.Option(
            "--hiddens",
            "-q",
            help="Hidden widths, such as 500,500; '' for none.",
            show_default="500; of a flow 256,256; for a table by its size",
        ),
    ] = None,
    transforms: Annotated[
        int | None, typer.Option(help="Flows alone: how many transforms.", min=1, show_default="5")
    ] = None,
    bijection: Annotated[
        str | None, typer.Option(help="Flows alone: how a variable is mapped, affine or spline.", show_default="affine")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="Flows alone: the noise. normal, student (heavy tails), mixture (of normals), or made (a MADE of "
            "mixtures of normals).",
            show_default="normal",
        ),
    ] = None,
    normalisation: Annotated[
        str | None,
        typer.Option(help="Flows alone: after each transform, none, activation or batch.", show_default="none"),
    ] = None,
    linear: Annotated[
        bool, typer.Option("--linear", help="Flows alone: invertible linear maps between transforms.")
    ] = False,
    num_masks: Annotated[
        str, typer.Option("--num-masks", "-n", help="MADE alone: orders whose mixture is fitted, a number or 'any'.")
    ] = "1",
    ensemble: Annotated[
        bool,
        typer.Option(
            "--ensemble",
            help="MADE alone: each of the -n orders has weights of its own; better, for -n times the work.",
        ),
    ] = False,
    resample_every: Annotated[
        int | None,
        typer.Option("--resample-every", "-r", help="MADE alone: steps for which one order is kept.", show_default="1"),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", "-s", help="MADE alone: orders that score averages over.", show_default="all"),
    ] = None,
    key: Key = None,
    context: Annotated[
        str | None, typer.Option(help="Columns to condition on, by name or number: COL,...", metavar="COL,...")
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(
            help='Tables of a MADE: corrections of columns (.json), {"zip": {"kind": "categorical"}}, or all of them.'
        ),
    ] = None,
    unseen: Annotated[
        str | None,
        typer.Option(
            help="Tables of a MADE: what categories are that it did not have, error, or probability (a small one is "
            "kept for them).",
            show_default="error",
        ),
    ] = None,
    conditional: Annotated[
        str,
        typer.Option(
            help="MADE alone: table (a schema is inferred), bernoulli (all 0, 1), categorical (0, 1, ...), mixture (of "
            "normals: any numbers); auto: by suffix."
        ),
    ] = "auto",
    input_order: Annotated[
        str | None,
        typer.Option(
            help="left-to-right, right-to-left or random. Of a flow: reversed (every other transform), random or "
            "fixed.",
            show_default="left-to-right; of a flow reversed",
        ),
    ] = None,
    hidden_degrees: Annotated[
        str | None, typer.Option(help="MADE alone: equal or random.", show_default="equal")
    ] = None,
    activation: Annotated[
        str | None, typer.Option(help="Function between layers.", show_default="silu, of a flow tanh")
    ] = None,
    image_shape: Annotated[
        str | None,
        typer.Option(help="MADE alone: rows are images, random orders sweep across them.", metavar="ROWS,COLUMNS"),
    ] = None,
    shifts: Annotated[
        int | None,
        typer.Option(
            help="MADE alone: pixels by which images are shifted in training, which is told by how much; needs "
            "--image-shape.",
            show_default="0; 1 by a recipe for images",
        ),
    ] = None,
    residual: Annotated[bool, typer.Option("--residual", help="Residual blocks (equal widths).")] = False,
    direct: Annotated[
        bool | None,
        typer.Option(
            "--direct/--no-direct", help="MADE alone: connect inputs to outputs directly, too.", show_default="direct"
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            help="MADE alone: probability of dropping a hidden unit.", show_default="0.2; for a table by its size"
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Passes over the data at most.", show_default="40; of a flow 100; for a table 200"),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Rows in a step.", show_default="100; of a flow 256; for a table by its size")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Step size at the start.", show_default="0.002; of a flow 0.001")
    ] = None,
    schedule: Annotated[str | None, typer.Option(help="cosine or constant.", show_default="cosine")] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(help="AdamW's weight decay.", show_default="0.01; of a flow 0.0001; for a table by its size"),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without improvement before stopping; 0: never.", show_default="15; for a table 20"),
    ] = None,
    valid_fraction: Annotated[
        float | None,
        typer.Option(help="Rows set aside if the file has no 'valid'.", show_default="0.1; a table: always"),
    ] = None,
    checkpoint_seconds: Annotated[float, typer.Option(help="Least time between checkpoints.")] = 10.0,
    precision: Annotated[
        str | None,
        typer.Option(help="float32, or bf16: faster on hardware made for it.", show_default="float32"),
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda.", show_default="cuda if there is one")] = None,
    threads: Annotated[
        int | None,
        typer.Option(help="Threads to compute with.", min=1, show_default="1 if steps are small, else torch's choice"),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue a fit that was cut off.")] = False,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a density to DATA and put the model in a folder.

    A .csv or .parquet is a table of columns of any kind, with missing cells: a schema is inferred, printed, and kept
    with the model. An .npz or .npy is an array of numbers that are all 0 or 1, unless --conditional says otherwise.
    With --model maf (quick to score) or iaf (quick to sample) any file is a table of continuous numbers, without
    missing cells, and its density a normalising flow's.

    Progress shows NLLs in nats a row. While a table is fitted, some cells of each training row are left out and some
    given as known, so that any gaps and evidence can be answered later: "train, parts of rows" is the NLL of the other
    cells, and not to be compared with "valid", that of whole validation rows.

    A .npy of 512 MiB or more, and a .parquet that would take as much as float64, stays on disk and is read anew in each
    epoch, in a seeded order: groups of rows at random, mixed in a buffer of 64 MiB. A schema is then inferred from some
    of the rows and from those that show a new category or end; validation rows are drawn by row number.

    Validation rows choose the best epoch; test rows are never looked at. To continue after a crash, repeat the command
    with --resume. The same --seed gives the same model with the same number of threads; OMP_NUM_THREADS is respected.

    Started by torchrun or accelerate launch, several processes, on one machine or many, share each batch; the model is
    that of one process, but for rounding and dropout, and any number of processes can resume it.

    Example: tailormade fit titanic.csv --out m

    Example: tailormade fit measurements.csv --model maf --transforms 5 --bijection spline --out m

    Example: torchrun --nproc-per-node 2 -m tailormade fit titanic.csv --out m
    """
    from tailormade import MADE
    from tailormade import fit as fit_model
    from tailormade.cli.fitresult import kept, sentence, stored_fit, stored_seed
    from tailormade.cli.flowjobs import FLOWS, FlowFlags, check_model, flow_job
    from tailormade.cli.jobs import Flags, array_job, is_table
    from tailormade.cli.tablejobs import table_job
    from tailormade.cli.tables import check_flags
    from tailormade.cli.threads import use_threads
    from tailormade.processes import LostProcessError, rank

    flow = FlowFlags(transforms, bijection, base, normalisation, linear or None)
    check_model(kind, flow, {
        "num-masks": None if num_masks == "1" else num_masks, "--ensemble": ensemble or None,
        "resample_every": resample_every, "samples": samples,
        "--schema": schema, "--unseen": unseen, "conditional": None if conditional == "auto" else conditional,
        "--recipe": recipe, "hidden_degrees": hidden_degrees, "image_shape": image_shape, "--direct": direct,
        "dropout": dropout, "shifts": shifts,
    })  # fmt: skip
    check_output(out, force or resume)
    seed = reproducible_seed(stored_seed(out) if resume and seed is None else seed)
    if ensemble and num_masks in ("1", "any"):
        raise ValueError(f"--ensemble: expected a number of orders above 1, such as -n 4, got -n {num_masks}.")
    architecture = _given(
        hidden_units=None if hiddens is None else tuple(parse_numbers("hiddens", hiddens)),
        orders=_orders(num_masks), input_order=input_order, hidden_degrees=hidden_degrees, activation=activation,
        residual=residual or None, direct=direct, dropout=dropout, shared=False if ensemble else None,
        image_shape=None if image_shape is None else parse_numbers("image_shape", image_shape), shifts=shifts,
    )  # fmt: skip
    training = _given(
        max_epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, schedule=schedule,
        weight_decay=weight_decay, patience=patience, resample_every=resample_every, precision=precision,
    )  # fmt: skip
    run = {
        "device": _device(device), "folder": out, "resume": resume, "checkpoint_seconds": checkpoint_seconds,
        "progress": not quiet,
    }  # fmt: skip
    flags = Flags(architecture, training, run, seed)
    if kind in FLOWS:
        job = flow_job(data, key, context, valid_fraction, kind, flow, flags)
    elif is_table(data, conditional):
        check_flags(key=key, valid_fraction=valid_fraction, recipe=recipe)
        job = table_job(data, context, schema, unseen, flags)
    else:
        _check_table_flag(unseen)
        job = array_job(data, key, context, schema, conditional, valid_fraction, flags, recipe)
    model, what = job.model, f"{kind.upper()} of {transforms or 5} transform(s)"
    if isinstance(model, MADE):
        model.metadata["score_orders"] = _score_orders(samples, len(model.table))
        what = f"{len(model.table)} order(s)"
    size = sum(p.numel() for p in model.parameters())
    before = stored_fit(out) if resume else {}
    try:
        with use_threads(threads, size, min(job.config.batch_size, len(job.train))) as used:
            settings = f"{size} parameters, {what}, seed {seed}, {used} thread(s)"
            say(f"{job.remark}\nmodel: {settings}", quiet)
            history = fit_model(model, job.train, job.valid, **job.contexts, config=job.config)
            if rank() == 0:
                job.finish()
    except (KeyboardInterrupt, LostProcessError):
        say(kept(out), quiet)
        raise
    if before.get("stopped") == history.stopped:
        say(f"{out}: this fit was finished already; nothing to resume.", quiet)
    result, own = model.metadata["fit"], isinstance(model, MADE) and not model.shared
    emit(result, sentence(out, result, held=job.held, ensemble=own), as_json)


def _check_table_flag(unseen: str | None) -> None:
    if unseen is not None:
        raise ValueError("--unseen: expected a table (.csv, .parquet, or --conditional table), got an array.")


def _score_orders(samples: int | None, available: int) -> int:
    if samples is not None and not 1 <= samples <= available:
        raise ValueError(f"samples: expected 1..{available}, as the model has {available} order(s), got {samples}.")
    return available if samples is None else samples


def _given(**flags: Any) -> dict[str, Any]:  # noqa: ANN401 - values of options
    """The options that were given."""
    return {name: value for name, value in flags.items() if value is not None}


def _orders(text: str) -> int | str | None:
    if text == "1":
        return None
    return "any" if text == "any" else _count("num-masks", text)


def _count(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name}: expected a number of at least 1 or 'any', got '{text}'.")
    return int(text)


def _device(name: str | None) -> str:
    import torch

    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device: '{name}' cannot be used here ({str(error).splitlines()[0]}); try cpu.") from None
    return name
