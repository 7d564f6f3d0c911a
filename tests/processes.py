"""Several processes for tests: a script, run once for each rank as ``torchrun`` would, without its agent."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment(rank: int, size: int, port: int) -> dict[str, str]:
    """What ``torchrun`` puts into the environment of a process."""
    team = {"RANK": rank, "WORLD_SIZE": size, "LOCAL_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **{name: str(value) for name, value in team.items()}}


def start(words: list[str], size: int, folder: Path) -> list[subprocess.Popen[str]]:
    """Start python with the same words ``size`` times."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pipe = subprocess.PIPE
    return [
        subprocess.Popen(
            [sys.executable, *words], env=environment(i, size, port), cwd=folder, stdout=pipe, stderr=pipe, text=True
        )
        for i in range(size)
    ]


def ended(processes: list[subprocess.Popen[str]], seconds: float = 120) -> list[tuple[int, str, str]]:
    """Wait for all; return status, stdout and stderr of each, by rank."""
    try:
        texts = [process.communicate(timeout=seconds) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *text) for process, text in zip(processes, texts, strict=True)]


def together(words: list[str], size: int, folder: Path, seconds: float = 120) -> list[tuple[int, str, str]]:
    """Run python with the same words in ``size`` processes; return what each left, by rank."""
    return ended(start(words, size, folder), seconds)
