"""What is in a model: as JSON-ready values, and in words, a line for each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailormade.density import MADE


def describe(model: "MADE", order: int = 0) -> dict[str, Any]:
    """Return what is in a model as JSON-ready values."""
    from tailormade.masks import count_lost

    if not 0 <= order < len(model.table):
        raise ValueError(f"order: expected 0..{len(model.table) - 1}, got {order}.")
    config = model.config()
    lost, allowed = count_lost(model.table[order], direct=config["direct"])
    kinds: dict[str, int] = {}
    for c in model.layout.conditionals:
        kinds[str(c)] = kinds.get(str(c), 0) + 1
    return {
        "variables": model.features,
        "context": model.context,
        "conditionals": kinds,
        "hidden_units": config["hidden_units"],
        "activation": config["activation"],
        "residual": config["residual"],
        "direct": config["direct"],
        "dropout": config["dropout"],
        "image_shape": config["image_shape"],
        "shifts": config.get("shifts"),
        "orders": model.orders,
        **({} if model.shared else {"networks": len(model.networks)}),
        "input_order": model.table[order].inputs.tolist(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "dependencies": allowed,
        "lost_dependencies": lost,
        "fit": model.metadata.get("fit"),
        "columns": model.metadata.get("columns"),
        "context_columns": model.metadata.get("context_columns"),
    }


def words_text(description: dict[str, Any], note: str = "; pictures count from 1") -> str:
    """Write a description in words, and the names that the command gives to columns without any.

    Args:
        description: What is in a model.
        note: Behind those names.
    """
    lines = words(description)
    if description["columns"] is None:
        names = _short([f"x{i}" for i in range(description["variables"])])
        lines.append(f"{'names':<18} {names} (counted from 0{note})")
    return "\n".join(lines)


def words(description: Mapping[str, Any]) -> list[str]:
    """Return a line for each entry that says something."""
    told = {name: value for name, value in description.items() if not (value is None or value == [] or value is False)}
    return [f"{name.replace('_', ' '):<18} {_short(value)}" for name, value in told.items()]


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v:.4g}" if isinstance(v, float) else f"{k}: {v}" for k, v in value.items())
    if isinstance(value, list):
        words = [str(v) for v in value]
        return " ".join(words) if len(words) <= 16 else " ".join([*words[:12], "...", *words[-2:]])
    return str(value)
