"""Random models and draws: what varies is dealt evenly over the configurations by a fixed seed."""

import warnings
from dataclasses import dataclass
from random import Random

import torch
from helpers import context_for, redraw
from sampling.drawing import drawn, evidence_on, noise_for

from tailormade import MADE, Bernoulli, Categorical
from tailormade.nn.options import ACTIVATIONS
from tailormade.sampling import engines, use_engine

COUNT = 208

CHOICES = {
    "features": [1, 2, 3, 5, 8, 13, 30, 70],
    "context": [0, 0, 1, 3],
    "event": ["bernoulli", "categorical", "mixed", "mixed"],
    "widths": [(), (1,), (7,), (40,), (1, 1), (9, 6), (16, 16), (12, 12, 12), (5, 20, 9)],
    "residual": [False, True],
    "direct": [False, True],
    "activation": list(ACTIVATIONS),
    "order": ["left-to-right", "right-to-left", "random", "ties", "ties"],
    "orders": [1, 1, 3, "any"],
    "rule": ["equal", "random", "explicit"],
    "rows": [0, 1, 2, 129, 300],
    "evidence": ["none", "none", "none", "all", "first", "last", "scattered", "scattered"],
    "block": [1, 3, 32, 64],
    "one_block": [0, 3, 1000],  # up to so many rows, the compiled loops do everything
    "chunk": [20, 256],  # rows of one run
}


@dataclass(frozen=True)
class Configuration:
    """One model, and one way to draw from it."""

    number: int
    features: int
    context: int
    event: str
    widths: tuple
    residual: bool
    direct: bool
    activation: str
    order: str
    orders: int | str
    rule: str
    rows: int
    evidence: str
    block: int
    one_block: int
    chunk: int

    def __str__(self):
        return f"{self.number}-D{self.features}-{self.activation}-n{self.rows}-{self.evidence}"

    @property
    def random(self):
        """A generator of this configuration's own."""
        return Random(self.number)

    def conditionals(self):
        kinds = {"bernoulli": [Bernoulli()], "categorical": [Categorical(3)]}
        mixed = [Bernoulli(), *(Categorical(k) for k in (1, 2, 3, 5))]
        return self.random.choices(kinds.get(self.event, mixed), k=self.features)

    def input_order(self):
        if self.order != "ties":
            return self.order
        degrees = self.random.choices(range(self.features // 2 + 1), k=self.features)
        return [1 + sorted(set(degrees)).index(d) for d in degrees]

    def hidden_degrees(self, order, widths):
        if self.rule != "explicit" or not widths:
            return self.rule if widths else "equal"
        last = self.features - 1 if isinstance(order, str) else max(order) - 1
        layers = [Random(self.number).choices(range(last + 1), k=width) for width in widths]
        return layers[:1] * len(layers) if self.residual else layers

    def model(self):
        """Build the model, in float64, all its weights and moments drawn anew."""
        order, widths = self.input_order(), self.widths
        widths = widths[:1] * len(widths) if self.residual else widths
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*ignore the context.*")
            model = MADE(
                self.features,
                self.context,
                conditionals=self.conditionals(),
                hidden_units=widths,
                input_order=order,
                orders=self.orders,
                hidden_degrees=self.hidden_degrees(order, widths),
                residual=self.residual,
                direct=self.direct,
                activation=self.activation,
                seed=self.number,
            ).double()
        redraw(model, self.number, 0.3 if self.activation == "exponential" else 1.0)
        return move_inputs(model)

    def observed(self, order):
        """Which variables are observed, or ``None``."""
        ranked, half = order.argsort().tolist(), (self.features + 1) // 2
        some = self.random.sample(ranked, half)
        return {"none": None, "all": ranked, "first": ranked[:half], "last": ranked[half:]}.get(self.evidence, some)

    def draw(self, engine, model):
        """Draw by one engine: from the whole mixture, or given evidence from one of its orders."""
        context, noise = context_for(model, self.rows), noise_for(model, self.rows)
        which = torch.arange(self.rows) % len(model.table)
        degrees = model.table[self.number % len(model.table)]
        observed = self.observed(degrees.inputs)
        if observed is None:
            with use_engine(engine):
                return model(context).from_noise(noise, which, torch.Size([self.rows]))
        return drawn(engine, model.sampling_source(degrees, context), noise, evidence_on(model, self.rows, observed))

    def cut(self, monkeypatch):
        """Set the engines' sizes: blocks of variables and runs of rows."""
        for name, value in (("_BLOCK", self.block), ("_ONE_BLOCK", self.one_block), ("_LEAST_ROWS", self.chunk)):
            monkeypatch.setattr(engines, name, value)
        monkeypatch.setattr(engines, "_STATE_BYTES", 0)


def move_inputs(model):
    """Shift and scale inputs and context by random numbers."""
    generator = torch.Generator().manual_seed(9)
    for name, buffer in model.named_buffers():
        if name.endswith(("_shift", "_scale")):
            uniform = torch.rand(buffer.shape, generator=generator, dtype=buffer.dtype)
            buffer.copy_(uniform + 0.5 if name.endswith("_scale") else uniform)
    return model


def _dealt(name, values):
    cards = [values[i % len(values)] for i in range(COUNT)]
    Random(name).shuffle(cards)
    return cards


def create_configurations():
    """Return all of them."""
    columns = [_dealt(name, values) for name, values in CHOICES.items()]
    return [Configuration(number, *row) for number, row in enumerate(zip(*columns, strict=True))]


CONFIGURATIONS = create_configurations()
