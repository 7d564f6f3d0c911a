r"""The weights of an autoregressive network, and the one way through them.

Weights know nothing of degrees: a call brings a :class:`~tailormade.masks.Degrees`, from which the effective
weights ``M_l ∘ W_l`` are made (1), and the network runs on those alone (2):

    h_1 = M_1W_1 x + C_1c + b_1,   h_l = M_lW_l φ(h_{l-1}) + C_lc + b_l                            (2)
    residual: h ← h + M''W'' φ(M'W' φ(h) + b') + b''                                               (3)
    params = M_LW_L φ(h) + C_Lc + b_L  [+ M_dW_d x + C_dc: the direct connection]                   (4)
    order-aware: b_1 + (M_1 ∘ U) 1 instead of b_1, and b_L + (M_d ∘ U_d) 1 with a direct connection (5)

Orders, ensembles, audits, regularisers and samplers all share (1), so that none of them can see a weight that
another does not. Context terms ``C c`` are not masked, as context has degree 0; which of them exist is
``context_layers``: all of them, or only the first (and the direct one), where hidden units of degree 0 carry
context on. The weights U of (5) tell a unit which inputs it sees, for networks that are trained on many orders.

Mathieu Germain, Karol Gregor, Iain Murray, Hugo Larochelle, "MADE: Masked Autoencoder for Distribution Estimation",
2015, has (5) in section 4.2.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.compiler import is_compiling
from torch.nn import functional

from tailormade.masks import AuditMasks, Degrees
from tailormade.masks.degrees import weight_mask
from tailormade.nn.kept_masks import Kept, Masks, transformed
from tailormade.nn.linear import MaskedLinear
from tailormade.nn.options import IN_PLACE, Function
from tailormade.nn.seen import seen_sum
from tailormade.nn.stair_linear import Factor, StairWeight, large_enough, multiply, stairs_serve, worth_stairs
from tailormade.nn.stairs import Stairs, create_stairs


class EffectiveWeights(NamedTuple):
    """Masked weights ``(out, in)`` and biases of the layers in sequence, and the weights of the direct connection."""

    layers: tuple[Tensor, ...]
    biases: tuple[Tensor | None, ...]
    direct: Tensor | None


class Products(NamedTuple):
    """What a pass multiplies by: masked weights, or weights with the staircases by which they are masked meanwhile."""

    layers: tuple[Factor, ...]
    biases: tuple[Tensor | None, ...]
    direct: Factor | None


class MaskedNetwork(nn.Module):
    """Hold the weights of a masked network and run it under any degrees.

    Args:
        input_sizes: How many inputs each variable has (one, or a one-hot code's width), length D.
        output_sizes: How many outputs each variable has, length D.
        hidden_widths: Widths of the hidden layers; with ``residual`` an odd number of equal ones.
        context: Width of the context, 0 for none.
        context_everywhere: Feed context to every layer (TFP's 'all_layers') instead of the first alone.
        activation: Element-wise function between layers, or ``None`` for a linear network.
        residual: Run hidden layers after the first as residual blocks of two.
        direct: Add a masked connection from the inputs to the outputs.
        dropout: Probability of dropping a hidden unit in training.
        use_bias: Whether masked layers have a bias; context layers never have one.
        order_aware: Whether biases know which inputs a unit sees, by (5); needs ``use_bias``.

    Example:
        >>> from tailormade.masks import create_degrees
        >>> net = MaskedNetwork([1, 1], [3, 3], [4], activation=torch.tanh)
        >>> net(torch.zeros(7, 2), None, create_degrees(2, [4])).shape
        torch.Size([7, 6])
    """

    def __init__(
        self,
        input_sizes: Sequence[int],
        output_sizes: Sequence[int],
        hidden_widths: Sequence[int],
        *,
        context: int = 0,
        context_everywhere: bool = False,
        activation: Function | None = None,
        residual: bool = False,
        direct: bool = False,
        dropout: float = 0.0,
        use_bias: bool = True,
        order_aware: bool = False,
    ) -> None:
        super().__init__()
        self.input_sizes, self.output_sizes = _sizes(input_sizes), _sizes(output_sizes)
        self.context, self.context_everywhere = context, context_everywhere
        self.activation, self.residual, self.dropout = activation, residual, dropout
        self._kept: Kept[Masks] = Kept()
        self._kept_stairs: Kept[list[Stairs]] = Kept()
        widths = [sum(input_sizes), *hidden_widths, sum(output_sizes)]
        pairs = list(pairwise(widths))
        self.layers = nn.ModuleList(MaskedLinear(a, b, bias=use_bias) for a, b in pairs)
        fed = widths[1:] if context_everywhere else widths[1:2]
        self.context_layers = nn.ModuleList(nn.Linear(context, b, bias=False) for b in fed if context)
        self.direct = MaskedLinear(widths[0], widths[-1], bias=False) if direct else None
        self.seen = MaskedLinear(widths[0], widths[1], bias=False) if order_aware else None
        self.direct_seen = MaskedLinear(widths[0], widths[-1], bias=False) if order_aware and direct else None
        skip = direct and context and not context_everywhere and len(pairs) > 1
        self.direct_context = nn.Linear(context, widths[-1], bias=False) if skip else None

    def effective_weights(self, degrees: Degrees) -> EffectiveWeights:
        """Return the masked weights under ``degrees``, differentiable with respect to the parameters."""
        masks, direct_mask = self._masks(degrees)
        layers = tuple(self._layer(i).effective_weight(mask) for i, mask in enumerate(masks))
        direct = None if self.direct is None else self.direct.effective_weight(direct_mask)
        return EffectiveWeights(layers, self._biases(masks[0], direct_mask), direct)

    def biases(self, degrees: Degrees) -> tuple[Tensor | None, ...]:
        """Return the bias of each layer under ``degrees``, which matter to an order-aware network alone."""
        if self.seen is None:
            return self._biases(None, None)
        masks, direct_mask = self._masks(degrees)
        return self._biases(masks[0], direct_mask)

    def _biases(self, first: Tensor | None, direct: Tensor | None) -> tuple[Tensor | None, ...]:
        """The biases, where an order-aware network's masks are given."""
        return self._biases_plus(lambda layer, i: layer.effective_weight((first, direct)[i]).sum(1))

    def _biases_plus(self, seen: Callable[[MaskedLinear, int], Tensor]) -> tuple[Tensor | None, ...]:
        """The biases plus what an order-aware network adds to the first (0) and the direct connection's (-1)."""
        biases: list[Tensor | None] = [layer.bias for layer in self.layers]  # type: ignore[misc]  # Linear layers
        for layer, i in ((self.seen, 0), (self.direct_seen, -1)):
            bias = biases[i]
            if layer is not None and bias is not None:
                biases[i] = bias + seen(layer, i)
        return tuple(biases)

    def _biases_by_parts(self, degrees: Degrees) -> tuple[Tensor | None, ...]:
        """The biases for less work, where stairs serve."""
        pairs = self._pairs(degrees)

        def seen(layer: MaskedLinear, i: int) -> Tensor:
            below, above, output = pairs[i]
            return seen_sum(layer.weight, below, above if output else above + 1)

        return self._biases_plus(seen)

    def _masks(self, degrees: Degrees) -> Masks:
        return self._kept.of(degrees, self._make_masks)

    def _make_masks(self, degrees: Degrees) -> Masks:
        masks = [weight_mask(below, above, output=output) for below, above, output in self._pairs(degrees)]
        return masks[: len(self.layers)], None if self.direct is None else masks[-1]

    def _make_stairs(self, degrees: Degrees) -> list[Stairs]:
        pairs = self._pairs(degrees)
        before: Sequence[Stairs | None] = self._kept_stairs.last or [None] * len(pairs)
        return [create_stairs(a, b, output=output, like=s) for (a, b, output), s in zip(pairs, before, strict=True)]

    def _pairs(self, degrees: Degrees) -> list[tuple[Tensor, Tensor, bool]]:
        """Degrees below and above each layer, the direct connection last, and whether they are outputs above."""
        inputs = _repeat(degrees.inputs, self.input_sizes)
        outputs = _repeat(degrees.inputs, self.output_sizes)
        every = (inputs, *degrees.hidden, outputs)
        pairs = [(a, b, b is outputs) for a, b in pairwise(every)]
        return pairs if self.direct is None else [*pairs, (inputs, outputs, True)]

    def forward(self, x: Tensor, context: Tensor | None, degrees: Degrees) -> Tensor:
        """Map inputs ``(*, sum(input_sizes))`` and context ``(*, C)`` to ``(*, sum(output_sizes))``."""
        return self.run(self._products(x, degrees), x, context)

    def _products(self, x: Tensor, degrees: Degrees) -> "EffectiveWeights | Products":
        """The effective weights, or what does the same for less work where weights and batch are large."""
        every = [self._layer(i) for i in range(len(self.layers))]
        every += [] if self.direct is None else [self.direct]
        if not any(large_enough(layer.weight) for layer in every) or not stairs_serve(x, every[0].weight):
            return self.effective_weights(degrees)
        stairs = self._kept_stairs.of(degrees, self._make_stairs)
        by_stairs = [worth_stairs(x, layer.weight, s) for layer, s in zip(every, stairs, strict=True)]
        masks: list[Tensor | None] = [None] * len(every)
        if not all(by_stairs):  # else no mask of full size is made
            own, direct_mask = self._masks(degrees)
            masks = [*own, direct_mask]
        factors = tuple(
            StairWeight(layer.weight, s) if chosen else layer.effective_weight(mask)
            for layer, s, chosen, mask in zip(every, stairs, by_stairs, masks, strict=False)
        )
        count, biases = len(self.layers), self._biases_by_parts(degrees)
        return Products(factors[:count], biases, None if self.direct is None else factors[-1])

    def run(
        self, weights: "EffectiveWeights | Products", x: Tensor, context: Tensor | None, *, dropout: bool | None = None
    ) -> Tensor:
        """Run the network on weights already masked; batch shapes of x and context broadcast.

        Args:
            weights: From :meth:`effective_weights`; a call of the network may bring another form of the same.
            x: Shape ``(*, sum(input_sizes))``.
            context: Shape ``(*, C)`` or ``None``.
            dropout: Whether to drop units; whether the module is in training mode if ``None``.
        """
        drop = self.dropout if (self.training if dropout is None else dropout) else 0.0
        h, last = self._affine(0, weights, x, context), len(weights.layers) - 1
        i = 1
        while i < last and self.residual:
            inner = self._affine(i, weights, self._activate(h, drop), context)
            h = h + self._affine(i + 1, weights, self._activate(inner, drop), context)
            i += 2
        while i <= last:
            h = self._activate(h, drop, over=True)  # what it was made of is not needed again
            h = self._affine(i, weights, h, context)
            i += 1
        if weights.direct is not None:
            h = h + multiply(x, weights.direct)
        return h if self.direct_context is None or context is None else h + self.direct_context(context)

    def _affine(self, i: int, weights: EffectiveWeights | Products, h: Tensor, context: Tensor | None) -> Tensor:
        out = multiply(h, weights.layers[i], weights.biases[i])
        fed = context is not None and i < len(self.context_layers)
        return out + self.context_layers[i](context) if fed else out

    def _activate(self, h: Tensor, drop: float, *, over: bool = False) -> Tensor:
        """Apply the activation and drop units; ``over`` allows to write over h where nothing records it."""
        function = self.activation
        recorded = torch.is_grad_enabled() or is_compiling() or transformed()
        if over and function is not None and not recorded:
            function = IN_PLACE.get(function, function)  # large results in new memory cost half as much again
        h = h if function is None else function(h)
        return functional.dropout(h, drop) if drop else h

    def _layer(self, i: int) -> MaskedLinear:
        layer = self.layers[i]
        assert isinstance(layer, MaskedLinear)
        return layer

    def audit_masks(self, degrees: Degrees) -> AuditMasks:
        """Return what :func:`tailormade.masks.audit` needs, at the level of variables."""
        masks = degrees.masks()
        units = context_reaches = None
        if self.context:
            fed = [i == 0 or self.context_everywhere for i in range(len(degrees.hidden))]
            units = tuple(torch.full_like(m, f, dtype=torch.bool) for m, f in zip(degrees.hidden, fed, strict=True))
            context_reaches = self._context_reaches(degrees)
        direct = None if self.direct is None else degrees.direct_mask()
        return AuditMasks(tuple(masks), degrees.inputs, self.residual, direct, units, context_reaches)

    def _context_reaches(self, degrees: Degrees) -> Tensor:
        if self.context_everywhere or self.direct is not None or not degrees.hidden:
            return torch.ones_like(degrees.inputs, dtype=torch.bool)
        reach = torch.ones_like(degrees.hidden[0], dtype=torch.bool)
        lowest = int(degrees.hidden[0][reach].min()) if len(reach) else degrees.groups
        for layer in degrees.hidden[1:]:
            above = layer[layer >= lowest]
            lowest = int(above.min()) if len(above) else degrees.groups
        return degrees.inputs > lowest


def _sizes(sizes: Sequence[int]) -> int | tuple[int, ...]:
    """Keep one number when all variables have the same size, so that repeating needs no index."""
    sizes = tuple(sizes)
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _repeat(degrees: Tensor, sizes: int | tuple[int, ...]) -> Tensor:
    if isinstance(sizes, int):
        return degrees if sizes == 1 else degrees.repeat_interleave(sizes)
    return degrees.repeat_interleave(torch.tensor(sizes, device=degrees.device))
