"""``tailormade sample`` in blocks: the same rows however they are cut and written, and nothing kept on the way."""

import errno
import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pyarrow.parquet import ParquetFile, read_table

import tailormade as tm
from tailormade.conditionals import Bernoulli, Categorical
from tailormade.density.distribution import MADEDistribution
from tailormade.progress import Progress

verb = importlib.import_module("tailormade.cli.draws")
picture_verb = importlib.import_module("tailormade.cli.sample")


@pytest.fixture
def blocks_of(monkeypatch):
    """Draw in blocks of a number of rows."""

    def blocks_of(rows):
        monkeypatch.setattr(verb, "_BLOCK_ROWS", (rows, rows))

    blocks_of(10)
    return blocks_of


@pytest.fixture
def draw(done, store):
    """Draw rows with a seed and return them."""

    def draw(name, n, out="s.npy", seed=2):
        printed = done("sample", store / name, "-n", n, "--seed", seed, *(["--out", out, "--force"] if out else []))
        return {".npy": np.load, ".csv": _csv, ".parquet": _parquet, "": lambda _: _csv(printed)}[Path(out).suffix](out)

    return draw


def _csv(text):
    lines = (text if "\n" in text else Path(text).read_text()).splitlines()
    return np.array([[int(cell) for cell in line.split(",")] for line in lines[1:]])


def _parquet(path):
    return np.stack([column.to_numpy() for column in read_table(path).columns], 1)


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize("out", ["s.csv", "s.parquet", ""])
@pytest.mark.parametrize("name", ["one", "three", "codes"])
def test_every_format_holds_the_same_rows(name, out, draw):
    np.testing.assert_array_equal(draw(name, 95, out), draw(name, 95))


@pytest.mark.usefixtures("blocks_of")
def test_json_is_the_same_in_blocks(done, draw, store):
    text = done("sample", store / "one", "-n", 95, "--seed", 2, "--json")
    whole = {"columns": ["x0", "x1", "x2", "x3", "x4"], "rows": draw("one", 95).tolist()}
    assert text == json.dumps(whole) + "\n"


@pytest.mark.parametrize("rows", [1, 7, 95, 1000])
@pytest.mark.parametrize("name", ["one", "codes"])
def test_the_size_of_the_blocks_does_not_matter(name, rows, blocks_of, draw):
    expected = draw(name, 95)
    blocks_of(rows)
    np.testing.assert_array_equal(draw(name, 95), expected)


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize(("name", "few"), [("one", 3), ("one", 44), ("three", 44), ("any", 10)])
def test_more_rows_begin_with_the_same(name, few, draw):
    np.testing.assert_array_equal(draw(name, 95)[:few], draw(name, few))


@pytest.mark.usefixtures("blocks_of")
def test_blocks_differ(draw):
    rows = draw("one", 400)
    assert len(np.unique(rows.reshape(40, -1), axis=0)) == 40


TYPES = {
    "bits": ([Bernoulli()] * 2, ["uint8", "uint8"], np.uint8),
    "256 values": ([Categorical(256)], ["uint8"], np.uint8),
    "257 values": ([Categorical(257)], ["uint16"], np.uint16),
    "both": ([Bernoulli(), Categorical(300)], ["uint8", "uint16"], np.uint16),
}


@pytest.mark.parametrize("n", [1, 40])
@pytest.mark.parametrize("name", TYPES)
def test_types_are_those_of_what_can_be_drawn(name, n, done):
    conditionals, columns, dtype = TYPES[name]
    tm.save(tm.MADE(len(conditionals), conditionals=conditionals, hidden_units=(2,), direct=True, seed=0), "m")
    for suffix in ("npy", "parquet"):
        done("sample", "m", "-n", n, "--seed", 2, "--out", f"s.{suffix}")
    assert np.load("s.npy").dtype == dtype
    with ParquetFile("s.parquet") as file:
        assert [str(field.type) for field in file.schema_arrow] == columns
    np.testing.assert_array_equal(_parquet("s.parquet"), np.load("s.npy"))


