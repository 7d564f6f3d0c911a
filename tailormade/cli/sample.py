"""``tailormade sample``: new rows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tailormade.cli.common import (
    Force,
    Json,
    Model,
    Quiet,
    Seed,
    check_output,
    emit,
    reproducible_seed,
    say,
    write_array,
)

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from tailormade.density import MADE


def sample(
    model: Model,
    n: Annotated[int, typer.Option("-n", help="Number of rows.", min=1)] = 10,
    out: Annotated[Path | None, typer.Option(help=".npy, .csv, or .png for a picture.", show_default="stdout")] = None,
    context: Annotated[
        str | None, typer.Option(help="Context of a conditional model: 'COL=VALUE,...'.", metavar="COL=VALUE,...")
    ] = None,
    order: Annotated[int | None, typer.Option(help="Draw from one order.", show_default="the mixture")] = None,
    force: Force = False,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw rows from MODEL; without --out they are printed as CSV.

    Example: tailormade sample m -n 100 --seed 1 --out digits.png
    """
    import tailormade as tm
    from tailormade.random import generator

    check_output(out, force, (".npy", ".csv", ".png"))
    density = tm.load(model)
    given = _context(density, context)
    seed = reproducible_seed(seed)
    rows = _draw(density, given, order, n, generator(seed, "sample"), progress=not quiet)
    names = list(density.metadata.get("columns") or (f"x{i}" for i in range(density.features)))
    if out is None:
        print(_json(names, rows) if as_json else _csv(names, rows), end="", flush=True)
        return
    _write(out, names, rows)
    if as_json:
        emit({"out": str(out), "rows": n, "seed": seed}, "", as_json)
    say(f"wrote {n} rows to {out} (seed {seed})", quiet)


def _draw(
    model: "MADE",
    context: "Tensor | None",
    order: int | None,
    n: int,
    generator: "Generator",
    *,
    progress: bool,
) -> Any:  # noqa: ANN401 - a numpy array of the smallest fitting type
    import torch

    from tailormade.progress import Progress

    density, blocks, done = model(context, order), [], 0
    with Progress("sample", n, "rows", enabled=progress) as bar:
        while done < n:
            size = min(1000, n - done)
            blocks.append(density.sample((size,), generator=generator))
            done += size
            bar.advance(size)
    rows = torch.cat(blocks)
    return rows.to(torch.uint8 if float(rows.max()) < 256 else torch.int64).numpy()


def _context(model: "MADE", text: str | None) -> "Tensor | None":
    import torch

    if text is not None and not model.context:
        raise ValueError(f"context: this model has no context, so none can be given; got '{text}'.")
    wanted = model.metadata.get("context_columns") or [str(i) for i in range(model.context)]
    if text is None:
        if model.context:
            raise ValueError(f"context: this model needs the values of {wanted}: --context '{wanted[0]}=VALUE,...'.")
        return None
    pairs = [word.partition("=") for word in text.split(",")]
    values = {name.strip(): value for name, _, value in pairs}
    if set(values) != set(wanted) or len(pairs) != len(wanted):
        raise ValueError(f"context: expected one NAME=VALUE for each of {wanted}, got '{text}'.")
    try:
        numbers = [float(values[name]) for name in wanted]
    except ValueError:
        raise ValueError(f"context: expected numbers as values, got '{text}'.") from None
    return torch.tensor(numbers)


def _csv(names: list[str], rows: Any) -> str:  # noqa: ANN401 - a numpy array
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows.tolist())]
    return "\n".join(lines) + "\n"


def _json(names: list[str], rows: Any) -> str:  # noqa: ANN401 - a numpy array
    import json

    return json.dumps({"columns": names, "rows": rows.tolist()}) + "\n"


def _write(path: Path, names: list[str], rows: Any) -> None:  # noqa: ANN401 - a numpy array
    if path.suffix == ".png":
        from tailormade.plots import draw_rows, save_figure

        save_figure(draw_rows(rows), path)
    else:
        write_array(path, rows, _csv(names, rows))
