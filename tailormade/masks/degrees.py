"""The degrees of one network, and the masks they imply.

With degrees ``a`` below and ``b`` above, a connection exists where ``a <= b`` into a hidden unit (1) and where
``a < b`` into an output (2). Masks are derived where they are used and never stored as floats: degrees are
the state, so no load, cast or in-place edit of a weight can bring back a forbidden connection.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

IntArray = Tensor | NDArray[np.integer]


def create_autoregressive_mask(
    degrees_in: IntArray,
    degrees_out: IntArray,
    strictly_less: bool = True,
    transpose: bool = False,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """Return the mask between two layers: 1 where ``degree_in < degree_out`` (or ``<=``).

    Args:
        degrees_in: Degrees of the layer below, shape ``(n_in,)``; a tensor or a numpy array.
        degrees_out: Degrees of the layer above, shape ``(n_out,)``; of the same kind.
        strictly_less: ``<`` (into an output) if true, ``<=`` (into a hidden unit) otherwise.
        transpose: Return ``(n_out, n_in)``, the layout of ``nn.Linear.weight``, instead of ``(n_in, n_out)``.
        dtype: Type of the mask; torch's default type if ``None``. ``torch.bool`` is allowed.

    Returns:
        Tensor of zeros and ones of shape ``(n_in, n_out)``, or ``(n_out, n_in)`` if ``transpose``.

    Raises:
        TypeError: If the degrees are not both tensors or both numpy arrays.

    Example:
        >>> create_autoregressive_mask(torch.tensor([1, 2]), torch.tensor([1, 2, 3]), dtype=torch.int)
        tensor([[0, 1, 1],
                [0, 0, 1]], dtype=torch.int32)
    """
    pair = (degrees_in, degrees_out)
    if not (all(isinstance(d, Tensor) for d in pair) or all(isinstance(d, np.ndarray) for d in pair)):
        raise TypeError(
            "degrees_in and degrees_out: expected two tensors or two numpy arrays, got "
            f"{type(degrees_in).__name__} and {type(degrees_out).__name__}; convert both with torch.as_tensor."
        )
    below, above = torch.as_tensor(degrees_in), torch.as_tensor(degrees_out)
    rows, columns = (above[:, None], below[None, :]) if transpose else (above[None, :], below[:, None])
    mask = rows > columns if strictly_less else rows >= columns
    return mask.to(torch.get_default_dtype() if dtype is None else dtype)


def weight_mask(below: Tensor, above: Tensor, *, output: bool) -> Tensor:
    """Return the boolean mask ``(n_above, n_below)`` of a weight, strict into an output."""
    return create_autoregressive_mask(below, above, strictly_less=output, transpose=True, dtype=torch.bool)


@dataclass(frozen=True)
class Degrees:
    """Hold the degrees of one connectivity: what an order and a draw of hidden degrees amount to.

    Attributes:
        inputs: Degrees of the variables, shape ``(D,)``: the input order. Outputs have the same degrees.
        hidden: Degrees of the hidden units, one tensor of shape ``(H_l,)`` for each layer.
        member: Which of a model's networks they belong to, where it has several.

    Example:
        >>> degrees = Degrees(torch.tensor([1, 2, 3]), (torch.tensor([1, 2]),))
        >>> [mask.int().tolist() for mask in degrees.masks()]
        [[[1, 0, 0], [1, 1, 0]], [[0, 0], [1, 0], [1, 1]]]
    """

    inputs: Tensor
    hidden: tuple[Tensor, ...] = ()
    member: int = 0

    @property
    def features(self) -> int:
        """Number of variables D."""
        return len(self.inputs)

    @property
    def groups(self) -> int:
        """Number of distinct input degrees: the steps of ancestral sampling."""
        return int(self.inputs.max())

    def masks(self) -> list[Tensor]:
        """Return the masks between successive layers at the level of variables, each ``(n_above, n_below)``."""
        layers = (self.inputs, *self.hidden)
        inner = [weight_mask(a, b, output=False) for a, b in zip(layers, self.hidden, strict=False)]
        return [*inner, weight_mask(layers[-1], self.inputs, output=True)]

    def direct_mask(self) -> Tensor:
        """Return the mask ``(D, D)`` of a direct connection; also every dependency the order allows."""
        return weight_mask(self.inputs, self.inputs, output=True)
