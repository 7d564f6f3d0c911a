"""The training curves that a fit left in its folder, as a picture."""

from pathlib import Path


def draw_curves(folder: Path, path: Path) -> None:
    """Draw the curves of the fit in a folder."""
    from tailormade.plots import save_figure, training_curves
    from tailormade.training.history import read_history

    save_figure(training_curves(read_history(folder)), path)
