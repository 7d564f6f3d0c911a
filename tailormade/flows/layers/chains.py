"""A few rows back through a stack: masked layers that follow each other go at once, by chains that are kept.

A chain (:mod:`tailormade.sampling.chain`) serves where nothing is differentiated, batched by ``torch.func`` or
compiled, for affine transforms on the CPU; elsewhere each layer goes its own way. It is made of integers, which are
valid for as long as the networks and their degrees stay the same: both are compared at every call.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.compiler import is_compiling

from tailormade.flows.autoregressive import MaskedAutoregressive
from tailormade.flows.inverse import WORTH_COMPILING
from tailormade.flows.inverse_layout import InverseLayout
from tailormade.flows.layers.autoregressive import MaskedLayer
from tailormade.flows.layers.base import Layer
from tailormade.nn.kept_masks import transformed
from tailormade.nn.validation import check_last
from tailormade.sampling.chain import Chain, Link, can_chain
from tailormade.sampling.engines import forced_engine

_FEW = 3  # rows; with more, the work itself counts


class Chains:
    """Hold the chains of a stack, one for each run of masked layers in it.

    Example:
        >>> layers = [MaskedLayer(MaskedAutoregressive(30, hidden_units=(8,), seed=seed)) for seed in (0, 1)]
        >>> z = torch.zeros(30)
        >>> with torch.no_grad():
        ...     x = Chains().to_data(layers, z, None)
        ...     bool(torch.allclose(layers[0].to_noise(layers[1].to_noise(x, None)[0], None)[0], z, atol=1e-5))
        True
    """

    def __init__(self) -> None:
        self._kept: defaultdict[int, _Kept] = defaultdict(_Kept)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: nothing kept."""
        return {"_kept": defaultdict(_Kept)}

    def to_data(self, layers: Iterable[Layer], z: Tensor, context: Tensor | None) -> Tensor:
        """Take rows for which :func:`is_few` is true through layers, the first of which is next to the noise."""
        for number, (masked, run) in enumerate(groupby(layers, lambda layer: type(layer) is MaskedLayer)):
            each = list(run)
            x = self._kept[number].run(each, z, context) if masked else None
            if x is None:
                for layer in each:
                    z = layer.to_data(z, context)
            else:
                z = x
        return z


def is_few(z: Tensor, context: Tensor | None) -> bool:
    """Return whether chains may serve so many rows, here and now."""
    if torch.is_grad_enabled() or is_compiling() or transformed() or z.device.type != "cpu":
        return False
    batch = z.shape[:-1] if context is None else torch.broadcast_shapes(z.shape[:-1], context.shape[:-1])
    return 0 < batch.numel() <= _FEW and forced_engine() in ("auto", "compiled")


class _Kept:
    """The chain of one run of layers that was made last, ``None`` if none can serve them."""

    def __init__(self) -> None:
        self._key: list[Any] = []
        self._degrees: list[bytes] = []
        self._chain: Chain | None = None

    def run(self, layers: Sequence[Any], z: Tensor, context: Tensor | None) -> Tensor | None:
        transforms = [layer.transform for layer in layers]
        check_last("y", z, transforms[0].features)
        chain = self._of(transforms)
        if chain is None or any(t is not None and t.dtype != chain.dtype for t in (z, context)):
            return None
        if context is None:
            return chain.run(z.reshape(-1, chain.features), None).reshape(z.shape)
        batch = torch.broadcast_shapes(z.shape[:-1], context.shape[:-1])
        rows = [t.expand(*batch, -1).reshape(-1, t.shape[-1]) for t in (z, context)]
        return chain.run(*rows).reshape(*batch, chain.features)

    def _of(self, transforms: Sequence[MaskedAutoregressive]) -> Chain | None:
        engine = forced_engine()
        key = [(t.network, t.bijection, t.network.activation, t.network.layers[-1].weight.dtype) for t in transforms]
        degrees = [tensor.numpy().tobytes() for t in transforms for tensor in t.table.tensors()]
        if self._key != [engine, *key] or self._degrees != degrees:
            links = [Link(t.network, t.degrees, InverseLayout(t.bijection, t.features)) for t in transforms]
            self._chain = Chain(links) if can_chain(links, WORTH_COMPILING if engine == "auto" else 0.0) else None
            self._key, self._degrees = [engine, *key], degrees
        return self._chain
