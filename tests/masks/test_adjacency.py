"""Directed acyclic graphs instead of orders."""

import pytest
import torch

from tailormade.masks import adjacency_masks, audit, reachability, topological_degrees

GRAPHS = {
    "empty": ([[0, 0, 0]] * 3, [1, 1, 1]),
    "one_variable": ([[0]], [1]),
    "chain": ([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [1, 2, 3]),
    "fork": ([[0, 0, 0], [1, 0, 0], [1, 0, 0]], [1, 2, 2]),
    "backwards": ([[0, 1, 1], [0, 0, 1], [0, 0, 0]], [3, 2, 1]),
    "diamond": ([[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]], [1, 2, 2, 3]),
}


@pytest.mark.parametrize("case", GRAPHS)
def test_generations(case):
    adjacency, expected = GRAPHS[case]
    assert topological_degrees(torch.tensor(adjacency)).tolist() == expected


def test_the_diagonal_does_not_count():
    assert topological_degrees(torch.tensor([[1, 0], [1, 1]])).tolist() == [1, 2]


CYCLES = {
    "pair": ([[0, 1], [1, 0]], r"\[0, 1\]"),
    "triangle_behind_a_root": ([[0, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0]], r"\[1, 2, 3\]"),
}


@pytest.mark.parametrize("case", CYCLES)
@pytest.mark.parametrize("function", [topological_degrees, lambda a: adjacency_masks(a, [4])], ids=["degrees", "masks"])
def test_cycles(case, function):
    adjacency, variables = CYCLES[case]
    with pytest.raises(ValueError, match=f"a cycle among the variables {variables}"):
        function(torch.tensor(adjacency))


@pytest.mark.parametrize("shape", [(2, 3), (4,), (2, 2, 2)], ids=str)
def test_not_square(shape):
    with pytest.raises(ValueError, match="adjacency: expected a square matrix, got shape"):
        topological_degrees(torch.zeros(shape))


@pytest.mark.parametrize("case", [c for c in GRAPHS if c != "empty"])
@pytest.mark.parametrize("widths", [[], [6], [6, 5]], ids=["none", "one", "two"])
def test_wide_masks_realise_the_graph_exactly(case, widths):
    adjacency = torch.tensor(GRAPHS[case][0]).bool()
    assert torch.equal(reachability(adjacency_masks(adjacency, widths)), adjacency)


def test_masks_of_a_graph_without_edges_connect_nothing():
    assert not any(bool(mask.any()) for mask in adjacency_masks(torch.zeros(3, 3), [4, 4]))


def test_a_narrow_layer_keeps_only_the_first_row():
    # one unit takes the smallest row, {x0}: every later output sees x0 alone
    lower = torch.ones(4, 4).tril(-1)
    found = audit(adjacency_masks(lower, [1]))
    assert found.realised.int().tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    assert len(found.lost) == 3
