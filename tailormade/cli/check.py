"""``tailormade check``: is the model what it claims to be?"""

from dataclasses import asdict

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed


def check(model: Model, seed: FixedSeed = 0, as_json: Json = False, quiet: Quiet = False) -> int:
    """Verify MODEL, one line for each property; exit status 1 if one fails.

    Zeros on the Jacobian and paths through the masks, probabilities that add up to 1, samples against log_prob, a saved
    and loaded copy.

    Example: tailormade check m
    """
    import tailormade as tm
    from tailormade.verify import verify

    checks = verify(tm.load(model), seed=reproducible_seed(seed))
    lines = [str(c) for c in checks if not (quiet and c)]
    emit({"passed": all(checks), "checks": [asdict(c) for c in checks]}, "\n".join(lines), as_json)
    return 0 if all(checks) else 1
