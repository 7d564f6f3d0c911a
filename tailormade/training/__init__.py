r"""Fit a density to data by maximum likelihood.

Minimise ``-(1/N) Σ_n log p(x_n | c_n)`` (1) by AdamW on random batches, the step size following half a cosine to
zero (2). A model of K orders takes them in turn, one of any order a fresh one (3): every step trains one
component's joint likelihood, never an average of logits. A flow is a single component; with batch normalisation its
statistics over all training rows are computed anew after every epoch. Then the rows held out decide which weights
are best (4), and training stops when they have not improved for a while.

Everything random is a function of (seed, epoch or step): the shuffle, the orders, the dropout. A run that
resumes from its checkpoint therefore needs no generator's state and ends in the same weights as one that was
never interrupted.
"""

from tailormade.training.config import FitConfig
from tailormade.training.data import as_rows, check_rows
from tailormade.training.fit import fit
from tailormade.training.history import History
from tailormade.training.likelihood import NegativeLogLikelihood
from tailormade.training.score import Scores, score
from tailormade.training.stream import NumberSource, Stream

__all__ = [
    "FitConfig",
    "History",
    "NegativeLogLikelihood",
    "NumberSource",
    "Scores",
    "Stream",
    "as_rows",
    "check_rows",
    "fit",
    "score",
]
