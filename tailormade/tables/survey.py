"""Enough rows of a large Parquet file to tell what its columns are, in bounded memory.

They are a seeded share of all rows (1), and rows in which a column shows a value that it had not shown yet, for as long
as it has few of them, or a number beyond all before (2), until these are as many as (1). So a category or an end of a
range is hardly missed because it is rare, though (2) makes the rare a little more common than it is; what is missed
after all is refused where the rows are read, with the number of its row.
"""

from pathlib import Path
from typing import Any

import numpy as np

from tailormade.random import derive
from tailormade.rowblocks import open_parquet, read_group
from tailormade.tables.cells import Cells, plain, sort_of
from tailormade.tables.files import without_index
from tailormade.tables.frames import Table, check_table

SAMPLE_CELLS = 2**22
_MOST_TEXTS, _MOST_NUMBERS = 2**12, 2**6  # different values of a column, up to which new ones are looked for


def sample_table(path: Path, seed: int = 0) -> Table:
    """Return rows of a Parquet file that show what its columns are, in the order of the file.

    Args:
        path: The file.
        seed: Fixes the share (1).

    Raises:
        ValueError: If the file is empty or damaged, or names repeat.
    """
    import pyarrow as pa

    with open_parquet(path) as file:
        metadata, width = file.metadata, len(file.schema_arrow.names)
    share = SAMPLE_CELLS / max(1, width * metadata.num_rows)
    rng = np.random.default_rng(derive(seed, "schema"))
    columns: dict[str, _Shown] = {}
    kept, left = [], max(1000, SAMPLE_CELLS // max(1, width))
    for group in range(metadata.num_row_groups):
        for batch in read_group(path, group, width):
            table = without_index(pa.Table.from_batches([batch]))
            rows = set(np.flatnonzero(rng.random(len(table)) < share).tolist())
            new: set[int] = set()
            for name in table.column_names if left > 0 else ():
                new |= columns.setdefault(name, _Shown()).new_in(table.column(name))
            left -= len(new - rows)
            kept.append(table.take(sorted(rows | new)))
    if not kept:
        raise ValueError(f"{path}: expected at least one row, got an empty table.")
    table = pa.concat_tables(kept)
    check_table(table, str(path))
    return table


class _Shown:
    """What a column has shown so far."""

    def __init__(self) -> None:
        self.values: set[Any] = set()
        self.low, self.high = np.inf, -np.inf

    def new_in(self, cells: Cells) -> set[int]:
        """Rows that show something new."""
        cells = _without_nan(plain(cells))
        number = sort_of(cells) == "number"
        most = _MOST_NUMBERS if number else _MOST_TEXTS
        values = self._values(cells, most) if len(self.values) <= most else set()
        return values | self._ends(cells) if number else values

    def _values(self, cells: Cells, most: int) -> set[int]:
        from pyarrow import compute

        new = [value for value in compute.unique(cells) if value.as_py() not in self.values]
        self.values.update(value.as_py() for value in new)
        if len(self.values) > most:
            new = [value for value in new if not value.is_valid]
        return {int(compute.index(cells, v).as_py()) if v.is_valid else _first_missing(cells) for v in new}

    def _ends(self, cells: Cells) -> set[int]:
        values = np.asarray(cells.to_numpy(), dtype=np.float64)
        if np.isnan(values).all():
            return set()
        low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
        rows = {row for row, new in ((low, values[low] < self.low), (high, values[high] > self.high)) if new}
        self.low, self.high = min(self.low, values[low]), max(self.high, values[high])
        return rows


def _without_nan(cells: Cells) -> Cells:
    """Numbers with NaN as what it means here, a missing cell."""
    import pyarrow as pa
    from pyarrow import compute

    if not pa.types.is_floating(cells.type):
        return cells
    return compute.if_else(compute.is_nan(cells), pa.scalar(None, cells.type), cells)


def _first_missing(cells: Cells) -> int:
    return int(np.argmax(cells.is_null().to_numpy()))
