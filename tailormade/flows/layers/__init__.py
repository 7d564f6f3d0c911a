"""What a flow is a stack of: invertible layers between data and noise."""

from tailormade.flows.layers.autoregressive import InverseLayer, MaskedLayer
from tailormade.flows.layers.base import Layer
from tailormade.flows.layers.linear import LULinear
from tailormade.flows.layers.normalisation import ActivationNorm, BatchNorm
from tailormade.flows.layers.standardise import Standardise

__all__ = ["ActivationNorm", "BatchNorm", "InverseLayer", "LULinear", "Layer", "MaskedLayer", "Standardise"]
