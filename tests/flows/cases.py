"""The registry of transforms that the property tests of flows run on, and what those tests share."""

import torch
from conditionals.families import BOUNDED, SMOOTH
from helpers import redraw
from torch import nn

from tailormade.flows import Affine, CdfBijection, MaskedAutoregressive, RationalQuadraticSpline
from tailormade.flows.bijections.affine import SCALES

AFFINE = {f"affine_{scale}": Affine(scale=scale) for scale in SCALES}
SPLINES = {
    "spline_of_2": RationalQuadraticSpline(2, 3.0),
    "spline": RationalQuadraticSpline(),
    "spline_of_32": RationalQuadraticSpline(32, 4.0),
}
CDFS = {f"cdf_{name}": CdfBijection(family) for name, family in (SMOOTH | BOUNDED).items() if name != "one_bin"}
BIJECTIONS = AFFINE | SPLINES | CDFS

SHAPES = {
    "one_variable": {"features": 1, "context": 0},
    "one_with_context": {"features": 1, "context": 2},
    "no_hidden_layer": {"hidden_units": (), "context": 2},
    "one_hidden_layer": {"hidden_units": (9,), "features": 5, "input_order": "right-to-left"},
    "five_variables": {"features": 5, "context": 2, "hidden_units": (12, 12)},
    "without_context": {"context": 0, "input_order": "left-to-right"},
    "residual": {"features": 5, "residual": True, "hidden_units": (11, 11, 11)},
    "direct": {"direct": True, "hidden_units": (4,)},
    "random_degrees": {"hidden_degrees": "random", "hidden_units": (16, 16)},
    "groups": {"features": 5, "input_order": [2, 1, 1, 3, 2]},
}
BASE = {"features": 3, "context": 2, "hidden_units": (8, 8), "input_order": "random", "seed": 3}
_ARGUMENTS = {name: {**BASE, "bijection": bijection} for name, bijection in BIJECTIONS.items()}
_ARGUMENTS |= {f"affine_{name}": {**BASE, **shape} for name, shape in SHAPES.items()}
_ARGUMENTS |= {
    f"{kind}_{name}": {**BASE, **SHAPES[name], "bijection": BIJECTIONS[kind]}
    for kind in ("spline", "cdf_normals")
    for name in ("one_variable", "no_hidden_layer", "residual")
}
CASES = list(_ARGUMENTS)
REAL = [name for name in CASES if not name.startswith(tuple(f"cdf_{bounded}" for bounded in BOUNDED))]
FEW = ["affine_soft", "affine_residual", "spline", "cdf_normals"]


def build(name, **changes):
    """The transform's module, in float64, with no weight that is zero by initialisation and moderate log-scales."""
    return redraw(MaskedAutoregressive(**{**_ARGUMENTS[name], **changes}).double(), scale=0.3)


class Pass(nn.Module):
    """A transform as a module from x and context to y and log-determinant, for what wants a module."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x, context=None):
        return self.layer(context).call_and_ladj(x)


def values(layer, *batch, seed=0):
    """Values of the domain, of ordinary size, shape ``(*batch, D)``."""
    generator = torch.Generator().manual_seed(seed)
    family = getattr(layer.bijection, "conditional", None)
    if hasattr(family, "low"):
        fraction = torch.rand(*batch, layer.features, generator=generator, dtype=torch.float64)
        return family.low + (family.high - family.low) * (0.05 + 0.9 * fraction)
    noise = torch.randn(*batch, layer.features, generator=generator, dtype=torch.float64)
    return noise if family is None else family.loc + 1.5 * family.scale * noise


def scores(layer, *batch, seed=1):
    """Values of the codomain, shape ``(*batch, D)``."""
    generator = torch.Generator().manual_seed(seed)
    size = 0.5 if isinstance(layer.bijection, CdfBijection) else 1.0  # tails of some are very long
    return size * torch.randn(*batch, layer.features, generator=generator, dtype=torch.float64)
