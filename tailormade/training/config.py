"""How to fit."""

import math
from dataclasses import asdict, dataclass, fields
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from tailormade.random import check_seed

_NUMBERS = (
    "max_epochs", "batch_size", "learning_rate", "warmup", "weight_decay", "clip_norm", "patience", "average_epochs",
    "resample_every", "stored_orders", "checkpoint_seconds",
)  # fmt: skip
if TYPE_CHECKING:
    from tailormade.training.likelihood import Model

_FLOW = {"max_epochs": 100, "batch_size": 256, "learning_rate": 1e-3, "weight_decay": 1e-4}
_PLACE = ("folder", "resume", "checkpoint_seconds", "device", "progress")  # do not change the result
_LATER = ("stored_orders", "evidence_first")  # named where they do something: fits begun before there were any go on


@dataclass(frozen=True)
class FitConfig:
    """Say how to fit; every value is checked at once.

    Attributes:
        max_epochs: Passes over the training rows at most; also the length of the cosine.
        batch_size: Rows in a step, of all processes together.
        learning_rate: Step size at the start.
        schedule: ``'cosine'`` (to zero) or ``'constant'``.
        warmup: Fraction of all steps over which the step size rises from zero.
        weight_decay: AdamW's, on weights and not on biases. What :meth:`tailormade.MADE.adapt` started a direct
            connection at is where its weights decay to (:class:`~tailormade.training.anchor.Anchor`).
        clip_norm: Largest gradient norm in a step; 0 for no clipping.
        patience: Epochs without a better validation likelihood before stopping; 0 to never stop early.
        average_epochs: Epochs over which weights are averaged: what is validated and kept is their moving average
            (:class:`~tailormade.training.averaging.Average`); 0 for the weights themselves.
        resample_every: Steps for which one order is kept, for models with several.
        stored_orders: Share of the steps that train one of the stored orders of a model with ``orders='any'``, and not
            a fresh one; their mixture is the better for it. See :mod:`tailormade.training.any_order`.
        evidence_first: Whether the other steps train, of such a model, a stored order with random variables in front,
            and only what it says given these, which is what :meth:`~tailormade.density.MADEDistribution.given` asks.
            Best with ``stored_orders=0.5``, by which validation goes, and ``MADE(..., input_order=["random"])``, which
            stores one.
        adapt: Start from the marginals and centre the inputs (:meth:`tailormade.MADE.adapt`).
        seed: Fixes shuffles, orders and dropout; drawn from torch's default generator if ``None``.
        precision: ``'float32'``, or ``'bf16'`` for products of matrices in bfloat16, forward and backward, which is
            faster on hardware made for it. Weights, steps, log-probabilities and validation stay what they are.
        device: Where to train; where the model is if ``None``. Of several processes on one machine, each takes a
            device of its own where this is ``'cuda'``.
        folder: Model folder for the best weights, checkpoint and history; ``None`` to write nothing.
        resume: Continue from the folder's checkpoint if there is one.
        checkpoint_seconds: Least time between checkpoints, which are written after an epoch.
        progress: Show a progress bar on stderr.

    Raises:
        TypeError: If a number is none.
        ValueError: If a value is out of range.

    Example:
        >>> FitConfig(batch_size=0)
        Traceback (most recent call last):
        ValueError: batch_size: expected at least 1, got 0.
    """

    max_epochs: int = 40
    batch_size: int = 100
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    warmup: float = 0.01
    weight_decay: float = 0.01
    clip_norm: float = 100.0
    patience: int = 15
    average_epochs: float = 0.0
    resample_every: int = 1
    stored_orders: float = 0.0
    evidence_first: bool = False
    adapt: bool = True
    seed: int | None = None
    precision: str = "float32"
    device: str | None = None
    folder: str | Path | None = None
    resume: bool = False
    checkpoint_seconds: float = 10.0
    progress: bool = True

    def __post_init__(self) -> None:
        """Check every value."""
        for name in _NUMBERS:
            if not isinstance(getattr(self, name), Real):
                raise TypeError(f"{name}: expected a number, got {getattr(self, name)!r}.")
        if self.device is not None:
            _check_device(self.device)
        for name in ("max_epochs", "batch_size", "resample_every"):
            _at_least(name, getattr(self, name), 1)
        for name in ("weight_decay", "clip_norm", "patience", "average_epochs", "checkpoint_seconds"):
            _at_least(name, getattr(self, name), 0)
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate: expected a positive number, got {self.learning_rate}.")
        if self.seed is not None:
            check_seed(self.seed)
        if not 0 <= self.stored_orders <= 1:
            raise ValueError(f"stored_orders: expected a fraction in [0, 1], got {self.stored_orders}.")
        if not 0 <= self.warmup < 1:
            raise ValueError(f"warmup: expected a fraction in [0, 1), got {self.warmup}.")
        if self.schedule not in ("cosine", "constant"):
            raise ValueError(f"schedule: expected 'cosine' or 'constant', got {self.schedule!r}.")
        if self.precision not in ("float32", "bf16"):
            raise ValueError(f"precision: expected 'float32' or 'bf16', got {self.precision!r}.")
        if self.resume and self.folder is None:
            raise ValueError("resume: expected a folder to resume from, got folder=None.")

    @classmethod
    def for_model(cls, model: "Model | type[Model]", **changes: Any) -> "FitConfig":  # noqa: ANN401 - any field
        """Return how the command fits a model of this kind, with changes.

        A flow takes 100 epochs, batches of 256, a learning rate of 1e-3 and a weight decay of 1e-4; a MADE the
        defaults of this class.

        Args:
            model: A MADE, MAF or IAF, or one of these classes.
            changes: Fields that are to be others.

        Raises:
            TypeError: If the model is none of these, or a field is unknown.
            ValueError: If a value is out of range.

        Example:
            >>> from tailormade import MAF
            >>> config = FitConfig.for_model(MAF, max_epochs=20)
            >>> config.max_epochs, config.batch_size
            (20, 256)
        """
        unknown = sorted(set(changes) - {field.name for field in fields(cls)})
        if unknown:
            raise TypeError(f"{unknown[0]}: expected a field of FitConfig, one of {[f.name for f in fields(cls)]}.")
        return cls(**{**_preset(model), **changes})

    def result_fields(self) -> dict[str, Any]:
        """Return the settings that decide the result: those a resumed run must share."""
        every = asdict(self).items()
        return {name: value for name, value in every if name not in _PLACE and (value or name not in _LATER)}


def _check_device(device: str) -> None:
    try:
        torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(f"device: expected one of torch's, such as 'cpu' or 'cuda:0', got {device!r}.") from None


def _preset(model: object) -> dict[str, Any]:
    """The fields in which a kind of model differs from the defaults."""
    from tailormade.density import MADE
    from tailormade.flows import IAF, MAF

    kind = model if isinstance(model, type) else type(model)
    if not issubclass(kind, MADE | MAF | IAF):
        found = kind.__name__ if kind is not model else repr(model)
        raise TypeError(f"model: expected a MADE, MAF or IAF, or one of these classes, got {found}.")
    return {} if issubclass(kind, MADE) else dict(_FLOW)


def _at_least(name: str, value: float, least: int) -> None:
    if not least <= value < math.inf:
        raise ValueError(f"{name}: expected at least {least}, got {value}.")
