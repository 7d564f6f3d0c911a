r"""Evidence as an input: how one network at one order answers for any pattern of known and missing cells.

A model of incomplete rows has, beside its autoregressive inputs, a second copy of all variables that enters as
context does, by degree 0: ``e_i = (code(x_i) o_i, o_i)`` (1), where ``o_i`` says whether variable i is evidence. Its
conditionals are ``p(x_i | x_<i, e)`` (2) with the product over the variables that are not evidence, a density of them
for every pattern o. A cell that is neither known nor asked for is missing: its code is 0 and its flag 1 among the
autoregressive inputs (3), and its term is left out. So rows with different patterns share one batch, one order and one
set of masks. In training, patterns are drawn at random; a third of the rows are shown as they are, without evidence.

Thilo Strauss, Junier B. Oliva, "Arbitrary Conditional Distributions with Energy", 2021, feed evidence in this way;
Oleg Ivanov, Michael Figurnov, Dmitry Vetrov, "Variational Autoencoder with Arbitrary Conditioning", 2019, draw
patterns so.
"""

import torch
from torch import Tensor

from tailormade.conditionals import Layout

_AS_THEY_ARE = 1 / 3  # share of training rows without evidence or dropped cells
_DROPPED = 0.5  # share of the others where what is not evidence is partly dropped


def flag_columns(layout: Layout) -> Tensor:
    """Return which inputs are flags, boolean, shape ``(sum(input_sizes),)``."""
    ends = torch.tensor(layout.input_sizes).cumsum(0) - 1
    flags = torch.zeros(sum(layout.input_sizes), dtype=torch.bool)
    flags[ends] = True
    return flags


def evidence_inputs(layout: Layout, x: Tensor, observed: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Return (1), codes centred and scaled as the autoregressive inputs are.

    Args:
        layout: The conditionals.
        x: Values, shape ``(*, D)``; those that are not evidence are not read.
        observed: Which are evidence, boolean, broadcasts with ``x``.
        shift: Subtracted from codes, shape ``(sum(input_sizes),)``.
        scale: Divides them.
    """
    codes = layout.encode_evidence(x, observed).to(shift.dtype)
    sizes = torch.tensor(layout.input_sizes, device=observed.device)
    seen = observed.repeat_interleave(sizes, -1)
    centred = (codes - shift) / scale
    return torch.where(flag_columns(layout).to(x.device), codes, torch.where(seen, centred, 0.0))


def training_patterns(x: Tensor, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Draw what a training batch is asked.

    Args:
        x: Rows with NaN where nothing was recorded, shape ``(n, D)``.
        generator: Source of the patterns, on the CPU.

    Returns:
        The rows with some more cells missing, and which of the others are evidence, boolean; both ``(n, D)``.
    """
    rate, kind, drop, cell, other = (
        t.to(x.device) for t in torch.rand(5, *x.shape, generator=generator).split([1, 1, 1, 1, 1])
    )
    rate, kind, drop, cell, other = rate[0, :, :1], kind[0, :, :1], drop[0, :, :1], cell[0], other[0]
    asked = kind >= _AS_THEY_ARE
    evidence = asked & (cell < rate) & ~x.isnan()
    dropped = asked & (drop < _DROPPED) & (other < rate) & ~evidence
    return torch.where(dropped, torch.nan, x), evidence
