"""Files that are either the old or the new ones, and never half of either.

Everything is written to a temporary name beside its target, synced, and renamed; then the folder is synced too.
Tensors live in safetensors files whose header carries JSON and a SHA-256 of header and tensors, so that a
damaged file is recognised. Nothing is ever unpickled.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

_KEY = "tailormade"  # the one entry: safetensors writes several in any order, and equal models should be equal files


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file by ``data``, leaving the old one intact if anything fails; folders on the way are made.

    Raises:
        OSError: If the folder cannot be written.
    """
    with open_atomically(path) as file:
        file.write(data)


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces ``path`` when the ``with`` block ends, and leaves nothing behind if that fails.

    Folders on the way are made.

    Raises:
        OSError: If it cannot be written; it names the file, even where the system does not.
    """
    made = [folder for folder in path.parents if not folder.exists()]
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        _remove_empty(made)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def create_folder_with(folder: Path, name: str, data: bytes) -> None:
    """Create a folder that from its first moment holds the file ``name``."""
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir(parents=True)
        write_atomically(temporary / name, data)
        temporary.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed writer of this folder left in it and beside it."""
    for path in [*folder.glob(".*.tmp"), *folder.parent.glob(f".{folder.name}.*.tmp")]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def pack(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> bytes:
    """Serialise tensors and a JSON header."""
    from safetensors.torch import save

    contiguous = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    signed = {"sha256": _digest(header, contiguous), "header": dict(header)}
    return save(contiguous, metadata={_KEY: json.dumps(signed, allow_nan=False)})


def read_header(path: Path) -> dict[str, Any]:
    """Read the JSON header alone.

    Raises:
        ValueError: If the file is not one of ours.
    """
    return _signed_header(path)[0]


def unpack(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read tensors and header back, checked against their digest.

    Raises:
        ValueError: If the file is not one of ours, or is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    header, digest = _signed_header(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(_unreadable(path, str(error))) from None
    if _digest(header, tensors) != digest:
        raise ValueError(f"{path}: the file is damaged (its contents do not match its checksum). Restore or refit it.")
    return tensors, header


def _signed_header(path: Path) -> tuple[dict[str, Any], str]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ValueError(f"{path}: expected a file, found none.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(_unreadable(path, str(error))) from None
    try:
        signed = json.loads(metadata[_KEY])
        return dict(signed["header"]), str(signed["sha256"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"{path}: expected a file written by tailormade, got a safetensors file of another origin."
        ) from None


def _unreadable(path: Path, reason: str) -> str:
    return f"{path}: expected a safetensors file written by tailormade, got one that cannot be read ({reason})."


def _digest(header: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(header).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name}{tensor.dtype}{tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
