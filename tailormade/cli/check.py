"""``tailormade check``: is the model what it claims to be?"""

from dataclasses import asdict
from typing import Any

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed

_NUMBERS = ("normalised", "sampler", "save and load")  # checks that go through all values of a variable


def check(model: Model, seed: FixedSeed = 0, as_json: Json = False, quiet: Quiet = False) -> int:
    """Verify MODEL, one line for each property; exit status 1 if one fails.

    Zeros on the Jacobian and paths through the masks, probabilities that add up to 1, samples against log_prob, a saved
    and loaded copy. Where columns hold numbers, whose values cannot be enumerated, the checks that need it are skipped.
    Of a model of a table it is measured, too, how far its answers agree: the joint density of a row and the marginal of
    some columns times the conditional of the others, on rows drawn from it. That informs, and fails only if not finite.

    Example: tailormade check m
    """
    import tailormade as tm
    from tailormade.verify import (
        check_agreement,
        check_autoregressive,
        check_normalised,
        check_round_trip,
        check_sampler,
    )

    density, seed = tm.load(model), reproducible_seed(seed)
    checks = [check_autoregressive(density, seed=seed)]
    skipped = () if all(c.cardinality is not None for c in density.layout.conditionals) else _NUMBERS
    if not skipped:
        checks += [one(density, seed=seed) for one in (check_normalised, check_sampler, check_round_trip)]
    checks += [check_agreement(density, seed=seed)] if density.missing else []
    lines = [str(c) for c in checks if not (quiet and c)]
    lines += [f"skipped {name:<15} not enumerable" for name in skipped if not quiet]
    found: list[dict[str, Any]] = [asdict(c) for c in checks]
    found += [{"name": name, "passed": None, "figure": "skipped: not enumerable"} for name in skipped]
    emit({"passed": all(checks), "checks": found}, "\n".join(lines), as_json)
    return 0 if all(checks) else 1
