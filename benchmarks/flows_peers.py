"""The same masked autoregressive flow in three libraries: ours, zuko and nflows (the optional group ``peers``).

All have affine transforms of alternating orders over a normal base, hidden layers of equal widths and ReLUs between
them. A peer that is not installed is reported as missing.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import NamedTuple

import torch
from torch import Tensor, nn

import tailormade as tm

PEERS = ("zuko", "nflows")


class Contender(NamedTuple):
    """A density of one library."""

    module: nn.Module
    log_prob: Callable[[Tensor], Tensor]
    sample: Callable[[int], Tensor]


def missing() -> list[str]:
    """Return the peers that are not installed."""
    return [name for name in PEERS if find_spec(name) is None]


def ours(features: int, transforms: int, hidden: Sequence[int]) -> Contender:
    """Return our flow."""
    flow = tm.MAF(features, transforms=transforms, hidden_units=hidden, activation="relu", seed=0)
    return Contender(flow, flow.log_prob, lambda n: flow().sample((n,)))


def zuko(features: int, transforms: int, hidden: Sequence[int]) -> Contender:
    """Return zuko's ``MAF``."""
    from zuko.flows import MAF

    flow = MAF(features, transforms=transforms, hidden_features=hidden)
    return Contender(flow, lambda x: flow().log_prob(x), lambda n: flow().sample((n,)))


def nflows(features: int, transforms: int, hidden: Sequence[int]) -> Contender:
    """Return nflows' ``MaskedAutoregressiveFlow``; its hidden layers all have the width of the first."""
    from nflows.flows.autoregressive import MaskedAutoregressiveFlow

    flow = MaskedAutoregressiveFlow(features, hidden[0], transforms, len(hidden) - 1, use_residual_blocks=False)
    return Contender(flow, flow.log_prob, flow.sample)


def contenders(features: int, transforms: int, hidden: Sequence[int]) -> dict[str, Contender]:
    """Return the flows of all libraries that are installed."""
    makers = {"ours": ours, "zuko": zuko, "nflows": nflows}
    torch.manual_seed(0)
    return {name: make(features, transforms, hidden) for name, make in makers.items() if name not in missing()}
