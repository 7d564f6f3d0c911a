"""What a flow is not for, and what to use instead."""

from collections.abc import Mapping
from pathlib import Path

_INSTEAD = {
    "complete": "tailormade sample --given FILE draws the rest of rows",
    "impute": "tailormade sample --given FILE draws the rest of rows; a table fitted without --model can be imputed",
}


def refuse_flow(model: object, path: Path, verb: str) -> None:
    """Check that a model is no flow, for a verb that has no answer from one.

    Args:
        model: Any model.
        path: Where it is.
        verb: What is asked of it.

    Raises:
        ValueError: If it is one, saying which verb to use instead.
    """
    from tailormade.verify.check import is_flow

    if is_flow(model):
        what = "images" if verb == "complete" else "a table, with a schema"
        raise ValueError(
            f"{path}: {verb} needs a model of {what}, got a flow ({type(model).__name__}); {_INSTEAD[verb]}."
        )


def refuse_options(model: object, options: Mapping[str, object]) -> None:
    """Check that options that say something of a MADE are not given for a flow.

    Args:
        model: A flow.
        options: Their values by name; ``None`` where not given.

    Raises:
        ValueError: Naming the first that is given.
    """
    for name, value in options.items():
        if value is not None:
            raise ValueError(f"{name}: expected a MADE for this, got a flow ({type(model).__name__}); leave it out.")
