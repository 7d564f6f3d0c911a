r"""How several processes train one model.

Each holds the model, and a shuffled batch of B rows is divided among them. With ``ℓ_n`` the loss of a row and ``S_r``
the share of process r, it computes the gradient of ``(1/B) Σ_{n ∈ S_r} ℓ_n`` (1); their sum over the processes is the
gradient of the batch's mean (2), however uneven the shares, an empty one included. Then every process makes the same
step. The result is that of one process with the same batches, but for rounding, so that a fit can be resumed by
another number of processes. Dropout alone differs: every process draws its own.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from tailormade.density import MADE
from tailormade.processes import Team
from tailormade.training.likelihood import Model


def add_gradients(team: Team, loss: float, parameters: Iterable[nn.Parameter]) -> float:
    """Add up the gradients of all processes (2), in place.

    Args:
        team: All of them, each with the gradient of its part (1) of the loss.
        loss: That part.
        parameters: Those that are trained.

    Returns:
        The loss of the whole batch.
    """
    if team.size == 1:
        return loss
    total = torch.tensor([loss], dtype=torch.float64)
    team.add_up([p.grad for p in parameters if p.grad is not None])
    team.add_up([total])
    return float(total)


def check_together(team: Team, model: Model, identity: Mapping[str, Any], epochs: int) -> None:
    """Check that all processes are about to do the same, and give them process 0's weights and orders.

    Args:
        team: All of them.
        model: To be trained; those of other processes may have been drawn with another seed.
        identity: Settings, architecture and a hash of the data.
        epochs: How many were done before.

    Raises:
        ValueError: If settings, data or epochs differ, or what is trained needs whole batches.
    """
    if team.size == 1:
        return
    if not isinstance(model, MADE) and model.batch_normalised:
        raise ValueError(
            f"normalisation: expected 'activation' or 'none' on {team.size} processes, got 'batch', whose statistics "
            "are those of a whole batch. Choose another, or train on one process."
        )
    team.check_same("train", str(identity["data"]), "Give all the same rows, divided with the same seed.")
    settings = {name: value for name, value in identity.items() if name != "data"}
    team.check_same("config", json.dumps(settings, sort_keys=True), "Give all the same settings and model.")
    team.check_same("resume", str(epochs), "Put the folder on a file system that all hosts share.")
    state = {name: t.detach().clone() for name, t in model.state_dict().items()}
    team.take_firsts(list(state.values()))
    model.load_state_dict(state)


def dropout_stream(team: Team) -> str:
    """Return the name of this process's stream of dropout; that of process 0 is the one of a process alone."""
    return "dropout" if team.first else f"dropout of process {team.rank}"