@pytest.mark.parametrize(("discrete", "dtype"), [(True, "int64"), (False, "float32")], ids=["counts", "measures"])
def test_types_of_what_has_no_largest_value(discrete, dtype):
    unbounded = SimpleNamespace(cardinality=None, support=SimpleNamespace(is_discrete=discrete))
    assert verb._type(unbounded, tm.MADE(2, seed=0)) == dtype


def test_parquet_has_the_names_and_is_read_again(done, store):
    done("sample", store / "given_age", "-n", 40, "--context", "age=40", "--out", "s.parquet")
    assert read_table("s.parquet").column_names == ["red", "green", "blue"]
    done("fit", "s.parquet", "--out", "m", "--epochs", "1", "-q", "4", "--quiet")
    assert "40 rows: all" in done("score", "m", "s.parquet")


@pytest.fixture
def fails_at(monkeypatch):
    """Let the drawing of one block fail."""

    def fails_at(block, error):
        drawn, sample = [], MADEDistribution.sample

        def fail(*arguments, **options):
            drawn.append(1)
            if len(drawn) == block:
                raise error
            return sample(*arguments, **options)

        monkeypatch.setattr(MADEDistribution, "sample", fail)

    return fails_at


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize("out", ["s.npy", "s.csv", "s.parquet", "s.png", "a/b/s.npy"])
def test_ctrl_c_leaves_nothing(out, call, fails_at, store):
    fails_at(3, KeyboardInterrupt())
    outcome = call("sample", store / "one", "-n", 95, "--out", out)
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "tailormade: stopped.\n")
    assert list(Path().iterdir()) == []


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize("out", ["s.npy", "s.csv", "s.parquet"])
def test_a_full_disk_leaves_the_old_file(out, refused, fails_at, store):
    Path(out).write_text("old")
    fails_at(3, OSError(errno.ENOSPC, "No space left on device"))
    assert f"{out}: No space left on device" in refused("sample", store / "one", "-n", 95, "--out", out, "--force")


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize(("option", "mark", "count"), [("--quiet", "\n", 1 + 20), ("--json", "[", 2 + 20)])
def test_rows_are_printed_as_they_are_drawn(option, mark, count, call, fails_at, store):
    fails_at(3, KeyboardInterrupt())
    printed = call("sample", store / "one", "-n", 95, option).out
    assert printed.count(mark) == count


@pytest.fixture
def bars(monkeypatch):
    """What every progress bar was told."""
    told = []

    class Told(Progress):
        def __init__(self, *words, enabled=True):
            super().__init__(*words, enabled=False)
            told.append([enabled])

        def advance(self, steps=1, note=None):
            told[-1].append(steps)

    monkeypatch.setattr("tailormade.progress.Progress", Told)
    return told


@pytest.mark.usefixtures("blocks_of")
@pytest.mark.parametrize("out", ["s.npy", "s.csv", "s.parquet", "s.png", ""])
def test_progress_counts_the_rows(out, done, bars, store):
    done("sample", store / "one", "-n", 35, *(["--out", out] if out else []))
    assert bars == [[True, 10, 10, 10, 5]]


@pytest.mark.parametrize(("words", "shown"), [([], False), (["--out", "s.csv"], True)], ids=["stdout", "file"])
def test_no_bar_among_the_rows_of_a_terminal(words, shown, done, bars, store, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done("sample", store / "one", *words)
    assert bars[0][0] is shown


def test_a_picture_has_room_for_so_many(done, refused, store, monkeypatch):
    monkeypatch.setattr(picture_verb, "_PICTURE_ROWS", 5)
    done("sample", store / "one", "-n", 5, "--out", "s.png")
    line = refused("sample", store / "one", "-n", 6, "--out", "t.png")
    assert "-n: expected at most 5 rows for a picture, got 6; lower it, or write .npy" in line
