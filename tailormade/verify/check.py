"""The outcome of a check."""

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

import torch
from torch import Tensor

from tailormade.density import MADE

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from tailormade.flows import Flow

STATES = 2**12  # as many as are enumerated


@dataclass(frozen=True)
class Check:
    """Say whether a property holds, with the figure that shows it. True in a condition if it holds.

    Attributes:
        name: The property.
        passed: Whether it holds.
        figure: What was measured, in words.
    """

    name: str
    passed: bool
    figure: str

    def __bool__(self) -> bool:
        """Return whether the property holds."""
        return self.passed

    def __str__(self) -> str:
        """Return the line to print."""
        return f"{'ok    ' if self.passed else 'FAILED'}  {self.name:<15} {self.figure}"


def is_flow(model: object) -> "TypeIs[Flow]":
    """Return whether a model is a MAF or IAF."""
    from tailormade.flows import Flow

    return isinstance(model, Flow)


def double_copy(model: MADE) -> MADE:
    """Return a float64 copy in evaluation mode on the CPU.

    Raises:
        TypeError: If the model is no density.
    """
    if not isinstance(model, MADE):
        raise TypeError(
            f"model: expected a MADE, got {type(model).__name__}; check_autoregressive takes masked networks, too."
        )
    return copy.deepcopy(model).double().cpu().eval()


def probe_context(model: Union[MADE, "Flow"], rows: int, generator: torch.Generator) -> Tensor | None:
    """Return random context, spread as the training contexts were; ``None`` without context."""
    if not model.context:
        return None
    noise = torch.randn(rows, model.context, generator=generator, dtype=torch.float64)
    return noise * model.context_scale + model.context_shift
