"""Degrees as module state: what a network's orders and hidden degrees are survives saving, loading and casting."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from tailormade.masks import Degrees


class DegreeTable(nn.Module):
    """Hold K connectivities of one architecture as persistent integer buffers.

    Args:
        rows: The connectivities, all of the same widths.
        own: Whether each belongs to a network of its own, the k-th to member k.

    Example:
        >>> table = DegreeTable([Degrees(torch.tensor([1, 2]), (torch.tensor([1]),))])
        >>> table[0].inputs.tolist(), sorted(table.state_dict())
        ([1, 2], ['hidden_0', 'inputs'])
    """

    inputs: Tensor

    def __init__(self, rows: Sequence[Degrees], *, own: bool = False) -> None:
        super().__init__()
        self.own = own
        self.layers = len(rows[0].hidden)
        self.register_buffer("inputs", torch.stack([row.inputs for row in rows]))
        for i in range(self.layers):
            self.register_buffer(f"hidden_{i}", torch.stack([row.hidden[i] for row in rows]))

    def __len__(self) -> int:
        """Return K."""
        return len(self.inputs)

    def __getitem__(self, k: int) -> Degrees:
        """Return connectivity ``k``."""
        if not -len(self) <= k < len(self):
            raise IndexError(f"order: expected 0..{len(self) - 1}, got {k}.")
        hidden = tuple(self.get_buffer(f"hidden_{i}")[k] for i in range(self.layers))
        return Degrees(self.inputs[k], hidden, k % len(self) if self.own else 0)

    def __iter__(self) -> Iterator[Degrees]:
        """Iterate over the connectivities."""
        return (self[k] for k in range(len(self)))

    def tensors(self) -> list[Tensor]:
        """Return the buffers: degrees of the inputs and of each hidden layer, one row for each connectivity."""
        return [tensor for tensor in self._buffers.values() if tensor is not None]

    def extra_repr(self) -> str:
        """Describe the table."""
        return f"orders={len(self)}, features={self.inputs.shape[1]}, hidden_layers={self.layers}"
