"""Where each variable's inputs and parameters lie, and how equal conditionals are computed together.

Inputs and raw parameters are interleaved by variable: variable ``i`` owns columns ``[Σ_{j<i} n_j, Σ_{j<=i} n_j)`` (1).
Variables with equal conditionals form one block, computed in one vectorised call whatever lies between them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from tailormade.conditionals.base import Conditional

Index = slice | Tensor


class Block(NamedTuple):
    """Variables that share a conditional, and the columns of their inputs and parameters."""

    conditional: Conditional
    variables: Index
    inputs: Index
    params: Index
    size: int


class Layout:
    """Compute all conditionals of an event at once.

    Args:
        conditionals: One for each variable.

    Example:
        >>> from tailormade.conditionals import Bernoulli, Categorical
        >>> layout = Layout([Bernoulli(), Categorical(3), Bernoulli()])
        >>> layout.encode(torch.tensor([1.0, 2.0, 0.0])).tolist()
        [1.0, 0.0, 0.0, 1.0, 0.0]
    """

    def __init__(self, conditionals: Sequence[Conditional]) -> None:
        self.conditionals = tuple(conditionals)
        self.input_sizes = [c.width for c in self.conditionals]
        self.param_sizes = [c.params for c in self.conditionals]
        self.noise = max((c.noise for c in self.conditionals), default=1)
        self.blocks = [self._block(c) for c in dict.fromkeys(self.conditionals)]

    def _block(self, conditional: Conditional) -> Block:
        members = [i for i, c in enumerate(self.conditionals) if c == conditional]
        return Block(
            conditional,
            _index(members),
            _index(_columns(members, self.input_sizes)),
            _index(_columns(members, self.param_sizes)),
            len(members),
        )

    def part(self, variables: Sequence[int]) -> "Layout":
        """Return the layout of some of the variables."""
        return Layout([self.conditionals[i] for i in variables])

    def encode(self, x: Tensor) -> Tensor:
        """Turn values ``(*, D)`` into network inputs ``(*, sum(input_sizes))``."""
        if len(self.blocks) == 1:
            return self.blocks[0].conditional.encode(x).flatten(-2)
        out = x.new_zeros(*x.shape[:-1], sum(self.input_sizes))
        for block in self.blocks:
            out[..., block.inputs] = block.conditional.encode(x[..., block.variables]).flatten(-2)
        return out

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x_i | θ_i)`` of every variable, shape ``(*, D)``, for raw ``(*, sum(param_sizes))``."""
        parts = [b.conditional.log_prob(_raw(b, raw), x[..., b.variables]) for b in self.blocks]
        return self._gather(parts)

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Turn noise ``(*, D, noise)`` into values ``(*, D)``."""
        parts = [
            b.conditional.sample(_raw(b, raw), noise[..., b.variables, : b.conditional.noise]) for b in self.blocks
        ]
        return self._gather(parts)

    def _gather(self, parts: list[Tensor]) -> Tensor:
        if len(parts) == 1:
            return parts[0]
        out = parts[0].new_zeros(*parts[0].shape[:-1], len(self.conditionals))
        for block, part in zip(self.blocks, parts, strict=True):
            out[..., block.variables] = part
        return out

    def marginal_params(self, x: Tensor) -> Tensor:
        """Return raw parameters of the smoothed marginals of ``x`` ``(rows, D)``, shape ``(sum(param_sizes),)``."""
        out = torch.zeros(sum(self.param_sizes), dtype=torch.float64, device=x.device)
        for b in self.blocks:
            out[b.params] = b.conditional.marginal_params(x[:, b.variables]).flatten()
        return out

    def input_scaled(self) -> Tensor:
        """Return which inputs are scaled besides being centred, shape ``(sum(input_sizes),)``."""
        return torch.tensor([c.scaled for c in self.conditionals]).repeat_interleave(torch.tensor(self.input_sizes))

    def in_support(self, x: Tensor) -> Tensor:
        """Return for every value whether its conditional allows it, shape ``(*, D)``."""
        if not self.blocks:
            return torch.ones_like(x, dtype=torch.bool)
        return self._gather([b.conditional.support.check(x[..., b.variables]) for b in self.blocks])


def _raw(block: Block, raw: Tensor) -> Tensor:
    return raw[..., block.params].unflatten(-1, (block.size, block.conditional.params))


def _columns(members: list[int], sizes: list[int]) -> list[int]:
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size)
    return [column for i in members for column in range(starts[i], starts[i + 1])]


def _index(columns: list[int]) -> Index:
    """Use a slice, which makes a view, where the columns are contiguous."""
    if columns and columns == list(range(columns[0], columns[-1] + 1)):
        return slice(columns[0], columns[-1] + 1)
    return torch.tensor(columns, dtype=torch.long)
