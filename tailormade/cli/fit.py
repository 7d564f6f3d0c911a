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
    hiddens: Annotated[
        str, typer.Option("--hiddens", "-q", help="Hidden widths, such as 500,500; '' for none.")
    ] = "500",
    num_masks: Annotated[
        str, typer.Option("--num-masks", "-n", help="Orders whose mixture is fitted: a number, or 'any'.")
    ] = "1",
    resample_every: Annotated[
        int, typer.Option("--resample-every", "-r", help="Steps for which one order is kept.")
    ] = 1,
    samples: Annotated[
        int | None, typer.Option("--samples", "-s", help="Orders that score averages over.", show_default="all")
    ] = None,
    key: Key = None,
    context: Annotated[
        str | None, typer.Option(help="Columns to condition on, by name or number: COL,...", metavar="COL,...")
    ] = None,
    conditional: Annotated[
        str, typer.Option(help="bernoulli (values 0, 1) or categorical (0, 1, 2, ...).")
    ] = "bernoulli",
    input_order: Annotated[str, typer.Option(help="left-to-right, right-to-left or random.")] = "left-to-right",
    hidden_degrees: Annotated[str, typer.Option(help="equal or random.")] = "equal",
    activation: Annotated[str, typer.Option(help="Function between layers.")] = "silu",
    image_shape: Annotated[
        str | None,
        typer.Option(help="Rows are images: random orders sweep across them.", metavar="ROWS,COLUMNS"),
    ] = None,
    residual: Annotated[bool, typer.Option("--residual", help="Residual blocks (equal widths).")] = False,
    direct: Annotated[bool, typer.Option(help="Connect inputs to outputs directly, too.")] = True,
    dropout: Annotated[float, typer.Option(help="Probability of dropping a hidden unit.")] = 0.2,
    epochs: Annotated[int, typer.Option(help="Passes over the data at most.")] = 40,
    batch_size: Annotated[int, typer.Option(help="Rows in a step.")] = 100,
    learning_rate: Annotated[float, typer.Option(help="Step size at the start.")] = 2e-3,
    schedule: Annotated[str, typer.Option(help="cosine or constant.")] = "cosine",
    weight_decay: Annotated[float, typer.Option(help="AdamW's weight decay.")] = 0.01,
    patience: Annotated[int, typer.Option(help="Epochs without improvement before stopping; 0: never.")] = 15,
    valid_fraction: Annotated[float, typer.Option(help="Rows set aside if the file has no 'valid'.")] = 0.1,
    checkpoint_seconds: Annotated[float, typer.Option(help="Least time between checkpoints.")] = 10.0,
    device: Annotated[str | None, typer.Option(help="cpu or cuda.", show_default="cuda if there is one")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue a fit that was cut off.")] = False,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit a density to DATA and put the model in a folder.

    Validation rows choose the best epoch; test rows are never looked at. To continue after a crash, repeat the command
    with --resume.

    Example: tailormade fit binarized_mnist.npz -q 500 --out m
    """
    from tailormade import MADE, FitConfig
    from tailormade import fit as fit_model
    from tailormade.cli.rows import read_fit_rows

    check_output(out, force or resume)
    if not 0 < valid_fraction < 1:
        raise ValueError(f"valid_fraction: expected a fraction in (0, 1), got {valid_fraction}.")
    seed = reproducible_seed(_stored_seed(out) if resume and seed is None else seed)
    config = FitConfig(
        max_epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, schedule=schedule,
        weight_decay=weight_decay, patience=patience, resample_every=resample_every, seed=seed, device=_device(device),
        folder=out, resume=resume, checkpoint_seconds=checkpoint_seconds, progress=not quiet,
    )  # fmt: skip
    rows = read_fit_rows(data, key, context, conditional, valid_fraction, seed)
    orders: int | str = "any" if num_masks == "any" else _count("num-masks", num_masks)
    model = MADE(
        len(rows.conditionals), len(rows.given), conditionals=rows.conditionals,
        hidden_units=tuple(parse_numbers("hiddens", hiddens)), orders=orders, input_order=input_order,
        hidden_degrees=hidden_degrees, activation=activation, residual=residual, direct=direct, dropout=dropout,
        image_shape=None if image_shape is None else parse_numbers("image_shape", image_shape), seed=seed,
    )  # fmt: skip
    model.metadata = {**rows.notes(), "score_orders": _score_orders(samples, len(model.table))}
    size = sum(p.numel() for p in model.parameters())
    say(f"{rows.describe()}\nmodel: {size} parameters, {len(model.table)} order(s), seed {seed}", quiet)
    contexts = {"context": rows.context, "valid_context": rows.valid_context}
    before = _stored_fit(out) if resume else {}
    try:
        history = fit_model(model, rows.train, rows.valid, **contexts, config=config)
    except KeyboardInterrupt:
        say(_kept(out), quiet)
        raise
    if before.get("stopped") == history.stopped:
        say(f"{out}: this fit was finished already; nothing to resume.", quiet)
    result = model.metadata["fit"]
    emit(result, _sentence(out, result), as_json)


def _score_orders(samples: int | None, available: int) -> int:
    if samples is not None and not 1 <= samples <= available:
        raise ValueError(f"samples: expected 1..{available}, as the model has {available} order(s), got {samples}.")
    return available if samples is None else samples


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


def _stored_seed(folder: Path) -> int | None:
    from tailormade.training.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(folder)
    return _stored_fit(folder).get("seed") if checkpoint is None else checkpoint.history.seed


def _stored_fit(folder: Path) -> dict[str, Any]:
    """What the model in a folder says about its fit."""
    from tailormade.store import MODEL_FILE, load_header

    if not (folder / MODEL_FILE).exists():
        return {}
    return dict(load_header(folder)["metadata"].get("fit", {}))


def _kept(folder: Path) -> str:
    found = _stored_fit(folder)
    if not found:
        return f"{folder}: stopped within the first epoch; nothing was kept."
    return (
        f"{folder}: keeps the best so far, from epoch {found['best_epoch']}; repeat the command with --resume to go on."
    )


def _sentence(out: Path, result: dict[str, Any]) -> str:
    single = ", of a single order," if result["orders"] != 1 else ""
    return (
        f"{out}: validation log-likelihood {-result['best_nll']:.3f} nats a row{single} at epoch "
        f"{result['best_epoch']} of {result['epochs']}"
    )
