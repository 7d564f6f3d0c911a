"""Progress of long work, on stderr: a bar with rate and time left on a terminal, now and then a line elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

_LINE_SECONDS = 15.0  # how often a log that is no terminal gets a line


class Progress:
    """Show how far a loop is.

    Args:
        label: What is being done.
        total: Number of steps.
        unit: What a step is called.
        done: Steps that were done before, and do not count for the rate.
        enabled: Show nothing if false.

    Example:
        >>> with Progress("sampling", 3, "rows", enabled=False) as progress:
        ...     progress.advance(3)
    """

    def __init__(self, label: str, total: int, unit: str, *, done: int = 0, enabled: bool = True) -> None:
        self.label, self.total, self.unit = label, total, unit
        self._before, self._done, self._note = done, done, ""
        self._start = time.monotonic()
        self._last_line = self._start
        self._bar: Any = None
        self._enabled = enabled
        self._terminal = enabled and sys.stderr.isatty()

    def __enter__(self) -> Self:
        """Start the bar."""
        if self._terminal:
            self._bar = _bar()
            self._task = self._bar.add_task(self.label, total=self.total, completed=self._done, note="", rate="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bar."""
        if self._bar is not None:
            self._bar.stop()

    def advance(self, steps: int = 1, note: str | None = None) -> None:
        """Count steps as done.

        Args:
            steps: How many.
            note: What to show beside the bar from now on.
        """
        self._done += steps
        self._note = self._note if note is None else note
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, note=self._note, rate=self._rate())
        elif self._enabled and time.monotonic() - self._last_line > _LINE_SECONDS:
            self._last_line = time.monotonic()
            print(self._line(), file=sys.stderr, flush=True)

    def _rate(self) -> str:
        return f"{(self._done - self._before) / max(time.monotonic() - self._start, 1e-9):.3g} {self.unit}/s"

    def _line(self) -> str:
        left = (time.monotonic() - self._start) / max(self._done - self._before, 1) * (self.total - self._done)
        text = f"{self.label} {self._done}/{self.total} {self.unit}, {self._rate()}, {left:.0f} s left"
        return f"{text}  {self._note}".rstrip()


def _bar() -> Any:  # noqa: ANN401 - rich is imported only where a bar is shown
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
