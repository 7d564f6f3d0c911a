"""Sampling: from uniform noise to values, one degree after another."""

from tailormade.sampling.ancestral import sample_ancestral

__all__ = ["sample_ancestral"]
