"""Threads over ranges of samples, safe to use from any thread and after a fork."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import torch

from tailormade.sampling.table import LANES


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="tailormade-sampling")


os.register_at_fork(after_in_child=_pool.cache_clear)  # a child has none of its parent's threads


def run_ranges(function: Callable[[int, int], None], n: int) -> None:
    """Call ``function(start, stop)`` for ranges that cover 0..n-1, on as many threads as torch uses.

    Ranges are whole numbers of lanes; below two groups of lanes for each thread, fewer threads are used.

    Args:
        function: Must release the interpreter's lock to gain anything.
        n: Number of samples.
    """
    groups = -(-n // LANES)
    threads = min(torch.get_num_threads(), groups // 2)
    if threads < 2:
        function(0, n)
        return
    cuts = [min(n, groups * i // threads * LANES) for i in range(threads + 1)]
    futures = [_pool(threads - 1).submit(function, a, b) for a, b in pairwise(cuts[1:])]
    function(cuts[0], cuts[1])
    for future in futures:
        future.result()
