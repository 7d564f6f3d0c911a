"""``tailormade complete``: what may be in the missing part of an image?"""

import math
import warnings
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
    emit,
    parse_numbers,
    reproducible_seed,
    say,
)

if TYPE_CHECKING:
    from torch import Tensor

    from tailormade.density import MADE
    from tailormade.queries import Given

_SCORED = 1000  # rows whose mean is printed, at most
_DRAWN = 2**25  # values drawn where answers are estimated, some ten seconds, unless the picture asks for more
_AT_ONCE = (100, 1)  # rows asked about at once where answers are exact, and where they are estimated


def complete(
    model: Model,
    data: Annotated[Path, typer.Argument(metavar="DATA", help=".npz, .npy, .csv or .parquet.", show_default=False)],
    observe: Annotated[
        str, typer.Option(help="top, bottom, left, right, random:FRACTION, or a mask of 0 and 1 (.npy or .csv).")
    ] = "top",
    n: Annotated[int, typer.Option("-n", help="Completions of an image.", min=1, max=50)] = 6,
    rows: Annotated[int, typer.Option(help="Images in the picture, drawn at random.", min=1, max=100)] = 8,
    part: Annotated[
        str | None, typer.Option(help="train, valid, test or all.", show_default="test if the file has one, else all")
    ] = None,
    out: Annotated[Path, typer.Option(help="Picture to make (.png).")] = Path("completions.png"),
    image_shape: Annotated[
        str | None,
        typer.Option(help="How pixels lie.", metavar="ROWS,COLUMNS", show_default="as fitted, else square"),
    ] = None,
    particles: Annotated[
        int, typer.Option(help="Weighted draws an image and order, where answers are estimated.", min=2)
    ] = 1000,
    orders: Annotated[int, typer.Option(help="Orders that answer together, of a model of any order.", min=1)] = 1,
    key: Key = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Complete images of DATA from the part that --observe leaves, and draw them.

    Prints the mean of log p(missing | observed) over up to 1000 rows. Where observed pixels do not come first in every
    order of MODEL it is estimated, over fewer rows, and biased high; one fitted with -n any is always exact.

    Example: tailormade complete m binarized_mnist.npz --observe left --seed 1 --out left.png
    """
    import torch

    import tailormade as tm
    from tailormade.cli.completing import Completer, read_rows
    from tailormade.cli.evidence import check_family
    from tailormade.cli.flowrefusal import refuse_flow
    from tailormade.progress import Progress
    from tailormade.random import generator
    from tailormade.regions import observed_pixels

    check_output(out, force, (".png",))
    density = tm.load(model)
    refuse_flow(density, model, "complete")
    check_family(density.orders == "any", orders)
    shape = _shape(density, image_shape)
    seed = reproducible_seed(seed)
    observed = observed_pixels(observe, shape, seed)
    chosen = read_rows(density, data, key, part, seed, _SCORED)
    if chosen.fitted:
        say("these are rows the model was fitted to, or chosen by: no measure of how it does on new ones", quiet)
    completer = Completer(density, observed, particles, seed, orders)
    given = completer.given(chosen.block(0, 1))
    enough = _SCORED if given.exact else max(rows, _DRAWN // (particles * len(density.table) * density.features))
    scored, shown, size = chosen.block(0, enough), chosen.block(0, rows), _AT_ONCE[not given.exact]
    if len(scored.x) < len(chosen.x):
        say(_why_fewer(len(scored.x), len(chosen.x), given), quiet)
    draws = generator(seed, "complete")
    with Progress("complete", len(scored.x) + len(shown.x), "rows", enabled=not quiet) as bar:
        scores = torch.cat([completer.scores(block) for block in scored.blocks(size, bar)])
        drawn = torch.cat([completer.completions(block, n, draws) for block in shown.blocks(size, bar)], 1)
    _warn(len(completer.poor), len(scores))
    _draw(density, shown.x, observed, drawn, shape, out)
    result = {**_result(scores, given), "part": chosen.part, "observed": int(observed.sum()), "out": str(out)}
    emit({**result, "seed": seed}, _text(result, density.features, particles), as_json)
    say(f"wrote {len(shown.x)} images with {n} completions each to {out} (seed {seed})", quiet)


def _shape(model: "MADE", text: str | None) -> list[int]:
    """Rows and columns: as asked for, as the model was fitted, or a square."""
    from tailormade.density.sweeps import check_image

    asked = model.config()["image_shape"] if text is None else parse_numbers("image_shape", text)
    shape = check_image(asked, model.features, "left-to-right")
    side = math.isqrt(model.features)
    if shape is None and side**2 != model.features:
        raise ValueError(
            f"image_shape: the {model.features} variables of this model form no square image; say how they lie with "
            "--image-shape ROWS,COLUMNS."
        )
    return [side, side] if shape is None else shape


def _why_fewer(scored: int, there: int, given: "Given") -> str:
    draws = given.particles * len(given.query.components)
    return (
        f"scoring {scored} of {there} rows, as an estimate takes {draws} draws for each: fewer --particles score more "
        "rows, and a model fitted with -n any needs no estimate"
    )


def _warn(poor: int, rows: int) -> None:
    from tailormade.queries import PoorEvidenceWarning

    if poor:
        text = (
            f"hardly any draw agrees with what is observed in {poor} of the {rows} rows scored, so that estimates are "
            "unreliable. Raise --particles, or fit with -n any, which answers exactly."
        )
        warnings.warn(text, PoorEvidenceWarning, stacklevel=2)


def _draw(
    model: "MADE",
    shown: "Tensor",
    observed: Any,  # noqa: ANN401 - an array
    drawn: "Tensor",
    shape: list[int],
    out: Path,
) -> None:
    from tailormade.plots import draw_completions, save_figure

    sizes = [c.cardinality for c in model.layout.conditionals]
    levels = None if None in sizes else max(size for size in sizes if size is not None)
    save_figure(draw_completions(shown, observed, drawn, shape, levels=levels, ink=levels == 2), out)


def _result(scores: "Tensor", given: "Given") -> dict[str, Any]:
    many = len(scores) > 1
    return {
        "log_likelihood": float(scores.double().mean()),
        "standard_error": float(scores.double().std()) / math.sqrt(len(scores)) if many else None,
        "rows": len(scores),
        "exact": given.exact,
        "describes": given.describes,
    }


def _text(result: dict[str, Any], features: int, particles: int) -> str:
    error = "" if result["standard_error"] is None else f" ± {result['standard_error']:.3f}"
    seen, rows = result["observed"], f"{result['rows']} rows: {result['part']}"
    how = f"no, estimated from {particles} weighted draws an image and order; biased high, as log p(observed) is low"
    how = "yes" if result["exact"] else how
    return "\n".join(
        [
            f"log-likelihood  {result['log_likelihood']:.3f}{error} nats a row ({rows})",
            f"of              {features - seen} missing pixels, given {seen} observed ones",
            f"exact           {how}",
            f"density         {result['describes']}",
        ]
    )
