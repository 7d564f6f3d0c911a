"""Save and load models.

A model is a folder with one file that matters, ``model.safetensors``: weights as tensors; format version,
architecture, orders, degrees and notes as JSON in its header. It appears, or is replaced, in one rename, so that a
kill at any moment leaves the old model or the new one.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.files import create_folder_with, pack, read_header, unpack, write_atomically
from tailormade.store.rebuild import are_degrees, kind_of, rebuild

if TYPE_CHECKING:
    from tailormade.flows import Flow

MODEL_FILE = "model.safetensors"
FORMAT = 1
KINDS = ("MADE", "MAF", "IAF")


def save(model: "MADE | Flow", path: str | Path) -> Path:
    """Save a model, replacing an older one in a single step.

    Args:
        model: A MADE, MAF or IAF, in any dtype and on any device.
        path: The folder; created if need be.

    Returns:
        The file that holds the model.

    Raises:
        ValueError: If ``path`` is a file.
        TypeError: If the model is none of these.
        OSError: If it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = save(MADE(3, seed=0), f"{folder}/m")
        ...     load(f"{folder}/m").features
        3
    """
    folder = Path(path)
    if folder.is_file():
        raise ValueError(f"{folder}: expected a folder, or nothing yet, got a file.")
    data = pack(*_contents(model))
    if folder.exists():
        write_atomically(folder / MODEL_FILE, data)
    else:
        create_folder_with(folder, MODEL_FILE, data)
    return folder / MODEL_FILE


def _contents(model: "MADE | Flow") -> tuple[dict[str, Tensor], dict[str, Any]]:
    state = model.state_dict()
    degrees = {name: t.tolist() for name, t in state.items() if are_degrees(name)}
    tensors = {name: t for name, t in state.items() if not are_degrees(name)}
    dtype = str(next(model.parameters()).dtype).removeprefix("torch.")
    header = {"format": FORMAT, "kind": kind_of(model), "config": model.config(), "degrees": degrees, "dtype": dtype}
    return tensors, {**header, "metadata": model.metadata}


def load(path: str | Path) -> Any:  # noqa: ANN401 - the kind of model stands in the file
    """Load a MADE, MAF or IAF, on the CPU and in evaluation mode.

    Args:
        path: The folder, or the file in it.

    Raises:
        ValueError: If there is no model, or it is damaged, foreign or of a newer format.
    """
    file = model_file(path)
    tensors, header = unpack(file)
    _check_header(header, file)
    try:
        model = rebuild(header)
        degrees = {name: torch.tensor(values) for name, values in header["degrees"].items()}
        model.load_state_dict({**tensors, **degrees})
        model.metadata = dict(header["metadata"])
    except (AttributeError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ValueError(f"{file}: header and tensors do not describe one model ({error}).") from None
    return model.eval()


def load_header(path: str | Path) -> dict[str, Any]:
    """Return the JSON header of a model without reading its weights."""
    file = model_file(path)
    header = read_header(file)
    _check_header(header, file)
    return header


def model_file(path: str | Path) -> Path:
    """Return the file that holds the model at ``path``.

    Raises:
        ValueError: If there is none.
    """
    path = Path(path)
    file = path / MODEL_FILE if path.is_dir() else path
    if not file.exists():
        what = f"has no {MODEL_FILE}" if path.is_dir() else "does not exist"
        raise ValueError(f"{path}: {what}; expected a model folder made by `tailormade fit` or tailormade.save.")
    return file


def _check_header(header: dict[str, Any], file: Path) -> None:
    version, kind = header.get("format"), header.get("kind")
    if not isinstance(version, int) or version > FORMAT or kind not in KINDS:
        raise ValueError(
            f"{file}: expected a {kind if kind in KINDS else ' or '.join(KINDS)} of format {FORMAT} or older, got "
            f"{kind} of format {version}; a newer tailormade wrote it."
        )
