"""Flows: masked autoregressive transforms, and the distributions made of them."""

from tailormade.flows.autoregressive import MaskedAutoregressive
from tailormade.flows.bases import Base, MixtureBase, NormalBase, StudentBase, base_from_config
from tailormade.flows.bijections import Affine, Bijection, CdfBijection, RationalQuadraticSpline, bijection_from_config
from tailormade.flows.blockwise import Blockwise
from tailormade.flows.distribution import FlowDistribution
from tailormade.flows.flow import IAF, MAF
from tailormade.flows.flow_transform import FlowTransform
from tailormade.flows.general import Autoregressive
from tailormade.flows.network_conditionals import NetworkConditionals
from tailormade.flows.stacked import Flow
from tailormade.flows.tfp import MaskedAutoregressiveFlow
from tailormade.flows.transform import AutoregressiveTransform

__all__ = [
    "IAF",
    "MAF",
    "Affine",
    "Autoregressive",
    "AutoregressiveTransform",
    "Base",
    "Bijection",
    "Blockwise",
    "CdfBijection",
    "Flow",
    "FlowDistribution",
    "FlowTransform",
    "MaskedAutoregressive",
    "MaskedAutoregressiveFlow",
    "MixtureBase",
    "NetworkConditionals",
    "NormalBase",
    "RationalQuadraticSpline",
    "StudentBase",
    "base_from_config",
    "bijection_from_config",
]
