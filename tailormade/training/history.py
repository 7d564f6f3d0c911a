"""What happened, epoch by epoch."""

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tailormade.files import write_atomically

COLUMNS = ("epoch", "train_nll", "valid_nll", "learning_rate", "seconds")


@dataclass(repr=False)
class History:
    """Record a fit.

    Attributes:
        records: One dict for each epoch: epoch (from 1), train_nll and valid_nll in nats a row (valid_nll ``None``
            without validation rows), learning_rate at its end, seconds since the start. With several orders the
            figures are means over orders of a single order's NLL, an upper bound of the mixture's; valid_nll of an
            ensemble is that of its mixture.
        best_epoch: Epoch whose weights the model has; ``None`` before the first.
        seed: The seed that was used.
        stopped: Why the fit ended: ``'max_epochs'``, ``'patience'``, ``'interrupted'``, or ``None`` while it runs.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int | None = None
    seed: int | None = None
    stopped: str | None = None

    @property
    def best_nll(self) -> float | None:
        """Validation NLL (training NLL without validation rows) of the best epoch, in nats."""
        if self.best_epoch is None:
            return None
        return _criterion(self.records[self.best_epoch - 1])

    def __repr__(self) -> str:
        """Say how many epochs there were, which was best, how long it took and why it ended; not every record."""
        if not self.records:
            return "History(no epochs)"
        parts = [f"{len(self.records)} epochs in {self.records[-1]['seconds']:.1f} s"]
        if self.best_epoch is not None and self.best_nll is not None:
            which = "train" if self.records[self.best_epoch - 1]["valid_nll"] is None else "valid"
            parts.append(f"best epoch {self.best_epoch} with {which}_nll={self.best_nll:.4g}")
        return f"History({', '.join(parts)}, stopped={self.stopped!r}, seed={self.seed})"

    def add(self, record: dict[str, Any]) -> bool:
        """Append an epoch and return whether it is the best so far.

        Without validation rows the last epoch counts as best, since the training rows cannot tell.
        """
        best = self.best_nll
        self.records.append(record)
        better = best is None or record["valid_nll"] is None or _criterion(record) < best
        if better:
            self.best_epoch = record["epoch"]
        return better

    def jsonl(self) -> str:
        """Return the records as JSON lines."""
        return "".join(json.dumps(record) + "\n" for record in self.records)

    def csv(self) -> str:
        """Return the records as CSV."""
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.records)
        return out.getvalue()

    def write(self, folder: Path) -> None:
        """Write ``history.jsonl`` and ``history.csv`` into a folder, each in one step."""
        write_atomically(folder / "history.jsonl", self.jsonl().encode())
        write_atomically(folder / "history.csv", self.csv().encode())


def read_history(folder: Path) -> History:
    """Read the history that a fit left in its model folder.

    Raises:
        ValueError: If there is none, or it cannot be read.
    """
    file = folder / "history.jsonl"
    if not file.is_file():
        raise ValueError(f"{folder}: expected a history.jsonl, written by fit at its checkpoints and end; found none.")
    history = History()
    try:
        for line in file.read_text().splitlines():
            history.add(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: cannot be read as JSON lines of a fit ({error}).") from None
    return history


def _criterion(record: dict[str, Any]) -> float:
    value = record["train_nll"] if record["valid_nll"] is None else record["valid_nll"]
    return float(value)
