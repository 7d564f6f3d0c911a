"""Enough rows of a large Parquet file to tell what its columns are, in bounded memory.

They are a seeded share of all rows (1), and every row in which a column shows a value that it had not shown yet, for as
long as it has few of them, or a number beyond all before (2). So no category and no end of a range is missed because it
is rare, though (2) makes the rare a little more common than it is; the counts of a schema decide on kinds alone.
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
_MOST_VALUES = 2**12  # of a column, up to which new ones are looked for


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
    kept = []
    for group in range(metadata.num_row_groups):
        for batch in read_group(path, group, width):
            table = without_index(pa.Table.from_batches([batch]))
            rows = set(np.flatnonzero(rng.random(len(table)) < share).tolist())
            for name in table.column_names:
                rows |= columns.setdefault(name, _Shown()).new_in(table.column(name))
            kept.append(table.take(sorted(rows)))
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
        cells = plain(cells)
        values = self._values(cells) if len(self.values) <= _MOST_VALUES else set()
        return values | self._ends(cells) if sort_of(cells) == "number" else values

    def _values(self, cells: Cells) -> set[int]:
        from pyarrow import compute

        new = [value for value in compute.unique(cells) if value.as_py() not in self.values]
        self.values.update(value.as_py() for value in new)
        found = new[: _MOST_VALUES + 1]
        if len(found) > _MOST_VALUES:
            return set()
        return {int(compute.index(cells, v).as_py()) if v.is_valid else _first_missing(cells) for v in found}

    def _ends(self, cells: Cells) -> set[int]:
        values = cells.to_numpy().astype(np.float64)
        if np.isnan(values).all():
            return set()
        low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
        rows = {row for row, new in ((low, values[low] < self.low), (high, values[high] > self.high)) if new}
        self.low, self.high = min(self.low, values[low]), max(self.high, values[high])
        return rows


def _first_missing(cells: Cells) -> int:
    return int(np.argmax(cells.is_null().to_numpy()))
