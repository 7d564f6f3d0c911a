"""Tables written block by block: whole and as promised, or not at all, and never in memory as a whole."""

import errno
import os
import resource
import weakref
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pyarrow.parquet import ParquetFile

from tailormade import rowfile
from tailormade.datasets import read_dataset
from tailormade.rowfile import SUFFIXES, csv_texts, write_rows

ROWS = np.random.default_rng(0).integers(0, 200, (70, 3))
NAMES = ["a", "b", "c"]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=SUFFIXES)
def path(request):
    """A file of each format."""
    return Path(f"x{request.param}")


def cut(rows, *places):
    """Rows in blocks, as floating numbers, which is how they are drawn."""
    return iter(np.split(rows.astype(np.float32), places))


def types(*names):
    return [np.dtype(name) for name in names]


BYTES = types("u1", "u1", "u1")


@pytest.mark.parametrize("kind", ["u1", "u2", "i8", "f4", "f8"])
@pytest.mark.parametrize("places", [(), (1,), (30, 40), range(1, 70)], ids=["one", "two", "three", "single rows"])
def test_what_is_written_is_read(kind, places, path):
    write_rows(path, cut(ROWS, *places), NAMES, types(kind, kind, kind), len(ROWS))
    data = read_dataset(path)
    np.testing.assert_array_equal(data.part("all"), ROWS)
    assert path.suffix == ".csv" or data.part("all").dtype == kind
    assert data.columns == (None if path.suffix == ".npy" else ("a", "b", "c"))


def test_npy_is_what_numpy_writes():
    write_rows(Path("x.npy"), cut(ROWS, 30), NAMES, BYTES, len(ROWS))
    np.save("y.npy", ROWS.astype(np.uint8))
    assert Path("x.npy").read_bytes() == Path("y.npy").read_bytes()


def test_csv():
    blocks = cut(np.array([[0.0, 1, 2.5], [3, 4, 5]]), 1)
    assert "".join(csv_texts(blocks, NAMES, types("u1", "u2", "f8"))) == "a,b,c\n0,1,2.5\n3,4,5.0\n"


def test_columns_have_their_own_types():
    kinds = types("u1", "u2", "f4")
    for name in ("x.npy", "x.parquet"):
        write_rows(Path(name), cut(ROWS, 30), NAMES, kinds, len(ROWS))
    assert np.load("x.npy").dtype == np.float32
    with ParquetFile("x.parquet") as file:
        assert [str(field.type) for field in file.schema_arrow] == ["uint8", "uint16", "float"]
        assert file.metadata.row_group(0).column(0).compression == "SNAPPY"


QUOTED = {
    "commas": ["a, b", "c"],
    "quotes": ['a"b', "'c'"],
    "spaces": [" a", "b "],
    "beyond ASCII": ["größe", "π"],
    "numbers": ["0", "1"],
    "other numbers": ["1", "3"],
}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("names", QUOTED)
def test_any_names(names, suffix):
    path = Path(f"x{suffix}")
    write_rows(path, cut(ROWS[:, :2]), QUOTED[names], BYTES[:2], len(ROWS))
    assert read_dataset(path).columns == tuple(QUOTED[names])


def test_small_blocks_are_joined_for_parquet(monkeypatch):
    monkeypatch.setattr(rowfile, "_GROUP_ROWS", 25)
    write_rows(Path("x.parquet"), cut(ROWS, *range(10, 70, 10)), NAMES, BYTES, len(ROWS))
    with ParquetFile("x.parquet") as file:
        groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert groups == [30, 30, 10]


def test_blocks_are_not_kept(path, monkeypatch):
    """At most one is alive when the next is made; in Parquet, at most a group of rows."""
    monkeypatch.setattr(rowfile, "_GROUP_ROWS", 40)
    alive, seen = [], []

    def blocks():
        for _ in range(200):
            seen.append(sum(ref() is not None for ref in alive))
            block = np.ones((10, 3), np.float32)
            alive.append(weakref.ref(block))
            yield block
            del block

    write_rows(path, blocks(), NAMES, BYTES, 2000)
    assert max(seen) <= (4 if path.suffix == ".parquet" else 1)


FAILURES = [ValueError("no more"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")]


@pytest.mark.parametrize("before", [None, b"old"], ids=["new", "old"])
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_failure_leaves_things_as_they_were(failure, before, path):
    if before is not None:
        path.write_bytes(before)

    def blocks():
        yield ROWS[:30]
        assert len(list(Path().iterdir())) == 1 + (before is not None)
        raise failure

    with pytest.raises(type(failure)):
        write_rows(path, blocks(), NAMES, BYTES, len(ROWS))
    assert {p.name: p.read_bytes() for p in Path().iterdir()} == ({} if before is None else {path.name: before})


@contextmanager
def small_disk():
    """No file may grow beyond 20 kB; the system says so by the same kind of error as for a full disk.

    Not a fixture: the limit holds for the file that pytest's own output may go to, too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(path):
    rows = np.random.default_rng(0).integers(0, 256, (20_000, 3))
    with small_disk(), pytest.raises(OSError, match=r"large") as caught:
        write_rows(path, cut(rows, 5_000, 10_000, 15_000), NAMES, BYTES, len(rows))
    assert caught.value.filename == str(path)
    assert list(Path().iterdir()) == []


def test_what_is_not_on_the_disk_is_not_there(path, monkeypatch):
    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_rows(path, cut(ROWS), NAMES, BYTES, len(ROWS))
    assert [p.read_bytes() for p in Path().iterdir()] == [b"old"]


def test_folders_on_the_way_go_too(path):
    Path("here").mkdir()
    with pytest.raises(ValueError, match="expected 71 rows, got 70"):
        write_rows("here/a/b" / path, cut(ROWS), NAMES, BYTES, 71)
    assert list(Path().rglob("*")) == [Path("here")]


WRONG = {
    "too few rows": (ROWS[:69], "expected 70 rows, got 69"),
    "too many rows": (ROWS[[*range(70), 0]], r"expected 70 rows of 3 columns, got \(41, 3\) at row 71"),
    "too few columns": (ROWS[:, :2], r"expected 70 rows of 3 columns, got \(30, 2\)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_blocks_that_are_not_the_table(name, path):
    rows, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        write_rows(path, cut(rows, 30), NAMES, BYTES, 70)
    assert list(Path().iterdir()) == []
