"""What is observed, and of which density."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from tailormade.conditionals import Layout
from tailormade.masks import Degrees
from tailormade.sampling import Evidence, Source, draw

_NUMBERS = 2**24  # that are in memory at a time, about


class PoorEvidenceWarning(UserWarning):
    """Warn that hardly any particle agrees with the evidence, so that estimates are unreliable."""


class Factorised(Protocol):
    """What a query needs of a model: its terms and its sampling source, under any of its connectivities."""

    features: int
    layout: Layout

    @property
    def value_dtype(self) -> torch.dtype:
        """Type of log-probabilities."""

    @property
    def draw_dtype(self) -> torch.dtype:
        """Type of values that are drawn."""

    def conditional_log_probs(
        self, x: Tensor, context: Tensor | None, degrees: Degrees, evidence: Tensor | None = None
    ) -> Tensor:
        """Return ``log p(x_i | x_<i, c)``, shape ``(*, D)``."""

    def sampling_source(self, degrees: Degrees, context: Tensor | None, evidence: Evidence | None = None) -> Source:
        """Return what the sampling engines need."""


def observed_mask(observed: Any, features: int) -> Tensor:  # noqa: ANN401 - anything torch reads
    """Return a boolean mask ``(D,)`` for a mask, or for the numbers of the observed variables.

    Raises:
        ValueError: If it is neither, or a number is out of range.
        TypeError: If it is not made of booleans or whole numbers.

    Example:
        >>> observed_mask([0, 2], 4).tolist()
        [True, False, True, False]
    """
    given = torch.as_tensor(observed)
    given = torch.zeros(features, dtype=torch.bool) if given.shape == (0,) else given
    if given.dtype == torch.bool:
        if given.shape != (features,):
            raise ValueError(
                f"observed: expected one mask of shape ({features},) for all rows, got {tuple(given.shape)}; ask once "
                "for each pattern."
            )
        return given
    if given.is_floating_point() or given.is_complex():
        raise TypeError(f"observed: expected booleans or numbers of variables, got {given.dtype}.")
    if given.ndim != 1 or int(given.min()) < 0 or int(given.max()) >= features:
        raise ValueError(f"observed: expected numbers of variables in 0..{features - 1}, got {given.tolist()}.")
    return torch.zeros(features, dtype=torch.bool, device=given.device).index_fill(0, given.long(), True)


def broadcast(name: str, shape: torch.Size, batch: torch.Size) -> torch.Size:
    """Return the common shape of a value's batch and a distribution's.

    Raises:
        ValueError: If there is none.
    """
    try:
        return torch.broadcast_shapes(shape, batch)
    except RuntimeError:
        raise ValueError(
            f"{name}: batch shape {tuple(shape)} does not broadcast with that of the distribution, {tuple(batch)}."
        ) from None


def comes_first(degrees: Degrees, observed: Tensor) -> bool:
    """Return whether no observed variable comes after an unobserved one."""
    seen = observed.to(degrees.inputs.device)
    return not bool(seen.any()) or bool(seen.all()) or bool(degrees.inputs[seen].max() <= degrees.inputs[~seen].min())


class Query(NamedTuple):
    """Evidence on the variables of a mixture of connectivities.

    Attributes:
        model: The model.
        components: Its connectivities, with equal weights before the evidence is seen.
        values: Shape ``(*, D)``; those not observed are never read, but in the support.
        observed: Boolean, shape ``(D,)``; or ``(*, D)``, for a model that takes evidence as an input.
        context: Shape ``(*, C)`` or ``None``.
    """

    model: Factorised
    components: Sequence[Degrees]
    values: Tensor
    observed: Tensor
    context: Tensor | None

    def terms(self, x: Tensor, *, drop: bool = True) -> tuple[Tensor, Tensor]:
        """Return ``Σ log p_k(x_i | x_<i)`` over observed and over unobserved i, each ``(K, *)``, for x ``(*, D)``.

        Units are dropped as the model's mode says, and never where ``drop`` is false, as in sampling.
        """
        every = self.logs(x, drop=drop)
        return torch.where(self.observed, every, 0.0).sum(-1), torch.where(self.observed, 0.0, every).sum(-1)

    def logs(self, x: Tensor, *, drop: bool, evidence: Tensor | None = None) -> Tensor:
        """Return ``log p_k(x_i | x_<i)``, shape ``(K, *, D)``, with evidence as an input if there is any."""
        if drop:
            terms = (self.model.conditional_log_probs(x, self.context, d, evidence) for d in self.components)
            return torch.stack(list(terms))
        given = None if evidence is None else Evidence(x, evidence)
        sources = (self.model.sampling_source(d, self.context, given) for d in self.components)
        dtype, layout = self.model.value_dtype, self.model.layout
        return torch.stack([layout.log_prob(source.params()(x).to(dtype), x) for source in sources])

    def propose(self, degrees: Degrees, generator: torch.Generator | None) -> Tensor:
        """Draw the unobserved variables of flat rows in turn, the evidence held fixed, shape ``(rows, D)``."""
        source = self.model.sampling_source(degrees, self.context)
        return draw(source, self.noise(generator), Evidence(self.values, self.observed))

    def noise(self, generator: torch.Generator | None) -> Tensor:
        """Return uniform numbers for all variables of flat rows, shape ``(rows, D, noise)``."""
        shape = (len(self.values), self.model.features, self.model.layout.noise)
        where = self.values.device if generator is None else generator.device
        noise = torch.rand(shape, generator=generator, dtype=self.model.draw_dtype, device=where)
        return noise.to(self.values.device)

    def expand(self, batch: Sequence[int]) -> "Query":
        """Expand the batch shape."""
        return self._mapped(lambda t: t.expand(*batch, -1))

    def flat(self) -> "Query":
        """Return the evidence in rows, without further batch dimensions."""
        return self._mapped(lambda t: t.reshape(-1, t.shape[-1]))

    def repeat(self, times: int) -> "Query":
        """Return every row ``times`` times in a row."""
        return self._mapped(lambda t: t.repeat_interleave(times, 0))

    def pick(self, index: Tensor | slice) -> "Query":
        """Return some of the rows."""
        return self._mapped(lambda t: t[index])

    def _mapped(self, function: Callable[[Tensor], Tensor]) -> "Query":
        context = None if self.context is None else function(self.context)
        observed = self.observed if self.observed.ndim == 1 else function(self.observed)
        return self._replace(values=function(self.values), context=context, observed=observed)

    def pieces(self, width: int) -> Iterator["Query"]:
        """Cut flat rows into pieces that keep memory bounded, at ``width`` copies of a row."""
        size = max(1, _NUMBERS // max(1, width * self.model.features))
        return (self.pick(slice(i, i + size)) for i in range(0, max(1, len(self.values)), size))


def log_mean(logs: Tensor, dim: int = 0) -> Tensor:
    """Return the logarithm of the mean of ``exp(logs)``."""
    return torch.logsumexp(logs, dim) - math.log(logs.shape[dim])


def choose(shares: Tensor, n: int, generator: torch.Generator | None) -> Tensor:
    """Draw ``n`` indices for each row of probabilities ``(rows, choices)``, shape ``(rows, n)``."""
    if shares.shape[-1] == 1 or n == 0 or len(shares) == 0:
        return torch.zeros(len(shares), n, dtype=torch.long, device=shares.device)
    where = shares.device if generator is None else generator.device
    return torch.multinomial(shares.to(where), n, replacement=True, generator=generator).to(shares.device)
