"""What is said of a file that cannot be read: one line, with the file, the reason and what was expected."""

import zipfile
import zlib
from pathlib import Path
from types import TracebackType

ADVICE = {
    "CSV": "expected UTF-8 text, and the same number of cells, separated by commas, in every row",
    "Parquet": "it may be truncated",
    "NumPy archive": "expected arrays of numbers or text, nothing pickled",
}


class Reading:
    """Turn whatever a reader raises within the ``with`` block into one line about the file.

    Args:
        path: The file.
        kind: One of ``ADVICE``.

    Raises:
        ValueError: If the reader raised anything.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self.path, self.kind = path, kind

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise a ValueError for errors of the reader."""
        import pyarrow as pa

        wrong = (pa.ArrowException, OSError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError)
        archive = self.kind == "NumPy archive" and isinstance(error, ValueError)
        if isinstance(error, wrong) or archive:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ValueError(f"{self.path}: cannot be read as {self.kind} ({reason}); {ADVICE[self.kind]}.") from None
