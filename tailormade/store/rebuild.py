"""From the header of a file to a model of the architecture it describes, without its weights."""

import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tailormade.conditionals import conditional_from_config
from tailormade.density import MADE
from tailormade.masks import LostDependencyWarning

if TYPE_CHECKING:
    from tailormade.flows import Flow

Degrees = Mapping[str, list[list[int]]]  # of tensors of degrees, by their names in the state dict

_INPUTS = re.compile(r"stack\.layers\.(\d+)\.transform\.table\.inputs")


def kind_of(model: object) -> str:
    """Return the name under which a model is stored.

    Raises:
        TypeError: If it is no MADE, MAF or IAF.
    """
    if isinstance(model, MADE):
        return "MADE"
    from tailormade.flows import IAF, MAF

    for kind in (MAF, IAF):
        if isinstance(model, kind):
            return kind.__name__
    raise TypeError(f"model: expected a MADE, MAF or IAF, got {type(model).__name__}.")


def are_degrees(name: str) -> bool:
    """Return whether a tensor of this name holds degrees, which are kept readable in the header."""
    return "table" in name.split(".")


def rebuild(header: Mapping[str, Any]) -> "MADE | Flow":
    """Return a model with the header's architecture, orders and degrees."""
    config, degrees = dict(header["config"]), header["degrees"]
    with warnings.catch_warnings():  # lost dependencies were reported when the model was made
        warnings.simplefilter("ignore", LostDependencyWarning)
        model = _made(config, degrees) if header["kind"] == "MADE" else _flow(header["kind"], config, degrees)
    return model.to(getattr(torch, header["dtype"]))


def _made(config: dict[str, Any], degrees: Degrees) -> MADE:
    conditionals = [conditional_from_config(c) for c in config.pop("conditionals")]
    config["conditionals"] = conditionals[0] if len(conditionals) == 1 else conditionals
    if config["hidden_degrees"] == "explicit":
        layers = [degrees[f"table.hidden_{i}"][0] for i in range(len(degrees) - 1)]
        config["hidden_degrees"] = layers[:: 2 if config["residual"] else 1]
    asked = config.pop("input_order")
    stored = degrees["table.inputs"]
    model = MADE(**config, input_order=stored if config["orders"] == "any" else stored[0], seed=0)
    model.asked_order = asked
    return model


def _flow(kind: str, config: dict[str, Any], degrees: Degrees) -> "Flow":
    from tailormade import flows

    found = sorted((int(match[1]), name) for name in degrees if (match := _INPUTS.fullmatch(name)))
    asked, config["orders"] = config["orders"], [degrees[name][0] for _, name in found]
    config["bijection"] = flows.bijection_from_config(config["bijection"])
    config["base"] = _base(config["base"], degrees)
    model: flows.Flow = getattr(flows, kind)(**config, seed=0)
    model.asked_orders = asked
    return model


def _base(config: dict[str, Any], degrees: Degrees) -> nn.Module:
    from tailormade.flows import base_from_config

    if config["kind"] != "MADE":
        return base_from_config(config)
    own = {name.removeprefix("base."): values for name, values in degrees.items() if name.startswith("base.")}
    return _made({name: value for name, value in config.items() if name != "kind"}, own)
