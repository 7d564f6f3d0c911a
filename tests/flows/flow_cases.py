"""The registry of flows that the property tests run on, and what those tests share."""

from inspect import isfunction

import torch
from helpers import redraw

import tailormade as tm
from tailormade.conditionals import NormalMixture, StudentTMixture
from tailormade.flows import Affine, CdfBijection, MixtureBase, RationalQuadraticSpline, StudentBase


def made(features, context=0):
    """The paper's MADE-MoG base."""
    return tm.MADE(features, context, conditionals=NormalMixture(3), hidden_units=(8,), seed=5)


def students(features):
    """A base with hidden degrees of its own."""
    options = {"hidden_units": (4,), "hidden_degrees": [[1, 2, 1, 2]], "seed": 1}
    return tm.MADE(features, conditionals=StudentTMixture(2), **options)


SMALL = {"features": 3, "context": 2, "transforms": 2, "hidden_units": (8,), "seed": 3}
OPTIONS = {
    "plain": {},
    "without_context": {"context": 0},
    "one_variable": {"features": 1, "context": 0, "transforms": 3},
    "one_with_context": {"features": 1},
    "two_variables": {"features": 2, "transforms": 3},
    "no_hidden_layer": {"hidden_units": ()},
    "residual": {"hidden_units": (8, 8, 8), "residual": True, "orders": "random", "transforms": 3},
    "fixed_orders": {"orders": "fixed"},
    "listed_orders": {"orders": [[2, 1, 3], "random"]},
    "exp": {"bijection": Affine(scale="exp")},
    "spline": {"bijection": RationalQuadraticSpline(4, 3.0)},
    "cdf": {"features": 2, "bijection": CdfBijection(NormalMixture(2))},
    "activation_norm": {"normalisation": "activation", "linear": True},
    "batch_norm": {"normalisation": "batch"},
    "linear": {"linear": True, "transforms": 3},
    "not_standardised": {"standardise": False},
    "student": {"features": 2, "base": lambda: StudentBase(2, dof=6.0)},
    "fixed_student": {"base": lambda: StudentBase(3, dof=3.0, learn=False)},
    "mixture": {"features": 2, "base": lambda: MixtureBase(2, components=3)},
    "clusters": {"features": 2, "base": lambda: MixtureBase(2, components=3, joint=True)},
    "made": {"features": 2, "context": 0, "base": lambda: made(2)},
    "conditional_made": {"base": lambda: made(3, 2)},
    "made_without_context": {"base": lambda: made(3)},
    "student_mixtures": {"base": lambda: students(3)},
}
CASES = [f"{kind}_{name}" for kind in ("maf", "iaf") for name in OPTIONS]
FEW = ["maf_plain", "iaf_plain", "maf_activation_norm", "iaf_batch_norm", "maf_spline", "maf_conditional_made"]


def with_variables(features):
    """Names of the cases of that many variables."""
    return [name for name in CASES if OPTIONS[name.split("_", 1)[1]].get("features", 3) == features]


def new(name, **changes):
    """A flow as it is made."""
    kind, option = name.split("_", 1)
    arguments = {**SMALL, **OPTIONS[option], **changes}
    if isfunction(arguments.get("base")):
        arguments["base"] = arguments["base"]()  # every flow has one of its own
    return {"maf": tm.MAF, "iaf": tm.IAF}[kind](**arguments)


def rows(flow, count=200, seed=0):
    """Training rows far from the origin, of unequal spread."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(count, flow.features, generator=generator, dtype=torch.float64)
    return 4.0 + (1 + torch.arange(flow.features)) * noise


def contexts(flow, *batch, seed=1):
    """Contexts of a batch shape, or ``None``."""
    if not flow.context:
        return None
    generator = torch.Generator().manual_seed(seed)
    return 2.0 + torch.randn(*batch, flow.context, generator=generator, dtype=torch.float64)


def build(name, **changes):
    """The same in float64 and evaluation mode, with no weight that is zero by initialisation, adapted to rows."""
    flow = redraw(new(name, **changes).double(), scale=0.3).eval()
    x, c = rows(flow), contexts(flow, 200)
    flow.adapt(x, c)
    flow.settle(x, c)
    return flow
