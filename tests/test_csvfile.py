"""CSV files of numbers, with names and without."""

import numpy as np
import pytest

from tailormade.datasets import read_dataset


@pytest.fixture
def csv(tmp_path):
    """Write a file and read it back."""

    def csv(text, encoding="utf-8"):
        (tmp_path / "x.csv").write_bytes(text.encode(encoding))
        return read_dataset(tmp_path / "x.csv")

    return csv


CSV = {
    "names": ("a,b\n0,1\n1,0\n", ("a", "b"), [[0, 1], [1, 0]]),
    "no names": ("0,1\n1,0\n1,1\n", ("0", "1"), [[0, 1], [1, 0], [1, 1]]),
    "no names, decimals": ("0.5,1e3\n-1,0\n", ("0", "1"), [[0.5, 1000], [-1, 0]]),
    "one column": ("a\n0\n1\n", ("a",), [[0], [1]]),
    "one number": ("5\n", ("0",), [[5]]),
    "decimals": ("a,b\n0.5,1\n1,0\n", ("a", "b"), [[0.5, 1], [1, 0]]),
    "truths": ("a,b\ntrue,0\nfalse,1\n", ("a", "b"), [[1, 0], [0, 1]]),
    "quoted names": ('"a","b, c"\n0,1\n', ("a", "b, c"), [[0, 1]]),
    "quoted numbers as names": ('"0","1"\n1,0\n', ("0", "1"), [[1, 0]]),
    "names with spaces": ("a b,c\n0,1\n", ("a b", "c"), [[0, 1]]),
    "windows": ("a,b\r\n0,1\r\n", ("a", "b"), [[0, 1]]),
    "no last newline": ("a,b\n0,1", ("a", "b"), [[0, 1]]),
    "spaces": (" 0 , 1\n 1, 0\n", ("0", "1"), [[0, 1], [1, 0]]),
    "letters beyond ASCII": ("größe,b\n0,1\n", ("größe", "b"), [[0, 1]]),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", CSV)
def test_csv(name, encoding, csv):
    text, columns, rows = CSV[name]
    data = csv(text, encoding)
    assert data.columns == columns
    np.testing.assert_array_equal(data.part("all"), rows)


def test_integers_stay_integers(csv):
    assert csv("a,b\n0,1\n").part("all").dtype == np.int64
    assert csv("a,b\n0,1.5\n").part("all").dtype == np.float64


def test_columns_are_found_by_name_and_number(csv):
    data = csv("a,b,2,d\n0,1,0,1\n")
    assert data.column_numbers(["d", "b"]) == [3, 1]
    assert data.column_numbers(["0", "2", "3"]) == [0, 2, 3]


def test_a_name_goes_before_a_number(csv):
    assert csv("1,0,x\n0,1,1\n").column_numbers(["1"]) == [0]
