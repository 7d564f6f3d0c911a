"""Some of many rows, read block by block, without all of them in memory.

Each row draws a number; those with the least numbers are kept (1), in their order. The numbers are one stream, so that
a table gives the same rows however it is divided into blocks.
"""

import numpy as np
import torch
from torch import Tensor

from tailormade.random import derive


class RowChoice:
    """Take rows in, and keep at most so many, each with the same chance (1).

    Args:
        rows: How many are kept.
        seed: Fixes which.

    Raises:
        ValueError: If ``rows`` is below 1.

    Example:
        >>> chosen = RowChoice(2, seed=0)
        >>> for block in torch.arange(6.0).reshape(2, 3, 1):
        ...     chosen.add(block, None)
        >>> chosen.x.flatten().tolist()
        [1.0, 5.0]
    """

    def __init__(self, rows: int, seed: int) -> None:
        if rows < 1:
            raise ValueError(f"rows: expected at least 1, got {rows}.")
        self._most, self._numbers = rows, np.random.default_rng(derive(seed, "rows"))
        self._kept: list[tuple[Tensor, Tensor, Tensor | None]] = []

    def add(self, x: Tensor, context: Tensor | None) -> None:
        """Take in rows, shape ``(n, D)``, and their context, shape ``(n, C)`` or ``None``."""
        blocks = [*self._kept, (torch.from_numpy(self._numbers.random(len(x))), x, context)]
        numbers, rows = (torch.cat([block[k] for block in blocks]) for k in (0, 1))  # type: ignore[misc]  # not None
        contexts = None if context is None else torch.cat([block[2] for block in blocks])  # type: ignore[misc]  # none are None
        least = numbers.argsort()[: self._most].sort().values
        self._kept = [(numbers[least], rows[least], None if contexts is None else contexts[least])]

    @property
    def x(self) -> Tensor:
        """The rows that are kept, shape ``(n, D)``."""
        return self._kept[0][1]

    @property
    def context(self) -> Tensor | None:
        """Their context, shape ``(n, C)`` or ``None``."""
        return self._kept[0][2]
