"""Data that cannot be fitted or scored: one line says what was wrong, what was expected and what to do."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

BITS = np.random.default_rng(0).integers(0, 2, (300, 20))


def truncated(name, fraction):
    np.savez(name, train=BITS)
    whole = Path(name).read_bytes()
    Path(name).write_bytes(whole[: max(1, int(fraction * len(whole)))])


def damaged(name):
    np.savez_compressed(name, train=BITS)
    data = bytearray(Path(name).read_bytes())
    data[150] ^= 0xFF
    Path(name).write_bytes(bytes(data))


def cut_npy(name, size):
    np.save(name, BITS)
    Path(name).write_bytes(Path(name).read_bytes()[:size])


def renamed(name):
    np.savez("archive.npz", train=BITS)
    Path("archive.npz").rename(name)


OBJECTS = np.array([[0, None], [1, 0]], dtype=object)
PICKLED = ["pickled Python objects", "refused", "expected arrays of numbers", "numeric dtype"]
CUT = ["cannot be read", "truncated", "Expected .npz"]
NUMPY = {
    "nothing.npz": (lambda name: None, ["expected a data file", "found nothing"]),
    "folder.npz": (lambda name: Path(name).mkdir(), ["expected a data file", "found a folder"]),
    "notes.txt": (lambda name: Path(name).write_text("0 1\n"), [".npz, .npy, .csv", "got '.txt'"]),
    "half.npz": (lambda name: truncated(name, 0.5), CUT),
    "nearly_all.npz": (lambda name: truncated(name, 0.99), CUT),
    "tenth.npz": (lambda name: truncated(name, 0.1), CUT),
    "one_byte.npz": (lambda name: truncated(name, 0), ["cannot be read", "truncated"]),
    "damaged.npz": (damaged, ["cannot be read", "Expected .npz"]),
    "cut_table.npy": (lambda name: cut_npy(name, 500), ["cannot be read", "truncated", "Expected .npy"]),
    "cut_header.npy": (lambda name: cut_npy(name, 30), ["cannot be read", "truncated", "Expected .npy"]),
    "renamed.npy": (renamed, ["expected", ".npz"]),
    "objects.npz": (lambda name: np.savez(name, train=OBJECTS), PICKLED),
    "objects_among_others.npz": (lambda name: np.savez(name, a=BITS, b=OBJECTS), PICKLED),
    "objects.npy": (lambda name: np.save(name, OBJECTS, allow_pickle=True), PICKLED),
    "pickle.npz": (lambda name: Path(name).write_bytes(pickle.dumps({"train": [[0, 1]]})), PICKLED),
    "empty.npz": (lambda name: Path(name).touch(), ["file is empty", "expected a table of numbers"]),
    "empty.npy": (lambda name: Path(name).touch(), ["file is empty", "expected a table of numbers"]),
    "no_rows.npy": (lambda name: np.save(name, BITS[:0]), ["is empty", "(0, 20)", "at least one row"]),
    "no_columns.npy": (lambda name: np.save(name, BITS[:, :0]), ["is empty", "(300, 0)", "at least one row"]),
    "one_row.npy": (lambda name: np.save(name, BITS[:1]), ["expected at least 2 rows", "got 1 rows"]),
    "one_axis.npy": (lambda name: np.save(name, BITS[0]), ["should be a table of numbers", "(20,)"]),
    "three_axes.npy": (lambda name: np.save(name, BITS[None]), ["should be a table of numbers", "(1, 300, 20)"]),
    "words.npy": (lambda name: np.save(name, [["a", "b"]] * 3), ["should be a table of numbers", "<U1"]),
    "complex.npy": (lambda name: np.save(name, BITS + 0j), ["should be a table of numbers", "complex128"]),
    "two_tables.npz": (lambda name: np.savez(name, a=BITS, b=BITS), ["['a', 'b']", "--key NAME"]),
    "no_tables.npz": (lambda name: np.savez(name), ["train/valid/test", "one table"]),
    "test_only.npz": (lambda name: np.savez(name, test=BITS), ["['test']", "expected"]),
    "uneven.npz": (lambda name: np.savez(name, train=BITS, valid=BITS[:, :9]), ["20 columns", "valid 9", "expected"]),
}


@pytest.mark.parametrize("name", NUMPY)
def test_numpy_files(name, refused):
    write, phrases = NUMPY[name]
    write(name)
    line = refused("fit", name, "--out", "m")
    assert all(phrase in line for phrase in (name, *phrases)), line


CSV = {
    "words.csv": (
        "a,b\n0,1\n1,red\n",
        ["column 'b'", "'red' in row 1", "expected a number in every cell", "code them as 0, 1, 2"],
    ),
    "dates.csv": ("a,b\n2024-01-01,1\n", ["column 'a'", "'2024-01-01' in row 0", "expected a number"]),
    "two_lines.csv": ('a,b\n"x\ny",1\n', ["column 'a'", "expected a number"]),
    "semicolons.csv": ("a;b\n0;1\n", ["'0;1' in row 0", "separated by commas, not by ';'"]),
    "short_row.csv": ("a,b\n0,1\n1\n0,0\n", ["Expected 2 columns, got 1", "same number of cells"]),
    "long_row.csv": ("a,b\n0,1\n1,1,1\n0,0\n", ["Expected 2 columns, got 3", "same number of cells"]),
    "hole.csv": ("a,b\n0,1\n1,\n", ["column 'b'", "empty cell in row 1", "expected a number"]),
    "nan.csv": ("a,b\n0,1\n1,nan\n", ["column 'b'", "row 1", "expected a number"]),
    "infinite.csv": ("a,b\n0,1\n1,inf\n", ["inf in row 1, column 1", "expected a number in every cell"]),
    "empty.csv": ("", ["file is empty", "expected a table of numbers"]),
    "one_newline.csv": ("\n", ["cannot be read as CSV"]),
    "header_only.csv": ("a,b\n", ["expected at least one row under the names", "got none"]),
    "same_names.csv": ("a,a\n0,1\n", ["expected a different name for each column", "['a', 'a']"]),
}


@pytest.mark.parametrize("name", CSV)
def test_csv_files(name, refused):
    text, phrases = CSV[name]
    Path(name).write_text(text)
    line = refused("fit", name, "--out", "m", "--conditional", "bernoulli")
    assert all(phrase in line for phrase in (name, *phrases)), line


def test_csv_that_is_no_text(refused):
    Path("bytes.csv").write_bytes(b"a,b\n0,\xff\n")
    line = refused("fit", "bytes.csv", "--out", "m", "--conditional", "bernoulli")
    assert "bytes.csv: cannot be read as CSV (it is no UTF-8 text)" in line


def spoilt(value, row=250):
    table = BITS.astype(float)
    table[row, 3] = value
    np.save("x.npy", table)
    return "x.npy"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_what_is_no_number(value, refused):
    line = refused("fit", spoilt(value, row=7), "--out", "m")
    assert f"x.npy: 'all' has {value} in row 7, column 3 (counted from 0); expected a number in every cell" in line
    assert "Drop or fill such rows" in line


@pytest.mark.parametrize("value", [2, -1, 0.5], ids=str)
def test_values_other_than_0_and_1(value, refused):
    line = refused("fit", spoilt(value), "--out", "m")
    assert f"column 3 has {value} in row" in line
    assert "(counted from 0), expected 0 or 1 (Bernoulli)" in line


def test_a_wrong_value_is_where_the_message_says(call):
    line = call("fit", spoilt(2), "--out", "m", "--seed", "0").err.splitlines()[-1]
    assert "x.npy" in line
    assert "column 3 has 2 in row 250 (counted from 0)" in line


@pytest.mark.parametrize(("value", "expected"), [(-1, "in 0..1"), (1.5, "codes 0, 1, 2"), (70_000, "below 65536")])
def test_values_that_are_no_codes(value, expected, refused):
    line = refused("fit", spoilt(value), "--out", "m", "--conditional", "categorical")
    assert expected in line
    assert f"{value:g}" in line


def test_a_code_that_is_not_whole_below_the_largest(refused):
    table = BITS.astype(float)
    table[0, 3], table[250, 3] = 3, 1.5
    np.save("x.npy", table)
    line = refused("fit", "x.npy", "--out", "m", "--conditional", "categorical")
    assert re.search(r"column 3 has 1\.5 .* expected an integer in 0\.\.3", line), line
