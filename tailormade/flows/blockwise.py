"""Independent distributions side by side, as one distribution of a vector.

Event ``x = (x_1, ..., x_K)`` is the concatenation of the blocks, each flattened: ``D = Σ_k numel(event_k)`` (1), and
``log p(x) = Σ_k log p_k(x_k)`` (2). A block may itself be autoregressive, so that networks with weights of their own
model parts of an event that do not depend on each other. Batch shapes broadcast.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint

from tailormade.flows.arguments import check_tensor
from tailormade.flows.seeds import seeded_by
from tailormade.nn.shapes import as_size, expanded


class Blockwise(Distribution):
    """Be K independent distributions side by side, with event shape ``(D,)``.

    Args:
        distributions: At least one; events of any shape are flattened, scalars count as one variable.
        validate_args: Check the shape of values and those of each block's own check; torch's default if ``None``.

    Raises:
        ValueError: If there is none, or batch shapes do not broadcast.
        TypeError: If one is no distribution.

    References:
        Joshua V. Dillon et al., "TensorFlow Distributions", 2017; the class is ``tfp.distributions.Blockwise``.

    Example:
        >>> from torch.distributions import MultivariateNormal, Normal
        >>> d = Blockwise([Normal(0.0, 1.0), MultivariateNormal(torch.zeros(2), torch.eye(2))])
        >>> d.log_prob(torch.zeros(3)), d.sample((5,)).shape
        (tensor(-2.7568), torch.Size([5, 3]))
    """

    arg_constraints = {}  # noqa: RUF012 - the name and type are torch's

    def __init__(self, distributions: Sequence[Distribution], validate_args: bool | None = None) -> None:
        given = _checked(distributions)
        batch = _common_batch(given)
        self.distributions = [d.expand(batch) for d in given]
        self.sizes = [d.event_shape.numel() for d in given]
        super().__init__(batch, torch.Size([sum(self.sizes)]), validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """Every block within the support of its own distribution."""
        return BlockSupport(self)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]  # an attribute in torch
        """Whether all blocks have it."""
        return all(d.has_rsample for d in self.distributions)

    @property
    def mean(self) -> Tensor:
        """Means of the blocks, shape ``batch_shape + (D,)``."""
        return self._join([d.mean for d in self.distributions])

    @property
    def variance(self) -> Tensor:
        """Variances of the blocks, shape ``batch_shape + (D,)``."""
        return self._join([d.variance for d in self.distributions])

    def entropy(self) -> Tensor:
        """Return the sum of the blocks' entropies in nats, shape ``batch_shape``."""
        return torch.stack([d.entropy() for d in self.distributions]).sum(0)

    def __repr__(self) -> str:
        """Name the blocks."""
        blocks = ", ".join(
            f"{type(d).__name__}: {size}" for d, size in zip(self.distributions, self.sizes, strict=True)
        )
        return f"Blockwise({blocks}; batch_shape={tuple(self.batch_shape)}, event_shape={tuple(self.event_shape)})"

    def expand(self, batch_shape: Sequence[int], _instance: Distribution | None = None) -> "Blockwise":
        """Return the distribution with a larger batch shape."""
        shape = expanded(self.batch_shape, batch_shape)
        return Blockwise([d.expand(shape) for d in self.distributions], self._validate_args)

    def split(self, value: Tensor) -> list[Tensor]:
        """Return the blocks of values ``(*, D)``, each in its own event shape.

        Raises:
            ValueError: If the last dimension is not D.
        """
        check_tensor("value", value)
        if value.ndim < 1 or value.shape[-1:] != self.event_shape:
            sizes = "" if len(self.sizes) == 1 else f" (blocks of {self.sizes})"
            raise ValueError(
                f"value: expected event_shape {tuple(self.event_shape)}{sizes}, got shape {tuple(value.shape)}."
            )
        parts = value.split(self.sizes, -1)
        return [p.reshape((*p.shape[:-1], *d.event_shape)) for p, d in zip(parts, self.distributions, strict=True)]

    def log_prob(self, value: Tensor) -> Tensor:
        """Return ``Σ_k log p_k(x_k)`` in nats, shape ``(*)`` for values of shape ``(*, D)``.

        Raises:
            ValueError: If the shape does not fit or a block rejects its values.
        """
        logs = [_scored(k, *pair) for k, pair in enumerate(zip(self.distributions, self.split(value), strict=True))]
        return torch.stack(logs).sum(0)

    def sample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples.

        Args:
            sample_shape: Shape in front of the batch shape.
            generator: Source of the seed of the draw; torch's default generator, as the blocks use it, if ``None``.

        Returns:
            Shape ``sample_shape + batch_shape + (D,)``.
        """
        with seeded_by(generator):
            return self._join([d.sample(as_size(sample_shape)) for d in self.distributions])

    def rsample(self, sample_shape: Sequence[int] = (), *, generator: torch.Generator | None = None) -> Tensor:
        """Draw samples that are differentiable; arguments and shape as for :meth:`sample`.

        Raises:
            NotImplementedError: If a block has no ``rsample``.
        """
        with seeded_by(generator):
            return self._join([d.rsample(as_size(sample_shape)) for d in self.distributions])

    def _join(self, parts: list[Tensor]) -> Tensor:
        """Concatenate what blocks have for their events."""
        triples = zip(parts, self.distributions, self.sizes, strict=True)
        return torch.cat([p.reshape((*p.shape[: p.ndim - len(d.event_shape)], n)) for p, d, n in triples], -1)


class BlockSupport(Constraint):
    """Every block within the support of its own distribution."""

    event_dim = 1

    def __init__(self, blockwise: Blockwise) -> None:
        self.blockwise = blockwise
        supports: list[Any] = [d.support for d in blockwise.distributions]
        self.is_discrete = all(support.is_discrete for support in supports)
        self.supports = supports

    def check(self, value: Tensor) -> Tensor:
        """Return whether every event is in the support, shape ``(*)``."""
        parts = self.blockwise.split(value)
        return torch.stack([s.check(part) for s, part in zip(self.supports, parts, strict=True)]).all(0)


def _scored(number: int, distribution: Distribution, part: Tensor) -> Tensor:
    try:
        return distribution.log_prob(part)
    except ValueError as error:
        raise ValueError(f"block {number}: {error}") from None


def _checked(distributions: Sequence[Distribution]) -> list[Distribution]:
    if isinstance(distributions, Distribution) or not isinstance(distributions, Iterable):
        found = type(distributions).__name__
        raise TypeError(f"distributions: expected a list of torch distributions, got {found}; put it into a list.")
    given = list(distributions)
    if not given:
        raise ValueError("distributions: expected at least one, got none.")
    for number, distribution in enumerate(given):
        if not isinstance(distribution, Distribution):
            raise TypeError(
                f"distributions: expected torch distributions, got {type(distribution).__name__} at {number}."
            )
    return given


def _common_batch(given: list[Distribution]) -> torch.Size:
    try:
        return torch.broadcast_shapes(*(d.batch_shape for d in given))
    except RuntimeError:
        shapes = [tuple(d.batch_shape) for d in given]
        raise ValueError(
            f"distributions: expected batch shapes that broadcast, got {shapes}; torch.distributions.Independent turns "
            "batch dimensions into those of an event."
        ) from None
