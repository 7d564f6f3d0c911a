"""Data sets: what a user's file holds, and the one that comes with scikit-learn.

``.npz`` files may hold ``train``, ``valid`` and ``test`` (or ``train_data`` and so on), or one table; ``.npy`` holds
one table, ``.csv`` and ``.parquet`` one with named columns. Nothing is unpickled: an archive with Python objects is
refused. Every error names the file, what was found, what was expected and what to do.
"""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tailormade.random import derive

Array = NDArray[Any]

SUFFIXES = (".npz", ".npy", ".csv", ".parquet")
PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class Dataset:
    """Hold tables read from a file.

    Attributes:
        parts: Tables by name: some of train, valid and test, or only ``'all'``.
        columns: Names of the columns, if the file has them.
        source: Where it was read from.
    """

    parts: Mapping[str, Array]
    columns: tuple[str, ...] | None = None
    source: str = ""

    def part(self, name: str) -> Array:
        """Return one table; ``'all'`` of a file with parts is all of them, one under the other.

        Raises:
            ValueError: If there is none of that name.
        """
        if name == "all" and name not in self.parts:
            return np.concatenate(list(self.parts.values()))
        if name not in self.parts:
            raise ValueError(f"{self.source}: has no part '{name}', expected one of {sorted(self.parts)}.")
        return self.parts[name]

    def column_numbers(self, wanted: Sequence[str]) -> list[int]:
        """Return the positions of columns given by name or by number from 0.

        Raises:
            ValueError: If a column does not exist.
        """
        names = self.columns or ()
        width = next(iter(self.parts.values())).shape[1]
        found = []
        for name in wanted:
            if name in names:
                found.append(names.index(name))
            elif name.isdecimal() and int(name) < width:
                found.append(int(name))
            else:
                known = f"one of {list(names)}" if names else f"a number in 0..{width - 1}"
                raise ValueError(f"{self.source}: has no column '{name}', expected {known}.")
        if len(set(found)) < len(found):
            raise ValueError(f"{self.source}: expected different columns, got {list(wanted)}.")
        return found

    def split(self, valid: float, seed: int) -> "Dataset":
        """Divide a single table into train and valid rows at random; leave one that is divided as it is.

        Args:
            valid: Fraction of the rows for validation.
            seed: Fixes the division.
        """
        if "train" in self.parts and "valid" in self.parts:
            return self
        name = "train" if "train" in self.parts else "all"
        rows = self.part(name)
        if len(rows) < 2 or not 0 < valid < 1:
            raise ValueError(
                f"{self.source}: expected at least 2 rows and a fraction in (0, 1) to set rows aside for validation, "
                f"got {len(rows)} rows and {valid}."
            )
        order = np.random.default_rng(derive(seed, "split")).permutation(len(rows))
        held = max(1, round(valid * len(rows)))
        if held == len(rows):
            raise ValueError(f"valid_fraction: expected to leave a row of {len(rows)} to train on, got {valid}.")
        parts = {"valid": rows[np.sort(order[:held])], "train": rows[np.sort(order[held:])]}
        return replace(self, parts={**{k: v for k, v in self.parts.items() if k != name}, **parts})


