"""Sampling: from uniform noise to values, at the cost of about one pass of the network.

The plain loop runs the network once for each variable. But a hidden unit of degree m is final once the variables of
degree at most m are known: computed once each, in the order of their degrees, all units together cost half of one
dense pass. :mod:`~tailormade.sampling.schedule` says when each unit is final, :mod:`~tailormade.sampling.program`
turns that into matrix products between blocks and a small triangle inside each, and three engines run it. Run
backwards, the same program differentiates what was drawn (:mod:`~tailormade.sampling.recorded`).
"""

from tailormade.sampling.ancestral import sample_ancestral
from tailormade.sampling.engines import ENGINES, draw, draw_by, engine_for, use_engine
from tailormade.sampling.source import Evidence, Source

__all__ = ["ENGINES", "Evidence", "Source", "draw", "draw_by", "engine_for", "sample_ancestral", "use_engine"]
