r"""Weight decay of the direct connection towards what the data started it at, not towards zero.

:meth:`tailormade.MADE.adapt` starts a direct connection with what columns that exclude each other say. AdamW's decay
would take that back: ``W ← W - η λ W`` in every step of size η. Here η λ W⁰ is added after it, so that

    W ← W - η λ (W - W⁰)                                                                                    (1)

and the most regularised network, far from anything the rows do not force upon it, is the density of independent
categories instead of that of independent columns. So decay can be as strong as few rows need.

Xuhong Li, Yves Grandvalet, Franck Davoine, "Explicit Inductive Bias for Transfer Learning with Convolutional Networks",
2018, decay towards a start; theirs are the weights of another task.
"""

import torch
from torch import Tensor

from tailormade.density import MADE
from tailormade.training.likelihood import Model


class Anchor:
    """Add to an optimiser's decay what makes it one towards the start.

    Args:
        model: The model that is trained.
        rows: Training rows, from which :meth:`tailormade.MADE.adapt` started it.
        decay: The optimiser's decay λ; 0 for nothing to be done.

    Example:
        >>> rows = torch.eye(3).repeat(100, 1)
        >>> model = MADE(3, direct=True, seed=0)
        >>> anchor = Anchor(model, rows, decay=0.5)
        >>> anchor.update(0.1)
        >>> (model.network.direct.weight / model.direct_start(rows)[0])[1, 0]        # 0 and a step of 0.1 * 0.5
        tensor(0.0500, dtype=torch.float64, grad_fn=<SelectBackward0>)
    """

    def __init__(self, model: Model, rows: Tensor, decay: float) -> None:
        self.decay = decay
        self._starts: list[tuple[Tensor, Tensor]] = []
        for k, network in enumerate(model.networks if isinstance(model, MADE) and decay else []):
            start = model.direct_start(rows, k) if isinstance(model, MADE) else None
            if start is not None and network.direct is not None:
                self._starts.append((network.direct.weight, start[0].to(network.direct.weight)))

    @torch.no_grad()
    def update(self, learning_rate: float) -> None:
        """Follow a step of the optimiser by the rest of (1)."""
        for weight, start in self._starts:
            weight.add_(start, alpha=learning_rate * self.decay)
