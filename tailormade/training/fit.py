"""``fit``: the door to training."""

from typing import Any

from tailormade.processes import team
from tailormade.random import seeded
from tailormade.training.config import FitConfig
from tailormade.training.history import History
from tailormade.training.likelihood import Model
from tailormade.training.run import Run
from tailormade.training.streamdata import fit_data


def fit(
    model: Model,
    train: Any,  # noqa: ANN401 - anything numpy can read as a table
    valid: Any = None,  # noqa: ANN401 - as train
    *,
    context: Any = None,  # noqa: ANN401 - as train
    valid_context: Any = None,  # noqa: ANN401 - as train
    config: FitConfig = FitConfig(),  # noqa: B008 - frozen, so safe to share
) -> History:
    """Fit a model by maximum likelihood and leave it with its best weights, in evaluation mode.

    Best means the highest likelihood of the validation rows; without any, the last epoch. Ctrl-C ends the fit with the
    best weights so far in the model (and in the folder) before it propagates.

    In a program that ``torchrun`` or ``accelerate launch`` has started several times, every process must make this
    call with the same arguments; they then train one model, each on its share of every batch
    (:mod:`tailormade.training.together`), and all end with its best weights. Process 0 alone writes and shows progress.

    Args:
        model: A MADE, MAF or IAF, trained in place.
        train: Rows, shape ``(rows, D)``: a tensor or anything numpy reads as a table of numbers. A path to a ``.npy``
            or ``.parquet``, or a memory map, of 512 MiB or more is read from disk in every epoch and shuffled in a
            buffer (:mod:`tailormade.training.stream`); a :class:`~tailormade.training.Stream` is, whatever its size.
        valid: Rows that choose the best epoch and when to stop.
        context: One row of context for each training row, if the model is conditional.
        valid_context: The same for the validation rows.
        config: How to fit.

    Returns:
        The record of all epochs.

    Raises:
        ValueError: If rows or context do not fit the model, before anything is trained.
        LostProcessError: If another of several processes has ended.
        FloatingPointError: If the loss becomes NaN or infinite, naming the step and the parameter.

    Example:
        >>> import torch
        >>> from tailormade import MADE
        >>> rows = torch.randint(2, (64, 4), generator=torch.Generator().manual_seed(0))
        >>> history = fit(MADE(4, seed=0), rows, config=FitConfig(max_epochs=2, seed=0, progress=False))
        >>> len(history.records), history.stopped
        (2, 'max_epochs')
    """
    data = fit_data(model, train, valid, context, valid_context)
    with team() as together:
        run = Run(model, data, config, together)
        with seeded(run.seed):
            return run.train()
