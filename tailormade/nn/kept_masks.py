"""What is made of degrees, kept for as long as they stay the same: masks and their staircases.

Making masks takes some hundredths of a step's time, and one set of degrees mostly serves for many steps. Degrees stay
the state: what is kept goes by where they lie in memory, by torch's count of edits in place and, on the CPU, by what
they are, as an edit through ``.data`` is not counted. So loading, casting, moving and editing them all make new masks.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor
from torch.compiler import is_compiling

from tailormade.masks import Degrees

Masks = tuple[list[Tensor], Tensor | None]
T = TypeVar("T")


class Kept(Generic[T]):
    """Hold what was made of degrees last, such as masks.

    Example:
        >>> kept, degrees = Kept(), Degrees(torch.tensor([1, 2]))
        >>> make = lambda degrees: (degrees.masks(), None)
        >>> kept.of(degrees, make)[0][0] is kept.of(degrees, make)[0][0]
        True
        >>> _ = degrees.inputs.copy_(torch.tensor([2, 1]))
        >>> kept.of(degrees, make)[0][0].int().tolist()
        [[0, 1], [0, 0]]
    """

    def __init__(self) -> None:
        self._last: tuple[list[tuple[Any, ...]], Degrees, list[Tensor], T] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: nothing kept."""
        return {"_last": None}

    @property
    def last(self) -> T | None:
        """What was made last, if anything."""
        return None if self._last is None else self._last[3]

    def of(self, degrees: Degrees, make: Callable[[Degrees], T]) -> T:
        """Return what ``make`` makes of ``degrees``, anew if they are not those of the last time."""
        tensors = (degrees.inputs, *degrees.hidden)
        if is_compiling() or _passing(tensors):
            return make(degrees)
        key = [(t.data_ptr(), t._version, t.shape, t.stride(), t.dtype, t.device) for t in tensors]
        if self._last is None or self._last[0] != key or not _alike(tensors, self._last[2]):
            # holding the degrees keeps their memory from others
            self._last = key, degrees, [t.clone() for t in tensors], make(degrees)
        return self._last[3]


def _alike(tensors: tuple[Tensor, ...], others: list[Tensor]) -> bool:
    """Whether tensors are as they were, where asking does not make a device wait."""
    return all(t.device.type != "cpu" or torch.equal(t, other) for t, other in zip(tensors, others, strict=True))


def _passing(tensors: tuple[Tensor, ...]) -> bool:
    """Whether tensors made now are of no use later: in inference mode, and inside the transforms of ``torch.func``."""
    return torch.is_inference_mode_enabled() or transformed() or any(t.is_inference() for t in tensors)


def transformed() -> bool:
    """Return whether a transform of ``torch.func`` is at work."""
    active: bool = torch._C._are_functorch_transforms_active()
    return active
