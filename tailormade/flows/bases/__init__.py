"""Densities of the noise that a flow starts from."""

from tailormade.flows.bases.base import Base, base_from_config
from tailormade.flows.bases.mixture import MixtureBase
from tailormade.flows.bases.simple import NormalBase, StudentBase

__all__ = ["Base", "MixtureBase", "NormalBase", "StudentBase", "base_from_config"]
