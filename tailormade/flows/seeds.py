"""The seed of one draw, for distributions whose parts draw from torch's default generators."""

import torch

from tailormade.random import fresh_seed


def draw_seed(generator: torch.Generator | None) -> int:
    """Return a seed drawn from a generator, torch's default one if ``None``.

    Example:
        >>> draw_seed(torch.Generator().manual_seed(1)) == draw_seed(torch.Generator().manual_seed(1))
        True
    """
    if generator is None:
        return fresh_seed()
    return int(torch.randint(2**31, (), generator=generator, device=generator.device))
