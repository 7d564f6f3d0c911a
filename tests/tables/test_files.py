"""Tables in files: whole, block by block, and written."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet
from tables.cases import FRAMES, TABLES

from tailormade.tables import Schema, read_table, scan_table, write_table

TABLE = pa.table({"a": [1, None, 3], "b": ["x", "y, z", None], "c": [0.5, 2.25, None], "d": [True, False, None]})


@pytest.fixture
def csv(tmp_path):
    """Write text to a file."""

    def csv(text):
        path = tmp_path / "x.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return csv


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("kind", FRAMES)
def test_what_is_written_is_read(kind, suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    data = TABLES["incomplete"]
    write_table(path, [FRAMES[kind](data)])
    schema = Schema.infer(pa.table(data))
    np.testing.assert_array_equal(schema.encode(read_table(path)), schema.encode(pa.table(data)))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_frames_are_written_one_under_the_other(suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    write_table(path, (TABLE.slice(i, 1) for i in range(3)))
    assert read_table(path).to_pydict() == TABLE.to_pydict()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_columns_of_later_frames_may_have_another_order(tmp_path):
    write_table(tmp_path / "x.csv", [TABLE, TABLE.select(["d", "c", "b", "a"])])
    assert read_table(tmp_path / "x.csv").num_rows == 6


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match=r"frames: expected columns \['a', 'b', 'c', 'd'\] in each, got \['a'\]"):
        write_table(path, [TABLE, TABLE.select(["a"])])
    with pytest.raises(ValueError, match="expected at least one frame to write, got none"):
        write_table(path, [])
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


def test_files_of_other_kinds(tmp_path):
    with pytest.raises(ValueError, match=r"x\.xlsx: expected a name that ends in \.csv or \.parquet"):
        write_table(tmp_path / "x.xlsx", [TABLE])
    with pytest.raises(
        ValueError, match=r"x\.xlsx: expected a file that ends in one of \['\.csv', '\.parquet', '\.npz'\]"
    ):
        read_table(tmp_path / "x.xlsx")
    with pytest.raises(ValueError, match=r"x\.csv: expected a file, found none"):
        read_table(tmp_path / "x.csv")


def test_categories_are_written_as_text(tmp_path):
    frame = pl.DataFrame({"x": pl.Series(["a", "b", None], dtype=pl.Categorical)})
    write_table(tmp_path / "x.csv", [frame])
    assert read_table(tmp_path / "x.csv").to_pydict() == {"x": ["a", "b", None]}


@pytest.mark.parametrize("mark", ["", "?", "NA", "N/A", "NaN", "nan", "null", "None", " ?", '""'])
def test_missing_cells(mark, csv):
    table = read_table(csv(f"a,b\n1,x\n{mark},{mark}\n"))
    assert table.to_pydict() == {"a": [1, None], "b": ["x", None]}


def test_types_are_told_from_all_rows(csv):
    rows = "".join(f"{i}\n" for i in range(300_000))  # more than a block that pyarrow would choose
    assert read_table(csv(f"a\n{rows}0.5\n")).schema.field("a").type == pa.float64()
    assert read_table(csv(f"a\n{rows}b\n")).schema.field("a").type == pa.string()


def test_columns_without_a_name_get_their_number(csv):
    assert read_table(csv(",x\n0,a\n1,b\n")).column_names == ["column0", "x"]


def test_a_first_line_of_numbers_is_data(csv):
    assert read_table(csv("1,0.5\n2,1.5\n")).to_pydict() == {"0": [1, 2], "1": [0.5, 1.5]}


def test_names_that_are_numbers_come_back(tmp_path):
    write_table(tmp_path / "x.csv", [pd.DataFrame([[7, 8]])])
    assert read_table(tmp_path / "x.csv").to_pydict() == {"0": [7], "1": [8]}


BAD = {
    "ragged": (
        "a,b\n1,2\n1\n",
        r"cannot be read as CSV \(.*Expected 2 columns, got 1.*\); expected UTF-8 text, and the same",
    ),
    "twice": ("a,b,a\n1,2,3\n", r"expected a different name for each column, got \['a'\] more than once"),
    "no rows": ("a,b\n", "expected at least one row"),
    "nothing": ("", "cannot be read as CSV .*[Ee]mpty"),
    "bytes": (b"a,b\n1,\xff\xfe\n", "cannot be read as CSV .*(no UTF-8 text|invalid UTF8|can't decode)"),
    "bytes far away": (
        b"a,b\n" + b"1,x\n" * 10_000 + b"1,\xff\xfe\n",
        "cannot be read as CSV .*(no UTF-8 text|invalid UTF8)",
    ),
    "bytes in the names": (b"a,\xff\xfe\n1,2\n", "cannot be read as CSV"),
    "semicolons": ("a;b\n1;2\n", "expected cells separated by commas, got ';' between them"),
}


@pytest.mark.parametrize("read", [read_table, lambda path: list(scan_table(path))], ids=["read", "scan"])
@pytest.mark.parametrize("case", BAD)
def test_files_that_are_refused(case, read, csv):
    text, message = BAD[case]
    with pytest.raises(ValueError, match=rf"x\.csv: {message}"):
        read(csv(text))


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
@pytest.mark.parametrize("read", [read_table, lambda path: list(scan_table(path))], ids=["read", "scan"])
@pytest.mark.parametrize("data", [b"", b"PAR1", b"PK\x03\x04 not so"], ids=["empty", "parquet", "zip"])
def test_damaged_files(suffix, read, data, tmp_path):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=rf"x\{suffix}: cannot be read as (Parquet|NumPy archive) \("):
        read(path)


def test_archives(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, data=np.array([[1.0, 2.0], [3.0, 4.0]]), columns=np.array(["a", "b"]), label=np.array(["g", "b"]))
    assert read_table(path).to_pydict() == {"a": [1.0, 3.0], "b": [2.0, 4.0]}
    assert [t.num_rows for t in scan_table(path, 1)] == [1, 1]
    np.savez(path, data=np.eye(2))
    assert read_table(path).column_names == ["x0", "x1"]
    np.savez(path, train=np.eye(2))
    with pytest.raises(ValueError, match="expected an array 'data', and 'columns' with their names, got neither"):
        read_table(path)
    np.savez(path, data=np.array([{"a": 1}]))
    with pytest.raises(ValueError, match=r"cannot be read as NumPy archive .*nothing pickled"):
        read_table(path)


@pytest.mark.parametrize("rows", [1, 7, 400, 1000])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_blocks(suffix, rows, tmp_path):
    path = tmp_path / f"x{suffix}"
    table = pa.table(TABLES["incomplete"])
    write_table(path, [table])
    schema = Schema.infer(table)
    blocks = list(scan_table(path, rows))
    assert max(block.num_rows for block in blocks) <= rows
    found = np.concatenate([schema.encode(block) for block in blocks])
    np.testing.assert_array_equal(found, schema.encode(table))


def test_a_large_file_is_never_in_memory_at_once(csv):
    line = "x" * 1000
    path = csv("a\n" + f"{line}\n" * 10_000)  # ten megabytes
    blocks = scan_table(path, 10**6)
    assert 1 < next(blocks).num_rows < 10_000


@pytest.mark.parametrize("rows", [0, -1])
def test_sizes_of_blocks_that_are_refused(rows, csv):
    with pytest.raises(ValueError, match=f"rows: expected at least 1, got {rows}"):
        list(scan_table(csv("a\n1\n"), rows))


def test_an_index_of_pandas_is_no_column(tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=["x", "y"])
    parquet.write_table(pa.Table.from_pandas(frame), tmp_path / "x.parquet")
    assert read_table(tmp_path / "x.parquet").column_names == ["a"]
    assert next(scan_table(tmp_path / "x.parquet")).column_names == ["a"]
