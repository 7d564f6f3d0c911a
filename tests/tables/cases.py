"""Columns by what a person would call them, and tables in every kind of frame."""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

RANDOM = np.random.default_rng(0)
ROWS = 400


class Case(NamedTuple):
    """A column, and what should be inferred of it."""

    values: list
    kind: str
    fields: dict = {}  # noqa: RUF012 - read only


def _cents(low, high):
    return [round(float(v), 2) for v in RANDOM.uniform(low, high, ROWS)]


def _often(value, share, others):
    return [value if i < share * ROWS else v for i, v in enumerate(others)]


def _days(count):
    return [dt.date(2020, 1, 1) + dt.timedelta(days=int(i)) for i in RANDOM.integers(0, count, ROWS)]


def _times(seconds):
    return [dt.datetime(2020, 1, 1) + dt.timedelta(seconds=int(i)) for i in RANDOM.integers(0, seconds, ROWS)]


def _among(*values):
    return [values[i] for i in RANDOM.integers(0, len(values), ROWS)]


def _whole(*values):
    return [int(v) for v in values]


CASES = {
    "words": Case(_among("red", "green", "blue"), "categorical", {"categories": ("blue", "green", "red")}),
    "two_words": Case(_among("no", "yes"), "binary", {"categories": ("no", "yes"), "dtype": "string"}),
    "digits_as_text": Case(_among("10", "9", "1"), "categorical", {"categories": ("1", "9", "10")}),
    "truths": Case(_among(True, False), "binary", {"categories": (False, True), "dtype": "bool"}),
    "zeros_and_ones": Case(_among(0, 1), "binary", {"categories": (0, 1), "dtype": "int64"}),
    "two_numbers": Case(_among(3.5, 7.0), "binary", {"categories": (3.5, 7.0)}),
    "grades": Case(_among(3, 4, 5, 6, 8), "ordinal", {"categories": (3, 4, 5, 6, 8)}),
    "few_decimals": Case(_among(0.1, 0.25, 0.4), "ordinal", {"categories": (0.1, 0.25, 0.4)}),
    "children": Case([0] * 200 + [1] * 100 + [2] * 70 + [3] * 20 + [5] * 10, "integer", {"low": 0.0, "high": None}),
    "ages": Case([0.25, *(float(v % 60) for v in range(ROWS - 1))], "continuous", {"step": 0.25, "heap": 1.0}),
    "counts": Case(
        _whole(*RANDOM.poisson(30, ROWS)), "integer", {"step": 1.0, "categories": (), "high": None, "atoms": ()}
    ),
    "whole_floats": Case([float(v) for v in RANDOM.poisson(30, ROWS)], "integer", {"step": 1.0, "dtype": "float64"}),
    "from_zero": Case([0, *_whole(*RANDOM.integers(0, 500, ROWS - 1))], "integer", {"low": 0.0, "high": None}),
    "from_one": Case([1, 2, 2, 2, *_whole(*RANDOM.integers(2, 500, ROWS - 4))], "integer", {"low": 0.0}),
    "topped": Case(
        [min(v, 400) for v in _whole(*RANDOM.integers(-500, 500, ROWS))], "integer", {"low": None, "high": 400.0}
    ),
    "cents": Case(_cents(3, 90), "continuous", {"step": 0.01, "low": None, "high": None, "atoms": ()}),
    "halves": Case([v / 2 for v in _whole(*RANDOM.integers(0, 200, ROWS))], "continuous", {"step": 0.5}),
    "real": Case([float(v) for v in RANDOM.normal(size=ROWS)], "continuous", {"step": None, "atoms": ()}),
    "wide": Case([round(float(v), 4) for v in RANDOM.exponential(1e6, ROWS)], "continuous", {"step": None}),
    "amounts": Case(_often(0, 0.6, _whole(*RANDOM.integers(50, 5000, ROWS))), "integer", {"atoms": (0.0,), "low": 0.0}),
    "real_with_zeros": Case(
        _often(0.0, 0.1, [float(v) for v in RANDOM.normal(size=ROWS)]), "continuous", {"atoms": (0.0,), "low": None}
    ),
    "days": Case(_days(300), "datetime", {"step": 86400.0, "dtype": "date"}),
    "times": Case(_times(10**6), "datetime", {"step": 1.0, "dtype": "datetime[us]"}),
    "one_word": Case(["a"] * ROWS, "constant", {"categories": ("a",)}),
    "one_number": Case([2.5] * ROWS, "constant", {"categories": (2.5,)}),
    "never": Case([False] * ROWS, "constant", {"categories": (False,)}),
    "codes": Case([f"u{i:04}" for i in range(ROWS)], "ignored", {"dtype": "string"}),
    "row_numbers": Case(list(range(ROWS)), "ignored"),
    "many_words": Case([f"w{i % 230}" for i in range(ROWS)], "categorical"),
}
UNUSUAL = {"one_word", "one_number", "never", "codes", "row_numbers"}  # warned about


def column(values, missing=False):
    """A column for pyarrow, with one cell in seven missing if so wished."""
    return pa.chunked_array([[None if missing and i % 7 == 3 else v for i, v in enumerate(values)]])


PLAIN = [name for name in CASES if name not in UNUSUAL]
FRAMES = {
    "pandas": lambda data: pd.DataFrame(data),
    "polars": lambda data: pl.DataFrame(data),
    "pyarrow": lambda data: pa.table(data),
    "mapping": lambda data: data,
}
TABLES = {
    "complete": {name: CASES[name].values for name in PLAIN},
    "incomplete": {name: column(CASES[name].values, missing=True).to_pylist() for name in PLAIN},
}
SMALL = {"name": [f"n{i}" for i in range(40)], "size": [i / 2 + 7 for i in range(40)], "sex": ["f", "m"] * 20}
MIXED = {
    "size": SMALL["size"] * 3,
    "sex": SMALL["sex"] * 3,
    "n": [*range(100), *range(20)],
    "grade": [3, 4, 5] * 40,
    "flag": [True, True, False] * 40,
    "day": pa.array(range(18000, 18120), pa.int32()).cast(pa.date32()),
}
