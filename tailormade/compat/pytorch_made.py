r"""A drop-in for karpathy/pytorch-made: replace ``from made import MADE`` by an import of this module's.

The conventions are that project's. Degrees count from 0: ``m[-1][i]`` in 0..D-1 is the place of variable ``i`` in
the order, so ``input_order = m[-1] + 1`` (1), and hidden degrees move up by one likewise. The outputs lie in chunks:
parameter ``p`` of variable ``i`` is output ``p D + i`` (2), elsewhere in tailormade ``i P + p``. Masks are float
buffers of shape ``(out, in)``, but ``set_mask`` takes ``(in, out)``. Connectivities come from numpy's
``RandomState(seed)``, whatever the global seeds are, so that equal arguments mean equal masks.

To go on with ``tailormade.MADE``, give it (1), ``hidden_degrees=[m[0] + 1, ...]`` and ``activation="relu"``, and copy
weights and biases layer by layer, as in the example of :class:`MADE`. With P parameters a variable, first bring the
rows of the last weight and bias from (2) into our layout: ``rows.unflatten(0, (P, D)).transpose(0, 1).flatten(0, 1)``.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tailormade.masks import create_autoregressive_mask
from tailormade.nn import MaskedLinear as BaseMaskedLinear

DegreeArray = NDArray[np.integer]


class MaskedLinear(BaseMaskedLinear):
    """Apply ``y = (M ∘ W) x + b`` with a float mask that is all ones until it is set.

    Args:
        in_features: Width of the input.
        out_features: Width of the output.
        bias: Whether to add a bias.

    Example:
        >>> layer = MaskedLinear(2, 3)
        >>> layer.set_mask(np.array([[1, 0, 1], [0, 0, 1]]))
        >>> layer.mask.tolist()
        [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    """

    mask: Tensor

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__(in_features, out_features, bias=bias)
        self.mask = torch.ones_like(self.weight)

    def set_mask(self, mask: Tensor | NDArray[Any]) -> None:
        """Replace the mask, keeping its type and device.

        Args:
            mask: Zeros and ones, or booleans, of shape ``(in_features, out_features)``: transposed, unlike the buffer.

        Raises:
            ValueError: If the shape does not fit.
        """
        kept = mask if isinstance(mask, Tensor) else torch.from_numpy(np.array(mask, dtype=bool))
        try:
            self.mask.copy_((kept.T if kept.ndim == 2 else kept) != 0)
        except RuntimeError:
            raise ValueError(
                f"mask: expected shape (in, out) = {(self.in_features, self.out_features)}, got {tuple(kept.shape)}."
            ) from None

    def effective_weight(self, mask: Tensor | None = None) -> Tensor:
        """Return the weight as it is used, masked entries exactly zero; shape ``(out, in)``.

        Args:
            mask: Mask of shape ``(out, in)`` to use instead of the layer's own.
        """
        return super().effective_weight((self.mask if mask is None else mask) != 0)


class MADE(nn.Module):
    r"""Map D inputs to P numbers for each of them, those of variable ``i`` depending on variables before it alone.

    ``∂ out[p D + i] / ∂ x[j] = 0 unless m[-1][j] < m[-1][i]``, by a multi-layer perceptron with ReLU whose hidden
    degrees ``m[l]`` are uniform in ``min(m[l-1]) .. D-2``. With ``num_masks`` K there are K connectivities, drawn from
    the seeds 0..K-1, and :meth:`update_masks` goes round them.

    Same signature, masks (bit for bit), layout and state-dict keys as the original. Beyond it: ``hidden_sizes`` may be
    any sequence or one integer, ``nin=1`` works with hidden layers, wrong arguments raise ``ValueError`` or
    ``TypeError`` instead of ``AssertionError``, and masked weights may hold anything, NaN included.

    A state dict restores the masks, and only they decide what is computed. ``m`` and ``seed`` are no part of it, as in
    the original: they describe this object's own last draw, which differs from loaded masks if the other object had
    cycled on (or had other arguments). The next ``update_masks()`` with ``num_masks > 1`` draws both anew.

    Random degrees often lose dependencies, in silence as in the original: for P = 1
    ``tailormade.masks.audit([layer.mask for layer in made.net[::2]], input_order=made.m[-1] + 1)`` lists them.

    The mean of the logits over several masks, that project's test-time figure, is no log-likelihood: ``x_i`` is then
    predicted from variables after it in another order. ``tailormade.MADE(orders=K)`` is the mixture that has one.

    Args:
        nin: Number of inputs D.
        hidden_sizes: Widths of the hidden layers; ``[]`` for none.
        nout: Number of outputs, a multiple P D of ``nin``, in P chunks of D.
        num_masks: How many connectivities :meth:`update_masks` cycles through; with 1 it changes nothing.
        natural_ordering: Use the order 0..D-1 instead of random ones.

    Attributes:
        net: ``nn.Sequential`` of :class:`MaskedLinear` and ``nn.ReLU`` in turn.
        m: Degrees of the inputs (key -1) and of each hidden layer (0, 1, ...), numpy arrays.
        seed: Seed of the next connectivity.

    Raises:
        ValueError: If a size is not positive, or ``nout`` no multiple of ``nin``.
        TypeError: If a size is not an integer.

    References:
        Andrej Karpathy, "pytorch-made", 2018, https://github.com/karpathy/pytorch-made, after Germain et al.,
        "MADE: Masked Autoencoder for Distribution Estimation", 2015.

    Example:
        >>> made = MADE(4, [5], 8)
        >>> made.m[-1].tolist(), made.m[0].tolist()
        ([2, 3, 1, 0], [1, 1, 2, 0, 2])
        >>> made(torch.zeros(7, 4)).unflatten(-1, (2, 4)).shape   # chunks: parameter first, then variable
        torch.Size([7, 2, 4])

        One connectivity as a ``tailormade.MADE``, whose likelihood is the cross-entropy of the logits:

        >>> import tailormade as tm
        >>> made = MADE(4, [8], 4)
        >>> degrees = {"input_order": made.m[-1] + 1, "hidden_degrees": [made.m[0] + 1]}
        >>> model = tm.MADE(4, hidden_units=made.hidden_sizes, activation="relu", **degrees)
        >>> for new, old in zip(model.network.layers, made.net[::2]):
        ...     _ = new.load_state_dict({"weight": old.weight, "bias": old.bias}, strict=False)
        >>> x = torch.tensor([[0.0, 1.0, 1.0, 0.0]])
        >>> entropy = nn.functional.binary_cross_entropy_with_logits(made(x), x, reduction="sum")
        >>> torch.allclose(-entropy, model.log_prob(x))
        True
    """

    def __init__(
        self,
        nin: int,
        hidden_sizes: int | Iterable[int],
        nout: int,
        num_masks: int = 1,
        natural_ordering: bool = False,
    ) -> None:
        super().__init__()
        widths = [hidden_sizes] if isinstance(hidden_sizes, int | np.integer) else hidden_sizes
        self.nin, self.nout = _positive("nin", nin), _multiple(nout, nin)
        self.hidden_sizes = [_positive("hidden_sizes", width) for width in widths]
        self.num_masks, self.natural_ordering = _positive("num_masks", num_masks), natural_ordering
        layers: list[nn.Module] = []
        for below, above in pairwise([self.nin, *self.hidden_sizes, self.nout]):
            layers += [MaskedLinear(below, above), nn.ReLU()]
        self.net = nn.Sequential(*layers[:-1])  # the outputs are not rectified
        self.seed = 0
        self.m: dict[int, DegreeArray] = {}
        self.update_masks()

    def update_masks(self) -> None:
        """Go on to the next connectivity; nothing happens if there is only one."""
        if self.m and self.num_masks == 1:
            return
        degrees = _draw(self.seed, self.nin, self.hidden_sizes, self.natural_ordering)
        self.seed = (self.seed + 1) % self.num_masks
        self.m.update(enumerate(degrees, start=-1))
        outputs = np.tile(degrees[0], self.nout // self.nin)
        masks = [create_autoregressive_mask(a, b, strictly_less=False, dtype=torch.bool) for a, b in pairwise(degrees)]
        masks.append(create_autoregressive_mask(degrees[-1], outputs, dtype=torch.bool))
        layers = [layer for layer in self.net if isinstance(layer, MaskedLinear)]
        for layer, mask in zip(layers, masks, strict=True):
            layer.set_mask(mask)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(*, nin)`` to ``(*, nout)``, in chunks."""
        return self.net(x)


def _draw(seed: int, nin: int, hidden_sizes: Sequence[int], natural: bool) -> list[DegreeArray]:
    """Return the degrees of inputs and hidden layers in the sequence in which the original draws them."""
    rng = np.random.RandomState(seed)
    degrees: list[DegreeArray] = [np.arange(nin) if natural else rng.permutation(nin)]
    for width in hidden_sizes:
        lowest = int(degrees[-1].min())
        # nin - 1 is left out, as it would reach no output; with a single input there is no other degree
        degrees.append(rng.randint(lowest, max(nin - 1, lowest + 1), size=width))
    return degrees


def _positive(name: str, size: int) -> int:
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        raise TypeError(f"{name}: expected integers of at least 1, got {size!r}.")
    if size < 1:
        raise ValueError(f"{name}: expected at least 1, got {size}.")
    return int(size)


def _multiple(nout: int, nin: int) -> int:
    if _positive("nout", nout) % nin:
        raise ValueError(f"nout must be integer multiple of nin: expected {nin}, {2 * nin}, ..., got {nout}.")
    return int(nout)
