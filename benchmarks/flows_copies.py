r"""Our flow with the weights of a peer's: the same function, so that log-densities must agree.

The peers bound the log-scale in other ways, which are written here as bijections of ours:

    zuko    s = a / (1 + |a| / log 1000)                                                      (1)
    nflows  s = log(softplus(a) + 0.001), with a before the shift b in the network's output   (2)

nflows reverses the variables before each transform; ours keeps them where they are and turns the input order round.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

import tailormade as tm
from tailormade.flows import Affine, MaskedAutoregressive

_LEAST = 1e-3


class _ZukoAffine(Affine):
    """Shift and scale by (1)."""

    def log_scale(self, a: Tensor) -> Tensor:
        return a / (1 + a.abs() / -math.log(_LEAST))


class _NflowsAffine(Affine):
    """Shift and scale by (2)."""

    def log_scale(self, a: Tensor) -> Tensor:
        return torch.log(functional.softplus(a) + _LEAST)


class _Copy(NamedTuple):
    """What a transform takes from a peer: degrees of the hidden units, weights and biases, as ours lie."""

    order: Tensor
    hidden: Sequence[Tensor]
    layers: Sequence[tuple[Tensor, Tensor]]


def from_zuko(flow: nn.Module) -> tm.MAF:
    """Return our flow with the weights of zuko's ``MAF``."""
    return _flow([_of_zuko(transform) for transform in flow.transform.transforms], _ZukoAffine())


def from_nflows(flow: nn.Module) -> tm.MAF:
    """Return our flow with the weights of nflows' ``MaskedAutoregressiveFlow`` without residual blocks."""
    made = [t.autoregressive_net for t in flow._transform._transforms if hasattr(t, "autoregressive_net")]
    return _flow([_of_nflows(net, reverse=i % 2 == 0) for i, net in enumerate(made)], _NflowsAffine())


def _of_zuko(transform: nn.Module) -> _Copy:
    """A unit's degree is the number of variables that it sees."""
    linear = [layer for layer in transform.hyper if isinstance(layer, nn.Linear)]
    seen = linear[0].mask
    hidden = [seen.sum(1)]
    for layer in linear[1:-1]:
        seen = (layer.mask.float() @ seen.float()) > 0
        hidden.append(seen.sum(1))
    return _Copy(transform.order + 1, hidden, [(layer.weight, layer.bias) for layer in linear])


def _of_nflows(made: nn.Module, reverse: bool) -> _Copy:
    linear = [made.initial_layer, *(block.linear for block in made.blocks), made.final_layer]
    layers = [(layer.weight, layer.bias) for layer in linear]
    features = linear[0].in_features
    order = torch.arange(1, features + 1)
    layers[-1] = tuple(_swapped(t, features, reverse) for t in layers[-1])
    if reverse:
        order, layers[0] = order.flip(0), (layers[0][0].flip(1), layers[0][1])
    return _Copy(order, [layer.degrees for layer in linear[:-1]], layers)


def _swapped(rows: Tensor, features: int, reverse: bool) -> Tensor:
    """Put the shift before the scale, and the variables in their own places."""
    by_variable = rows.unflatten(0, (features, 2)).flip(1)
    return (by_variable.flip(0) if reverse else by_variable).flatten(0, 1)


def _flow(copies: Sequence[_Copy], bijection: Affine) -> tm.MAF:
    features, widths = len(copies[0].order), [len(degrees) for degrees in copies[0].hidden]
    flow = tm.MAF(
        features, transforms=len(copies), hidden_units=widths, bijection=bijection, activation="relu",
        standardise=False, seed=0,
    )  # fmt: skip
    for transform, copy in zip(flow.transforms, copies, strict=True):
        _take(transform, copy)
    return flow


@torch.no_grad()
def _take(transform: MaskedAutoregressive, copy: _Copy) -> None:
    transform.table.inputs[0] = copy.order
    for i, degrees in enumerate(copy.hidden):
        transform.table.get_buffer(f"hidden_{i}")[0] = degrees
    for layer, (weight, bias) in zip(transform.network.layers, copy.layers, strict=True):
        layer.weight.copy_(weight)  # type: ignore[operator]  # a Linear's
        layer.bias.copy_(bias)  # type: ignore[operator]  # a Linear's bias
