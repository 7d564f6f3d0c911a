"""The densities that the benchmark of likelihoods compares, and the one way in which all of them are fitted.

Whatever the library, a model takes the same number of AdamW steps on the same batches, with the same step size falling
to zero by half a cosine, and keeps the weights that were best on the validation rows. Sizes are the same; activations
and starts are each library's own.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

import tailormade as tm
from benchmarks.flows_data import Split
from tailormade.conditionals import NormalMixture
from tailormade.flows import RationalQuadraticSpline

TRANSFORMS, HIDDEN, COMPONENTS, BINS, BOUND = 5, (64, 64), 10, 8, 5.0
BATCH, LEARNING_RATE, WEIGHT_DECAY, CLIP, EVERY = 128, 1e-3, 1e-4, 5.0, 100


def _made(features: int) -> nn.Module:
    return tm.MADE(features, conditionals=NormalMixture(COMPONENTS), hidden_units=HIDDEN, seed=0)


def _maf(features: int, **options: Any) -> nn.Module:  # noqa: ANN401 - those of tm.MAF
    return tm.MAF(features, transforms=TRANSFORMS, hidden_units=HIDDEN, standardise=False, seed=0, **options)


def _zuko(kind: str, features: int) -> nn.Module:
    from zuko import flows

    return getattr(flows, kind)(features, transforms=TRANSFORMS, hidden_features=HIDDEN)


MODELS: dict[str, Callable[[int], nn.Module]] = {
    "MADE, mixtures": _made,
    "MAF": _maf,
    "MAF, MADE base": lambda features: _maf(features, base=_made(features)),
    "spline MAF": lambda features: _maf(features, bijection=RationalQuadraticSpline(BINS, BOUND)),
    "zuko MAF": lambda features: _zuko("MAF", features),
    "zuko NSF": lambda features: _zuko("NSF", features),
}


def log_prob(model: nn.Module, x: Tensor) -> Tensor:
    """Return log-densities of any of the models."""
    return model.log_prob(x) if hasattr(model, "log_prob") else model().log_prob(x)


@torch.no_grad()
def scores(model: nn.Module, x: Tensor) -> Tensor:
    """Return log-densities of many rows."""
    return torch.cat([log_prob(model, rows) for rows in x.split(4096)])


def fit(model: nn.Module, split: Split, steps: int, seed: int = 0) -> int:
    """Fit a model, and return the step of its best weights."""
    if hasattr(model, "adapt"):
        model.adapt(split.train)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    best, state, at = -torch.inf, {}, 0
    for step in range(1, steps + 1):
        rows = torch.randint(len(split.train), (BATCH,), generator=generator)
        optimizer.zero_grad()
        (-log_prob(model, split.train[rows]).mean()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        if step % EVERY == 0 and (found := float(scores(model, split.valid).mean())) > best:
            best, at = found, step
            state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if state:
        model.load_state_dict(state)
    return at
