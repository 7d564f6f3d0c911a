"""Random transforms for the tests of the inverse, and what those share: everything varies, dealt by a fixed seed."""

from dataclasses import dataclass
from random import Random

import torch
from helpers import redraw

from tailormade.conditionals import NormalMixture
from tailormade.flows import Affine, CdfBijection, MaskedAutoregressive, RationalQuadraticSpline
from tailormade.flows.bijections.affine import SCALES
from tailormade.flows.inverse import invert
from tailormade.flows.shift_and_log_scale import Unshift
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import engines, use_engine

COUNT = 48
FAST = ["torch", "compiled"]  # what is compared with the loop

CHOICES = {
    "features": [1, 2, 3, 5, 13, 30],
    "context": [0, 0, 1, 3],
    "bijection": [*(Affine(scale) for scale in SCALES), Affine(bound=3.0), Unshift(), RationalQuadraticSpline(4, 3.0),
                  CdfBijection(NormalMixture(2))],
    "widths": [(), (7,), (40,), (9, 6), (16, 16), (12, 12, 12), (5, 20, 9)],
    "residual": [False, True],
    "direct": [False, True],
    "activation": list(ACTIVATIONS),
    "order": ["left-to-right", "right-to-left", "random", "ties"],
    "rule": ["equal", "random"],
    "rows": [0, 1, 2, 129, 150],
    "block": [1, 3, 64],
    "chunk": [20, 256],  # rows of one run
}  # fmt: skip


@dataclass(frozen=True)
class Configuration:
    """One transform, and how to invert it."""

    number: int
    features: int
    context: int
    bijection: object
    widths: tuple
    residual: bool
    direct: bool
    activation: str
    order: str
    rule: str
    rows: int
    block: int
    chunk: int

    def __str__(self):
        return f"{self.number}-D{self.features}-{type(self.bijection).__name__}-{self.activation}-n{self.rows}"

    def layer(self):
        """Build the transform, in float64, all its weights drawn anew."""
        ties = [1 + i // 2 for i in range(self.features)]
        layer = MaskedAutoregressive(
            self.features,
            self.context,
            bijection=self.bijection,
            hidden_units=self.widths[:1] * len(self.widths) if self.residual else self.widths,
            activation=self.activation,
            input_order=ties if self.order == "ties" else self.order,
            hidden_degrees=self.rule if self.widths else "equal",
            residual=self.residual,
            direct=self.direct,
            seed=self.number,
        )
        scale = 0.15 if self.activation == "exponential" else 0.4
        return redraw(layer.double(), self.number, scale / max((self.features, *self.widths)) ** 0.5)

    def cut(self, monkeypatch):
        """Set the engines' sizes: blocks of variables and runs of rows."""
        for name, value in (("_BLOCK", self.block), ("_ONE_BLOCK", 0), ("_LEAST_ROWS", self.chunk)):
            monkeypatch.setattr(engines, name, value)
        monkeypatch.setattr(engines, "_STATE_BYTES", 0)

    def engines(self):
        """The engines that can do it."""
        return FAST if isinstance(self.bijection, Affine | Unshift) else FAST[:1]


def _dealt(name, values):
    cards = [values[i % len(values)] for i in range(COUNT)]
    Random(name).shuffle(cards)
    return cards


CONFIGURATIONS = [
    Configuration(number, *row)
    for number, row in enumerate(zip(*(_dealt(name, values) for name, values in CHOICES.items()), strict=True))
]


def arguments(layer, *batch, seed=0):
    """Return y, and context if there is any, of a batch shape, of which derivatives are wanted."""
    generator = torch.Generator().manual_seed(seed)
    dtype = next(layer.parameters()).dtype
    widths = (layer.features, layer.context) if layer.context else (layer.features,)
    return [torch.randn(*batch, width, generator=generator, dtype=dtype).requires_grad_() for width in widths]


def inverted(layer, engine, y, context=None):
    """Invert by one engine."""
    with use_engine(engine):
        return invert(layer.network, layer.degrees, layer.bijection, y, context)


def gradients(layer, engine, *given, seed=1):
    """Derivatives of a random function of x with respect to y, context and all parameters."""
    x = inverted(layer, engine, *given)
    weights = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed), dtype=x.dtype)
    wanted = [*given, *layer.parameters()]
    return torch.autograd.grad((weights * x.sin()).sum(), wanted, materialize_grads=True)
