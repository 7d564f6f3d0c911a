r"""The staircase of a mask: what of a masked product need not be computed, because a whole corner of it is zero.

Units sorted by degree see a prefix of the sorted units below them: with ``s(o) = #{i : d(i) <= d(o)}`` (1), ``<`` for
outputs, ``M[o, i] = [i < s(o)]`` (2) is a staircase. Cut into K blocks of rows, block b reads columns ``[0, s_max)``
alone; of these ``[0, s_min)`` are seen by all of its rows, and only the rim ``[s_min, s_max)`` between needs a mask:

    y_b = x[:s_min] W_b[:, :s_min]ᵀ + x[s_min:s_max] (M ∘ W)_b[:, s_min:s_max]ᵀ                                (3)

so that (K + 1) / 2K of the product is left, and a K-th of the masking. What lies above the rim is never read: whatever
is there, infinity and NaN included, has no effect. Columns are cut likewise, for the derivative with respect to x.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.nn.bits import create_bits

_ROWS, _MOST = 100, 8  # rows in a block at least, and blocks at most: measured


class Block(NamedTuple):
    """A block of rows of a staircase; of columns, of the transposed one.

    Attributes:
        rows: Which, sorted.
        full: Columns that all of them see.
        rim: Columns that some of them see.
        bits: Where a row sees a column of the rim (:mod:`tailormade.nn.bits`), shape ``(rim, rows)``.
    """

    rows: slice
    full: slice
    rim: slice
    bits: Tensor


class Order(NamedTuple):
    """A sequence of units by degree, and the way back.

    Attributes:
        there: Which unit comes at each place.
        back: Which place each unit has.
    """

    there: Tensor
    back: Tensor


@dataclass(frozen=True)
class Steps:
    """A staircase of sorted units.

    Attributes:
        seen: How many columns each row sees, shape ``(out,)``; never falling.
        columns: Number of columns.
    """

    seen: Tensor
    columns: int

    @cached_property
    def row_blocks(self) -> list[Block]:
        """Blocks of rows, the first of which see least."""
        return _blocks(self.seen, self.columns, prefix=True)

    @cached_property
    def column_blocks(self) -> list[Block]:
        """Blocks of columns, the first of which are seen by most rows, by all from some row on."""
        starts = torch.searchsorted(self.seen, torch.arange(self.columns, device=self.seen.device), right=True)
        return _blocks(starts, len(self.seen), prefix=False)

    def mask(self) -> Tensor:
        """Return (2), boolean, shape ``(out, in)``."""
        return torch.arange(self.columns, device=self.seen.device) < self.seen.unsqueeze(1)


@dataclass(frozen=True)
class Stairs:
    """A mask as a staircase.

    Attributes:
        steps: Its steps, which orders of the same degrees have in common.
        rows: The order of rows, ``None`` if they are sorted.
        columns: That of columns likewise.
    """

    steps: Steps
    rows: Order | None
    columns: Order | None

    def mask(self) -> Tensor:
        """Return the mask (2) of rows and columns as they are, boolean, shape ``(out, in)``."""
        mask = self.steps.mask()
        mask = mask if self.columns is None else mask[:, self.columns.back]
        return mask if self.rows is None else mask[self.rows.back]


def create_stairs(below: Tensor, above: Tensor, *, output: bool, like: Stairs | None = None) -> Stairs:
    """Return the staircase of the mask between two layers.

    Args:
        below: Degrees of the units below, shape ``(in,)``.
        above: Of those above, shape ``(out,)``.
        output: Whether those above are outputs, which see lower degrees only.
        like: One whose steps are used again, if they are the same.

    Example:
        >>> stairs = create_stairs(torch.tensor([2, 1, 3]), torch.tensor([1, 2]), output=False)
        >>> stairs.mask().int().tolist()
        [[0, 1, 0], [1, 1, 0]]
    """
    (low, columns), (high, rows) = _in_order(below), _in_order(above)
    steps = Steps(torch.searchsorted(low, high, right=not output), len(below))
    same = like is not None and like.steps.columns == steps.columns and torch.equal(like.steps.seen, steps.seen)
    return Stairs(like.steps if like is not None and same else steps, rows, columns)


def _in_order(degrees: Tensor) -> tuple[Tensor, Order | None]:
    """Sorted degrees and their order, ``None`` if it changes nothing."""
    if bool((degrees[1:] >= degrees[:-1]).all()):
        return degrees.contiguous(), None
    in_order, there = torch.sort(degrees, stable=True)
    return in_order, Order(
        there, torch.empty_like(there).index_copy_(0, there, torch.arange(len(there), device=there.device))
    )


def _blocks(ends: Tensor, width: int, *, prefix: bool) -> list[Block]:
    """Cut rows, each of which sees columns up to its end, or from it on, into blocks."""
    count = min(_MOST, max(1, len(ends) // _ROWS))
    cuts = [len(ends) * i // count for i in range(count + 1)]
    return [_block(ends, slice(a, b), width, prefix) for a, b in itertools.pairwise(cuts) if a < b]


def _block(ends: Tensor, rows: slice, width: int, prefix: bool) -> Block:
    low, high = int(ends[rows.start]), int(ends[rows.stop - 1])
    full = slice(0, low) if prefix else slice(high, width)
    rim, own = torch.arange(low, high, device=ends.device), ends[rows]
    # as the weight lies in memory, in which rows of the transposed staircase are columns
    bits = create_bits(rim, own.unsqueeze(1)).T if prefix else create_bits(own, rim.unsqueeze(1) + 1)
    return Block(rows, full, slice(low, high), bits)
