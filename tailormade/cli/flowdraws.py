"""``tailormade sample`` of a flow: what is given, how it is answered, and rows put where the user wants them."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import emit, say
from tailormade.cli.evidence import PARTICLES, POOR

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from tailormade.flows import FlowDistribution, FlowGiven
    from tailormade.progress import Progress
    from tailormade.rowfile import Array

_BLOCK = 1000  # rows drawn at once, always, so that what comes first does not depend on how many are asked for
_FILES = (".npy", ".csv")


def sample_flow(
    density: "FlowDistribution",
    n: int,
    out: Path | None,
    given: str | None,
    particles: int | None,
    seed: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw rows of a flow, and write or print them.

    Args:
        density: The flow's, at one context.
        n: Number of rows, for each row of evidence.
        out: A file, or ``None`` for stdout.
        given: Evidence, as typed.
        particles: Weighted draws behind the rows given single values.
        seed: Fixes the draws.
        as_json: Print JSON.
        quiet: Print nothing but the result.

    Raises:
        ValueError: If the evidence cannot be read, or cannot occur.
    """
    import numpy as np

    from tailormade.cli.draws import put_rows
    from tailormade.cli.flowpictures import draw_drawn, rows_for
    from tailormade.progress import Progress
    from tailormade.queries.observed import variable_names
    from tailormade.random import generator

    found = [] if given is None else answers(density, given, particles or PARTICLES, seed)
    if particles is not None and not any(bool(answer.known.observed.any()) for answer in found):
        raise ValueError("particles: says how to answer single values; rows given a question are exact: leave it out.")
    notes = _tell(found, density.flow.features, quiet=quiet) if found else {}
    sources: Sequence[FlowDistribution | FlowGiven] = found or [density]
    names, total = variable_names(density.flow), n * len(sources)
    picture = out is not None and out.suffix == ".png"
    each = rows_for(density, n, given) if picture else n
    kind = np.dtype("float64" if given else str(density.flow.value_dtype).removeprefix("torch."))
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with Progress("sample", each * len(sources), "rows", enabled=shown) as bar:
        blocks = _taken(sources, each, generator(seed, "sample"), bar)
        if picture and out is not None:
            from tailormade.plots import save_figure

            save_figure(draw_drawn(density, np.concatenate(list(blocks)), n, given), out)
        else:
            put_rows(out, blocks, names, [kind] * len(names), total, notes if as_json else None)
    if out is not None:
        emit({"out": str(out), "rows": total, "seed": seed, **notes}, "", as_json)
        say(f"wrote {total} rows to {out} (seed {seed})", quiet)


def _taken(
    sources: "Sequence[FlowDistribution | FlowGiven]", n: int, generator: "Generator", bar: "Progress"
) -> "Iterator[Array]":
    """Take n complete rows from each source."""
    for source in sources:
        for start in range(0, n, _BLOCK):
            rows = source.sample((_BLOCK,), generator=generator)[: n - start]
            yield (source.fill(rows) if hasattr(source, "fill") else rows).cpu().numpy()
            bar.advance(len(rows))


def answers(density: "FlowDistribution", text: str, particles: int, seed: int) -> "list[FlowGiven]":
    """Return what a flow becomes for each row of evidence, or for a question.

    Args:
        density: The flow's, at one context.
        text: ``'NAME=VALUE,...'``, a file, or a question, which may have single values in it.
        particles: Weighted draws, where answers are estimated.
        seed: Fixes them.

    Raises:
        ValueError: If the text is none of these, or what it says cannot occur.
    """
    from tailormade.cli.questions import plain
    from tailormade.queries import PoorEvidenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PoorEvidenceWarning)  # one for all rows comes instead
        if not is_question(text):
            rows, observed = _values(density, text)
            return [density.given(row, observed, particles=particles, seed=seed) for row in rows]
        try:
            return [density.given(text, particles=particles, seed=seed)]
        except ValueError as error:
            raise ValueError(plain(str(error), text, "given")) from None


def _values(density: "FlowDistribution", text: str) -> "tuple[Tensor, Tensor]":
    """Read rows of single values ``(rows, D)``, and which are observed ``(D,)``."""
    import torch

    from tailormade.cli.given import read_given

    rows = read_given(text, density.flow)
    observed = torch.zeros(density.flow.features, dtype=torch.bool)
    observed[rows.observed] = True
    if bool(observed.all()) or not bool(observed.any()):
        found = "all of them" if bool(observed.all()) else "none"
        raise ValueError(f"given: expected some of the {len(observed)} columns, got {found}; leave one to be drawn.")
    values = torch.from_numpy(rows.values)
    if not bool(values[:, observed].isfinite().all()):
        raise ValueError("given: expected finite numbers as values, got NaN or infinity.")
    return values, observed


def is_question(text: str) -> bool:
    """Return whether evidence is neither a file nor ``'NAME=VALUE,...'``."""
    return not text.endswith(_FILES) and not all(_is_assignment(word) for word in text.split(","))


def _is_assignment(word: str) -> bool:
    name, equals, value = word.partition("=")
    return bool(equals) and not value.startswith("=") and not name.endswith(("<", ">", "!"))


def _tell(found: "Sequence[FlowGiven]", features: int, *, quiet: bool) -> dict[str, Any]:
    """Say how evidence is answered; return what ``--json`` says of it."""
    first = found[0]
    share, seen = first.share, int(first.known.observed.sum())
    if share is not None:
        values = f"given {seen} of {features} variables, the rest of " if seen else ""
        say(
            f"{values}what is given has probability {share:.4g} ± {share.standard_error:.2g} under the model; rows are "
            "exact",
            quiet,
        )
        return {"exact": True, "given_probability": float(share), "given_probability_error": share.standard_error}
    beside = "" if first.known.question is None else " and a condition"
    effective = min(float(answer.effective_sample_size) for answer in found)
    worst = "" if len(found) == 1 else f", the least of {len(found)} rows"
    how = f"estimated from {first.particles} weighted draws (effective sample size {effective:.1f}{worst})"
    say(f"given {seen} of {features} variables{beside}: {'exact' if first.exact else how}", quiet)
    if effective < POOR:
        _warn(first.particles, effective)
    log, error = float(first.log_evidence.detach()), float(first.log_evidence_error)
    single = {"log_evidence": log, "log_evidence_error": error} if len(found) == 1 else {}
    return {"exact": first.exact, "effective_sample_size": None if first.exact else effective, **single}


def _warn(drawn: int, effective: float) -> None:
    from tailormade.queries import PoorEvidenceWarning

    text = (
        f"of {drawn} weighted draws {effective:.1f} are worth something: rows repeat, and may miss much of what is "
        "likely. Raise --particles, or give values nearer to the data."
    )
    warnings.warn(text, PoorEvidenceWarning, stacklevel=2)
