"""Tables on disk, read piece by piece."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from tailormade import rowblocks
from tailormade.rowblocks import ArrayBlocks, NpyBlocks, open_blocks

ROWS = np.arange(60.0).reshape(20, 3)


def everything(blocks):
    pieces = [piece for group in range(blocks.groups) for piece in blocks.read(group)]
    assert [first for first, _ in pieces] == np.cumsum([0, *(len(rows) for _, rows in pieces[:-1])]).tolist()
    return np.concatenate([rows for _, rows in pieces])


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(rowblocks, "_GROUP_BYTES", 100)
    monkeypatch.setattr(rowblocks, "_PIECE_CELLS", 9)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.float64, np.bool_])
def test_npy_in_groups(tmp_path, kind):
    np.save(tmp_path / "x.npy", ROWS.astype(kind))
    blocks = open_blocks(tmp_path / "x.npy")
    found = everything(blocks)
    assert found.dtype == kind
    assert np.array_equal(found, ROWS.astype(kind))
    assert np.array_equal(everything(ArrayBlocks(ROWS)), ROWS)


@pytest.mark.usefixtures("small")
def test_parquet_in_groups_and_pieces(tmp_path):
    table = pa.table({"a": ROWS[:, 0], "b": ROWS[:, 1].astype(np.int32), "c": ROWS[:, 2].astype(np.float32)})
    write_table(table, tmp_path / "x.parquet", row_group_size=8)
    blocks = open_blocks(tmp_path / "x.parquet")
    assert (blocks.groups, blocks.rows, blocks.columns) == (3, 20, ("a", "b", "c"))
    assert np.array_equal(everything(blocks), ROWS)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match="found none"):
        open_blocks(tmp_path / "x.npy")
    with pytest.raises(ValueError, match=r"\.npy or \.parquet"):
        open_blocks(tmp_path / "x.csv")
    for name in ("x.npy", "x.parquet"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(ValueError, match="cannot be read"):
            open_blocks(tmp_path / name)
    np.save(tmp_path / "flat.npy", np.zeros(3))
    with pytest.raises(ValueError, match="table of numbers"):
        open_blocks(tmp_path / "flat.npy")
    np.save(tmp_path / "columns.npy", np.asfortranarray(ROWS))
    with pytest.raises(ValueError, match="column by column"):
        open_blocks(tmp_path / "columns.npy")


def test_text_and_gaps_are_named(tmp_path):
    write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), tmp_path / "text.parquet")
    with pytest.raises(ValueError, match="column 'b'"):
        open_blocks(tmp_path / "text.parquet")
    write_table(pa.table({"a": [1, 2, 3, None]}), tmp_path / "gaps.parquet", row_group_size=2)
    with pytest.raises(ValueError, match="'a' has an empty cell in row 3"):
        everything(open_blocks(tmp_path / "gaps.parquet"))


def test_a_file_cut_short_is_noticed(tmp_path):
    np.save(tmp_path / "x.npy", ROWS)
    blocks = NpyBlocks(tmp_path / "x.npy")
    blocks.path = tmp_path / "short.npy"
    blocks.path.write_bytes((tmp_path / "x.npy").read_bytes()[:-30])
    with pytest.raises(ValueError, match="truncated"):
        everything(blocks)
