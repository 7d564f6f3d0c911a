"""Rows drawn block by block, and put where the user wants them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import Generator

    from tailormade.conditionals import Conditional
    from tailormade.density import MADE, MADEDistribution
    from tailormade.progress import Progress
    from tailormade.queries import Given
    from tailormade.rowfile import Array, Types

_BLOCK_CELLS = 2**20  # values drawn at once: measured, more do not fit the cache
_BLOCK_ROWS = (1000, 2**14)  # at least and at most


def types_of(model: "MADE") -> "Types":
    """Return the type of each variable's values."""
    return [_type(conditional, model) for conditional in model.layout.conditionals]


def _type(conditional: "Conditional", model: "MADE") -> "np.dtype[Any]":
    """The smallest type for all that can be drawn, whatever has been drawn."""
    import numpy as np

    if conditional.cardinality is not None:
        return np.min_scalar_type(conditional.cardinality - 1)
    discrete = conditional.support.is_discrete
    return np.dtype("int64" if discrete else str(model.value_dtype).removeprefix("torch."))


def draw_blocks(
    densities: "Sequence[MADEDistribution | Given]", n: int, generator: "Generator", bar: "Progress"
) -> "Iterator[Array]":
    """Draw n complete rows from each density, in blocks of one size, the last one cut.

    What comes first thus does not depend on n, and memory not on how many rows there are.
    """
    for density in densities:
        least, most = _BLOCK_ROWS
        size = min(n, max(least, min(most, _BLOCK_CELLS // max(1, density.event_shape.numel()))))
        for start in range(0, n, size):
            rows = density.sample((size,), generator=generator)[: n - start]
            yield (density.fill(rows) if isinstance(density, _given()) else rows).cpu().numpy()
            bar.advance(len(rows))


def _given() -> "type[Given]":
    from tailormade.queries import Given

    return Given


def put_rows(
    out: Path | None,
    blocks: "Iterator[Array]",
    names: list[str],
    types: "Types",
    n: int,
    notes: Mapping[str, Any] | None,
) -> None:
    """Write n rows to a file of any kind, or print them: as JSON that begins with notes, unless they are ``None``."""
    import numpy as np

    from tailormade.rowfile import csv_texts, write_rows

    if out is None:
        texts = csv_texts(blocks, names, types) if notes is None else _json_texts(blocks, names, types, notes)
        for text in texts:
            print(text, end="", flush=True)
    elif out.suffix == ".png":
        from tailormade.plots import draw_rows, save_figure

        save_figure(draw_rows(np.concatenate(list(blocks))), out)
    else:
        write_rows(out, blocks, names, types, n)


def _json_texts(
    blocks: "Iterator[Array]", names: list[str], types: "Types", notes: Mapping[str, Any]
) -> "Iterator[str]":
    """Yield one JSON object piece by piece."""
    import json

    from tailormade.rowfile import cells

    yield json.dumps({**notes, "columns": names})[:-1] + ', "rows": ['
    for i, block in enumerate(blocks):
        yield ", " * (i > 0) + json.dumps(cells(block, types))[1:-1]
    yield "]}\n"
