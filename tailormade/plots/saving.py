"""Writing a picture so that the old file or the new one is there at any moment, never half of one.

The figure is drawn in memory and then replaces the file in a single rename; if drawing or writing fails, the target
stays as it was.
"""

import io
import os
from pathlib import Path

from matplotlib.figure import Figure

from tailormade.files import write_atomically
from tailormade.plots.style import DPI


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure, replacing the file in one step.

    Args:
        figure: Any figure; it is not changed.
        path: Where to. The suffix names the format (``.png``, ``.svg``, ``.pdf``, ...); without one it is PNG.

    Returns:
        The path that was written.

    Raises:
        ValueError: If the suffix names no format that matplotlib can write.
        OSError: If the folder cannot be written.

    Example:
        >>> import tempfile
        >>> from tailormade.plots.style import new_figure
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = save_figure(new_figure(2.0, 1.0), Path(folder) / "empty.png")
        ...     written.name, written.read_bytes()[1:4]
        ('empty.png', b'PNG')
    """
    target = Path(path)
    kind = _format(figure, target)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=DPI)
    write_atomically(target, buffer.getvalue())
    return target


def _format(figure: Figure, target: Path) -> str:
    kind, known = target.suffix[1:].lower() or "png", sorted(figure.canvas.get_supported_filetypes())
    if kind not in known:
        raise ValueError(f"path: expected a name ending in one of {known}, got '{target.name}'; try '.png'.")
    return kind
