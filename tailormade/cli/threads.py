"""How many threads a fit computes with.

A step costs about six multiplications for each parameter and row. Where that is little, threads wait for each other
longer than they compute, the more so on a busy machine, and one thread is fastest.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_SMALL_STEP = 5e7  # parameters times rows, up to which one thread is used


@contextmanager
def use_threads(asked: int | None, parameters: int, rows: int) -> Iterator[int]:
    """Set the number of torch's threads inside a ``with`` block.

    Args:
        asked: How many; if ``None``, one where a step is small, unless OMP_NUM_THREADS says how many, else as many as
            torch uses now.
        parameters: Of the network.
        rows: In a step.

    Yields:
        The number of threads.
    """
    import torch

    before = torch.get_num_threads()
    small = parameters * rows < _SMALL_STEP and "OMP_NUM_THREADS" not in os.environ
    torch.set_num_threads(asked or (1 if small else before))
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
