r"""Training rows that stay on disk: a seeded shuffle within bounded memory, and one pass that learns what a fit needs.

An epoch reads the groups of a file in an order drawn by (seed, epoch) and pours them into a buffer; whenever it is full
it is shuffled, and half of it goes out (1). So any row can meet any other, but the order is not uniform over all
permutations: rows of one group come out within about a buffer of each other. Where a file is sorted and its groups are
larger than the buffer, write it shuffled, or with smaller row groups. A .npy has groups of a few rows, of which a
buffer holds hundreds; a buffer that holds all rows gives a uniform shuffle.

Row n is held out for validation if ``u(n) < f``, where u is a hash of its number and the seed (2), so that the division
needs no memory and does not change with the sizes of groups; equal rows may come to lie on both sides. Rows with
``f <= u(n) < f + s`` are the sample from which marginals and centres are read (3), uniform over the whole file.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tailormade.random import derive, generator
from tailormade.rowblocks import RowBlocks, open_blocks
from tailormade.training.data import as_rows

_BUFFER_BYTES = 2**26  # of rows that are mixed with each other; shuffling takes about three times that for a moment
_SAMPLE_CELLS = 2**22
_VALID_CELLS = 2**22

Rows = tuple[Tensor, Tensor | None]


class Part(NamedTuple):
    """Consecutive rows of a source: number of the first, variables ``(n, D)``, context ``(n, C)`` or ``None``."""

    first: int
    x: Tensor
    context: Tensor | None


class Source(Protocol):
    """Rows as a model sees them, read group by group.

    Attributes:
        source: Where they are from, for messages.
        rows: How many.
        features: Number of variables D.
        groups: Number of groups.
    """

    source: str
    rows: int
    features: int
    groups: int

    def read(self, group: int) -> Iterator[Part]:
        """Read one group, part by part."""


class NumberSource:
    """Variables and context taken from the columns of a table of numbers.

    Args:
        blocks: The table.
        context: Numbers of the columns that are context.
    """

    def __init__(self, blocks: RowBlocks, context: list[int] | None = None) -> None:
        self.blocks, self.given = blocks, context or []
        self.variables = [i for i in range(blocks.width) if i not in set(self.given)]
        self.source, self.rows, self.groups = blocks.source, blocks.rows, blocks.groups
        self.features = len(self.variables)

    def read(self, group: int) -> Iterator[Part]:
        """Read one group, part by part."""
        for first, rows in self.blocks.read(group):
            x = as_rows(self.source, rows[:, self.variables] if self.given else rows)
            context = as_rows(self.source, rows[:, self.given]).float() if self.given else None
            yield Part(first, x, context)


class Stream:
    """Divide the rows of a source, and give the training rows out in shuffled batches.

    Args:
        source: The rows.
        valid_fraction: Share of the rows to hold out for validation; they are held in memory, so that there are no
            more than about 2^22 cells of them.
        seed: Fixes which.
        buffer_bytes: Size of the buffer in which rows are mixed.

    Attributes:
        rows: Number of training rows.
        held: Number of validation rows.
        sample: Some training rows and their contexts, after :meth:`survey`.
        valid: Validation rows and their contexts, after :meth:`survey`; ``None`` if there are none.

    Raises:
        ValueError: If the fraction leaves no row to train on.

    Example:
        >>> from tailormade.rowblocks import ArrayBlocks
        >>> stream = Stream(NumberSource(ArrayBlocks(np.arange(12.0).reshape(6, 2))))
        >>> [x.shape for x, _ in stream.batches(seed=0, epoch=0, size=4)]
        [torch.Size([4, 2]), torch.Size([2, 2])]
    """

    def __init__(
        self, source: Source, *, valid_fraction: float = 0.0, seed: int = 0, buffer_bytes: int = _BUFFER_BYTES
    ) -> None:
        if not 0 <= valid_fraction < 1:
            raise ValueError(f"valid_fraction: expected a fraction in [0, 1), got {valid_fraction}.")
        self.source, self.seed, self.buffer_bytes = source, seed, buffer_bytes
        self.fraction = min(valid_fraction, _VALID_CELLS / source.features / source.rows)
        chunks = ((i, min(2**20, source.rows - i)) for i in range(0, source.rows, 2**20))
        self.held = sum(int((self._uniform(*chunk) < self.fraction).sum()) for chunk in chunks) if self.fraction else 0
        self.rows = source.rows - self.held
        if not self.rows:
            raise ValueError(f"{source.source}: expected to leave a row to train on, got {source.rows} rows in all.")
        self.sample: Rows | None = None
        self.valid: Rows | None = None
        self.digests: tuple[str, str] | None = None

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        context: Sequence[int | str] = (),
        valid_fraction: float = 0.0,
        seed: int = 0,
        buffer_bytes: int = _BUFFER_BYTES,
    ) -> "Stream":
        """Open a ``.npy`` or ``.parquet`` of numbers.

        Args:
            path: The file.
            context: Columns that are context, by number or by name.
            valid_fraction: As for the class.
            seed: As for the class.
            buffer_bytes: As for the class.

        Raises:
            ValueError: If the file is damaged or holds something else, or a column does not exist.
        """
        blocks = open_blocks(Path(path))
        source = NumberSource(blocks, [_number(blocks, column) for column in context])
        return cls(source, valid_fraction=valid_fraction, seed=seed, buffer_bytes=buffer_bytes)

    def __len__(self) -> int:
        """Return the number of training rows."""
        return self.rows

    def _uniform(self, first: int, count: int) -> NDArray[np.float64]:
        """Return u of (2) for some rows: the finaliser of splitmix64, whose output passes tests of randomness."""
        z = np.arange(first, first + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)  # wraps, as it is to
        z += np.uint64(derive(self.seed, "split"))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)

    def parts(self) -> Iterator[Part]:
        """Read all rows, in the order of the file."""
        for group in range(self.source.groups):
            yield from self.source.read(group)

    def survey(self, check: Callable[[Part], None]) -> None:
        """Go through all rows once: check them, hash them, keep those held out and the sample.

        Args:
            check: Called with each part; raises if a value is wrong.
        """
        share = min(1.0, _SAMPLE_CELLS / self.source.features / self.rows)
        end = self.fraction + (1 - self.fraction) * share if share < 1 else 1.0
        hashes = hashlib.sha256(), hashlib.sha256()
        kept: tuple[list[Rows], list[Rows]] = [], []
        for part in self.parts():
            check(part)
            for tensor, digest in zip(part[1:], hashes, strict=True):
                if isinstance(tensor, Tensor):
                    digest.update(tensor.contiguous().flatten().view(torch.uint8).numpy().data)
            u = torch.from_numpy(self._uniform(part.first, len(part.x)))
            for found, wanted in zip(kept, (u < self.fraction, (u >= self.fraction) & (u < end)), strict=True):
                if bool(wanted.any()):
                    found.append(_some(part, wanted))
        self.valid, self.sample = (_joined(found) for found in kept)
        if self.sample is None:  # so few rows that none fell into the sample
            self.sample = next(self._shuffled(self.seed, 0))
        self.digests = hashes[0].hexdigest(), hashes[1].hexdigest()

    def batches(self, seed: int, epoch: int, size: int) -> Iterator[Rows]:
        """Yield the training rows of an epoch and their contexts, in batches of ``size``; the last may be smaller.

        Args:
            seed: Fixes the order, together with
            epoch: Number of the epoch.
            size: Rows in a batch.
        """
        left: list[Rows] = []
        for rows in self._shuffled(seed, epoch):
            left.append(rows)
            if sum(len(x) for x, _ in left) < size:
                continue
            x, context = _cat(left)
            whole = len(x) // size * size
            for start in range(0, whole, size):
                yield x[start : start + size], None if context is None else context[start : start + size]
            left = [(x[whole:].clone(), None if context is None else context[whole:].clone())]
        if left and len(left[0][0]) + sum(len(x) for x, _ in left[1:]):
            yield _cat(left)

    def _shuffled(self, seed: int, epoch: int) -> Iterator[Rows]:
        """Yield training rows as (1) says."""
        source = generator(seed, "shuffle", epoch)
        held: list[Rows] = []
        size = 0
        for group in torch.randperm(self.source.groups, generator=source).tolist():
            for part in self.source.read(group):
                held.append(self._training(part))
                size += _bytes(held[-1])
                if size >= self.buffer_bytes:
                    out, rest = _divided(_cat(held), source)
                    held, size = [rest], _bytes(rest)
                    yield out
        x, context = _cat(held)
        order = torch.randperm(len(x), generator=source)
        yield x[order], None if context is None else context[order]

    def _training(self, part: Part) -> Rows:
        if not self.fraction:
            return part.x, part.context
        return _some(part, torch.from_numpy(self._uniform(part.first, len(part.x)) >= self.fraction))

    def fingerprint(self) -> str:
        """Return a hash of all rows and of how they are divided and mixed.

        Raises:
            RuntimeError: If it was not surveyed.
        """
        if self.digests is None:
            raise RuntimeError("stream: expected survey() before fingerprint().")
        return f"{self.digests} {self.rows} {self.held} {self.seed} {self.buffer_bytes}"


def _number(blocks: RowBlocks, column: int | str) -> int:
    names = blocks.columns or tuple(str(i) for i in range(blocks.width))
    if isinstance(column, str) and column in names:
        return names.index(column)
    if str(column).isdecimal() and int(column) < blocks.width:
        return int(column)
    raise ValueError(f"{blocks.source}: has no column {column!r}, expected one of {list(names)[:20]}.")


def _some(part: Part, wanted: Tensor) -> Rows:
    return part.x[wanted], None if part.context is None else part.context[wanted]


def _cat(rows: list[Rows]) -> Rows:
    if len(rows) == 1:
        return rows[0]
    contexts = [context for _, context in rows if context is not None]
    return torch.cat([x for x, _ in rows]), torch.cat(contexts) if contexts else None


def _bytes(rows: Rows) -> int:
    return sum(tensor.nbytes for tensor in rows if tensor is not None)


def _joined(rows: list[Rows]) -> Rows | None:
    return _cat(rows) if rows else None


def _divided(rows: Rows, source: torch.Generator) -> tuple[Rows, Rows]:
    """Two halves of some rows, drawn at random."""
    x, context = rows
    halves = torch.randperm(len(x), generator=source).split(max(1, (len(x) + 1) // 2))
    first, second = halves if len(halves) == 2 else (halves[0], halves[0][:0])
    return tuple((x[i], None if context is None else context[i]) for i in (first, second))  # type: ignore[return-value]  # two
