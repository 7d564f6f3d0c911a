"""What the engines need of an event's layout: the conditionals of a density, or what stands in for them.

A density's :class:`~tailormade.conditionals.Layout` fits, and so does any other that turns raw parameters and noise
into values one variable at a time, such as the inverse of an autoregressive transform.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class Kind(Protocol):
    """Turn noise into values of one variable.

    Attributes:
        params: How many raw numbers a variable takes.
        width: How many network inputs encode one value.
        noise: How many numbers of noise one value takes.
    """

    @property
    def params(self) -> int: ...  # noqa: D102 - said above
    @property
    def width(self) -> int: ...  # noqa: D102 - said above
    @property
    def noise(self) -> int: ...  # noqa: D102 - said above

    def sample(self, raw: Tensor, noise: Tensor, /) -> Tensor:
        """Turn raw parameters ``(*, params)`` and noise ``(*, noise)`` into values ``(*)``."""


class EventLayout(Protocol):
    """Say of which kind each variable is, and how values become network inputs; hashable, as programs are kept by it.

    Attributes:
        kinds: The kinds that differ.
        kind_of: Which of them each variable has.
        input_sizes: How many network inputs each variable has.
        param_sizes: How many raw parameters.
        missing: Whether each variable has a flag among its inputs.
    """

    @property
    def kinds(self) -> Sequence[Kind]: ...  # noqa: D102 - said above
    @property
    def kind_of(self) -> Sequence[int]: ...  # noqa: D102 - said above
    @property
    def input_sizes(self) -> Sequence[int]: ...  # noqa: D102 - said above
    @property
    def param_sizes(self) -> Sequence[int]: ...  # noqa: D102 - said above
    @property
    def missing(self) -> bool: ...  # noqa: D102 - said above

    def __hash__(self) -> int: ...  # noqa: D105 - said above

    def encode(self, x: Tensor) -> Tensor:
        """Turn values ``(*, D)`` into network inputs."""

    def encode_drawn(self, kind: int, values: Tensor) -> Tensor:
        """Turn values ``(*, n)`` of variables of one kind into their inputs, ``(*, n, width)``, flags included."""

    def sample(self, raw: Tensor, noise: Tensor) -> Tensor:
        """Turn raw parameters of all variables and noise ``(*, D, noise)`` into values ``(*, D)``."""
