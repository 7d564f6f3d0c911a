"""From what a caller names to a base distribution."""

from torch import nn

from tailormade.flows.bases.base import Base
from tailormade.flows.bases.mixture import MixtureBase
from tailormade.flows.bases.simple import NormalBase, StudentBase

_NAMES: dict[str, type[Base]] = {"mixture": MixtureBase, "normal": NormalBase, "student": StudentBase}
_METHODS = ("log_prob", "config", "forward")


def choose_base(base: str | nn.Module | None, features: int, context: int) -> nn.Module:
    """Return the base that an argument stands for.

    Args:
        base: A name, a base, a MADE, or ``None`` for the standard normal.
        features: Number of variables D.
        context: Width of the flow's context.

    Raises:
        ValueError: If the name is unknown, or the base has another D or takes another context.
        TypeError: If it is no base.

    Example:
        >>> choose_base("student", 2, 0).config()
        {'kind': 'StudentBase', 'features': 2, 'dof': 5.0, 'learn': True}
    """
    if base is None or isinstance(base, str):
        if base is not None and base not in _NAMES:
            raise ValueError(f"base: expected one of {sorted(_NAMES)}, a base or a MADE, got {base!r}.")
        return _NAMES[base or "normal"](features)
    if not isinstance(base, nn.Module) or not all(hasattr(base, name) for name in ("features", "context", *_METHODS)):
        raise TypeError(f"base: expected one of {sorted(_NAMES)}, a base or a MADE, got {type(base).__name__}.")
    _check_base(base, features, context)
    return base


def _check_base(base: nn.Module, features: int, context: int) -> None:
    if base.features != features:
        raise ValueError(f"base: expected {features} variables, as the flow has, got {base.features}.")
    if base.context not in (0, context):
        raise ValueError(
            f"base: expected a context of width {context}, as the flow has, or none, got one of {base.context}."
        )
    layout = getattr(base, "layout", None)
    if layout is not None and any(c.support.is_discrete for c in layout.conditionals):
        raise ValueError("base: expected continuous conditionals, such as NormalMixture(), got discrete ones.")
