r"""Rows of a flow, and what becomes of them given single values or a question.

A flow's variables have no order that all its transforms share, so evidence is answered by importance sampling: with
proposals ``u ~ q`` and weights ``w = p(u, e) / q(u)`` (1), ``p(e) ≈ mean w`` and rows chosen by weight are draws from
``p(u | e)`` about, as far as the effective sample size ``(Σ w)² / Σ w²`` (2) goes. The proposal is a
:class:`~tailormade.cli.flowcloud.Cloud` around joint samples near the evidence, and is moved twice to where weights
are (population Monte Carlo). Given a question, rows are drawn until it holds, which is exact (3).

Olivier Cappé, Arnaud Guillin, Jean-Michel Marin, Christian P. Robert, "Population Monte Carlo", 2004.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tailormade.cli.flowcloud import Cloud, cloud_around, first_cloud

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from tailormade.flows import FlowDistribution
    from tailormade.queries.predicates import Expression
    from tailormade.queries.weighted import Pool

_JOINT = 4000  # samples that the first proposal is made of
_ROUNDS = 2  # in which the proposal is moved
_LEAST = (30, 10)  # effective draws a proposal is moved by, and for each variable: weights are flattened until then
_FARTHEST = 1e6  # deviations from the mean, where no draw can say anything of the rest
_PARTICLES_PER_DRAW = 10  # a pool of weighted draws serves a tenth as many rows
BLOCK = 1000  # rows drawn at once, always, so that what comes first does not depend on how many are asked for


@dataclass(frozen=True)
class FlowRows:
    """All rows of a flow.

    Args:
        density: The flow's, at one context.
    """

    density: "FlowDistribution"

    def stream(self, generator: "Generator") -> "Iterator[Tensor]":
        """Yield blocks of rows without end."""
        while True:
            yield self.density.sample((BLOCK,), generator=generator)


@dataclass(frozen=True)
class FlowAnswer:
    """Rows of a flow given values of some variables (1).

    Args:
        density: The flow's, at one context.
        values: Of all variables, shape ``(D,)``; those not observed are never read.
        observed: Boolean, shape ``(D,)``.
        particles: Weighted draws in a pool.
        seed: Fixes the proposal and the draws behind estimates.
    """

    density: "FlowDistribution"
    values: "Tensor"
    observed: "Tensor"
    particles: int
    seed: int

    @cached_property
    def cloud(self) -> Cloud:
        """The proposal."""
        from tailormade.random import generator

        source = generator(self.seed, "evidence")
        joint = self.density.sample((_JOINT,), generator=source).double()
        evidence, spread = self.values[self.observed], joint.std(0)
        distance = (evidence - joint.mean(0)[self.observed]) / spread[self.observed]
        if not bool((distance.abs() < _FARTHEST).all()):
            raise _unlikely()
        cloud, spread = first_cloud(joint, evidence, self.observed, source), spread[~self.observed]
        for _ in range(_ROUNDS):
            u = cloud.sample(_JOINT, source)
            cloud = cloud_around(u, _flattened(self._weights(cloud, u), u.shape[1]), spread, source)
        return cloud

    def _fill(self, u: "Tensor") -> "Tensor":
        full = self.values.expand(len(u), -1).clone()
        full[:, ~self.observed] = u
        return full

    def _weights(self, cloud: Cloud, u: "Tensor") -> "Tensor":
        """Logarithms of (1).

        Raises:
            ValueError: If all weights are 0.
        """
        import torch

        with torch.no_grad():
            logs = self.density.flow.log_prob(self._fill(u), self.density.context).double() - cloud.log_prob(u)
        logs = logs.nan_to_num(nan=-torch.inf, posinf=-torch.inf)
        if not bool(logs.isfinite().any()):
            raise _unlikely()
        return logs

    def pool(self, generator: "Generator") -> "Pool":
        """Draw complete rows, and weigh them."""
        from tailormade.queries.weighted import Pool

        u = self.cloud.sample(self.particles, generator)
        return Pool(self._fill(u)[None, None], self._weights(self.cloud, u)[None, None])

    @cached_property
    def estimates(self) -> "Pool":
        """The pool behind estimates, the same at every call."""
        from tailormade.random import generator

        return self.pool(generator(self.seed, "evidence", 1))

    @property
    def effective_sample_size(self) -> float:
        """(2), of one pool."""
        return float(self.estimates.effective_sample_size())

    @property
    def log_evidence(self) -> tuple[float, float]:
        """Estimate of log p(e) and its standard error."""
        return float(self.estimates.log_evidence()), float(self.estimates.log_evidence_error())

    def stream(self, generator: "Generator") -> "Iterator[Tensor]":
        """Yield blocks of rows without end, each chosen by weight from a pool of its own."""
        from tailormade.queries.evidence import choose

        size = max(1, self.particles // _PARTICLES_PER_DRAW)
        while True:
            pool = self.pool(generator)
            yield pool.values[0, 0][choose(pool.shares(), size, generator)[0]]


def _unlikely() -> ValueError:
    return ValueError(
        "given: expected values that can occur, got some whose density under the model is 0 as far as can be computed; "
        "give values nearer to the data."
    )


def _flattened(logs: "Tensor", width: int) -> "Tensor":
    """Weights that add up to 1, raised to a power of at most 1 with which enough of them count."""
    import torch

    shares, power = torch.softmax(logs, 0), 1.0
    least = min(max(_LEAST[0], _LEAST[1] * width), len(logs) // 2)
    while float(1 / shares.square().sum()) < least and power > 1e-6:
        power /= 2
        shares = torch.softmax(power * logs, 0)
    return shares


@dataclass(frozen=True)
class FlowRegion:
    """Rows of a flow for which a question holds (3).

    Args:
        density: The flow's, at one context.
        question: What holds.
        names: Of the variables.
        seed: Fixes the draws behind :attr:`share`.
    """

    density: "FlowDistribution"
    question: "Expression"
    names: list[str]
    seed: int
    tried: int = 20 * BLOCK

    @cached_property
    def found(self) -> "Tensor":
        """Rows for which it holds, of those that were tried, shape ``(n, D)``."""
        import torch

        from tailormade.random import generator

        blocks = self._blocks(generator(self.seed, "evidence"))
        return torch.cat([next(blocks) for _ in range(self.tried // BLOCK)])

    @property
    def share(self) -> tuple[float, float]:
        """Probability of the question, and its standard error."""
        return share_of(len(self.found), self.tried)

    def _blocks(self, generator: "Generator") -> "Iterator[Tensor]":
        for rows in FlowRows(self.density).stream(generator):
            yield rows[holds(self.question, self.names, rows)]

    def stream(self, generator: "Generator") -> "Iterator[Tensor]":
        """Yield blocks of rows without end, some of them empty."""
        return self._blocks(generator)


def holds(question: "Expression", names: list[str], rows: "Tensor") -> "Tensor":
    """Return for which rows ``(n, D)`` a question holds, boolean, shape ``(n,)``."""
    import torch

    columns: dict[str, Any] = dict(zip(names, rows.cpu().double().numpy().T, strict=True))
    return torch.from_numpy(question.holds(columns))


def share_of(found: int, tried: int) -> tuple[float, float]:
    """Return a probability, estimated by a share, and its standard error, which is not 0 where none or all are found.

    Example:
        >>> share_of(25, 100)
        (0.25, 0.0434...)
        >>> share_of(0, 100)[1] > 0
        True
    """
    near = (found + 0.5) / (tried + 1)
    return found / tried, (near * (1 - near) / tried) ** 0.5
