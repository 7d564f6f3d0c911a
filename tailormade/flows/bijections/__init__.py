"""Increasing maps of one variable, ``y = B(x; θ)``, with closed-form or safe numerical inverses."""

from tailormade.flows.bijections.affine import Affine
from tailormade.flows.bijections.base import Bijection, bijection_from_config, named_bijection
from tailormade.flows.bijections.cdf import CdfBijection
from tailormade.flows.bijections.spline import RationalQuadraticSpline

__all__ = [
    "Affine",
    "Bijection",
    "CdfBijection",
    "RationalQuadraticSpline",
    "bijection_from_config",
    "named_bijection",
]