def read_dataset(path: str | Path, key: str | None = None, columns: Sequence[str] | None = None) -> Dataset:
    """Read a table, or one divided into parts, from ``.npz``, ``.npy``, ``.csv`` or ``.parquet``.

    Args:
        path: The file.
        key: Name of the array to take from an ``.npz``.
        columns: Those to take of a file with names, in this order, whatever the others hold; all if ``None``.

    Raises:
        ValueError: If the file is missing, empty, damaged, lacks a column, or holds no table of finite numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: expected a data file, found {'a folder' if path.is_dir() else 'nothing'}.")
    if path.suffix not in SUFFIXES:
        raise ValueError(f"{path}: expected a file ending in one of {', '.join(SUFFIXES)}, got '{path.suffix}'.")
    if key is not None and path.suffix != ".npz":
        raise ValueError(f"key: '{key}' names an array in an .npz, but {path} is none; leave --key out.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path}: the file is empty; expected a table of numbers.")
    if path.suffix in (".csv", ".parquet"):
        names, table = _named_columns(path, columns)
        return Dataset({"all": _checked(path, "the table", table)}, names, str(path))
    with path.open("rb") as file:
        parts = _parts(path, _load(path, file), key)
    return Dataset({name: _checked(path, f"'{name}'", table) for name, table in parts.items()}, None, str(path))


def _named_columns(path: Path, columns: Sequence[str] | None) -> tuple[tuple[str, ...], Array]:
    from tailormade.csvfile import read_csv
    from tailormade.parquetfile import read_parquet

    return read_csv(path, columns) if path.suffix == ".csv" else read_parquet(path, columns)


def _parts(path: Path, arrays: Any, key: str | None) -> dict[str, Array]:  # noqa: ANN401 - an array or an NpzFile
    if isinstance(arrays, np.ndarray):
        return {"all": arrays}
    if path.suffix != ".npz":
        raise ValueError(f"{path}: holds an archive of arrays; expected a single array. Rename it to end in .npz.")
    names = list(arrays.keys())
    if key is not None:
        if key not in names:
            raise ValueError(f"{path}: has no array '{key}', expected one of {names}.")
        return {"all": _member(path, arrays, key)}
    for suffix in ("", "_data"):
        found = {part: f"{part}{suffix}" for part in PARTS if f"{part}{suffix}" in names}
        if "train" in found or "test" in found:
            return {part: _member(path, arrays, name) for part, name in found.items()}
    tables = {name: a for name in names if _is_table(a := _member(path, arrays, name))}
    if len(tables) != 1:
        raise ValueError(
            f"{path}: expected arrays train/valid/test or one table of numbers, got {names}; name one with --key NAME."
        )
    return {"all": next(iter(tables.values()))}


def _load(path: Path, file: BinaryIO) -> Any:  # noqa: ANN401 - an array or an NpzFile
    try:
        return np.load(file, allow_pickle=False)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        file.seek(0)
        pickled = file.read(1) == b"\x80" or "Object arrays" in str(error)
        raise ValueError(_PICKLED.format(path=path) if pickled else _unreadable(path, error)) from None


def _member(path: Path, arrays: Any, name: str) -> Array:  # noqa: ANN401 - an NpzFile
    try:
        return np.asarray(arrays[name])
    except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        pickled = "Object arrays" in str(error)
        raise ValueError(_PICKLED.format(path=path) if pickled else _unreadable(path, error)) from None


_PICKLED = (
    "{path}: holds pickled Python objects, which can run code when read and are refused; expected arrays of numbers. "
    "Save them again with a numeric dtype."
)


def _unreadable(path: Path, error: Exception) -> str:
    reason = "it is no such file" if "pickle" in str(error) else str(error) or type(error).__name__
    return f"{path}: cannot be read as a numpy file ({reason}); it may be truncated. Expected {path.suffix} of numbers."


def _is_table(array: Array) -> bool:
    return array.ndim == 2 and array.dtype.kind in "biuf"


def _checked(path: Path, name: str, table: Array) -> Array:
    if not isinstance(table, np.ndarray) or not _is_table(table):
        raise ValueError(
            f"{path}: {name} should be a table of numbers (rows, columns), got shape {table.shape} of {table.dtype}."
        )
    if 0 in table.shape:
        raise ValueError(f"{path}: {name} is empty (shape {table.shape}); expected at least one row and column.")
    if table.dtype.kind == "f" and not np.isfinite(table).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(table))[0])
        raise ValueError(
            f"{path}: {name} has {table[row, column]} in row {row}, column {column} (counted from 0); "
            "expected a number in every cell. Drop or fill such rows first."
        )
    return table


def digits(seed: int = 0) -> Dataset:
    """Return scikit-learn's handwritten digits as 64 binary variables, divided 60/20/20 at random.

    8 x 8 pixels with grey levels 0..16, set to 1 from level 8 on; 1797 images.
    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI repository, 1998.
    """
    from sklearn.datasets import load_digits

    images = (load_digits().data >= 8).astype(np.uint8)
    order = np.random.default_rng(derive(seed, "split")).permutation(len(images))
    cuts = np.split(images[order], [int(0.6 * len(images)), int(0.8 * len(images))])
    return Dataset(dict(zip(PARTS, cuts, strict=True)), source="scikit-learn's digits")
