"""The lower door: an arbitrary directed acyclic graph in place of an order.

``adjacency[i, j]`` says that variable ``i`` may depend on variable ``j``. A hidden unit carries a *set* of
variables, one of the distinct rows of the adjacency, and passes it on to every unit and output whose set
contains it (1). For the strictly lower triangular adjacency the sets are nested and (1) is the rule of
degrees again. Topological generations turn a graph into input degrees with groups (2): a coarser density
that needs only as many sampling steps as the graph is deep.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def topological_degrees(adjacency: Tensor) -> Tensor:
    """Return the generation, from 1, of every variable of a directed acyclic graph.

    Args:
        adjacency: Boolean, shape ``(D, D)``; ``adjacency[i, j]`` if variable i depends on variable j. The
            diagonal is ignored.

    Returns:
        Integer tensor of shape ``(D,)``, an input order with groups.

    Raises:
        ValueError: If the matrix is not square or the graph has a cycle.

    Example:
        >>> topological_degrees(torch.tensor([[0, 0, 0], [1, 0, 0], [1, 0, 0]])).tolist()
        [1, 2, 2]
    """
    parents = _strict(adjacency)
    degrees = torch.zeros(len(parents), dtype=torch.long)
    for generation in range(1, len(parents) + 1):
        ready = (degrees == 0) & ~(parents & (degrees == 0)).any(1)
        if not bool(ready.any()):
            break
        degrees[ready] = generation
    if bool((degrees == 0).any()):
        cycle = torch.nonzero(degrees == 0).flatten().tolist()
        raise ValueError(f"adjacency: expected an acyclic graph, got a cycle among the variables {cycle}.")
    return degrees


def adjacency_masks(adjacency: Tensor, hidden_units: Sequence[int]) -> list[Tensor]:
    """Return masks that realise a directed acyclic graph, one for each layer.

    Hidden unit ``k`` takes the distinct non-empty row ``k mod n``. Give the masks to ``MaskedLinear``.

    Args:
        adjacency: Boolean, shape ``(D, D)``, as for :func:`topological_degrees`.
        hidden_units: Widths of the hidden layers; a width below the number of distinct rows loses dependencies,
            which :func:`tailormade.masks.audit` counts.

    Returns:
        Boolean masks of shapes ``(H_1, D)``, ``(H_2, H_1)``, ..., ``(D, H_L)``.

    Raises:
        ValueError: If the matrix is not square or the graph has a cycle.

    Example:
        >>> [m.int().tolist() for m in adjacency_masks(torch.tensor([[0, 0], [1, 0]]), [1])]
        [[[1, 0]], [[0], [1]]]
    """
    topological_degrees(adjacency)
    rows = _strict(adjacency)
    sets = torch.unique(rows, dim=0)
    sets = sets[sets.any(1)]
    sets = sets[torch.argsort(sets.sum(1), stable=True)]
    below, masks = torch.eye(len(rows), dtype=torch.bool), []
    for width in hidden_units:
        unit_sets = sets[torch.arange(width) % len(sets)] if len(sets) else torch.zeros(width, len(rows)).bool()
        masks.append(_contains(unit_sets, below))
        below = unit_sets
    return [*masks, _contains(rows, below)]


def _contains(above: Tensor, below: Tensor) -> Tensor:
    """Where the non-empty set of a unit below lies inside that of a unit above."""
    missing = below.float() @ (~above).float().T
    return (missing.T == 0) & below.any(1)


def _strict(adjacency: Tensor) -> Tensor:
    if adjacency.ndim != 2 or adjacency.shape[0] != adjacency.shape[1]:
        raise ValueError(f"adjacency: expected a square matrix, got shape {tuple(adjacency.shape)}.")
    return adjacency.bool() & ~torch.eye(len(adjacency), dtype=torch.bool)
