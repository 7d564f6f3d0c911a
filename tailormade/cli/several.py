"""The command started several times, by ``torchrun`` or ``accelerate launch``: the work is divided, and one speaks.

Process 0 prints, shows progress and writes. The others are silent, and have nothing to do in a verb that does not
divide its work. An error that all have is said by whichever comes to it first.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout

DIVIDED = ("fit", "score", "sample")  # verbs that share their work


def is_idle(arguments: Sequence[str]) -> bool:
    """Return whether this process has nothing to do, as process 0 does all of it."""
    if not started_together() or (arguments and arguments[0] in DIVIDED):
        return False
    from tailormade.processes import rank

    return rank() > 0


def started_together() -> bool:
    """Return whether several processes were started; known without torch, which takes long to import."""
    return os.environ.get("WORLD_SIZE", "1") != "1"


@contextmanager
def one_speaks() -> Iterator[None]:
    """Keep all but process 0 silent inside a ``with`` block."""
    if not started_together():
        yield
        return
    from tailormade.processes import rank

    if rank() == 0:
        yield
        return
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def has_been_said(message: str) -> bool:
    """Return whether another process has said this already."""
    if not started_together():
        return False
    from tailormade.processes import first_to_say

    return not first_to_say(message)
