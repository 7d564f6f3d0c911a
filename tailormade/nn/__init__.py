"""Masked layers and the autoregressive network: weights that can only be used masked."""

from tailormade.nn.degree_table import DegreeTable
from tailormade.nn.linear import MaskedLinear
from tailormade.nn.masked_network import EffectiveWeights, MaskedNetwork
from tailormade.nn.network import AutoregressiveNetwork
from tailormade.nn.sequential import MaskedSequential

__all__ = [
    "AutoregressiveNetwork",
    "DegreeTable",
    "EffectiveWeights",
    "MaskedLinear",
    "MaskedNetwork",
    "MaskedSequential",
]
