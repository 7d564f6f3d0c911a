"""Where each variable's inputs and parameters lie, and how conditionals of one structure are computed together.

Inputs and raw parameters are interleaved by variable: variable ``i`` owns columns ``[Σ_{j<i} n_j, Σ_{j<=i} n_j)`` (1).
Variables whose conditionals differ in constants at most form one block, computed in one vectorised call whatever lies
between them (2). Where cells may be missing, each variable has one input more, its flag: with ``o`` for observed (not
NaN), its inputs are ``(code(x) o, 1 - o)`` (3), and ``log p`` of a missing cell is 0, with zero gradient: it is
evaluated at a value of the support that stands in, so that nothing becomes NaN on the way (4).
"""

from collections.abc import Hashable, Sequence
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tailormade.conditionals.base import Conditional, stack

Index = slice | Tensor


class Block(NamedTuple):
    """Variables computed together, by one conditional or a stack of them, and the columns that are theirs.

    ``inputs`` are the columns of codes, ``flags`` those of flags, ``None`` where nothing can be missing.
    """

    conditional: Conditional
    variables: Index
    inputs: Index
    params: Index
    size: int
    flags: Index | None = None


class Layout:
    """Compute all conditionals of an event at once.

    Args:
        conditionals: One for each variable.
        missing: Whether values may be missing (NaN).

    Attributes:
        kinds: The conditionals that differ, in the sequence of their first variables.
        kind_of: Which of them each variable has.

    Example:
        >>> from tailormade.conditionals import Bernoulli, Categorical
        >>> layout = Layout([Bernoulli(), Categorical(3), Bernoulli()])
        >>> layout.encode(torch.tensor([1.0, 2.0, 0.0])).tolist()
        [1.0, 0.0, 0.0, 1.0, 0.0]
        >>> Layout([Bernoulli()] * 2, missing=True).encode(torch.tensor([1.0, torch.nan])).tolist()
        [1.0, 0.0, 0.0, 1.0]
    """

    def __init__(self, conditionals: Sequence[Conditional], missing: bool = False) -> None:
        self.conditionals, self.missing = tuple(conditionals), missing
        self.input_sizes = [c.width + missing for c in self.conditionals]
        self.param_sizes = [c.params for c in self.conditionals]
        self.noise = max((c.noise for c in self.conditionals), default=1)
        self.kinds = list(dict.fromkeys(self.conditionals))
        numbers = {kind: number for number, kind in enumerate(self.kinds)}
        self.kind_of = [numbers[c] for c in self.conditionals]
        structures: dict[Hashable, list[int]] = {}
        for i, conditional in enumerate(self.conditionals):
            structures.setdefault(conditional.structure(), []).append(i)
        self.blocks = [self._block(members) for members in structures.values()]
        self._fillers = torch.tensor([c.filler for c in self.conditionals] if missing else [], dtype=torch.float64)

    def _block(self, members: list[int]) -> Block:
        starts, widths = _starts(self.input_sizes), [c.width for c in self.conditionals]
        return Block(
            stack([self.conditionals[i] for i in members]),
            _index(members),
            _index([starts[i] + j for i in members for j in range(widths[i])]),
            _index(_columns(members, self.param_sizes)),
            len(members),
            _index([starts[i + 1] - 1 for i in members]) if self.missing else None,
        )

    def part(self, variables: Sequence[int]) -> "Layout":
        """Return the layout of some of the variables."""
        return Layout([self.conditionals[i] for i in variables], self.missing)

    def encode(self, x: Tensor) -> Tensor:
        """Turn values ``(*, D)`` into network inputs ``(*, sum(input_sizes))``; NaN is missing, if that may be."""
        if not self.missing:
            return self._codes(x)
        observed = ~x.isnan()
        return self._flagged(x, observed, ~observed)

    def encode_evidence(self, x: Tensor, observed: Tensor) -> Tensor:
        """Turn evidence into network inputs: ``(code(x) o, o)`` of each variable, with o for observed.

        Args:
            x: Values, shape ``(*, D)``; those not observed are not read. NaN is never observed.
            observed: Boolean, broadcasts with ``x``.

        Returns:
            Shape ``(*, sum(input_sizes))``.

        Raises:
            ValueError: If this is not a layout of values that may be missing.
        """
        if not self.missing:
            raise ValueError("missing: expected a layout with missing=True, got one without; it has no flags.")
        x, observed = torch.broadcast_tensors(x, observed)
        known = observed & ~x.isnan()
        return self._flagged(x, known, known)

    def _flagged(self, x: Tensor, known: Tensor, flags: Tensor) -> Tensor:
        return self._codes(torch.where(known, x, self._fillers.to(x)), known, flags)

    def _codes(self, x: Tensor, known: Tensor | None = None, flags: Tensor | None = None) -> Tensor:
        """Codes of values in the support; multiplied by ``known`` and joined by flags where cells may be missing."""
        if len(self.blocks) == 1 and flags is None:
            return self.blocks[0].conditional.encode(x).flatten(-2)
        out = x.new_zeros(*x.shape[:-1], sum(self.input_sizes))
        for block in self.blocks:
            code = block.conditional.encode(x[..., block.variables])
            if known is not None:
                code = code * known[..., block.variables].unsqueeze(-1)
            out[..., block.inputs] = code.flatten(-2)
            if flags is not None and block.flags is not None:
                out[..., block.flags] = flags[..., block.variables].to(out.dtype)
        return out

    def encode_drawn(self, kind: int, values: Tensor) -> Tensor:
        """Turn values ``(*, n)`` of variables of one kind into their inputs, ``(*, n, width)``, flags included."""
        codes = self.kinds[kind].encode(values)
        return functional.pad(codes, (0, 1)) if self.missing else codes

    def log_prob(self, raw: Tensor, x: Tensor) -> Tensor:
        """Return ``log p(x_i | θ_i)`` of every variable, shape ``(*, D)``, for raw ``(*, sum(param_sizes))``."""
        gaps = x.isnan() if self.missing else None
        if gaps is not None:
            x = torch.where(gaps, self._fillers.to(x), x)
        logs = self._gather([b.conditional.log_prob(_raw(b, raw), x[..., b.variables]) for b in self.blocks])
        return logs if gaps is None else logs.masked_fill(gaps, 0.0)

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
        """Return which inputs are scaled besides being centred, shape ``(sum(input_sizes),)``; flags never are."""
        flag = (False,) if self.missing else ()
        return torch.tensor([s for c in self.conditionals for s in (*c.scaled_inputs, *flag)], dtype=torch.bool)

    def in_support(self, x: Tensor) -> Tensor:
        """Return for every value whether its conditional allows it, or it is missing and may be, shape ``(*, D)``."""
        if not self.blocks:
            return torch.ones_like(x, dtype=torch.bool)
        allowed = self._gather([b.conditional.support.check(x[..., b.variables]) for b in self.blocks])
        return allowed | x.isnan() if self.missing else allowed


def _raw(block: Block, raw: Tensor) -> Tensor:
    return raw[..., block.params].unflatten(-1, (block.size, block.conditional.params))


def _starts(sizes: list[int]) -> list[int]:
    return [0, *accumulate(sizes)]


def _columns(members: list[int], sizes: list[int]) -> list[int]:
    starts = _starts(sizes)
    return [column for i in members for column in range(starts[i], starts[i + 1])]


def _index(columns: list[int]) -> Index:
    """Use a slice, which makes a view, where the columns are contiguous."""
    if columns and columns == list(range(columns[0], columns[-1] + 1)):
        return slice(columns[0], columns[-1] + 1)
    return torch.tensor(columns, dtype=torch.long)
