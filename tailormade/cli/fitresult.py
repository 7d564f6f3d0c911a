"""What a fit left in its folder, and what is said of it."""

from pathlib import Path
from typing import Any


def stored_seed(folder: Path) -> int | None:
    """Return the seed of the fit in a folder, finished or not."""
    from tailormade.training.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(folder)
    return stored_fit(folder).get("seed") if checkpoint is None else checkpoint.history.seed


def stored_fit(folder: Path) -> dict[str, Any]:
    """Return what the model in a folder says about its fit."""
    from tailormade.store import MODEL_FILE, load_header

    if not (folder / MODEL_FILE).exists():
        return {}
    return dict(load_header(folder)["metadata"].get("fit", {}))


def kept(folder: Path) -> str:
    """Say what is left of a fit that was cut off."""
    found = stored_fit(folder)
    if not found:
        return f"{folder}: stopped within the first epoch; nothing was kept."
    return (
        f"{folder}: keeps the best so far, from epoch {found['best_epoch']}; repeat the command with --resume to go on."
    )


def sentence(out: Path, result: dict[str, Any], *, held: bool, ensemble: bool = False) -> str:
    """Say how good the model is that a fit left, by the rows it was chosen by, if any were held out.

    The figure is that of an ensemble's mixture if rows were held out, else of a single order.
    """
    single = "" if result["orders"] == 1 else ", of the mixture," if ensemble and held else ", of a single order,"
    rows = "validation" if held else "training"
    return (
        f"{out}: {rows} log-likelihood {-result['best_nll']:.3f} nats a row{single} at epoch "
        f"{result['best_epoch']} of {result['epochs']}"
    )
