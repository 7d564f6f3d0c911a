"""The seed of one draw, for distributions whose parts draw from torch's default generators."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tailormade.random import fresh_seed, seeded


def draw_seed(generator: torch.Generator | None) -> int:
    """Return a seed drawn from a generator, torch's default one if ``None``.

    Raises:
        TypeError: If it is no generator.

    Example:
        >>> draw_seed(torch.Generator().manual_seed(1)) == draw_seed(torch.Generator().manual_seed(1))
        True
    """
    if generator is None:
        return fresh_seed()
    if not isinstance(generator, torch.Generator):
        raise TypeError(
            f"generator: expected a torch.Generator or None, got {type(generator).__name__}; "
            "torch.Generator().manual_seed(0) makes one of a seed."
        )
    return int(torch.randint(2**62, (), generator=generator, device=generator.device))


@contextmanager
def seeded_by(generator: torch.Generator | None) -> Iterator[None]:
    """Run a block whose draws a generator decides, as torch's own distributions take none.

    With ``None`` the block uses, and advances, torch's default generators; else it leaves them as they are.

    Example:
        >>> before = torch.get_rng_state()
        >>> with seeded_by(torch.Generator().manual_seed(1)):
        ...     _ = torch.rand(3)
        >>> torch.equal(before, torch.get_rng_state())
        True
    """
    with seeded(None if generator is None else draw_seed(generator)):
        yield
