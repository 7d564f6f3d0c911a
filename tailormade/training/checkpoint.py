"""The state between two epochs, on disk: all that a resumed run needs.

Weights, optimiser moments and the best weights so far are tensors; epoch, history, settings and a fingerprint of the
data are JSON in the same file's header, so that one rename replaces them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tailormade.files import pack, unpack, write_atomically
from tailormade.training.history import History

CHECKPOINT_FILE = "checkpoint.safetensors"


@dataclass
class Checkpoint:
    """Hold the state after an epoch.

    Attributes:
        weights: The model's state after the epoch.
        best: The model's state after the best epoch.
        average: The average of the weights, if one is kept.
        moments: The optimiser's tensors, keyed ``'{parameter}.{name}'``.
        history: Records so far.
        identity: Settings, architecture and data that a resumed run must share.
        publish: Whether the best model so far is put in the folder during the fit.
    """

    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]
    history: History
    identity: dict[str, Any]
    publish: bool

    def write(self, folder: Path) -> None:
        """Write the checkpoint in one step."""
        tensors = {f"weights/{k}": v for k, v in self.weights.items()}
        tensors |= {f"best/{k}": v.clone() for k, v in self.best.items()}
        tensors |= {f"average/{k}": v for k, v in self.average.items()}
        tensors |= {f"moments/{k}": v for k, v in self.moments.items()}
        header = {
            "identity": self.identity,
            "records": self.history.records,
            "best_epoch": self.history.best_epoch,
            "seed": self.history.seed,
            "publish": self.publish,
        }
        write_atomically(folder / CHECKPOINT_FILE, pack(tensors, header))


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Read the checkpoint in a folder, ``None`` if there is none.

    Raises:
        ValueError: If the file is damaged or foreign.
    """
    file = folder / CHECKPOINT_FILE
    if not file.exists():
        return None
    tensors, header = unpack(file)
    parts: dict[str, dict[str, Tensor]] = {"weights": {}, "best": {}, "average": {}, "moments": {}}
    for name, tensor in tensors.items():
        part, key = name.split("/", 1)
        parts[part][key] = tensor
    history = History(header["records"], header["best_epoch"], header["seed"])
    return Checkpoint(**parts, history=history, identity=header["identity"], publish=header["publish"])


def check_identity(found: Mapping[str, Any], wanted: Mapping[str, Any], folder: Path) -> None:
    """Check that a checkpoint belongs to this run.

    Raises:
        ValueError: Naming the first setting that differs.
    """
    for name in {**found, **wanted}:
        if found.get(name) != wanted.get(name):
            shown = "" if name == "data" else f" ({found.get(name)} there, {wanted.get(name)} now)"
            raise ValueError(
                f"resume: the checkpoint in {folder} was made with another {name}{shown}. "
                "Give the same settings and data, or start anew."
            )


def optimizer_moments(optimizer: torch.optim.Optimizer, names: Mapping[nn.Parameter, str]) -> dict[str, Tensor]:
    """Return the optimiser's tensors under the names of their parameters."""
    return {
        f"{name}.{key}": torch.as_tensor(value)
        for parameter, name in names.items()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def restore_moments(
    optimizer: torch.optim.Optimizer, names: Mapping[nn.Parameter, str], moments: Mapping[str, Tensor]
) -> None:
    """Put the tensors of :func:`optimizer_moments` back."""
    keys: dict[str, list[str]] = {}
    for entry in moments:
        owner, key = entry.rsplit(".", 1)
        keys.setdefault(owner, []).append(key)
    for parameter, name in names.items():
        state: dict[str, Tensor] = {}
        for key in keys.get(name, []):
            moment = moments[f"{name}.{key}"]
            state[key] = moment.clone() if key == "step" else moment.to(parameter, copy=True)
        optimizer.state[parameter] = state
