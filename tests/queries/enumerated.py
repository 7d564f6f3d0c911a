"""What tests of queries share: evidence, orders that have it first, and what enumeration of all states says."""

from typing import NamedTuple

import torch
from helpers import context_for, every_state, redraw
from torch import Tensor

from tailormade import MADE


class Truth(NamedTuple):
    """Enumerated: states of the unobserved variables ``(S, U)``, their log-probabilities, that of the evidence."""

    rest: Tensor
    log_prob: Tensor
    log_evidence: Tensor

    def mean(self, function):
        """The expectation of a function of the unobserved variables."""
        return (self.log_prob.exp() * function(self.rest)).sum().detach()


def truth(dist, x, observed) -> Truth:
    """Answer a query by adding up the joint probabilities that a distribution without batch states."""
    states = every_state(dist.model)
    states = states[(states == torch.as_tensor(x))[:, observed].all(1)]
    joint = dist.log_prob(states)
    return Truth(states[:, ~observed], joint - joint.logsumexp(0), joint.logsumexp(0))


def create(features, context=0, *, scale=1.0, weights=1, **options):
    """Build a model in float64 whose weights are all drawn anew."""
    options = {"hidden_units": (9,), "activation": "tanh", "seed": 3, **options}
    return redraw(MADE(features, context, **options).double(), weights, scale)


def mask(model, variables):
    """The observed variables as booleans."""
    return torch.zeros(model.features, dtype=torch.bool).index_fill(0, torch.tensor(variables, dtype=torch.long), True)


def evidence(model, observed, *batch, seed=4):
    """Values of the variables, different in each row, and NaN where nothing is observed."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.tensor([c.cardinality for c in model.layout.conditionals])
    values = (torch.rand(*batch, model.features, generator=generator, dtype=torch.float64) * sizes).floor()
    return values.masked_fill(~observed, torch.nan)


def leading(model, share):
    """Observe a share of the groups of the first order, and redraw the other orders so that these come first."""
    table = model.table.inputs
    groups = int(table[0].max())
    first, generator = round(share * groups), torch.Generator().manual_seed(2)
    for k in range(1, len(table)):
        places = [torch.randperm(n, generator=generator) + 1 for n in (first, groups - first)]
        table[k] = torch.cat([places[0], places[1] + first])[table[0] - 1]
    return table[0] <= first


def asked(model, observed, x, **options):
    """A query at some context, and its enumerated answer."""
    dist = model(context_for(model))
    given = dist.given(x, observed, **options)
    order = model.evidence_first(observed).inputs if dist.family and bool(observed.any()) else None
    return given, truth(model(context_for(model), order=order), x, observed)


def frequencies(model, variables, samples):
    """How often each state of some variables was drawn, in the order of ``every_state``."""
    counts = torch.zeros([model.layout.conditionals[i].cardinality for i in variables], dtype=torch.float64)
    index = tuple(samples.reshape(-1, len(variables)).long().T)
    return counts.index_put_(index, torch.ones(len(index[0])).double(), accumulate=True).flatten()


def p_value(expected, counts):
    """Of Pearson's test: at least 5 expected in each cell, the rare ones together."""
    rare = expected < 5
    expected, counts = (torch.cat([t[~rare], t[rare].sum(0, keepdim=True)]) for t in (expected, counts))
    expected, counts = expected[expected > 0], counts[expected > 0]
    statistic = ((counts - expected).square() / expected).sum()
    return float(torch.special.gammaincc(torch.tensor((len(expected) - 1) / 2).double(), statistic / 2))
