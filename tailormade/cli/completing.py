"""Rows of a file, and what a model says of their missing part."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from tailormade.density import MADE
    from tailormade.progress import Progress
    from tailormade.queries import Given
    from tailormade.training.likelihood import Model as AnyModel


class Rows(NamedTuple):
    """Rows of one part of a file, and their contexts.

    Attributes:
        part: Its name.
        x: Shape ``(rows, D)``.
        context: Shape ``(rows, C)`` or ``None``.
        first: Number of the first row.
        fitted: Whether the model was fitted to this part, or chosen by it.
    """

    part: str
    x: "Tensor"
    context: "Tensor | None"
    first: int = 0
    fitted: bool = False

    def block(self, start: int, stop: int) -> "Rows":
        """Return some of the rows."""
        context = None if self.context is None else self.context[start:stop]
        return self._replace(x=self.x[start:stop], context=context, first=self.first + start)

    def blocks(self, size: int, bar: "Progress") -> "Iterator[Rows]":
        """Cut into blocks, and tell when each is done with."""
        for start in range(0, len(self.x), size):
            yield self.block(start, start + size)
            bar.advance(min(size, len(self.x) - start))


def read_rows(model: "AnyModel", data: Path, key: str | None, part: str | None, seed: int, most: int) -> Rows:
    """Read a part of a file, check it, and pick some of its rows in random order.

    Args:
        model: What the rows are to be asked of.
        data: The file.
        key: Array to take from an ``.npz``.
        part: Its name; the test part, or all where there is none, if ``None``.
        seed: Fixes which rows are picked.
        most: How many are picked at most.

    Raises:
        ValueError: If the file, the part, a column or a value is not what it should be.
    """
    import torch

    from tailormade.cli.common import columns_of
    from tailormade.datasets import read_dataset
    from tailormade.random import generator
    from tailormade.training.data import as_rows, check_context, check_rows, fingerprint

    tables = read_dataset(data, key, model.metadata.get("all_columns"))
    part = part or ("test" if "test" in tables.parts else "all")
    values, given = columns_of(tables, model, part)
    x = as_rows(str(data), values)
    check_rows(model, f"{data}", x)
    context = check_context(f"{data}", given, len(x), model.context)
    fitted = fingerprint([as_rows(part, tables.part(part))]) in model.metadata.get("fitted_rows", [])
    picked = torch.randperm(len(x), generator=generator(seed, "rows"))[:most]
    return Rows(part, x[picked], None if context is None else context[picked], fitted=fitted)


@dataclass
class Completer:
    """Ask a model about the missing variables of rows.

    Attributes:
        model: The model.
        observed: Which variables are observed, shape ``(D,)``.
        particles: Weighted draws for each row and order, where answers are estimated.
        seed: Fixes them.
        orders: Number of orders that answer, of a model of any order.
        poor: Numbers of the first rows of blocks whose estimates rest on hardly any draw.
    """

    model: "MADE"
    observed: Any
    particles: int
    seed: int
    orders: int = 1
    poor: set[int] = field(default_factory=set)

    def given(self, rows: Rows) -> "Given":
        """Return the distribution of what is missing; draws behind estimates differ from row to row."""
        from tailormade.queries import PoorEvidenceWarning
        from tailormade.random import derive

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            seed = derive(self.seed, "evidence", rows.first)
            how = {"particles": self.particles, "orders": self.orders, "seed": seed}
            given = self.model(rows.context).given(rows.x, self.observed, **how)
        for warning in caught:
            if issubclass(warning.category, PoorEvidenceWarning):
                self.poor.add(rows.first)
            else:
                warnings.warn(warning.message, stacklevel=2)
        return given

    def scores(self, rows: Rows) -> "Tensor":
        """Return log p(missing | observed) of each row."""
        import torch

        given = self.given(rows)
        with torch.no_grad():
            return given.log_prob(rows.x[:, given.unobserved])

    def completions(self, rows: Rows, n: int, generator: "Generator") -> "Tensor":
        """Draw n completions of each row, shape ``(n, rows, D)``."""
        given = self.given(rows)
        return given.fill(given.sample((n,), generator=generator))
