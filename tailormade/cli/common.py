"""What the verbs share: options, places to write to, ways to print."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tailormade.datasets import Dataset
    from tailormade.training.likelihood import Model as AnyModel

Seed = Annotated[int | None, typer.Option("--seed", help="Fix everything random.", show_default="a fresh draw")]
FixedSeed = Annotated[int, typer.Option("--seed", help="Fix everything random.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but the result.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing output.")]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="Folder made by fit.", show_default=False)]
Key = Annotated[str | None, typer.Option("--key", help="Name of the array to take from an .npz.")]


def say(text: str, quiet: bool = False) -> None:
    """Print a remark to stderr."""
    if not quiet:
        print(text, file=sys.stderr, flush=True)


def emit(result: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print a result to stdout, as JSON or in words."""
    if as_json or text:
        print(json.dumps(dict(result)) if as_json else text, flush=True)


def reproducible_seed(seed: int | None) -> int:
    """Return the seed, or draw one, the same on all processes, so that it can be told."""
    from tailormade.processes import team
    from tailormade.random import check_seed, fresh_seed

    if seed is None:
        with team() as together:
            return int(together.firsts_number(fresh_seed()))
    check_seed(seed)
    return seed


def check_output(path: Path | None, force: bool, suffixes: tuple[str, ...] = ()) -> None:
    """Check that an output can be written, before any work is done.

    Raises:
        ValueError: If it exists and ``force`` is not given, or its suffix is unknown.
        OSError: If its folder cannot be written.
    """
    if path is None:
        return
    if suffixes and path.suffix not in suffixes:
        raise ValueError(f"{path}: expected a name ending in one of {', '.join(suffixes)}, got '{path.suffix}'.")
    if path.exists() and not force:
        unfinished = (path / "checkpoint.safetensors").exists()
        resume = ", continue its fit with --resume," if unfinished else ","
        raise ValueError(f"{path}: exists already. Choose another name{resume} or overwrite it with --force.")
    if path.exists() and path.is_dir() == bool(suffixes):
        expected, found = ("a file", "a folder") if suffixes else ("a folder", "a file")
        raise ValueError(f"{path}: expected {expected} or nothing there yet, got {found}. Choose another name.")
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    try:
        tempfile.TemporaryFile(dir=path if path.is_dir() else folder).close()
    except OSError as error:
        raise ValueError(
            f"{path}: cannot be written ({os.strerror(error.errno or 0)}). Choose another place."
        ) from None


def parse_numbers(name: str, text: str) -> list[int]:
    """Read whole numbers separated by commas.

    Raises:
        ValueError: If something else stands there.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.lstrip("-").isdecimal() for word in words):
        raise ValueError(f"{name}: expected whole numbers separated by commas, such as 500,500, got '{text}'.")
    return [int(word) for word in words]


def columns_of(data: "Dataset", model: "AnyModel", part: str) -> tuple[Any, Any]:
    """Return the variables and the context of a table, as the model was fitted to them.

    Raises:
        ValueError: If the table lacks a column, or has another number of them.
    """
    table = data.part(part)
    wanted: list[str] | None = model.metadata.get("context_columns")
    if not wanted:
        return table, None
    numbers = data.column_numbers(wanted)
    rest = [i for i in range(table.shape[1]) if i not in numbers]
    return table[:, rest], table[:, numbers]


def write_array(path: Path, array: Any, text: str) -> None:  # noqa: ANN401 - a numpy array
    """Write an array in one step: as it is into an ``.npy``, as ``text`` into anything else."""
    import io

    import numpy as np

    from tailormade.files import write_atomically

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_atomically(path, buffer.getvalue() if path.suffix == ".npy" else text.encode())
