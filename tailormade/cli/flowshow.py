"""What is in a flow, in words and as a picture of its samples."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

    from tailormade.cli.completing import Rows
    from tailormade.flows import Flow

_ROWS = 5000  # in a picture, at most


def show_flow(
    density: "Flow",
    folder: Path,
    pictures: tuple[Path | None, Path | None],
    drawn: tuple[Path | None, str | None, int | None],
    seed: int,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw samples and curves of a flow where they are asked for; else say what is in it.

    Args:
        density: The flow.
        folder: Where it is.
        pictures: Of samples, and of training curves; ``None`` for none.
        drawn: Beside the samples: a file of rows, the context as typed, and how many rows at most.
        seed: Fixes the samples.
        as_json: Print JSON.
        quiet: Print nothing but the result.

    Raises:
        ValueError: If the file or the context does not fit.
    """
    from tailormade.cli.common import emit, say
    from tailormade.cli.contexts import read_numbers
    from tailormade.cli.showcurves import draw_curves
    from tailormade.cli.showwords import words_text

    (out, curves), (data, context, rows) = pictures, drawn
    if out is None and context is not None:
        raise ValueError("context: says where the flow is drawn; name the picture with --out PNG.")
    if out is not None:
        at = None if data is not None and context is None else read_numbers(density, context)
        draw_flow(density, at, data, out, rows, seed)
    if curves is not None:
        draw_curves(folder, curves)
    for path in pictures:
        say(f"wrote {path}", quiet or path is None)
    if as_json or not any(pictures):
        description = describe_flow(density)
        emit(description, words_text(_told_orders(description), ""), as_json)


def describe_flow(model: "Flow") -> dict[str, Any]:
    """Return what is in a flow as JSON-ready values."""
    from tailormade.masks import audit

    config, found = model.config(), [audit(transform) for transform in model.transforms]
    told = ("hidden_units", "activation", "residual", "normalisation", "linear", "standardise")
    return {
        "model": type(model).__name__,
        "variables": model.features,
        "context": model.context,
        "transforms": len(model.transforms),
        "bijection": str(model.bijection),
        "base": config["base"]["kind"],
        **{name: config[name] for name in told},
        "input_orders": [transform.degrees.inputs.tolist() for transform in model.transforms],
        "parameters": sum(p.numel() for p in model.parameters()),
        "lost_dependencies": sum(len(a.lost) for a in found),
        "fit": model.metadata.get("fit"),
        "columns": model.metadata.get("columns"),
        "context_columns": model.metadata.get("context_columns"),
    }


def _told_orders(description: dict[str, Any]) -> dict[str, Any]:
    """A description whose orders are written as the degrees of the variables, one word for each transform."""
    orders = [_order(order) for order in description["input_orders"]]
    return {**description, "input_orders": orders}


def _order(degrees: Sequence[int]) -> str:
    steps = list(range(1, len(degrees) + 1))
    names = {tuple(steps): "left-to-right", tuple(reversed(steps)): "right-to-left"}
    return names.get(tuple(degrees), "-".join(map(str, degrees[:12])) + ("-..." if len(degrees) > 12 else ""))


def draw_flow(
    model: "Flow", context: "Tensor | None", data: Path | None, out: Path, rows: int | None, seed: int
) -> None:
    """Draw samples of a flow, as contours where it has two variables, and rows of a file beside them.

    Args:
        model: The flow.
        context: At which samples are drawn; ``None`` for that of each row of the file.
        data: Rows to compare with, with the columns that were fitted, or ``None``.
        out: The picture.
        rows: How many are drawn at most.
        seed: Fixes which, and the samples.

    Raises:
        ValueError: If the file does not fit, or has contexts and one is given.
    """
    from tailormade.cli.completing import read_rows
    from tailormade.plots import save_figure

    if data is not None and context is not None:
        raise ValueError("context: says where samples are drawn; expected it or --data, whose rows have their own.")
    found = None if data is None else read_rows(model, data, None, None, seed, rows or _ROWS)
    save_figure(_figure(model, context, found, seed), out)


def _figure(model: "Flow", context: "Tensor | None", found: "Rows | None", seed: int) -> "Figure":
    from tailormade.cli.flowpictures import ENOUGH, draw_density
    from tailormade.random import generator

    each = found is not None and found.context is not None
    density = model(found.context if found is not None and each else context)
    shape = () if each else (ENOUGH if found is None else len(found.x),)
    samples = density.sample(shape, generator=generator(seed, "sample")).numpy()
    return draw_density(density, samples, None if found is None else found.x.numpy())
