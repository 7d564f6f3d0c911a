"""Randomness that is either seeded and leaves no trace, or torch's own.

Streams of random numbers are named functions of a seed: ``derive(seed, 'shuffle', epoch)`` is the same whenever and
wherever it is asked for, so nothing random has to be carried along, saved or sent to another process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral

import numpy as np
import torch


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Run a block under ``torch.manual_seed(seed)`` and put torch's generators back afterwards.

    With ``seed=None`` the block uses, and advances, torch's default generator.

    Example:
        >>> before = torch.get_rng_state()
        >>> with seeded(1):
        ...     _ = torch.rand(3)
        >>> torch.equal(before, torch.get_rng_state())
        True
    """
    if seed is None:
        yield
        return
    check_seed(seed)
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


def check_seed(seed: int) -> None:
    """Check that a seed is one that numpy and torch accept.

    Raises:
        TypeError: If it is no whole number.
        ValueError: If it is not in 0..2^63-1.
    """
    if not isinstance(seed, Integral):
        raise TypeError(f"seed: expected a whole number in 0..2^63-1 or None, got {seed!r}.")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed: expected a whole number in 0..2^63-1, got {seed}.")


def fresh_seed() -> int:
    """Draw a seed from torch's default generator."""
    return int(torch.randint(2**31, ()))


def derive(seed: int, stream: str, index: int = 0) -> int:
    """Return the seed of one element of a named stream.

    Example:
        >>> derive(0, "shuffle", 3) == derive(0, "shuffle", 3) != derive(0, "order", 3)
        True
    """
    entropy = [seed, *stream.encode(), 256, index]  # 256 is no byte: it ends the name
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, stream: str, index: int = 0) -> torch.Generator:
    """Return a CPU generator at the start of one element of a named stream."""
    return torch.Generator().manual_seed(derive(seed, stream, index))
