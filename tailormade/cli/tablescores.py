"""Log-likelihoods of the rows of a table, of a file of any size: by row, and by column.

``log p(x) = Σ_i log p(x_i | x_<i)`` (1): each column's mean term says what it is worth, and the terms add up to the
log-likelihood of the first order.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from tailormade.density import MADE
    from tailormade.estimator import TableDensity
    from tailormade.training import Scores
    from tailormade.training.likelihood import Component


class Digest:
    """Recognise rows that were seen before, however they are divided into blocks."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, x: Any) -> None:  # noqa: ANN401 - encoded rows, a tensor or an array
        """Take rows in."""
        import numpy as np

        self._hash.update(np.ascontiguousarray(x, dtype=np.float64).tobytes())

    def value(self) -> str:
        """Return the hash of all rows so far."""
        return self._hash.hexdigest()


def score_table(
    density: "TableDensity", data: Path, orders: "Sequence[Component]", *, columns: bool, quiet: bool
) -> "tuple[Scores, list[float], bool]":
    """Score the rows of a file block by block.

    Args:
        density: What they are scored by.
        data: The file.
        orders: Components to average over.
        columns: Whether terms are wanted, which takes another pass.
        quiet: Show no progress.

    Returns:
        Scores of all rows, the mean term (1) of each column (0 if not wanted), and whether the fit has seen these rows.

    Raises:
        ValueError: If the file or a value does not fit.
    """
    import numpy as np
    import torch

    from tailormade.cli.tables import count_rows, read_blocks
    from tailormade.processes import team
    from tailormade.progress import Progress
    from tailormade.training import Scores, score

    parts, sums, digest = [], np.zeros(density.model.features), Digest()
    with team() as together, Progress("score", count_rows(data), "rows", enabled=not quiet) as bar:
        for block in read_blocks(density, data):
            parts.append(score(density.model, block.x, block.context, components=orders, team=together).components)
            if columns and together.first:
                sums += len(block.x) * np.array(mean_terms(density.model, block.x, block.context))
            digest.add(block.x)
            bar.advance(len(block.x))
    scores = Scores(torch.cat(parts, 1), density.model.features)
    seen = digest.value() in density.model.metadata.get("fitted_rows", [])
    return scores, (sums / len(scores.rows)).tolist(), seen


def all_coded(density: "TableDensity") -> bool:
    """Return whether all columns are categories: only then are bits independent of the columns' units."""
    return all(column.coded for column in density.schema.variables)


def mean_terms(model: "MADE", x: "Tensor", context: "Tensor | None", size: int = 1000) -> list[float]:
    """Return the mean over rows of each term of (1) under the first order; a missing cell has a term of 0."""
    import torch

    total = torch.zeros(model.features, dtype=torch.float64)
    with torch.no_grad():
        for start in range(0, len(x), size):
            c = None if context is None else context[start : start + size]
            total += model.conditional_log_probs(x[start : start + size], c, model.table[0]).double().sum(0)
    return (total / len(x)).tolist()


def columns_csv(names: Iterable[str], terms: Iterable[float]) -> str:
    """Write a line for each column with its mean term."""
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("column", "log_likelihood"), *zip(names, terms, strict=True)])
    return text.getvalue()
