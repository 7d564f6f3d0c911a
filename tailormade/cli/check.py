"""``tailormade check``: is the model what it claims to be?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed

if TYPE_CHECKING:
    from tailormade.density import MADE
    from tailormade.flows import Flow
    from tailormade.verify import Check

_NUMBERS = ("normalised", "sampler")  # checks that go through all values of a variable


def check(model: Model, seed: FixedSeed = 0, as_json: Json = False, quiet: Quiet = False) -> int:
    """Verify MODEL, one line for each property; exit status 1 if one fails.

    Zeros on the Jacobian and paths through the masks, probabilities that add up to 1, samples against log_prob, a saved
    and loaded copy. Where columns hold numbers, whose values cannot be enumerated, the checks that need it are skipped.
    Of a model of a table it is measured, too, how far its answers agree: the joint density of a row and the marginal of
    some columns times the conditional of the others, on rows drawn from it. That informs, and fails only if not finite.

    A flow's two directions must be inverse to each other, and its log-determinant that of its Jacobian; the density of
    one or two variables is integrated.

    Example: tailormade check m
    """
    import tailormade as tm
    from tailormade.verify.check import is_flow

    density, seed = tm.load(model), reproducible_seed(seed)
    checks, skipped = _flow(density, seed) if is_flow(density) else _made(density, seed)
    lines = [str(c) for c in checks if not (quiet and c)]
    lines += [f"skipped {name:<15} {why}" for name, why in skipped.items() if not quiet]
    found: list[dict[str, Any]] = [asdict(c) for c in checks]
    found += [{"name": name, "passed": None, "figure": f"skipped: {why}"} for name, why in skipped.items()]
    emit({"passed": all(checks), "checks": found}, "\n".join(lines), as_json)
    return 0 if all(checks) else 1


def _made(density: "MADE", seed: int) -> "tuple[list[Check], dict[str, str]]":
    """The checks of a MADE, and those that are skipped, with the reason."""
    from tailormade.verify import (
        check_agreement,
        check_autoregressive,
        check_normalised,
        check_round_trip,
        check_sampler,
    )

    checks = [check_autoregressive(density, seed=seed)]
    numbers = any(c.cardinality is None for c in density.layout.conditionals)
    if not numbers:
        checks += [one(density, seed=seed) for one in (check_normalised, check_sampler)]
    checks.append(check_round_trip(density, seed=seed))
    checks += [check_agreement(density, seed=seed)] if density.missing else []
    return checks, dict.fromkeys(_NUMBERS if numbers else (), "not enumerable")


def _flow(density: "Flow", seed: int) -> "tuple[list[Check], dict[str, str]]":
    """The checks of a flow, and the one that is skipped where it has too many variables."""
    from tailormade.verify import verify

    integrated = density.features <= 2
    return verify(density, seed=seed), {} if integrated else {"normalised": "integrated up to 2 variables only"}
