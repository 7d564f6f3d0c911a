"""The five sets of the MAF paper, made of a user's own copy of the files as the paper made them.

All parts end up standardised, in float32; validation and test rows are the last ones of the files. What is done with
each, beside that:

- POWER (6 columns): household power consumption, from ``data.npy`` (8 columns) or the ``.txt`` file of the UCI
  repository, whose day is turned into a minute with noise. Rows are shuffled with seed 42; the reactive power and the
  intensity are left out; the power, the voltage and the three meters get uniform noise as wide as their resolution.
- GAS (8): gas sensors, from ``ethylene_CO`` as text, ``.csv`` or ``.npy`` (19 columns). Time and the two concentrations
  are left out; then, as long as there are columns correlated above 0.98, the first of these.
- HEPMASS (21): particle collisions, from ``1000_train.csv`` and ``1000_test.csv``. Only signals are kept, without their
  label; so is no column whose smallest value occurs more than 5 times, and no column that the test file alone has.
- MINIBOONE (43): neutrinos, from ``data.npy`` or ``MiniBooNE_PID.txt``, of which signals alone are kept, without rows
  that begin below -100; columns as for HEPMASS.
- BSDS300 (63): patches of images, from ``BSDS300.hdf5`` (which takes h5py) or ``train.npy``, ``validation.npy`` and
  ``test.npy``, as they are.

George Papamakarios, Theo Pavlakou, Iain Murray, "Masked Autoregressive Flow for Density Estimation", 2017, appendix D
and the code published with it (whose rule for columns looks at the smallest value, not at the most frequent one).
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.tables_data import Array

SEED = 42
MOST_CORRELATED, MOST_RECURRING, OUTLIER = 0.98, 5, -100.0
RESOLUTIONS = (0.001, 0.01, 1.0, 1.0, 1.0)  # of power, voltage and the three meters
WIDTHS = {"power": 6, "gas": 8, "hepmass": 21, "miniboone": 43, "bsds300": 63}


class Published(NamedTuple):
    """Rows of a set ``(n, D)``, in float32."""

    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray


def load(name: str, folder: Path) -> Published:
    """Return a set, standardised and in three parts.

    Args:
        name: ``'power'``, ``'gas'``, ``'hepmass'``, ``'miniboone'`` or ``'bsds300'``.
        folder: Where its files lie.

    Raises:
        ValueError: If the name is unknown, or the files are not as expected.
        FileNotFoundError: If there are none.
    """
    if name not in READERS:
        raise ValueError(f"name: expected one of {list(READERS)}, got {name!r}.")
    return Published(*(np.ascontiguousarray(part, dtype=np.float32) for part in READERS[name](folder)))


def last_rows_out(rows: Array) -> tuple[Array, Array, Array]:
    """Return training, validation and test rows: a tenth for the test, and a tenth of what is left for validation.

    Example:
        >>> [len(part) for part in last_rows_out(np.zeros((200, 1)))]
        [162, 18, 20]
    """
    rest, test = _cut(rows)
    return *_cut(rest), test


def _cut(rows: Array) -> tuple[Array, Array]:
    kept = len(rows) - int(0.1 * len(rows))
    return rows[:kept], rows[kept:]


def _standardised_by_all_but_test(rows: Array) -> list[Array]:
    train, valid, test = last_rows_out(rows)
    seen = rows[: len(train) + len(valid)]
    mean, deviation = seen.mean(0), seen.std(0)
    return [(part - mean) / deviation for part in (train, valid, test)]


def power(folder: Path) -> list[Array]:
    """Read POWER."""
    path = _found(folder, "data.npy", "household_power_consumption.txt")
    rng = np.random.RandomState(SEED)
    rows = _household(path, rng) if path.suffix == ".txt" else _array(path)
    rng.shuffle(rows)
    _, columns = rows.shape
    if columns != 8:
        raise ValueError(f"{path.name}: expected 8 columns, got {columns}.")
    rows = np.delete(rows, [1, 3], axis=1)
    # in the order of the published code, so that the same rows get the same noise
    voltage, total, meters = (rng.rand(len(rows), n) for n in (1, 1, 3))
    noise = np.hstack([total, voltage, meters]) * np.array(RESOLUTIONS)
    return _standardised_by_all_but_test(np.hstack([rows[:, :5] + noise, rows[:, 5:]]))


def _household(path: Path, rng: np.random.RandomState) -> Array:
    """Seven readings, and the minute of the day; incomplete rows are left out."""
    frame = pd.read_csv(path, sep=";", na_values=["?"], low_memory=False).dropna()
    clock = frame.iloc[:, 1].str.split(":", expand=True).astype(float)
    minute = 60 * clock[0] + clock[1] + rng.rand(len(frame))
    return np.column_stack([frame.iloc[:, 2:].to_numpy(np.float64), minute])


def gas(folder: Path) -> list[Array]:
    """Read GAS."""
    names = [f"ethylene_{gas}.{kind}" for gas in ("CO", "methane") for kind in ("npy", "csv", "txt")]
    rows = _array(_found(folder, *names), skip=1)
    if rows.shape[1] < 4:
        raise ValueError(f"{folder}: expected columns of time, two concentrations and sensors, got {rows.shape[1]}.")
    rows = without_correlated(rows[:, 3:])
    return list(last_rows_out((rows - rows.mean(0)) / rows.std(0, ddof=1)))


def without_correlated(rows: Array) -> Array:
    """Leave out the first column that is correlated with another, until there is none.

    Example:
        >>> x = np.arange(20.0)
        >>> without_correlated(np.column_stack([x, 2 * x, x % 3]))[1].tolist()
        [2.0, 1.0]
    """
    kept, high = list(range(rows.shape[1])), np.corrcoef(rows.T) > MOST_CORRELATED
    while (found := high[np.ix_(kept, kept)].sum(1) > 1).any():
        del kept[int(found.argmax())]
    return rows[:, kept]


def hepmass(folder: Path) -> list[Array]:
    """Read HEPMASS."""
    train, test = (_signals(_found(folder, f"1000_{part}.csv")) for part in ("train", "test"))
    test = test[:, : train.shape[1]]
    mean, deviation = train.mean(0), train.std(0, ddof=1)
    train, test = (train - mean) / deviation, (test - mean) / deviation
    kept = without_recurring(train)
    return [*_cut(train[:, kept]), test[:, kept]]


def _signals(path: Path) -> Array:
    rows = _array(path, skip=1)
    return rows[rows[:, 0] == 1, 1:]


def without_recurring(rows: Array) -> Array:
    """Return which columns have a smallest value that hardly recurs."""
    return np.flatnonzero((rows == rows.min(0)).sum(0) <= MOST_RECURRING)


def miniboone(folder: Path) -> list[Array]:
    """Read MINIBOONE."""
    path = _found(folder, "data.npy", "MiniBooNE_PID.txt")
    return _standardised_by_all_but_test(_array(path) if path.suffix == ".npy" else _neutrinos(path))


def _neutrinos(path: Path) -> Array:
    """The signals, which come first: the first line says how many there are."""
    with path.open() as file:
        signals = int(file.readline().split()[0])
    rows = _array(path, skip=1)[:signals]
    rows = rows[rows[:, 0] >= OUTLIER]
    return rows[:, without_recurring(rows)]


def bsds300(folder: Path) -> list[Array]:
    """Read BSDS300."""
    if (folder / "BSDS300.hdf5").exists():
        import h5py

        with h5py.File(folder / "BSDS300.hdf5") as file:
            return [file[part][()] for part in ("train", "validation", "test")]
    return [_array(_found(folder, f"{part}.npy")) for part in ("train", "validation", "test")]


def _found(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).exists():
            return folder / name
    hint = (
        " (convert the .pickle with pandas yourself: nothing is unpickled here)" if any(folder.glob("*.pickle")) else ""
    )
    raise FileNotFoundError(f"{folder}: expected {' or '.join(names)}, found no such file{hint}.")


def _array(path: Path, skip: int = 0) -> Array:
    """Read numbers from ``.npy``, or from text with lines to skip."""
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False).astype(np.float64)
    separator = "," if path.suffix == ".csv" else r"\s+"
    return pd.read_csv(path, sep=separator, header=None, skiprows=skip).to_numpy(np.float64)


READERS: dict[str, Callable[[Path], list[Array]]] = {
    "power": power,
    "gas": gas,
    "hepmass": hepmass,
    "miniboone": miniboone,
    "bsds300": bsds300,
}
