"""Several processes that do one job together, on one machine or many.

``torchrun`` and ``accelerate launch`` start the same program several times and tell each copy, by environment
variables, how many there are and which one it is (its rank). Here the copies find each other, divide rows among
themselves and add up or collect what each of them found. Whoever starts a program alone is a team of one, for whom all
of this does nothing. (``accelerate launch --cpu`` starts a single one, whatever its ``--num_processes``; for several on
CPUs take ``torchrun``.)

Every wait has an end: where a process dies, the connections to it break and the others raise
:class:`LostProcessError` at once; where one is silent, they do so after five minutes.
"""

import hashlib
import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any, overload

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

_TIMEOUT = timedelta(minutes=5)  # of any wait for the others: far longer than writing or reading a model takes
_joins = count()  # each group gets names of its own in the store, as those of an ended one stay there


class LostProcessError(RuntimeError):
    """Say that another process of the team ended, or has not answered for five minutes."""


def team_size() -> int:
    """Return how many processes were started together, by the environment.

    Example:
        >>> team_size()
        1
    """
    return _number("WORLD_SIZE", 1)


def rank() -> int:
    """Return which of them this is, from 0, by the environment."""
    return _number("RANK", 0) if team_size() > 1 else 0


def local_device(device: str) -> str:
    """Return the device of this process where ``'cuda'`` is asked for: each on a machine gets its own.

    Args:
        device: A name of torch's.

    Example:
        >>> local_device("cpu")
        'cpu'
    """
    return f"cuda:{_number('LOCAL_RANK', 0)}" if device == "cuda" and team_size() > 1 else device


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else default


class Team:
    """The processes that do one job, seen from one of them.

    All of them must make the same calls in the same order.

    Attributes:
        rank: Which one this is, from 0.
        size: How many there are.

    Args:
        rank: See above.
        size: See above.

    Example:
        >>> alone = Team()
        >>> alone.first, alone.share(torch.arange(3)).tolist()
        (True, [0, 1, 2])
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    @overload
    def share(self, rows: Tensor) -> Tensor: ...

    @overload
    def share(self, rows: Tensor | None) -> Tensor | None: ...

    def share(self, rows: Tensor | None) -> Tensor | None:
        """Return this process's part of rows ``(N, *)``: consecutive ones, as many as others have, or one more."""
        return rows if self.size == 1 or rows is None else rows.tensor_split(self.size)[self.rank]

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over the processes, those of one type in a single message."""
        if self.size == 1:
            return
        for kind in sorted({str(t.dtype) for t in tensors}):
            same = [t for t in tensors if str(t.dtype) == kind]
            flat = torch.cat([t.detach().reshape(-1) for t in same])
            with _reported():
                dist.all_reduce(flat)
            parts = flat.split([t.numel() for t in same])
            with torch.no_grad():
                for tensor, part in zip(same, parts, strict=True):
                    tensor.copy_(part.view_as(tensor))

    def collect(self, rows: Tensor) -> list[Tensor]:
        """Return the rows ``(N, *)`` of every process, by rank; how many may differ, the rest of the shape not."""
        if self.size == 1:
            return [rows]
        lengths = self._gather(torch.tensor([len(rows)], device=_place(rows)))
        longest = max(int(n) for n in lengths)
        padded = rows.new_zeros((longest, *rows.shape[1:]), device=_place(rows))
        padded[: len(rows)] = rows
        return [block[: int(n)].to(rows.device) for block, n in zip(self._gather(padded), lengths, strict=True)]

    def _gather(self, tensor: Tensor) -> list[Tensor]:
        found = [torch.empty_like(tensor) for _ in range(self.size)]
        with _reported():
            dist.all_gather(found, tensor)
        return found

    def take_firsts(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by that of process 0."""
        if self.size > 1:
            for tensor in tensors:
                sent = tensor.detach().to(_place(tensor)).contiguous()
                with _reported():
                    dist.broadcast(sent, 0)
                with torch.no_grad():
                    tensor.copy_(sent)

    def firsts_number(self, number: float) -> Any:  # noqa: ANN401 - of the type that went in
        """Return process 0's number, an integer or a float."""
        held = torch.tensor([number], dtype=torch.int64 if isinstance(number, int) else torch.float64)
        self.take_firsts([held])
        return held.item()

    def check_same(self, name: str, value: str, advice: str) -> None:
        """Check that all processes have the same value.

        Args:
            name: Of the argument that it comes from.
            value: As text.
            advice: What to do about it.

        Raises:
            ValueError: On every process, if one has another.
        """
        digest = torch.frombuffer(bytearray(hashlib.sha256(value.encode()).digest()), dtype=torch.uint8)
        found = self.collect(digest[None])
        others = [i for i, other in enumerate(found) if not torch.equal(other, found[0])]
        if others:
            raise ValueError(
                f"{name}: expected the same on every process, got another on process {others[0]}. {advice}"
            )


ALONE = Team()  # a process that was started by itself


@contextmanager
def team() -> Iterator[Team]:
    """Find the other processes for a ``with`` block.

    A process group that is there already is used and left alone; otherwise one is made if the environment says that
    there are several processes (gloo, and nccl for tensors on CUDA), and ended after the block.

    Yields:
        The team; of one process, if it was started alone.

    Raises:
        LostProcessError: If the others do not come within five minutes.

    Example:
        >>> with team() as together:
        ...     together.size
        1
    """
    if dist.is_available() and dist.is_initialized():
        yield Team(dist.get_rank(), dist.get_world_size())
        return
    if team_size() == 1:
        yield ALONE
        return
    with _reported():
        store, own, size = _meeting()
        # Functions of torch's, imported by its optimisers, keep the group that is there when they are defined; its
        # threads would then live on, and end the program with an abort if one still works as Python shuts down.
        importlib.import_module("torch.distributed.nn.functional")
        kept = dist.distributed_c10d.PrefixStore(f"tailormade/{next(_joins)}", store)
        kind = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(kind, store=kept, rank=own, world_size=size, timeout=_TIMEOUT)
    try:
        yield Team(own, size)
    finally:
        if dist.is_initialized():  # the block may have ended it
            dist.destroy_process_group()


def first_to_say(what: str) -> bool:
    """Return whether no other process has said this before; true if that cannot be found out.

    Args:
        what: A name of what is said.
    """
    if team_size() == 1:
        return True
    try:
        return _meeting()[0].add(f"said/{what}", 1) == 1
    except RuntimeError:  # the process that kept the count is gone
        return True


@cache
def _meeting() -> tuple[Any, int, int]:
    """Where the processes leave word for each other, this one's rank, and their number."""
    return next(rendezvous("env://", timeout=_TIMEOUT))


def _place(tensor: Tensor) -> torch.device:
    """Where a tensor can be sent from: the CPU, by gloo, or its own CUDA device, by nccl."""
    return tensor.device if tensor.device.type in ("cpu", "cuda") else torch.device("cpu")


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # what gloo and nccl raise when a connection breaks or a wait is too long
        raise LostProcessError(
            f"process {rank()} of {team_size()}: another process has ended, or has not answered for "
            f"{_TIMEOUT.seconds // 60} minutes."
        ) from error
