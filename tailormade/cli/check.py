"""``tailormade check``: is the model what it claims to be?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tailormade.cli.common import FixedSeed, Json, Model, Quiet, emit, reproducible_seed

if TYPE_CHECKING:
    from tailormade.density import MADE

_NUMBERS = ("normalised", "sampler", "save and load")  # checks that go through all values of a variable


def check(model: Model, seed: FixedSeed = 0, as_json: Json = False, quiet: Quiet = False) -> int:
    """Verify MODEL, one line for each property; exit status 1 if one fails.

    Zeros on the Jacobian and paths through the masks, probabilities that add up to 1, samples against log_prob, a saved
    and loaded copy. Where columns hold numbers, whose values cannot be enumerated, the checks that need it are skipped.

    Example: tailormade check m
    """
    import tailormade as tm
    from tailormade.verify import check_autoregressive, check_normalised, check_round_trip, check_sampler

    density, seed = tm.load(model), reproducible_seed(seed)
    checks = [check_autoregressive(_evidence_as_context(density), seed=seed)]
    skipped = () if all(c.cardinality is not None for c in density.layout.conditionals) else _NUMBERS
    if not skipped:
        checks += [one(density, seed=seed) for one in (check_normalised, check_sampler, check_round_trip)]
    lines = [str(c) for c in checks if not (quiet and c)]
    lines += [f"skipped {name:<15} not enumerable" for name in skipped if not quiet]
    found: list[dict[str, Any]] = [asdict(c) for c in checks]
    found += [{"name": name, "passed": None, "figure": "skipped: not enumerable"} for name in skipped]
    emit({"passed": all(checks), "checks": found}, "\n".join(lines), as_json)
    return 0 if all(checks) else 1


def _evidence_as_context(model: "MADE") -> "MADE":
    """A model of incomplete rows as its network sees it: evidence enters beside the context, by degree 0."""
    import copy

    import torch

    if not model.missing:
        return model
    probe = copy.deepcopy(model)
    probe.context += len(probe.input_shift)
    probe.context_shift = torch.cat([probe.context_shift, torch.zeros_like(probe.input_shift)])
    probe.context_scale = torch.cat([probe.context_scale, torch.ones_like(probe.input_shift)])
    return probe
