"""What a density has to beat: independent variables, and the best tree.

Independent: ``p(x) = Π_i p(x_i)`` (1). A Chow-Liu tree: ``p(x) = p(x_r) Π_i p(x_i | x_parent(i))`` (2), along the
spanning tree of largest total mutual information, which is the maximum-likelihood tree. Counts are smoothed,
so that no value has probability 0.

C. K. Chow, C. N. Liu, "Approximating discrete probability distributions with dependence trees", 1968.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SMOOTHING = 0.5  # added to each count of a value, as in Conditional.marginal_params


def independent_log_prob(train: NDArray[Any], rows: NDArray[Any]) -> FloatArray:
    """Return ``log p`` in nats of binary rows under independent variables fitted to ``train``.

    Args:
        train: Binary, shape ``(n, D)``.
        rows: Binary, shape ``(m, D)``.

    Returns:
        Shape ``(m,)``.

    Example:
        >>> independent_log_prob(np.array([[0], [1]]), np.array([[1]])).round(3).tolist()
        [-0.693]
    """
    ones = (train.sum(0) + _SMOOTHING) / (len(train) + 2 * _SMOOTHING)
    return np.where(rows == 1, np.log(ones), np.log1p(-ones)).sum(1)


def chow_liu_log_prob(train: NDArray[Any], rows: NDArray[Any], observed: NDArray[np.bool_] | None = None) -> FloatArray:
    """Return ``log p`` in nats of binary rows under the Chow-Liu tree of ``train``.

    Args:
        train: Binary, shape ``(n, D)``.
        rows: Binary, shape ``(m, D)``.
        observed: Which variables to take the probability of, shape ``(D,)``; the others are summed out.

    Returns:
        Shape ``(m,)``.

    Example:
        >>> train = np.array([[0, 0], [1, 1]] * 50)
        >>> chow_liu_log_prob(train, np.array([[1, 1]])).round(1).tolist()
        [-0.7]
    """
    joint = _pair_probabilities(train)
    sequence, parents = _tree(_mutual_information(joint))
    seen = np.ones(train.shape[1], dtype=bool) if observed is None else observed
    possible = np.stack([(rows == value) | ~seen for value in (0, 1)])
    beliefs = np.where(possible, 0.0, -np.inf)  # log p(what is below | own value), shape (2, m, D)
    for i in sequence[:0:-1]:
        table = joint[:, :, i, parents[i]]
        conditional = np.log(table / table.sum(0))  # [value of i, value of its parent]
        beliefs[:, :, parents[i]] += np.logaddexp.reduce(conditional[:, :, None] + beliefs[:, None, :, i], axis=0)
    root = sequence[0]
    marginal = np.log(joint[:, :, root, root].sum(0))
    return np.asarray(np.logaddexp.reduce(marginal[:, None] + beliefs[:, :, root], axis=0))


def _pair_probabilities(x: NDArray[Any]) -> FloatArray:
    """``p(x_i = a, x_j = b)`` at ``[a, b, i, j]``."""
    values = np.stack([1 - x.astype(np.float64), x.astype(np.float64)])
    counts = np.einsum("ani,bnj->abij", values, values, optimize=True) + _SMOOTHING / 2
    diagonal = np.arange(x.shape[1])
    counts[0, 1, diagonal, diagonal] = counts[1, 0, diagonal, diagonal] = 0
    counts[:, :, diagonal, diagonal] += np.eye(2)[:, :, None] * _SMOOTHING / 2
    return np.asarray(counts / counts.sum((0, 1)))


def _mutual_information(joint: FloatArray) -> FloatArray:
    left, right = joint.sum(1, keepdims=True), joint.sum(0, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = joint * np.log(joint / (left * right))
    return np.asarray(np.nan_to_num(terms).sum((0, 1)))


def _tree(information: FloatArray) -> tuple[list[int], list[int]]:
    """The maximum spanning tree: its variables from the root outwards, and the parent of each."""
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

    if len(information) == 1:
        return [0], [-1]
    costs = information.max() + 1 - information  # positive, as a zero would mean "no edge"
    np.fill_diagonal(costs, 0)
    sequence, parents = breadth_first_order(minimum_spanning_tree(costs), 0, directed=False)
    return sequence.tolist(), parents.tolist()
