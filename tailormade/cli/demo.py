"""``tailormade demo``: the main job on bundled data."""

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from tailormade.cli.common import FixedSeed, Force, Json, Quiet, check_output, emit, reproducible_seed, say


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the model and the pictures.")] = Path("demo"),
    force: Force = False,
    seed: FixedSeed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit scikit-learn's digits, compare with two baselines and draw pictures: about a minute.

    Example: tailormade demo --out demo
    """
    import torch

    import tailormade as tm
    from tailormade.baselines import chow_liu_log_prob, independent_log_prob
    from tailormade.datasets import digits
    from tailormade.plots import draw_masks, draw_rows, save_figure, training_curves
    from tailormade.random import generator
    from tailormade.training import score

    check_output(out, force)
    seed = reproducible_seed(seed)
    data = digits()
    train, valid, test = (data.part(name) for name in ("train", "valid", "test"))
    say(
        f"{data.source}: {len(train)} training, {len(valid)} validation, {len(test)} test images of 64 pixels, 0 or 1",
        quiet,
    )
    model = tm.MADE(64, hidden_units=(256,), direct=True, dropout=0.3, orders=8, seed=seed)
    config = tm.FitConfig(max_epochs=300, patience=40, learning_rate=2e-3, seed=seed, folder=out, progress=not quiet)
    history = tm.fit(model, train, valid, config=config)
    scores = score(model, torch.from_numpy(test))
    result = {
        "independent": float(independent_log_prob(train, test).mean()),
        "chow_liu_tree": float(chow_liu_log_prob(train, test).mean()),
        "single_order": scores.single_order,
        "log_likelihood": scores.log_likelihood,
        "standard_error": scores.standard_error,
        "rows": len(test),
    }
    pictures = {
        "samples.png": draw_rows(model().sample((100,), generator=generator(seed, "sample"))),
        "curves.png": training_curves(history),
        "masks.png": draw_masks(model),
    }
    for name, figure in pictures.items():
        save_figure(figure, out / name)
    files = [str(out / name) for name in pictures]
    emit({**result, "model": str(out), "pictures": files}, _text(result, out, files), as_json)


def _text(result: dict[str, float], out: Path, files: list[str]) -> str:
    typed = Path(sys.argv[0])  # where it is not on the PATH, say it as it was said
    here = str(typed) if typed.name == "tailormade" else "python -m tailormade"
    command = "tailormade" if shutil.which("tailormade") else here
    return "\n".join(
        [
            f"mean log-likelihood of {result['rows']} test images, nats an image (higher is better)",
            f"  independent pixels      {result['independent']:8.2f}",
            f"  Chow-Liu tree           {result['chow_liu_tree']:8.2f}",
            f"  MADE, a single order    {result['single_order']:8.2f}",
            f"  MADE, mixture of orders {result['log_likelihood']:8.2f} ± {result['standard_error']:.2f}",
            f"model: {out} (try: {command} check {out}; {command} sample {out} -n 3)",
            "pictures: " + ", ".join(files),
        ]
    )
