"""``tailormade sample`` of a flow: what is given, how it is answered, and rows put where the user wants them."""

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import emit, say
from tailormade.cli.evidence import PARTICLES, POOR
from tailormade.cli.flowgiven import FlowAnswer, FlowRegion, FlowRows

if TYPE_CHECKING:
    from torch import Generator

    from tailormade.flows import FlowDistribution
    from tailormade.progress import Progress
    from tailormade.queries.predicates import Expression
    from tailormade.rowfile import Array

Source = FlowRows | FlowAnswer | FlowRegion
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
    from tailormade.cli.given import variable_names
    from tailormade.progress import Progress
    from tailormade.random import generator

    if particles is not None and is_question(str(given)):
        raise ValueError("particles: says how to answer single values; rows given a question are exact: leave it out.")
    sources: Sequence[Source] = [FlowRows(density)]
    if given is not None:
        sources = answers(density, given, particles or PARTICLES, seed)
    notes = _tell(sources, density.flow.features, quiet=quiet)
    names, total = variable_names(density.flow), n * len(sources)
    kind = np.dtype("float64" if given else str(density.flow.value_dtype).removeprefix("torch."))
    shown = not quiet and (out is not None or not sys.stdout.isatty())  # a terminal shows the rows
    with Progress("sample", total, "rows", enabled=shown) as bar:
        blocks = _taken(sources, n, generator(seed, "sample"), bar)
        put_rows(out, blocks, names, [kind] * len(names), total, notes if as_json else None)
    if out is not None:
        emit({"out": str(out), "rows": total, "seed": seed, **notes}, "", as_json)
        say(f"wrote {total} rows to {out} (seed {seed})", quiet)


def _taken(sources: Sequence[Source], n: int, generator: "Generator", bar: "Progress") -> "Iterator[Array]":
    """Take n rows from each source."""
    for source in sources:
        left = n
        for rows in source.stream(generator):
            taken = rows[:left]
            if len(taken):
                yield taken.cpu().numpy()
            bar.advance(len(taken))
            left -= len(taken)
            if left == 0:
                break


def answers(density: "FlowDistribution", text: str, particles: int, seed: int) -> "list[FlowAnswer | FlowRegion]":
    """Return what a flow becomes for each row of evidence, or for a question.

    Args:
        density: The flow's, at one context.
        text: ``'NAME=VALUE,...'``, a file, or a question.
        particles: Weighted draws, where answers are estimated.
        seed: Fixes them.

    Raises:
        ValueError: If the text is none of these, or what it says cannot occur.
    """
    import torch

    from tailormade.cli.given import read_given

    if is_question(text):
        return [_region(density, text, seed)]
    rows = read_given(text, density.flow)
    observed = torch.zeros(density.flow.features, dtype=torch.bool)
    observed[rows.observed] = True
    if bool(observed.all()) or not bool(observed.any()):
        found = "all of them" if bool(observed.all()) else "none"
        raise ValueError(f"given: expected some of the {len(observed)} columns, got {found}; leave one to be drawn.")
    values = torch.from_numpy(rows.values)
    if not bool(values[:, observed].isfinite().all()):
        raise ValueError("given: expected finite numbers as values, got NaN or infinity.")
    return [FlowAnswer(density, row, observed, particles, seed) for row in values]


def is_question(text: str) -> bool:
    """Return whether evidence is neither a file nor ``'NAME=VALUE,...'``."""
    return not text.endswith(_FILES) and not all(_is_assignment(word) for word in text.split(","))


def _is_assignment(word: str) -> bool:
    name, equals, value = word.partition("=")
    return bool(equals) and not value.startswith("=") and not name.endswith(("<", ">", "!"))


def _region(density: "FlowDistribution", text: str, seed: int) -> FlowRegion:
    """Read a question, and check that it can hold."""
    from tailormade.cli.given import variable_names

    names = variable_names(density.flow)
    region = FlowRegion(density, read_question(text, names, "given"), names, seed)
    if len(region.found) == 0:
        raise ValueError(
            f"given: expected something likelier, got {text!r}, which holds for none of {region.tried} rows drawn; "
            "single values are given as COL=VALUE,... ."
        )
    return region


def read_question(text: str, names: list[str], name: str) -> "Expression":
    """Read a question about columns of numbers.

    Args:
        text: As typed.
        names: Of the columns.
        name: Of the argument, for the message.

    Raises:
        ValueError: If it is none, or does not fit the columns.
    """
    from tailormade.cli.questions import plain
    from tailormade.queries.language import parse

    try:
        question = parse(text)
        question.boxes(dict.fromkeys(names, "numbers"))
    except ValueError as error:
        raise ValueError(plain(str(error), text, name)) from None
    return question


def _tell(sources: Sequence[Source], features: int, *, quiet: bool) -> dict[str, Any]:
    """Say how evidence is answered; return what ``--json`` says of it."""
    first = sources[0]
    if isinstance(first, FlowRegion):
        share, error = first.share
        say(f"what is given has probability {share:.4g} ± {error:.2g} under the model; rows are exact", quiet)
        return {"exact": True, "given_probability": share, "given_probability_error": error}
    found = [source for source in sources if isinstance(source, FlowAnswer)]
    return _tell_weights(found, features, quiet=quiet) if found else {}


def _tell_weights(found: Sequence[FlowAnswer], features: int, *, quiet: bool) -> dict[str, Any]:
    effective = min(answer.effective_sample_size for answer in found)
    drawn, seen = found[0].particles, int(found[0].observed.sum())
    worst = "" if len(found) == 1 else f", the least of {len(found)} rows"
    say(
        f"given {seen} of {features} variables: estimated from {drawn} weighted draws (effective sample size "
        f"{effective:.1f}{worst})",
        quiet,
    )
    if effective < POOR:
        _warn(drawn, effective)
    log, error = found[0].log_evidence
    single = {"log_evidence": log, "log_evidence_error": error} if len(found) == 1 else {}
    return {"exact": False, "effective_sample_size": effective, **single}


def _warn(drawn: int, effective: float) -> None:
    from tailormade.queries import PoorEvidenceWarning

    text = (
        f"of {drawn} weighted draws {effective:.1f} are worth something: rows repeat, and may miss much of what is "
        "likely. Raise --particles, or give values nearer to the data."
    )
    warnings.warn(text, PoorEvidenceWarning, stacklevel=2)
